/*
 * Signals, taken by the main thread alone, from a descriptor: there are no handlers.
 *
 * signals_take_over runs before the first thread is made, so that every thread inherits its mask. A
 * signal that was ignored when slabcat started (nohup, a background job) stays ignored.
 *
 * All are taken whose default action would end the process at once, without a word about the bytes it
 * holds, except those that tell of a crash (SEGV, ABRT and the like). With a command CHLD is taken as
 * well, which tells of its end.
 */
#ifndef SLABCAT_SIGNALS_H
#define SLABCAT_SIGNALS_H

#include <signal.h>
#include <stdbool.h>

struct signals {
    int fd;                /* readable when a signal waits */
    bool pipe_was_ignored; /* SIGPIPE: then a consumer that has gone is an error to report */
    sigset_t found;        /* the mask that slabcat was started with */
};

int signals_take_over(struct signals *signals, bool has_command);
void signals_free(struct signals *signals);

/*
 * The next signal that waits; 0 when there is none. FROM_KERNEL: the terminal has sent it, not a
 * process or a timer.
 */
int signals_next(struct signals *signals, bool *from_kernel);

/*
 * End this process by SIGPIPE, as if it had not been held back. Returns only if that is
 * impossible.
 */
void signals_die_of_pipe(void);

#endif
