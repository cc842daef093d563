#include "plan/demand.h"

#include <string.h>

#define KIB UINT64_C(1024)
#define MS  UINT64_C(1000000)

static const uint64_t typical_latency = 1 * MS;
static const uint64_t typical_stall = 200 * MS;

const struct setup setups[] = {
    {"file",
     "a program and its log file",
     "> out.log",
     10000,
     256,
     {64 * KIB, 8},
     DEMAND_FLUSH_AUTO},
    {"network", "large sends for a connection", "| consumer", 50000, 256, {64 * KIB, 16}, 100 * MS},
    {"sidecar", "a small helper beside a service", "| consumer", 1000, 256, {16 * KIB, 4}, 50 * MS},
    {"pipeline",
     "a busy stage between two others",
     "| consumer",
     100000,
     200,
     {256 * KIB, 8},
     DEMAND_FLUSH_AUTO},
};
const size_t setup_count = sizeof setups / sizeof setups[0];

const struct setup *setup_find(const char *name)
{
    size_t i;

    for (i = 0; i < setup_count; i++) {
        if (strcmp(setups[i].name, name) == 0)
            return &setups[i];
    }
    return NULL;
}

bool demand_is_fixed(const struct demand *demand)
{
    return demand->given.slab_size && demand->given.slab_count;
}

bool demand_is_open(const struct demand *demand)
{
    return !demand_is_fixed(demand) && (!demand->workload.latency || !demand->workload.stall);
}

struct workload demand_workload(const struct demand *demand)
{
    struct workload workload = demand->workload;

    if (demand_is_open(demand) && !workload.latency)
        workload.latency = typical_latency;
    if (demand_is_open(demand) && !workload.stall)
        workload.stall = typical_stall;
    return workload;
}

bool demand_is_special(const struct demand *demand)
{
    return demand->given.slab_size || demand->given.slab_count || demand->budget;
}

/* As many slabs as the stall asks for; within a budget that there is, as many as it pays. */
static uint64_t count_within(const struct workload *workload, uint64_t slab_size, uint64_t budget)
{
    const uint64_t needed = plan_slab_count(workload, slab_size);
    uint64_t most = budget / slab_size;

    if (!budget)
        return needed;
    if (most > PLAN_COUNT_MAX)
        most = PLAN_COUNT_MAX;
    return needed < most ? needed : most;
}

struct sizing demand_sizing(const struct demand *demand, const struct workload *workload)
{
    const uint64_t size = demand->given.slab_size;

    if (demand_is_fixed(demand))
        return demand->given;
    if (size)
        return (struct sizing){size, count_within(workload, size, demand->budget)};
    if (demand->given.slab_count)
        return plan_of_count(workload, demand->given.slab_count);
    return demand->budget ? plan_within(workload, demand->budget) : plan_recommended(workload);
}

bool demand_is_possible(const struct demand *demand, const struct workload *workload)
{
    const struct sizing recommended = plan_recommended(workload);
    const struct sizing sizing = demand_sizing(demand, workload);

    return plan_is_possible(&recommended) && plan_is_possible(&sizing);
}
