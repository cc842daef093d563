#include "move/ending.h"

#include "sys/clock.h"

#include <signal.h>

/* Two signals closer together than this are one wish. */
static const uint64_t burst = 200 * NS_PER_MS;

void ending_start(struct ending *ending, uint64_t drain_timeout)
{
    *ending = (struct ending){
        .level = FLOWING,
        .deadline = NEVER,
        .drain_timeout = drain_timeout,
    };
}

static void rise(struct ending *ending, enum ending_level level, uint64_t now)
{
    ending->level = level;
    ending->deadline = level == LEAVING ? NEVER : clock_after(now, ending->drain_timeout);
}

/*
 * True for a signal that somebody sends who wants the end. A lost terminal, a timer that goes off
 * again, or a CPU limit, which is told of each second, does not shorten the time for draining.
 */
static bool hurries(int number)
{
    return number == SIGINT || number == SIGTERM || number == SIGQUIT;
}

void ending_signal(struct ending *ending, int number, bool has_producer, uint64_t now)
{
    const bool waits = number == SIGINT && has_producer;

    if (ending->level == FLOWING) {
        rise(ending, waits ? LAST_WORDS : DRAINING, now);
        ending->asked = now;
    } else if (ending->level == LAST_WORDS && !hurries(number)) {
        rise(ending, DRAINING, now);
    } else if (now - ending->asked < burst) {
        if (ending->level == LAST_WORDS && number != SIGINT)
            rise(ending, DRAINING, now);
    } else if (ending->level != LEAVING && hurries(number)) {
        ending->was_hurried = true;
        rise(ending, LEAVING, now);
    }
}

void ending_tick(struct ending *ending, uint64_t now)
{
    while (ending->level != LEAVING && now >= ending->deadline)
        rise(ending, ending->level + 1, now);
}
