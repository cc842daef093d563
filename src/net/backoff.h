/*
 * How long to rest before a connection is tried again: twice as long each time, from 100 ms to
 * 10 s, and each rest anywhere in the second half of that, so that many who lost the same peer do
 * not all come back at once.
 *
 * Pure: it knows no clock and no source of chance; for whoever owns the struct.
 */
#ifndef SLABCAT_BACKOFF_H
#define SLABCAT_BACKOFF_H

#include <stdint.h>

struct backoff {
    uint64_t longest; /* what the next rest lasts at most, ns; at least half of it */
};

/* At the start, and after a connection that was of use: the next rest is a short one. */
void backoff_reset(struct backoff *backoff);

/* How long to rest now, in ns. RANDOM is any number; equal numbers make equal rests. */
uint64_t backoff_next(struct backoff *backoff, uint64_t random);

#endif
