/*
 * What a plan is asked for: a workload, the sizes that are given already, and the everyday set-ups.
 * Pure, as plan.h is; the words it is asked with are cli/plan_args, what is answered is
 * plan/planreport.
 */
#ifndef SLABCAT_DEMAND_H
#define SLABCAT_DEMAND_H

#include "plan/plan.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A flush interval that is left to slabcat. */
#define DEMAND_FLUSH_AUTO UINT64_MAX

struct setup {
    const char *name;
    const char *purpose;
    const char *output; /* how the command line goes on */
    uint64_t messages;  /* a second */
    uint64_t message_size;
    struct sizing sizing;
    uint64_t flush_interval;
};

extern const struct setup setups[];
extern const size_t setup_count;

/* The set-up of that name, or NULL. */
const struct setup *setup_find(const char *name);

/* What is 0 was not given. */
struct demand {
    const struct setup *setup;
    uint64_t messages; /* a second; 0: the rate was given in bytes */
    uint64_t message_size;
    struct workload workload; /* without a rate: asks how plans are made */
    uint64_t budget;
    struct sizing given;
    uint64_t flush_interval;
};

/* Both sizes are given: they are judged, nothing is left to find. */
bool demand_is_fixed(const struct demand *demand);

/* Sizes are to be found, and the latency or the stall was not given: several are looked at. */
bool demand_is_open(const struct demand *demand);

/* The workload; where the demand is open, with a typical latency and stall for those not given. */
struct workload demand_workload(const struct demand *demand);

/* Something was given that the recommended sizing knows nothing of. */
bool demand_is_special(const struct demand *demand);

/* The sizing for WORKLOAD that has what was given; what was not given follows. */
struct sizing demand_sizing(const struct demand *demand, const struct workload *workload);

/* There can be such a ring, and one that satisfies both formulas. */
bool demand_is_possible(const struct demand *demand, const struct workload *workload);

#endif
