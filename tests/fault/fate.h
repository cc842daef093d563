/*
 * The shim's decision: whether a call goes on as it is, from any thread. It knows nothing of what
 * the calls do.
 */
#ifndef SLABCAT_FATE_H
#define SLABCAT_FATE_H

#include "tests/fault/fault.h"

#include <stddef.h>

/* An errno is a fate as well; EAI_... are negative, and below these. */
enum fate {
    FATE_NONE = 0,
    FATE_SHORT = -10001,
    FATE_ONE = -10002,
    FATE_FORTH = -10003,
    FATE_BACK = -10004
};

/* Counts a call on FD and OTHER, -1 where there is none, or of PATH, which may be NULL. */
int fate_of(enum fault_kind kind, int fd, int other, const char *path);

/* As much of LENGTH as FATE leaves. */
size_t fate_cut(int fate, size_t length);

/* The next function of that NAME, kept in SLOT. */
void *fate_real(void **slot, const char *name);

#endif
