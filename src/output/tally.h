/*
 * The tally of what leaves the ring: counted once, however many outputs it goes to, and known to the
 * output it has gone to. For drain.c; the writer's.
 */
#ifndef SLABCAT_TALLY_H
#define SLABCAT_TALLY_H

#include "output/drain.h"

#include <stddef.h>
#include <sys/types.h>
#include <sys/uio.h>

/* Of the COUNT parts PUT bytes are out of the ring, for OUTPUT; none if that is an error. */
void tally_taken(struct drain *drain, struct output *output, const struct iovec *parts, int count,
                 ssize_t put);

/* The same for LENGTH bytes that nobody has seen. */
void tally_unseen(struct drain *drain, struct output *output, size_t length);

#endif
