/*
 * A lane of counters: one thread writes it, anybody reads it. No lock and no locked instruction; a
 * reader may see a byte counted a moment late, never half a number.
 */
#ifndef SLABCAT_LANE_H
#define SLABCAT_LANE_H

#include <stdatomic.h>
#include <stdint.h>

struct lane {
    _Alignas(64) _Atomic uint64_t bytes; /* moved; its own cache line */
    _Atomic uint64_t calls;              /* reads or writes that moved some */
};

/* The owner alone: one call moved BYTES. */
static inline void lane_count(struct lane *lane, uint64_t bytes)
{
    uint64_t sum = atomic_load_explicit(&lane->bytes, memory_order_relaxed) + bytes;
    uint64_t calls = atomic_load_explicit(&lane->calls, memory_order_relaxed) + 1;

    atomic_store_explicit(&lane->calls, calls, memory_order_relaxed);
    atomic_store_explicit(&lane->bytes, sum, memory_order_release);
}

static inline uint64_t lane_bytes(const struct lane *lane)
{
    return atomic_load_explicit(&lane->bytes, memory_order_acquire);
}

static inline uint64_t lane_calls(const struct lane *lane)
{
    return atomic_load_explicit(&lane->calls, memory_order_relaxed);
}

#endif
