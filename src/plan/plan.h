/*
 * Capacity: how large a slab, and how many of them. Exact integer arithmetic on what it is given;
 * knows nothing of descriptors, options or text.
 *
 *     slab size  >=  rate x latency     what comes in while a write takes its time: one full slab
 *                                       a write is then enough to keep up
 *     slab count >=  rate x stall / slab size, rounded up, + 1
 *                                       the one more is the slab in the writer's hand, of which
 *                                       nothing may be free when the stall begins
 *
 * Within the limits below nothing here can overflow. What would not fit into 64 bits, the time in
 * which a large ring fills drop by drop, is UINT64_MAX.
 */
#ifndef SLABCAT_PLAN_H
#define SLABCAT_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#define PLAN_RATE_MAX             UINT64_C(1000000000000)         /* bytes a second */
#define PLAN_TIME_MAX             (UINT64_C(86400) * 1000000000U) /* ns: a day */
#define PLAN_SLAB_MIN             UINT64_C(4096)
#define PLAN_SLAB_RECOMMENDED_MIN UINT64_C(16384)

/* The largest ring there can be; plan_args.c holds it against ring.h. */
#define PLAN_SLAB_MAX   (UINT64_C(1) << 30)
#define PLAN_COUNT_MAX  (UINT64_C(1) << 16)
#define PLAN_MEMORY_MAX (PLAN_SLAB_MAX * PLAN_COUNT_MAX)

struct workload {
    uint64_t rate;    /* bytes a second, at least 1 */
    uint64_t latency; /* ns that a write takes; 0: next to nothing */
    uint64_t stall;   /* ns of the longest stall to absorb; 0: none */
};

struct sizing {
    uint64_t slab_size;
    uint64_t slab_count;
};

/* The bytes that come in within NS, rounded up; the ns that BYTES take to come in, rounded down. */
uint64_t plan_bytes(uint64_t rate, uint64_t ns);
uint64_t plan_time(uint64_t bytes, uint64_t rate);

/* A power of two, at least PLAN_SLAB_MIN, that holds what comes in during a write. */
uint64_t plan_slab_size(const struct workload *workload);

/* How many slabs of SLAB_SIZE absorb the stall, the one in hand included; at least 2. */
uint64_t plan_slab_count(const struct workload *workload, uint64_t slab_size);

/*
 * What to use. The least that satisfies both formulas is no better when it is smaller than
 * PLAN_SLAB_RECOMMENDED_MIN a slab. Where more slabs than a ring can have would be needed, they are
 * larger instead.
 */
struct sizing plan_least(const struct workload *workload);
struct sizing plan_recommended(const struct workload *workload);

/* A ring can be that large. If what is recommended cannot, nothing satisfies both formulas. */
bool plan_is_possible(const struct sizing *sizing);

/*
 * COUNT slabs, as large as recommended and large enough to absorb the stall. Where no slab size
 * does, as with a single slab, it stays as recommended.
 */
struct sizing plan_of_count(const struct workload *workload, uint64_t count);

/*
 * The recommended sizing cut down to BUDGET bytes, in which two slabs of PLAN_SLAB_MIN must fit.
 * The slab size gives way first: below the recommended, then below the formula. When even the
 * smallest slabs do not absorb the stall it was given up for nothing: it stays as the formula wants
 * it, as far as two slabs fit, and the count gives way.
 */
struct sizing plan_within(const struct workload *workload, uint64_t budget);

/* What a sizing is good for. */
uint64_t plan_memory(const struct sizing *sizing);
uint64_t plan_tolerance(const struct sizing *sizing, uint64_t rate); /* ns, nominal: all slabs */
uint64_t plan_guarantee(const struct sizing *sizing, uint64_t rate); /* ns, all but one slab */
uint64_t plan_sustained(const struct sizing *sizing,
                        uint64_t latency); /* bytes a second; latency > 0 */

/* The formulas hold: it keeps up with the rate, and absorbs the stall for certain. */
bool plan_keeps_up(const struct sizing *sizing, const struct workload *workload);
bool plan_absorbs(const struct sizing *sizing, const struct workload *workload);

#endif
