/*
 * Whole lines in the ring, and how to give some up.
 *
 * The reader stores bytes as ring.h says, but publishes them by whole lines only, and asks for a
 * further slab in the middle of a line. Then a line that began behind others moves to the new slab,
 * and the old one is closed behind the last whole line; a line that has a slab of its own goes on
 * in the next:
 *
 *     +-----------------+   +-------------+   +-------------+   +--------------------------+
 *     |## lines ##|     |   |## a long ###|-->|#### line ###|-->|###|## lines ##|. a part .|
 *     +-----------------+   +-------------+   +-------------+   +--------------------------+
 *      a group               a group                                            ^published
 *
 * So lines never cross the border of a group, which is one slab or several that go on in each
 * other. A group that the writer has not been given anything of can be evicted. A marker, a line of
 * the reader's own that says what is missing, may stand at the beginning of a slab.
 *
 * All of it is the reader's, and for a ring without ducts. Nothing blocks; the bytes of a line are
 * moved at most once, outside the lock but for evictions from the youngest slab.
 */
#ifndef SLABCAT_GROUPS_H
#define SLABCAT_GROUPS_H

#include "ring/ring.h"

/*
 * Hand over what has been stored up to the mark UPTO of SLAB, the open one: LINES whole lines, of
 * which the first may have begun in slabs before.
 */
void ring_publish_lines(struct ring *ring, struct slab *slab, size_t upto, size_t lines);

/*
 * The line that is coming in needs more room than SLAB, which has a part of it, has left: a slab in
 * which it goes on, or to which it has moved if published bytes come before it in SLAB. NULL when
 * none is free; nothing has changed then. Every whole line is published.
 */
struct slab *ring_extend(struct ring *ring, struct slab *slab);

/* Forget what has not been published: how many bytes. The slab it began in is the open one now. */
size_t ring_retract(struct ring *ring);

/* A slab must be larger than a marker where there are any. */
#define RING_MARKER_MAX 128

/* Who writes markers, under the lock: it must not call the ring. */
struct marker {
    /*
     * The text for GAP: its length, RING_MARKER_MAX at most. It takes the place of one of BEFORE
     * bytes, or 0, for a smaller gap.
     */
    size_t (*write)(void *context, struct gap gap, size_t before, unsigned char *text);
    void *context;
};

struct evicted {
    struct gap gap; /* stream data */
    size_t markers; /* bytes of markers that went with it; their gaps are in the new one */
};

/*
 * SLAB is open and holds nothing, or a marker alone: a marker for GAP as well stands in it from now
 * on. False: the writer has taken the marker there is.
 */
bool ring_mark(struct ring *ring, struct slab *slab, const struct marker *marker, struct gap gap);

/*
 * Give up the oldest group that can be: false when there is none. With a MARKER, or NULL, its text
 * stands there from now on; a marker right before it that has not been taken takes it over. From
 * the open slab whole lines can be evicted too; the part of a line behind them stays, and moves.
 */
bool ring_evict(struct ring *ring, const struct marker *marker, struct evicted *evicted);

#endif
