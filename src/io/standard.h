/*
 * The three standard descriptors may be closed when slabcat starts. Before anything else is opened,
 * each gap is filled, so that nothing of ours lands on a number that others write to: with
 * /dev/null, or where there is none with something that takes and gives nothing.
 */
#ifndef SLABCAT_STANDARD_H
#define SLABCAT_STANDARD_H

#include <stdbool.h>

/* WAS_CLOSED says which; -errno when a gap cannot be filled. */
int standard_ends_guard(bool was_closed[3]);

#endif
