/*
 * Transit: how long bytes are inside. The reader marks what it took and when; the writer finds the
 * marks of what it has written and puts the time between, weighted with the bytes, into a
 * histogram.
 *
 * One thread calls latency_came, one (which may be the same) latency_went, anybody looks at the
 * times. No lock. What came is marked before it is handed over.
 *
 * Marks for which the queue has no room, because more reads are inside, wait on the reader's side
 * and follow later. When even there are too many of them, reads that came within a moment share the
 * time of the first, and the moment is a thousandth of what they span, or little more: so the times
 * are never too short, and hardly too long however long a backlog grows.
 */
#ifndef SLABCAT_LATENCY_H
#define SLABCAT_LATENCY_H

#include "watch/histogram.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

enum { LATENCY_MARKS = 2048, LATENCY_LATE = 2048 };

struct latency_mark {
    uint64_t upto; /* bytes that had come by then, in all */
    uint64_t when;
};

struct latency {
    struct latency_mark marks[LATENCY_MARKS];
    _Alignas(64) _Atomic uint64_t put;      /* marks, in all; the reader's */
    struct latency_mark late[LATENCY_LATE]; /* the reader's, as all that follows: in a circle */
    uint64_t late_first;
    uint64_t late_count;
    uint64_t moment;                    /* marks closer than this are one; 0: none are */
    uint64_t unmarked_since;            /* bytes came then that are not marked yet; 0: all are */
    _Alignas(64) _Atomic uint64_t used; /* marks, in all; the writer's */
    uint64_t went;                      /* the writer's: bytes whose time is known */
    struct histogram times;
};

/* Bytes came in NOW that will be marked later. */
void latency_saw(struct latency *latency, uint64_t now);

/* None of those will. */
void latency_forget(struct latency *latency);

/* UPTO bytes, in all, have come in, the last of them NOW. */
void latency_came(struct latency *latency, uint64_t upto, uint64_t now);

/* The reader: bytes that came long ago are about to be handed over. */
void latency_follow(struct latency *latency);

/* UPTO bytes, in all, have gone out, the last of them NOW. */
void latency_went(struct latency *latency, uint64_t upto, uint64_t now);

#endif
