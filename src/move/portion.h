/*
 * A portion: bytes of the ring that have been taken to be written, in spans that follow each other,
 * and where that ends: what has been taken and is left out is taken again the next time. The
 * writer's.
 */
#ifndef SLABCAT_PORTION_H
#define SLABCAT_PORTION_H

#include "move/hand.h"
#include "ring/ring.h"

#include <stddef.h>
#include <sys/uio.h>

/*
 * A socket wakes its reader for each 64 KiB or so; 4 GiB over loopback took 1.8 s slab by slab, and
 * 1.3 s with half of the ring at once (0.8 s when that is 8 slabs of 1 MiB).
 */
enum { PORTION_SPANS_MAX = HAND_PARTS_MAX };

struct portion {
    struct span spans[PORTION_SPANS_MAX];
    size_t count; /* how many of them are taken */
};

size_t portion_length(const struct portion *portion);

/* It ends after LENGTH bytes. */
void portion_cut(struct portion *portion, size_t length);

/* The length of its first line with the line end; 0: there is no line end in it. */
size_t portion_first_line(const struct portion *portion, char delimiter);

/* It ends with the line that is under way, if that ends in it. */
void portion_cut_at_line(struct portion *portion, char delimiter);

/* Returns how many of its first LENGTH bytes precede and include the last line end; 0: there is none. */
size_t portion_whole_lines(const struct portion *portion, size_t length, char delimiter);

/* For a write: into PARTS, of which there are enough; how many. */
int portion_parts(const struct portion *portion, struct iovec *parts);

#endif
