/*
 * A rate limit: how fast bytes may leave by one output. Arithmetic only: no clock, no descriptor; the
 * caller says what time it is. It belongs to the one thread that writes to that output, which asks
 * before each write and tells after it:
 *
 *     room = rate_limit_room(limit, fewest, wanted, now);
 *     if room is 0: wait until rate_limit_due(limit), unless something else ends the wait; ask again
 *     otherwise:    write at most room bytes; rate_limit_passed(limit, what the output took, now)
 *
 * A write that the output did not take passes nothing: ask again when it is ready, as the room may
 * have grown by then.
 *
 * It is a bucket into which RATE bytes a second drip; it holds at most BURST, so in any window of
 * time at most rate x window + burst pass. As long as there is always something to write, the bytes
 * of any 50 ms are within a tenth of what the rate says. An idle time is made up for with 5 ms worth
 * at most, so that this is so from the first byte after it; being woken late, with all the burst, so
 * that it costs nothing of the rate. Nothing is lost to rounding. A burst the user asked for is
 * given after an idle time too, and at the start.
 *
 * The caller is not woken for less than 2 ms worth, nor for less than it wants or a byte; with a
 * burst of less than 4 ms worth for half of that, so it is woken more often, and being late costs
 * some of the rate.
 */
#ifndef SLABCAT_RATE_LIMIT_H
#define SLABCAT_RATE_LIMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rate_limit {
    uint64_t rate;    /* bytes a second; 0: always open */
    uint64_t burst;   /* the most it ever holds */
    uint64_t rested;  /* the most that gathers while nobody waits for it */
    uint64_t portion; /* what is worth a wake-up */

    uint64_t bytes;    /* what it holds, and */
    uint64_t fraction; /* parts of a byte, a billion to each */
    uint64_t updated;  /* as of then */
    uint64_t due;
    bool is_awaited; /* the caller wanted more than there was */
};

/* RATE 0: always open. BURST 0: what suits the rate, 10 ms worth and at least two bytes. */
void rate_limit_start(struct rate_limit *limit, uint64_t rate, uint64_t burst, uint64_t now);

/*
 * Returns how many of the WANTED bytes may leave now; 0: none before rate_limit_due. At least FEWEST, for which
 * it is waited, unless that is more than the burst.
 */
size_t rate_limit_room(struct rate_limit *limit, size_t fewest, size_t wanted, uint64_t now);

/* After a room of 0: when it is worth asking again, if the same is wanted then. */
uint64_t rate_limit_due(const struct rate_limit *limit);

/* So many bytes, at most what rate_limit_room said last, have left. */
void rate_limit_passed(struct rate_limit *limit, size_t bytes, uint64_t now);

#endif
