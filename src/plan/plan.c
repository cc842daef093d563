#include "plan/plan.h"

#define BILLION UINT64_C(1000000000)

/* By parts: each product of remainders is below 10^18. */
uint64_t plan_bytes(uint64_t rate, uint64_t ns)
{
    const uint64_t seconds = ns / BILLION;
    const uint64_t rest = ns % BILLION;

    return rate * seconds + rate / BILLION * rest + (rate % BILLION * rest + BILLION - 1) / BILLION;
}

/*
 * NUMBER x 10^9 / DIVISOR by long division, three digits a step: the divisor, a rate or a time
 * within the limits, leaves room for them.
 */
static uint64_t billions_by(uint64_t number, uint64_t divisor)
{
    uint64_t result = number / divisor;
    uint64_t rest = number % divisor;
    int step;

    for (step = 0; step < 3; step++) {
        rest *= 1000;
        if (__builtin_mul_overflow(result, 1000U, &result) ||
            __builtin_add_overflow(result, rest / divisor, &result))
            return UINT64_MAX;
        rest %= divisor;
    }
    return result;
}

uint64_t plan_time(uint64_t bytes, uint64_t rate)
{
    return billions_by(bytes, rate);
}

static uint64_t lesser(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

uint64_t plan_slab_size(const struct workload *workload)
{
    const uint64_t bytes = plan_bytes(workload->rate, workload->latency);
    uint64_t size = PLAN_SLAB_MIN;

    while (size < bytes)
        size *= 2;
    return size;
}

/* The same, but not below what is sensible. */
static uint64_t sensible_slab_size(const struct workload *workload)
{
    const uint64_t size = plan_slab_size(workload);

    return size < PLAN_SLAB_RECOMMENDED_MIN ? PLAN_SLAB_RECOMMENDED_MIN : size;
}

uint64_t plan_slab_count(const struct workload *workload, uint64_t slab_size)
{
    const uint64_t bytes = plan_bytes(workload->rate, workload->stall);
    const uint64_t needed = bytes / slab_size + (bytes % slab_size != 0);

    return needed ? needed + 1 : 2;
}

/* Slabs of SIZE, or larger ones where there would be too many. */
static struct sizing sizing_from(const struct workload *workload, uint64_t size)
{
    while (plan_slab_count(workload, size) > PLAN_COUNT_MAX && size < PLAN_SLAB_MAX)
        size *= 2;
    return (struct sizing){size, plan_slab_count(workload, size)};
}

struct sizing plan_least(const struct workload *workload)
{
    return sizing_from(workload, plan_slab_size(workload));
}

struct sizing plan_recommended(const struct workload *workload)
{
    return sizing_from(workload, sensible_slab_size(workload));
}

bool plan_is_possible(const struct sizing *sizing)
{
    return sizing->slab_size <= PLAN_SLAB_MAX && sizing->slab_count <= PLAN_COUNT_MAX;
}

struct sizing plan_of_count(const struct workload *workload, uint64_t count)
{
    const uint64_t sensible = sensible_slab_size(workload);
    uint64_t size;

    for (size = sensible; size <= PLAN_SLAB_MAX; size *= 2) {
        if (plan_slab_count(workload, size) <= count)
            return (struct sizing){size, count};
    }
    return (struct sizing){sensible, count};
}

struct sizing plan_within(const struct workload *workload, uint64_t budget)
{
    uint64_t size = lesser(plan_recommended(workload).slab_size, PLAN_SLAB_MAX);

    for (; size >= PLAN_SLAB_MIN; size /= 2) {
        const uint64_t count = plan_slab_count(workload, size);

        if (count <= lesser(budget / size, PLAN_COUNT_MAX))
            return (struct sizing){size, count};
    }
    size = lesser(plan_slab_size(workload), PLAN_SLAB_MAX);
    while (size > PLAN_SLAB_MIN && budget / size < 2)
        size /= 2;
    while (size < PLAN_SLAB_MAX && budget / size > PLAN_COUNT_MAX)
        size *= 2;
    return (struct sizing){size, lesser(budget / size, PLAN_COUNT_MAX)};
}

uint64_t plan_memory(const struct sizing *sizing)
{
    return sizing->slab_count * sizing->slab_size;
}

uint64_t plan_tolerance(const struct sizing *sizing, uint64_t rate)
{
    return plan_time(plan_memory(sizing), rate);
}

uint64_t plan_guarantee(const struct sizing *sizing, uint64_t rate)
{
    return plan_time((sizing->slab_count - 1) * sizing->slab_size, rate);
}

uint64_t plan_sustained(const struct sizing *sizing, uint64_t latency)
{
    return billions_by(sizing->slab_size, latency);
}

bool plan_keeps_up(const struct sizing *sizing, const struct workload *workload)
{
    return sizing->slab_size >= plan_bytes(workload->rate, workload->latency);
}

bool plan_absorbs(const struct sizing *sizing, const struct workload *workload)
{
    return (sizing->slab_count - 1) * sizing->slab_size >=
           plan_bytes(workload->rate, workload->stall);
}
