/*
 * Conducting a pour, the main thread's work: it starts the movers, hears signals, keeps deadlines,
 * lets the user watch, and makes the exit status of how it went.
 */
#ifndef SLABCAT_CONDUCT_H
#define SLABCAT_CONDUCT_H

#include "cli/options.h"

#include <stdbool.h>

enum { STATUS_GOOD = 0, STATUS_FAILED = 1, STATUS_USAGE = 2, STATUS_LOST = 3 };

/* Say that OBJECT has failed with ERROR: STATUS_FAILED. */
int fail(const char *object, int error);

/* All of the pour that CONFIG asks for: its exit status. WAS_CLOSED: which standard ends were. */
int conduct(const struct config *config, const bool was_closed[3]);

#endif
