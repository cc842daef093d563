/*
 * What slabcat still needs once everything is set up, and giving up the rest: the decision; how it is
 * done is the business of sys/sandbox.h.
 *
 * The main thread's, when all that can be opened before a byte is read is open and the command of --run
 * runs, which is not bound. It has two steps: files are given up before there are movers, since threads
 * inherit that; calls when there are movers, which wait at their gate, since that can be done for all threads.
 * In between the main thread opens the files of /proc that say whether a mover sleeps (sys/task.h), so
 * nothing has to be opened for that later.
 *
 * Needed again are: /proc, for another description of a pipe (to freeze it, io/endpoint.h) or of a
 * terminal; inputs that come later, which may be any file, since what is there now need not be what is
 * opened; path outputs, by HUP or rotation, and the files of statistics and checksums, in directories
 * as they are now; connections that are made again. What is read from files once (secrets, time zones,
 * libraries, what names mean at first) has been read by then.
 */
#ifndef SLABCAT_CONFINE_H
#define SLABCAT_CONFINE_H

#include "cli/options.h"
#include "sys/sandbox.h"
#include "threads/movers.h"

#include <stdbool.h>
#include <sys/types.h>

/* What is needed, and what has been given up. */
struct confinement {
    unsigned needs; /* of enum filter_need */
    bool reading_is_free;
    bool making_is_free;
    struct fence fence;
    struct sandbox sandbox;
};

void confine_files(struct confinement *plan, const struct config *config,
                   const struct movers *movers);

/* COMMAND: its process, 0 when there is none. With --explain it says what holds. */
void confine_calls(struct confinement *plan, const struct config *config, pid_t command);

#endif
