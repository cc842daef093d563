#include "flow/shutdown.h"

#include "sys/clock.h"

#include <signal.h>

/* Two signals closer together than this are one wish. */
static const uint64_t burst = 200 * NS_PER_MS;

void shutdown_start(struct shutdown *shutdown, uint64_t drain_timeout)
{
    *shutdown = (struct shutdown){
        .level = FLOWING,
        .deadline = NEVER,
        .drain_timeout = drain_timeout,
    };
}

static void rise(struct shutdown *shutdown, enum shutdown_level level, uint64_t now)
{
    shutdown->level = level;
    shutdown->deadline = level == ABANDON ? NEVER : clock_after(now, shutdown->drain_timeout);
}

/*
 * True for a signal that somebody sends who wants the end. A lost terminal, a timer that goes off
 * again, or a CPU limit, which is told of each second, does not shorten the time for draining.
 */
static bool hurries(int number)
{
    return number == SIGINT || number == SIGTERM || number == SIGQUIT;
}

void shutdown_signal(struct shutdown *shutdown, int number, bool has_producer, uint64_t now)
{
    const bool waits = number == SIGINT && has_producer;

    if (shutdown->level == FLOWING) {
        rise(shutdown, waits ? UNTIL_EOF : DRAINING, now);
        shutdown->asked = now;
    } else if (shutdown->level == UNTIL_EOF && !hurries(number)) {
        rise(shutdown, DRAINING, now);
    } else if (now - shutdown->asked < burst) {
        if (shutdown->level == UNTIL_EOF && number != SIGINT)
            rise(shutdown, DRAINING, now);
    } else if (shutdown->level != ABANDON && hurries(number)) {
        shutdown->was_hurried = true;
        rise(shutdown, ABANDON, now);
    }
}

void shutdown_tick(struct shutdown *shutdown, uint64_t now)
{
    while (shutdown->level != ABANDON && now >= shutdown->deadline)
        rise(shutdown, shutdown->level + 1, now);
}
