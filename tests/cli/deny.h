/* rig deny: run a program that the kernel refuses some calls, as filters of containers do. */
#ifndef SLABCAT_TESTS_DENY_H
#define SLABCAT_TESTS_DENY_H

/*
 * CALLS are names with commas between them, as of seccomp's filters (splice), or of one use of a
 * call (O_TMPFILE); ERROR is what they fail with (EPERM), or "kill": whoever makes them dies by
 * SIGSYS. Becomes COMMAND; returns 2 for names that are not known, and 77 when the kernel has no
 * filters.
 */
int run_deny(const char *calls, const char *error, char **command);

/*
 * Run COMMAND; of these CALLS about the file PATH (that write to it, if they move bytes) the first AFTER are made,
 * and the others sleep in the kernel until rig is killed. Its status; 77: that cannot be done here.
 */
int run_hang(const char *path, const char *calls, unsigned long after, char **command);

#endif
