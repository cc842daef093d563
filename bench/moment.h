/* Producers that keep to a schedule: sleep until a moment of the monotonic clock. */
#ifndef SLABCAT_MOMENT_H
#define SLABCAT_MOMENT_H

#include "sys/clock.h"

#include <errno.h>
#include <stdint.h>
#include <time.h>

static inline void wait_until(uint64_t when)
{
    const struct timespec at = clock_timespec(when);

    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) == EINTR)
        ;
}

#endif
