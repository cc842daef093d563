/* What a pour has done so far, in a line for people. */
#ifndef SLABCAT_REPORT_H
#define SLABCAT_REPORT_H

#include "watch/lane.h"

#include <stdint.h>

/* ELAPSED ns since the start. in = out + held, whenever it is asked for. */
void report_say(const struct lane *in, const struct lane *out, uint64_t elapsed);

#endif
