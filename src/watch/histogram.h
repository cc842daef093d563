/*
 * A histogram of times whose buckets grow with the value, 32 to each power of two: what it says is
 * at most 1/32 (3.2 %) above what was put in, for any value there is, in 15 KiB. The longest is
 * exact.
 *
 * One thread puts values in, anybody looks at them; no lock. A look sees each value at most a
 * moment late.
 */
#ifndef SLABCAT_HISTOGRAM_H
#define SLABCAT_HISTOGRAM_H

#include <stdatomic.h>
#include <stdint.h>

enum {
    HISTOGRAM_FINE_BITS = 5, /* buckets in each power of two, as a power of two */
    HISTOGRAM_BUCKETS = (64 - HISTOGRAM_FINE_BITS + 1) << HISTOGRAM_FINE_BITS,
};

struct histogram {
    _Atomic uint64_t counts[HISTOGRAM_BUCKETS];
    _Atomic uint64_t longest;
};

/* The owner alone: VALUE occurred COUNT times. */
void histogram_add(struct histogram *histogram, uint64_t value, uint64_t count);

/* What is worth saying about it: the value that so many do not exceed. All 0 when it is empty. */
enum percentile { P50, P90, P99, P999, LONGEST, PERCENTILES };

struct percentiles {
    uint64_t at[PERCENTILES];
};

struct percentiles histogram_look(const struct histogram *histogram);

#endif
