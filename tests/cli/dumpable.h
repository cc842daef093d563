/*
 * What a core dump of a process would hold, for rig: every mapping that has not been left out by
 * MADV_DONTDUMP, whatever the machine's filter for core dumps says.
 */
#ifndef SLABCAT_DUMPABLE_H
#define SLABCAT_DUMPABLE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Look for STRING, not empty, in the memory of process PID, which goes on meanwhile; print where it
 * is, and what mapping that is. The exit status: 0 it is there, 1 it is not, 2 nobody can say.
 */
int run_dumpable(const char *pid, const char *string);

/* Hold what stdin has, up to 4096 bytes, at OFFSET of a mapping until killed; 2 when that fails. */
int run_keep(bool is_dumpable, size_t offset);

#endif
