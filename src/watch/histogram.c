#include "watch/histogram.h"

#include "watch/io_counters.h"

#include <stddef.h>

enum { FINE = 1 << HISTOGRAM_FINE_BITS };

/* Below FINE each value has its own bucket; above, its top bits choose it. */
static size_t bucket_of(uint64_t value)
{
    unsigned shift;

    if (value < FINE)
        return (size_t)value;
    shift = 63U - (unsigned)__builtin_clzll(value) - HISTOGRAM_FINE_BITS;
    return ((size_t)shift << HISTOGRAM_FINE_BITS) + (size_t)(value >> shift);
}

/* The largest value that goes into BUCKET. */
static uint64_t top_of(size_t bucket)
{
    const unsigned shift = bucket < FINE ? 0 : (unsigned)(bucket >> HISTOGRAM_FINE_BITS) - 1;
    const uint64_t least = (uint64_t)(bucket - ((size_t)shift << HISTOGRAM_FINE_BITS)) << shift;

    return least + ((UINT64_C(1) << shift) - 1);
}

void histogram_add(struct histogram *histogram, uint64_t value, uint64_t count)
{
    counter_raise(&histogram->counts[bucket_of(value)], count);
    if (value > counter_look(&histogram->longest))
        atomic_store_explicit(&histogram->longest, value, memory_order_relaxed);
}

/* The bucket that PER_MILLE of TOTAL do not go beyond, by its largest value. */
static uint64_t value_at(const uint64_t *counts, uint64_t total, uint64_t per_mille)
{
    /* rounded up, and without the product, which need not fit */
    const uint64_t rank = total / 1000 * per_mille + (total % 1000 * per_mille + 999) / 1000;
    uint64_t seen = 0;
    size_t bucket = 0;

    while (bucket < HISTOGRAM_BUCKETS - 1 && (seen += counts[bucket]) < rank)
        bucket++;
    return top_of(bucket);
}

struct percentiles histogram_look(const struct histogram *histogram)
{
    static const uint64_t per_mille[PERCENTILES] = {500, 900, 990, 999, 1000};
    struct percentiles look = {0};
    uint64_t counts[HISTOGRAM_BUCKETS];
    uint64_t total = 0;
    uint64_t longest;
    size_t i;

    for (i = 0; i < HISTOGRAM_BUCKETS; i++) {
        counts[i] = counter_look(&histogram->counts[i]);
        total += counts[i];
    }
    longest = counter_look(&histogram->longest);
    for (i = 0; total && i < PERCENTILES; i++) {
        const uint64_t value = value_at(counts, total, per_mille[i]);

        look.at[i] = value < longest ? value : longest;
    }
    return look;
}
