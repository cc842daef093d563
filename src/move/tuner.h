/*
 * The tuner: pages or bytes? Moving pages by splice is not always cheaper than copying; which one is
 * differs from machine to machine and from output to output. So slabs begin with pages, both ways are
 * tried on the stream itself, and the one that takes less CPU time a byte is kept, of both threads
 * together: waiting does not count. Arithmetic only; the reader asks before it begins a slab.
 *
 *     pages ..... 16 MiB | pages | memory | pages | memory | pages | memory |  the cheaper one ...
 *                        |<- as many pairs as it takes to be sure, at most three ->|
 *
 * Each part of a trial is warmed up, until what was in the ring before is gone, and then measured. The
 * mean of each way counts: the best would be that of a part in which the ring happened to be full, and
 * half of the work was already done. The next trial comes when the stream has run on for long.
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

struct tuner {
    bool pages;    /* what the next slab is to be made of */
    uint64_t due;  /* tell it when so many bytes are out; UINT64_MAX: never */
    uint64_t rest; /* how many bytes until the next trial */

    /* the trial that is going on */
    bool is_measuring; /* or still warming up */
    unsigned parts;    /* measured so far */
    struct effort since;
    uint64_t cost[2]; /* the mean of memory and of pages, in ps a byte; 0: not measured */
};

/* Not IS_ON: no trial at all, pages for ever. */
void tuner_start(struct tuner *tuner, bool is_on);

/* EFFORT.out has reached due. True: a trial is over, its result is in pages and cost. */
bool tuner_tell(struct tuner *tuner, const struct effort *effort);

/* Something else has changed at EFFORT: what is being measured means nothing. */
void tuner_disturb(struct tuner *tuner, uint64_t out);

#endif
