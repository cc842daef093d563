/*
 * The three standard descriptors may be closed when slabcat starts. Before anything else is opened,
 * each gap is filled with /dev/null, so that nothing of ours lands on a number that others write
 * to.
 */
#ifndef SLABCAT_STANDARD_H
#define SLABCAT_STANDARD_H

#include <stdbool.h>

/* WAS_CLOSED says which; -errno when a gap cannot be filled. */
int standard_ends_guard(bool was_closed[3]);

#endif
