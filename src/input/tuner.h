/*
 * The tuner: pages or bytes? Moving pages by splice is not always cheaper than copying; which one
 * is differs from machine to machine and from output to output. So slabs begin with pages, both
 * ways are tried on the stream itself, and the cheaper one is kept. What counts is the CPU time a
 * byte takes of both threads, which is what it costs the user, times that of the busier one, which
 * is how fast the stream can go: waiting for others does not count. Arithmetic only; the reader
 * asks before it begins a slab.
 *
 *     pages ..... 16 MiB | pages | memory | pages | memory | pages | memory |  the cheaper one ...
 *                        |<- as many pairs as it takes to be sure, at most three ->|
 *
 * The way that was chosen is watched: should it become much dearer than the other one was, that one
 * has its turn. Each part of a trial is warmed up, until what was in the ring before is gone, and
 * then measured. The mean of each way counts: the best would be that of a part in which the ring
 * happened to be full, and half of the work was already done. Parts are long, because threads that
 * take turns on one CPU are moved apart by the scheduler only after tens of ms. The next trial
 * comes when the stream has run on for long.
 */
#ifndef SLABCAT_TUNER_H
#define SLABCAT_TUNER_H

#include <stdbool.h>
#include <stdint.h>

/* What has been moved so far, and the CPU time it took in ns. */
struct effort {
    uint64_t in;
    uint64_t out;
    uint64_t reader_ns;
    uint64_t writer_ns;
};

/* In ps for each byte; 0: not measured. */
struct cost {
    uint64_t both;   /* threads together */
    uint64_t busier; /* the one that took more */
};

struct tuner {
    bool pages;    /* what the next slab is to be made of */
    uint64_t due;  /* tell it when so many bytes are out; UINT64_MAX: never */
    uint64_t rest; /* how many bytes from one trial to the next */
    uint64_t next_trial;

    /* the trial that is going on, or the watch over its result */
    bool is_trial;
    bool is_measuring; /* or still warming up */
    unsigned parts;    /* of the trial, measured so far */
    struct effort since;
    struct cost cost[2]; /* memory, pages: the mean of a trial; of the way kept, the last part */
};

/* Not IS_ON: no trial at all, pages for ever. */
void tuner_start(struct tuner *tuner, bool is_on);

/* EFFORT.out has reached due. True: there is a new choice, in pages, for what is in cost. */
bool tuner_tell(struct tuner *tuner, const struct effort *effort);

/* Something else has changed at EFFORT: what is being measured means nothing. */
void tuner_disturb(struct tuner *tuner, uint64_t out);

#endif
