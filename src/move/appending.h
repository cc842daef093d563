/*
 * Appending: several programs may append to one file at the same time. The kernel keeps together
 * what one write brings to a file that is open with O_APPEND, so each write to such a file ends
 * with a line, and the lines of nobody are torn. The beginning of a line waits for its end, but not
 * for ever: no longer than the flush interval. The writer's.
 */
#ifndef SLABCAT_APPENDING_H
#define SLABCAT_APPENDING_H

#include "move/drain.h"
#include "move/outlet.h"
#include "move/settings.h"

#include <stdbool.h>
#include <stdint.h>

/* Main, before there are other threads: OUTLET is open. */
void appending_start(struct outlet *outlet, const struct settings *settings);

/* Writes to OUTLET end with a line. */
bool appending_is_used(const struct outlet *outlet);

/*
 * Make the portion that has been taken for OUTLET end behind its last line. It may grow for that,
 * and it is left as it is when the line under way cannot be waited for. False: OUTLET waits for the
 * end of that line, and wants WANTS_LINE.
 */
bool appending_cut(struct drain *drain, struct outlet *outlet);

/* Ask the rate limit, which may make the portion shorter by some lines. False: not now. */
bool appending_limit(struct drain *drain, struct outlet *outlet);

/* With WANTS_LINE: more of the line has come, or none will. */
bool appending_can_go_on(struct drain *drain, const struct outlet *outlet);

/* With WANTS_LINE: when to write the beginning of a line without its end. */
uint64_t appending_due(const struct outlet *outlet);

#endif
