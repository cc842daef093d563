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
    _Atomic uint64_t pages;              /* so many bytes moved without being seen */
    _Atomic uint64_t lines;              /* newlines among the others, if somebody wants to know */
    _Atomic uint64_t waits;              /* how often the other side could not go on */
    _Atomic uint64_t waited;             /* ns of those that are over */
    _Atomic uint64_t longest_wait;       /* ns */
    _Atomic uint64_t waiting_since;      /* the one that is not over; 0: there is none */
};

/* The owner alone. */
static inline void lane_raise(_Atomic uint64_t *number, uint64_t by)
{
    const uint64_t before = atomic_load_explicit(number, memory_order_relaxed);

    atomic_store_explicit(number, before + by, memory_order_relaxed);
}

/* The owner alone: one call moved BYTES. */
static inline void lane_count(struct lane *lane, uint64_t bytes)
{
    const uint64_t sum = atomic_load_explicit(&lane->bytes, memory_order_relaxed) + bytes;

    lane_raise(&lane->calls, 1);
    atomic_store_explicit(&lane->bytes, sum, memory_order_release);
}

/* The owner alone: it has to wait from NOW on; it had to until NOW. */
static inline void lane_wait(struct lane *lane, uint64_t now)
{
    atomic_store_explicit(&lane->waiting_since, now, memory_order_relaxed);
}

static inline void lane_go_on(struct lane *lane, uint64_t now)
{
    const uint64_t took = now - atomic_load_explicit(&lane->waiting_since, memory_order_relaxed);

    lane_raise(&lane->waits, 1);
    lane_raise(&lane->waited, took);
    if (took > atomic_load_explicit(&lane->longest_wait, memory_order_relaxed))
        atomic_store_explicit(&lane->longest_wait, took, memory_order_relaxed);
    atomic_store_explicit(&lane->waiting_since, 0, memory_order_release);
}

static inline uint64_t lane_bytes(const struct lane *lane)
{
    return atomic_load_explicit(&lane->bytes, memory_order_acquire);
}

/* In the order of the program, so that several agree as far as they can. */
static inline uint64_t lane_look(const _Atomic uint64_t *number)
{
    return atomic_load_explicit(number, memory_order_acquire);
}

#endif
