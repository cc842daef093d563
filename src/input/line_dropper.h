/*
 * The line dropper: what of the input goes into the ring when lines may be dropped, --on-full=drop-newest
 * or drop-oldest. Whoever reads asks where the next bytes go, puts them there and says how many
 * there were; it hands over whole lines, makes room or drops, and counts. It never waits,
 * and knows no descriptor and no clock. The reader's.
 *
 * A line is whole or not there at all. While the ring is full bytes go to a scratch buffer, and are
 * gone; it ends when a slab is free again and a new line begins:
 *
 *     lines . lines . li|ne . lines . lines . li|ne . lines
 *                       ^ the ring is full      ^ a slab is free
 *                    ^...... dropped ..............^
 *
 * With marks, what is missing is said where it is missing, in a line of our own (gap.h).
 */
#ifndef SLABCAT_LINE_DROPPER_H
#define SLABCAT_LINE_DROPPER_H

#include "config/settings.h"
#include "ring/groups.h"
#include "watch/meters.h"

#include <stdbool.h>
#include <stddef.h>

/* What is read at once while the ring is full. */
#define LINE_DROPPER_SCRATCH ((size_t)64 << 10)

struct line_dropper {
    struct ring *ring;
    struct meters *meters;
    size_t slab_size;
    char delimiter;
    bool evicts; /* drop-oldest */
    bool marks;
    struct marker marker;

    struct slab *slab; /* the open one; NULL: there is none, bytes go to the scratch buffer */
    size_t whole;      /* so many bytes of it are whole lines, published or not */
    size_t lines;      /* so many of these are not published */
    size_t stored;     /* bytes that are not published, in all slabs */
    size_t ahead;      /* room left for a marker before the bytes that are read next */

    bool is_headless;   /* what comes next is the rest of a line that has been dropped */
    struct gap gap;     /* dropped since the last marker, if marks; at the place where we are */
    bool is_full;       /* there has been no free slab, the last time one was needed */
    bool has_handed_on; /* the writer may be asleep, and there is something for it */

    unsigned char *scratch; /* LINE_DROPPER_SCRATCH bytes, or a slab's, if that is more */
};

/* 0 or -ENOMEM. SETTINGS.on_full is one of the two. */
int line_dropper_start(struct line_dropper *dropper, const struct settings *settings,
                       struct ring *ring, struct meters *meters);
void line_dropper_free(struct line_dropper *dropper);

struct line_dropper_room {
    unsigned char *bytes;
    size_t length;
};

/* Where the next bytes go; room for LEAST of them, or for as many as a slab holds. */
struct line_dropper_room line_dropper_place(struct line_dropper *dropper, size_t least);

/* No slab was free then, nor is one now: the next one is worth waking up for. */
bool line_dropper_is_full(const struct line_dropper *dropper);

/* GOT bytes have been put there. */
void line_dropper_took(struct line_dropper *dropper, size_t got);

/* Hand over all whole lines there are. */
void line_dropper_publish(struct line_dropper *dropper);

/*
 * There will be no more bytes. Whole, or cut off: what is left is a line although it has no end, or
 * it is not handed over.
 */
void line_dropper_end(struct line_dropper *dropper, bool is_whole);

/* Then: has it still to be said that something is missing at the end? That needs a free slab. */
bool line_dropper_owes_marker(const struct line_dropper *dropper);
void line_dropper_settle(struct line_dropper *dropper);

#endif
