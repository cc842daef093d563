/*
 * Counters of one direction: one thread stores them, any thread reads them. No lock and no locked instruction; a
 * reader may see a byte counted a moment late, never half a number.
 */
#ifndef SLABCAT_IO_COUNTERS_H
#define SLABCAT_IO_COUNTERS_H

#include <stdatomic.h>
#include <stdint.h>

struct io_counters {
    _Alignas(64) _Atomic uint64_t bytes; /* moved; its own cache line */
    _Atomic uint64_t calls;              /* reads or writes that moved some */
    _Atomic uint64_t pages;              /* bytes that moved without being seen */
    _Atomic uint64_t lines;              /* newlines among the others, if somebody wants to know */
    _Atomic uint64_t waits;              /* how often the other side could not go on */
    _Atomic uint64_t waited;             /* ns of those that are over */
    _Atomic uint64_t longest_wait;       /* ns */
    _Atomic uint64_t waiting_since;      /* the one that is not over; 0: there is none */
};

/* The owner alone. */
static inline void counter_raise(_Atomic uint64_t *number, uint64_t by)
{
    const uint64_t before = atomic_load_explicit(number, memory_order_relaxed);

    atomic_store_explicit(number, before + by, memory_order_relaxed);
}

/* The owner alone: one call moved BYTES. */
static inline void counters_count(struct io_counters *counters, uint64_t bytes)
{
    const uint64_t sum = atomic_load_explicit(&counters->bytes, memory_order_relaxed) + bytes;

    counter_raise(&counters->calls, 1);
    atomic_store_explicit(&counters->bytes, sum, memory_order_release);
}

/* The owner alone: it has to wait from NOW on; it had to until NOW. */
static inline void counters_wait(struct io_counters *counters, uint64_t now)
{
    atomic_store_explicit(&counters->waiting_since, now, memory_order_relaxed);
}

static inline void counters_go_on(struct io_counters *counters, uint64_t now)
{
    const uint64_t took =
        now - atomic_load_explicit(&counters->waiting_since, memory_order_relaxed);

    counter_raise(&counters->waits, 1);
    counter_raise(&counters->waited, took);
    if (took > atomic_load_explicit(&counters->longest_wait, memory_order_relaxed))
        atomic_store_explicit(&counters->longest_wait, took, memory_order_relaxed);
    atomic_store_explicit(&counters->waiting_since, 0, memory_order_release);
}

static inline uint64_t counters_bytes(const struct io_counters *counters)
{
    return atomic_load_explicit(&counters->bytes, memory_order_acquire);
}

/* In the order of the program, so that several agree as far as they can. */
static inline uint64_t counter_look(const _Atomic uint64_t *number)
{
    return atomic_load_explicit(number, memory_order_acquire);
}

#endif
