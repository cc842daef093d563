/*
 * What a pour still needs once everything is set up, and giving up the rest: the decision; how it is
 * done is the business of sys/sandbox.h.
 *
 * The main thread's, when all that can be opened before a byte is read is open, the command of --run
 * runs and there are no movers, which are bound as well. The command is not.
 *
 * Needed again are: /proc, for another description of a pipe (to freeze it, ends/end.h) or of a
 * terminal; inputs that come later, which may be any file, since what is there now need not be what is
 * opened; path outputs, by HUP or rotation, and the files of statistics and checksums, in directories
 * as they are now; connections that are made again. What is read from files once (secrets, time zones,
 * libraries, what names mean at first) has been read by then.
 */
#ifndef SLABCAT_CONFINE_H
#define SLABCAT_CONFINE_H

#include "cli/options.h"
#include "move/pour.h"

#include <sys/types.h>

/* COMMAND: its process, 0 when there is none. With --explain it says what holds. */
void confine(const struct config *config, const struct pour *pour, pid_t command);

#endif
