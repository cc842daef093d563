/*
 * Appending: several programs may append to one file at the same time. The kernel does not mix the bytes
 * of one write to a file that is open with O_APPEND with those of another write. So each write ends with
 * the end of a line, and no line is torn. The beginning of a line waits for its end, at most for the
 * flush interval. Called by the writer thread only.
 */
#ifndef SLABCAT_WHOLE_LINES_H
#define SLABCAT_WHOLE_LINES_H

#include "config/settings.h"
#include "output/drain.h"
#include "output/output.h"

#include <stdbool.h>
#include <stdint.h>

/* Called by the main thread when OUTPUT is open, before there are other threads. */
void whole_lines_start(struct output *output, const struct settings *settings);

/* True when writes to OUTPUT have to end with the end of a line. */
bool whole_lines_is_used(const struct output *output);

/*
 * Cut the batch that has been taken for OUTPUT behind its last line end. If it has none, more slabs are
 * added; if there is still none, the batch is left as it is, to be written as a part of a line, unless
 * the line's end may still come. False: OUTPUT waits for that end, and output->wants is WANTS_LINE.
 */
bool whole_lines_cut(struct drain *drain, struct output *output);

/* Cut the batch to the whole lines that the rate limit allows. False: it allows nothing now. */
bool whole_lines_limit(struct drain *drain, struct output *output);

/* With WANTS_LINE: true when more bytes have come, or when waiting brings no more. */
bool whole_lines_can_go_on(struct drain *drain, const struct output *output);

/* With WANTS_LINE: the time at which the beginning of the line is written without its end. */
uint64_t whole_lines_due(const struct output *output);

#endif
