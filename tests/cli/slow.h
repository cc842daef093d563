/* rig slow and rig busy: a machine that is slower than this one. */
#ifndef SLABCAT_TESTS_SLOW_H
#define SLABCAT_TESTS_SLOW_H

/*
 * Becomes COMMAND, for which each system call costs about 1.5 us more (and for all that it starts).
 * A filter does that which allows every call, after some thousand instructions; how many of them is
 * measured. Root's programs may still become other users'; without privileges no_new_privs is set.
 * Returns 77 when the kernel has no filters, or 1 when there is no such COMMAND.
 */
int run_slow(char **command);

/*
 * Becomes COMMAND, on one CPU that it shares with COUNT busy loops. They end when it does, however
 * that happens. Returns 1 when that cannot be done.
 */
int run_busy(unsigned count, char **command);

#endif
