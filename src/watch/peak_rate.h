/*
 * The peak rate of the input: how many bytes a second come in when they come in fastest.
 * Measured over tenths of a second. One in which the reader was held back by a full ring does not
 * count, nor does the next: what has gathered outside meanwhile says nothing of the producer.
 *
 * One thread counts, anybody may look at busiest.
 */
#ifndef SLABCAT_PEAK_RATE_H
#define SLABCAT_PEAK_RATE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct peak_rate {
    uint64_t since; /* when this tenth began; 0: not yet */
    uint64_t last;  /* when bytes came last */
    uint64_t bytes; /* in it */
    bool is_spoilt; /* it does not count */
    bool spoils_next;
    _Atomic uint64_t busiest; /* bytes a second; 0: no tenth has counted */
};

void peak_rate_count(struct peak_rate *peak, uint64_t bytes, uint64_t now);

/* The reader has been held back. */
void peak_rate_held(struct peak_rate *peak);

#endif
