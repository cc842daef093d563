/* What both the reader and the writer tell with --explain when they end. */
#ifndef SLABCAT_EXPLAIN_H
#define SLABCAT_EXPLAIN_H

#include "flow/notes.h"
#include "watch/io_counters.h"

#include <stdint.h>

/* How many of the bytes of COUNTERS moved as pages. */
void explain_moved(struct notes *notes, const char *name, const struct io_counters *counters);

/* NS were spent on BYTES. */
void explain_cost(struct notes *notes, const char *what, uint64_t ns, uint64_t bytes);

#endif
