/*
 * Starting a program as execvp does: a name without a slash is looked for in $PATH, and a file that
 * is executable but of no format the kernel knows is given to /bin/sh. Why it cannot be started is
 * known at once. For the main thread, before there are others: the search reads the environment.
 *
 * It gets every descriptor that is not close-on-exec; a signal that is ignored stays ignored.
 */
#ifndef SLABCAT_SPAWN_H
#define SLABCAT_SPAWN_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

/* What its first three descriptors are to be. */
struct spawn_ends {
    int fds[3]; /* -1: closed; its own number: as it is here */
};

/* ARGV[0] with ARGV, and MASK as its signal mask: 0 with its PID, or -errno. */
int spawn(pid_t *pid, char *const *argv, const struct spawn_ends *ends, const sigset_t *mask);

#endif
