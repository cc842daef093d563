/* rig slow and rig busy: a machine that is slower than this one. */
#ifndef SLABCAT_TESTS_SLOW_H
#define SLABCAT_TESTS_SLOW_H

#include <stdint.h>

/* what rig slow adds to a call */
enum { SLOWER_NS = 1500 };

/*
 * Becomes COMMAND, for which, and for all that it starts, each system call costs about slower_ns
 * nanoseconds more. A filter does that which allows every call, after some thousand instructions; how
 * many of them is measured. Root's programs may still become other users'; without privileges
 * no_new_privs is set. Returns 77 when the kernel has no filters, or 1 when there is no such COMMAND.
 */
int run_slow(uint64_t slower_ns, char **command);

/*
 * Becomes COMMAND, on one CPU that it shares with COUNT busy loops. They end when it does, however
 * that happens. Returns 1 when that cannot be done.
 */
int run_busy(unsigned count, char **command);

#endif
