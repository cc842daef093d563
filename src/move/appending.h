/*
 * Appending: several programs may append to one file at the same time. The kernel does not mix the bytes
 * of one write to a file that is open with O_APPEND with those of another write. So each write ends with
 * the end of a line, and no line is torn. The beginning of a line waits for its end, at most for the
 * flush interval. Called by the writer thread only.
 */
#ifndef SLABCAT_APPENDING_H
#define SLABCAT_APPENDING_H

#include "config/settings.h"
#include "move/drain.h"
#include "move/outlet.h"

#include <stdbool.h>
#include <stdint.h>

/* Called by the main thread when OUTLET is open, before there are other threads. */
void appending_start(struct outlet *outlet, const struct settings *settings);

/* True when writes to OUTLET have to end with the end of a line. */
bool appending_is_used(const struct outlet *outlet);

/*
 * Cut the portion that has been taken for OUTLET behind its last line end. If it has none, more slabs are
 * added; if there is still none, the portion is left as it is, to be written as a part of a line, unless
 * the line's end may still come. False: OUTLET waits for that end, and outlet->wants is WANTS_LINE.
 */
bool appending_cut(struct drain *drain, struct outlet *outlet);

/* Cut the portion to the whole lines that the rate limit allows. False: it allows nothing now. */
bool appending_limit(struct drain *drain, struct outlet *outlet);

/* With WANTS_LINE: true when more bytes have come, or when waiting brings no more. */
bool appending_can_go_on(struct drain *drain, const struct outlet *outlet);

/* With WANTS_LINE: the time at which the beginning of the line is written without its end. */
uint64_t appending_due(const struct outlet *outlet);

#endif
