/*
 * A clock on the wall that nobody can trust, to be preloaded: whoever asks for the real time gets
 * what $CLOCKS says. The other clocks stay as they are.
 *
 *     back     an hour less at each look
 *     wild     before 1970, now, in the year 2500, and beyond what nanoseconds can count, in turn
 *     none     the process aborts: nobody is to ask
 */
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static time_t real_time(time_t now)
{
    static const time_t wild[] = {-1, 0, INT64_C(16725225600), INT64_C(1) << 40, INT64_MAX};
    static atomic_long looks;
    const long look = atomic_fetch_add(&looks, 1);
    const char *const clocks = getenv("CLOCKS");

    if (!clocks)
        return now;
    if (strcmp(clocks, "none") == 0)
        abort();
    if (strcmp(clocks, "back") == 0)
        return now - look * 3600;
    return wild[look % (long)(sizeof wild / sizeof wild[0])];
}

/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name): the library's begin with __ */

int clock_gettime(clockid_t clock, struct timespec *time)
{
    const long status = syscall(SYS_clock_gettime, (long)clock, time);

    if (status == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        time->tv_sec = real_time(time->tv_sec);
    return (int)status;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone)
{
    struct timespec now;

    (void)zone;
    clock_gettime(CLOCK_REALTIME, &now);
    *time = (struct timeval){.tv_sec = now.tv_sec, .tv_usec = now.tv_nsec / 1000};
    return 0;
}

time_t time(time_t *place)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    if (place)
        *place = now.tv_sec;
    return now.tv_sec;
}

/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
