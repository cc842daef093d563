/*
 * The ways bytes can take from an input to the output, and which one to begin with. Decided by what
 * the two ends are, before a byte is moved; whether the kernel agrees shows when it is tried.
 *
 *     MEMORY   read into a slab's memory, written from there
 *     DUCT     spliced into a slab's duct, spliced from there: pages move, nobody looks at them
 *     SEND     regular file to socket: sendfile, without a ring
 *     RANGE    regular file to regular file: copy_file_range, without a ring
 *
 * No ring, because a file cannot be hurried and does not mind waiting.
 */
#ifndef SLABCAT_WAY_H
#define SLABCAT_WAY_H

#include "config/settings.h"
#include "ends/end.h"

#include <stdbool.h>

enum way { WAY_MEMORY, WAY_DUCT, WAY_SEND, WAY_RANGE };

struct choice {
    enum way way;
    const char *why; /* for people: "a terminal takes no pages" */
    bool is_refusal; /* pages cannot move here, whatever was asked for */
};

struct choice way_choose(enum zero_copy policy, const struct end *input, const struct end *output);

/* What the kernel calls it: "splice". */
const char *way_name(enum way way);

/* The way needs a ring of slabs. */
bool way_needs_ring(enum way way);

#endif
