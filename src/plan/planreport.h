/*
 * What --plan prints: the plan that was asked for, or, of a demand without a rate, how plans are
 * made, with tables. Every number in it is computed by plan.c when it is printed.
 *
 * As text a plan ends with the command line to use. The names of the JSON are documented in the man
 * page, and do not change.
 */
#ifndef SLABCAT_PLANREPORT_H
#define SLABCAT_PLANREPORT_H

#include "plan/demand.h"

#include <stdio.h>

void plan_print(FILE *to, const struct demand *demand);
void plan_print_json(FILE *to, const struct demand *demand);

/* How plans are made; planguide.c. */
void plan_print_guide(FILE *to);
void plan_print_guide_json(FILE *to);

/* What is looked at where the latency or the stall was not given. */
extern const uint64_t plan_latencies[];
extern const uint64_t plan_stalls[];
extern const size_t plan_latency_count;
extern const size_t plan_stall_count;

/* The options to use: "-s 32K -n 17", and "-f 100ms" where the demand has it. */
struct plan_options {
    char text[128];
};
struct plan_options plan_options(const struct demand *demand, const struct sizing *sizing);

/* Capacities of the kernel's input pipe: usual, and what slabcat asks for when a stream is fast. */
#define PLAN_PIPE_SIZE       UINT64_C(65536)
#define PLAN_GROWN_PIPE_SIZE UINT64_C(1048576)

#endif
