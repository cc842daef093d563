/*
 * The reader's loop where lines are dropped when the ring is full: it never waits for the writer,
 * so the producer never waits. What is kept is the sieve's business. Private to move/.
 */
#ifndef SLABCAT_SHED_H
#define SLABCAT_SHED_H

#include "move/pour.h"

void run_shed(struct pour *pour);

#endif
