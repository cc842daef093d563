/*
 * The meters of a stream: everything that is counted and measured while bytes move. What the reader
 * and the writer touch lies apart. Always on: it costs three looks at the clock and some additions
 * for each read and write, and those are few.
 *
 * The movers call what is below, main takes snapshots (snapshot.h); nothing here waits or steers.
 */
#ifndef SLABCAT_METERS_H
#define SLABCAT_METERS_H

#include "watch/histogram.h"
#include "watch/io_counters.h"
#include "watch/latency.h"
#include "watch/peak_rate.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct meters {
    struct io_counters in; /* the reader's; it waits while the ring is full */
    struct peak_rate peak_rate;
    _Atomic uint64_t high_water;        /* the most bytes that were ever in the ring */
    _Atomic uint64_t spilled;           /* bytes that went beyond the ring, in all */
    _Atomic uint64_t spill_held;        /* those of them that are there now */
    _Atomic uint64_t spill_high_water;  /* the most that ever were */
    bool overflows;                     /* the reader's: what comes goes there */
    _Atomic(const char *) way;          /* how bytes move: a constant; NULL: not known yet */
    _Atomic uint64_t trials;            /* of the tuner */
    _Atomic(const char *) trial_result; /* a constant; NULL: there was none */
    atomic_bool counts_lines;           /* somebody wants to know, and every byte is seen */
    _Atomic uint64_t dropped;           /* bytes given up because the ring was full */
    _Atomic uint64_t dropped_lines;
    _Atomic uint64_t marked;  /* bytes of our own that say so in the stream, gone out or held */
    bool changes_bytes;       /* set before there are threads: what comes is not what was read */
    _Atomic uint64_t changed; /* bytes that have come so far, then */
    uint64_t on_the_way;      /* the reader's: those of them that are not in the ring, then */
    bool hands_on_lines;      /* the reader's: what is read is handed on when a line is whole */
    bool has_evicted;         /* the reader's */
    uint64_t handed_on;       /* the reader's: bytes, if so */

    struct io_counters out;       /* the writer's; it waits while the output takes nothing */
    struct histogram write_times; /* from having bytes to the output's having taken some */
    _Atomic uint64_t stalls;      /* how many of them took longer than STALL_MIN */
    _Atomic uint64_t passed;      /* bytes that the kernel moved by itself */
    _Atomic uint64_t packed;      /* bytes that were written compressed */
    struct latency latency;
    _Atomic uint64_t reconnects; /* how often a connection broke and was to be made again */
    _Atomic uint64_t resent;     /* bytes that were on their way then, and were sent again */
    _Atomic uint64_t at_risk;    /* or were not */
};

#define STALL_MIN UINT64_C(10000000) /* ns */

/* The reader: a read brought BYTES just now. Before they are handed over. */
void meters_took(struct meters *meters, size_t bytes);

/*
 * The reader: what comes from now on does not go to the ring; BYTES of it have gone beyond it; so
 * many have come back from there, and are about to be handed over.
 */
void meters_overflow(struct meters *meters, bool overflows);
void meters_spilled(struct meters *meters, size_t bytes);
void meters_came_back(struct meters *meters, size_t bytes);

/*
 * The reader, if hands_on_lines: what has come in and was not dropped is held now, but for so many
 * bytes that are still OUTSIDE of the ring, besides what meters_changed has been told.
 */
void meters_note_peak(struct meters *meters, uint64_t outside);

/*
 * The reader, if hands_on_lines: BYTES are handed over now, of the stream or of a marker. Which of
 * them come out is known until some of those are evicted; then nobody knows any more how long the
 * others are inside.
 */
void meters_hand_on(struct meters *meters, size_t bytes);

/* The reader, if hands_on_lines: all that has come in was handed over or is given up. */
void meters_hold_none(struct meters *meters);

/*
 * The reader: so much of what came in is given up; that had been HANDED_ON before, or not. So many
 * bytes more, or fewer, of what is inside are markers; before the writer can take them.
 */
void meters_dropped(struct meters *meters, uint64_t bytes, uint64_t lines, bool was_handed_on);
void meters_marked(struct meters *meters, uint64_t more, uint64_t fewer);

/*
 * The reader, if changes_bytes, after each meters_took: so many bytes have come out of the
 * transforms in all, of which so many WAIT to be put into the ring; and so many more are still in
 * them, or taken and on the way there.
 */
void meters_changed(struct meters *meters, uint64_t bytes, uint64_t waiting, uint64_t within);

/* Anybody: how much of the stream has come: what was read, or what was made of it. */
uint64_t meters_came(const struct meters *meters);

/* Anybody: what is inside. came + marked = out + dropped + inside, at any time. */
uint64_t meters_inside(const struct meters *meters);

/* The reader: the ring is full; there is a free slab again. */
void meters_held_back(struct meters *meters);
void meters_set_free(struct meters *meters);

/* The writer: it has had bytes since BEGAN, and the output took some of them. When that was. */
uint64_t meters_put(struct meters *meters, size_t bytes, uint64_t began);

/* The writer, at its end: of what was counted as written so much has not arrived. */
void meters_took_back(struct meters *meters, size_t bytes);

/*
 * The writer: a connection broke while BYTES were on their way. They will be sent AGAIN, or nobody
 * knows whether they have arrived.
 */
void meters_broke(struct meters *meters, uint64_t bytes, bool again);

/*
 * Both at once: the kernel has moved BYTES from the input to the output in a call that BEGAN then.
 * It moves so many that its time is no stall.
 */
void meters_passed(struct meters *meters, size_t bytes, uint64_t began);

/* A tuner's trial is over: what it chose, a constant. */
void meters_tried(struct meters *meters, const char *result);

/*
 * What was moved was in memory, at BYTES, or nobody has seen it: then there is no telling the
 * number of lines.
 */
void meters_saw(struct meters *meters, struct io_counters *counters, const unsigned char *bytes,
                size_t length);
void meters_saw_not(struct meters *meters, struct io_counters *counters, size_t length);

#endif
