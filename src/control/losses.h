/*
 * The messages at the end about bytes that were not delivered. OUTPUT is the quoted name of the output,
 * or of all of them.
 */
#ifndef SLABCAT_LOSSES_H
#define SLABCAT_LOSSES_H

#include "flow/shutdown.h"
#include "threads/movers.h"

#include <stdbool.h>

/* Reports the lines that a drop policy has discarded, if there are any. */
void losses_say_dropped(const struct meters *meters);

/*
 * Reports the bytes that were on the way when a connection broke, and were not sent again. Returns
 * whether there are any.
 */
bool losses_say_at_risk(const struct meters *meters, const char *output);

/* Reports REMAINS, of which some bytes are undelivered. IS_EXACT: the number is not only a limit. */
void losses_say_undelivered(const char *output, const struct remains *remains, bool is_exact,
                            const struct shutdown *shutdown);

#endif
