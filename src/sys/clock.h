/*
 * The one clock: nanoseconds that only go forward. Steps of the wall clock do not reach it; what
 * that says is for people (clock_real).
 */
#ifndef SLABCAT_CLOCK_H
#define SLABCAT_CLOCK_H

#include <pthread.h>
#include <stdint.h>
#include <time.h>

#define NEVER         UINT64_MAX
#define NS_PER_US     UINT64_C(1000)
#define NS_PER_MS     UINT64_C(1000000)
#define NS_PER_SECOND UINT64_C(1000000000)

static inline uint64_t clock_ns(struct timespec time)
{
    return (uint64_t)time.tv_sec * NS_PER_SECOND + (uint64_t)time.tv_nsec;
}

static inline struct timespec clock_timespec(uint64_t ns)
{
    return (struct timespec){.tv_sec = (time_t)(ns / NS_PER_SECOND),
                             .tv_nsec = (long)(ns % NS_PER_SECOND)};
}

static inline uint64_t clock_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return clock_ns(now);
}

/* ns since the epoch; 0 before it. */
static inline uint64_t clock_real(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec < 0 ? 0 : clock_ns(now);
}

/* What CLOCK, of the CPU time of a thread, says in ns; 0 when the thread has ended. */
static inline uint64_t clock_of(clockid_t clock)
{
    struct timespec used = {0};

    return clock_gettime(clock, &used) == 0 ? clock_ns(used) : 0;
}

/* The CPU time a thread of ours has used, in ns; 0 when it has ended. */
static inline uint64_t clock_of_thread(pthread_t thread)
{
    clockid_t clock;

    return pthread_getcpuclockid(thread, &clock) == 0 ? clock_of(clock) : 0;
}

/* The moment AFTER_NS from NOW; NEVER when that is beyond counting. */
static inline uint64_t clock_after(uint64_t now, uint64_t after_ns)
{
    return after_ns >= NEVER - now ? NEVER : now + after_ns;
}

#endif
