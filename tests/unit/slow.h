/*
 * What the tests of a slow machine are granted: every limit in time, of the clock or of the CPU, is
 * multiplied by slow().
 */
#ifndef SLABCAT_SLOW_H
#define SLABCAT_SLOW_H

#include <stdlib.h>

/* What tests/run says about this machine and this build; 1: fast, as when nobody says anything. */
static inline unsigned slow(void)
{
    const char *const said = getenv("SLOW");
    const long factor = said ? strtol(said, NULL, 10) : 1;

    return factor > 1 && factor <= 1000 ? (unsigned)factor : 1;
}

#endif
