/*
 * Transit: how long bytes are inside. The reader marks what it took and when; the writer finds the
 * marks of what it has written and puts the time between, weighted with the bytes, into a
 * histogram.
 *
 * One thread calls transit_came, one (which may be the same) transit_went, anybody looks at the
 * times. No lock. What came is marked before it is handed over. With more reads inside than there
 * is room for marks several share the time of the first: the times are never too short.
 */
#ifndef SLABCAT_TRANSIT_H
#define SLABCAT_TRANSIT_H

#include "watch/histogram.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

enum { TRANSIT_MARKS = 2048 };

struct transit_mark {
    uint64_t upto; /* bytes that had come by then, in all */
    uint64_t when;
};

struct transit {
    struct transit_mark marks[TRANSIT_MARKS];
    _Alignas(64) _Atomic uint64_t put;  /* marks, in all; the reader's */
    uint64_t unmarked_since;            /* the reader's; 0: everything is marked */
    _Alignas(64) _Atomic uint64_t used; /* marks, in all; the writer's */
    uint64_t went;                      /* the writer's: bytes whose time is known */
    struct histogram times;
};

/* UPTO bytes, in all, have come in, the last of them NOW. */
void transit_came(struct transit *transit, uint64_t upto, uint64_t now);

/* UPTO bytes, in all, have gone out, the last of them NOW. */
void transit_went(struct transit *transit, uint64_t upto, uint64_t now);

#endif
