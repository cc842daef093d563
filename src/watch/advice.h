/*
 * Advice: what the stream was like, in the terms of the plan (plan.h), and the sizes it would have
 * needed next to those it had.
 */
#ifndef SLABCAT_ADVICE_H
#define SLABCAT_ADVICE_H

#include "watch/snapshot.h"

#include <stdio.h>

/* Some lines. */
void advice_write(FILE *to, const struct snapshot *snapshot);

#endif
