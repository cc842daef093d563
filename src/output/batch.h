/*
 * A batch: bytes of the ring that have been taken to be written, in spans that follow each other,
 * and where that ends: what has been taken and is left out is taken again the next time. The
 * writer's.
 */
#ifndef SLABCAT_BATCH_H
#define SLABCAT_BATCH_H

#include "output/worker.h"
#include "ring/ring.h"

#include <stddef.h>
#include <sys/uio.h>

/*
 * A socket wakes its reader for each 64 KiB or so; 4 GiB over loopback took 1.8 s slab by slab, and
 * 1.3 s with half of the ring at once (0.8 s when that is 8 slabs of 1 MiB).
 */
enum { BATCH_SPANS_MAX = WORKER_PARTS_MAX };

struct batch {
    struct span spans[BATCH_SPANS_MAX];
    size_t count; /* how many of them are taken */
};

size_t batch_length(const struct batch *batch);

/* It ends after LENGTH bytes. */
void batch_cut(struct batch *batch, size_t length);

/* The length of its first line with the line end; 0: there is no line end in it. */
size_t batch_first_line(const struct batch *batch, char delimiter);

/* It ends with the line that is under way, if that ends in it. */
void batch_cut_at_line(struct batch *batch, char delimiter);

/* Returns how many of its first LENGTH bytes precede and include the last line end; 0: there is none. */
size_t batch_whole_lines(const struct batch *batch, size_t length, char delimiter);

/* For a write: into PARTS, of which there are enough; how many. */
int batch_parts(const struct batch *batch, struct iovec *parts);

#endif
