/*
 * A session, the main thread's work: it starts the movers, handles signals, keeps deadlines,
 * lets the user watch, and makes the exit status of how it went.
 *
 * With --run there is a command besides, and the session is over when both have ended. As long as the
 * command runs signals are its own: they are passed on, and slabcat ends because the command does.
 */
#ifndef SLABCAT_SESSION_H
#define SLABCAT_SESSION_H

#include "cli/options.h"

#include <stdbool.h>

enum { STATUS_GOOD = 0, STATUS_FAILED = 1, STATUS_USAGE = 2, STATUS_LOST = 3 };

/* With --run the status is the command's; of our own there are these, and STATUS_USAGE. */
enum { STATUS_RUN_FAILED = 125, STATUS_CANNOT_RUN = 126, STATUS_NOT_FOUND = 127 };

/* Say that OBJECT has failed with ERROR: STATUS_FAILED. */
int fail(const char *object, int error);

/* Do all that CONFIG asks for. Returns the exit status. WAS_CLOSED: which standard descriptors were closed. */
int session_run(const struct config *config, const bool was_closed[3]);

#endif
