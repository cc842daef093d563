/*
 * The pace of the reader: what to do after each read. Arithmetic only: no clock, no descriptor; the
 * caller says what time it is and what it saw. One thread owns a pace.
 *
 * A read for every little message is what makes `app | cat > log` slower than `app > log`: the
 * reader wakes, takes 256 bytes, and the producer pays for the waking. So while bytes keep coming
 * the reader rests after it has emptied the input, and lets them gather in the kernel's pipe:
 *
 *     quiet   reads come far apart: each goes on at once, the next is waited for
 *     hot     reads have been coming close together: rest, then read without waiting
 *
 * To wait for a pipe is to poll it, and Linux then looks for sleepers at each write to it for as
 * long as it lives: 30 ns of the 230 that a small write() takes. So a pipe that has not been polled
 * yet is not waited for but looked at again after a nap, as long as bytes may come soon: at the
 * start, and in the short gaps of a hot stream. One that falls silent is polled after all.
 *
 * A rest is never longer than half the flush interval, nor than the time in which half of the input
 * would fill up at the rate seen last; so a producer is not held up by it, and one that outruns the
 * input's capacity shows as a reason to grow it.
 */
#ifndef SLABCAT_PACE_H
#define SLABCAT_PACE_H

#include "config/settings.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pace {
    /* what was asked for */
    uint64_t hold;   /* how long a byte may be kept to gather others, in ns */
    bool eager;      /* auto: publish whatever a read brought */
    size_t capacity; /* what gathers in the input while nobody reads; 0: do not rest */
    bool may_grow;   /* the input's capacity can be asked for more */
    bool unpolled;   /* the input has never been waited for, and is better for it */

    /* what was seen */
    uint64_t emptied; /* when the input was last seen empty */
    uint64_t found;   /* when the first bytes after that were; 0 before any came */
    uint64_t was_hot; /* when it was, the last time; 0: never */
    uint64_t last;    /* when bytes came last, or the start */
    size_t gathered;  /* bytes read since EMPTIED */
    uint64_t rate;    /* bytes per second, smoothed */
    uint64_t usual;   /* the rate while it is quiet, smoothed */
    unsigned quick;   /* times in a row it took little time to find some more */
    bool hot;
    uint64_t oldest; /* when the oldest unpublished byte can have come; 0 when there is none */
};

/* What the reader does next, in this order. */
struct pace_step {
    bool publish;   /* hand over what the open slab holds */
    size_t grow_to; /* unless 0: ask for this capacity, then tell pace_capacity */
    uint64_t rest;  /* unless 0: sleep this many ns without looking at the input; 0: poll it */
    uint64_t due; /* if the input stays silent: publish at this moment; NEVER when nothing waits */
};

/* FLUSH_INTERVAL in ns, or FLUSH_AUTO. */
void pace_start(struct pace *pace, uint64_t flush_interval, uint64_t now);

/*
 * The input holds CAPACITY bytes (0 when it cannot gather any), and may be asked for more or not.
 */
void pace_capacity(struct pace *pace, size_t capacity, bool may_grow);

/* The input is new: a pipe that nobody has waited for, or something else. */
void pace_unpolled(struct pace *pace, bool is_pipe);

/* A read brought GOT bytes, and that EMPTIED the input or not: there may be more right now. */
struct pace_step pace_after_read(struct pace *pace, uint64_t now, size_t got, bool emptied);

/* A read found nothing. */
struct pace_step pace_after_empty(struct pace *pace, uint64_t now);

#endif
