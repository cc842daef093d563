/*
 * What a stream has done, written down: for people, as JSON (one object, one line), or in the text
 * format of Prometheus. The names in the last two are stable; man/slabcat.1 lists them.
 */
#ifndef SLABCAT_REPORT_H
#define SLABCAT_REPORT_H

#include "watch/snapshot.h"

#include <stdio.h>

enum report_format { REPORT_TEXT, REPORT_JSON, REPORT_PROMETHEUS };

/*
 * NAME is the user's for this stream, or NULL. It is quoted; what is written is safe for a terminal.
 */
void report_write(FILE *to, enum report_format format, const struct snapshot *snapshot,
                  const char *name);

#endif
