#include "net/backoff.h"

#include "sys/clock.h"

/* A service that restarts is back in some tenths of a second: waiting less finds it gone again. */
static const uint64_t first_rest = 100 * NS_PER_MS;
/* A peer that comes back after a long time should not wait for us much longer. */
static const uint64_t last_rest = 10 * NS_PER_SECOND;

void backoff_reset(struct backoff *backoff)
{
    backoff->longest = first_rest;
}

uint64_t backoff_next(struct backoff *backoff, uint64_t random)
{
    const uint64_t half = backoff->longest / 2;
    const uint64_t rest = half + random % (half + 1);

    backoff->longest = 2 * backoff->longest < last_rest ? 2 * backoff->longest : last_rest;
    return rest;
}
