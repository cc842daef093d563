#include "move/ending.h"

#include "sys/clock.h"

#include <signal.h>

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

void ending_signal(struct ending *ending, int number, bool has_producer, uint64_t now)
{
    if (ending->level == LEAVING)
        return;
    if (ending->level == FLOWING) {
        rise(ending, number == SIGINT && has_producer ? LAST_WORDS : DRAINING, now);
    } else if (number != SIGHUP) { /* which some send right behind TERM; it hurries nobody */
        ending->was_hurried = true;
        rise(ending, LEAVING, now);
    }
}

void ending_tick(struct ending *ending, uint64_t now)
{
    while (ending->level != LEAVING && now >= ending->deadline)
        rise(ending, ending->level + 1, now);
}
