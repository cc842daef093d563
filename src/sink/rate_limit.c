#include "sink/rate_limit.h"

#include "sys/clock.h"

#include <assert.h>

/* Beyond all outputs there are, and sums of two still fit. */
static const uint64_t number_max = UINT64_C(1) << 60;
/* So that its billionths fit. It is 2 ms worth of 4 TB/s. */
static const uint64_t portion_max = UINT64_C(1) << 33;

/* How many of each there are in a second. A rest is a tenth of the 50 ms in which nobody shall notice it. */
static const uint64_t bursts = 100;
static const uint64_t rests = 200;
static const uint64_t portions = 500;

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t most(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

void rate_limit_start(struct rate_limit *limit, uint64_t rate, uint64_t burst, uint64_t now)
{
    rate = least(rate, number_max);
    *limit = (struct rate_limit){.rate = rate, .updated = now, .due = now};
    /* with a single byte, each wake-up that is a little late would cost a part of the next one */
    limit->burst = burst ? least(burst, number_max) : most(rate / bursts, 2);
    limit->rested = burst ? limit->burst : most(rate / rests, 1);
    limit->portion = most(least(rate / portions, limit->burst / 2), 1);
    limit->portion = least(limit->portion, portion_max);
    limit->bytes = limit->rested;
}

/* Let in what has dripped since the last time, up to FULL bytes in all. */
static void fill(struct rate_limit *limit, uint64_t full, uint64_t now)
{
    const uint64_t elapsed = now > limit->updated ? now - limit->updated : 0;
    const uint64_t seconds = elapsed / NS_PER_SECOND;
    const uint64_t ns = elapsed % NS_PER_SECOND;
    uint64_t fraction = limit->fraction;

    limit->updated += elapsed;
    if (limit->bytes >= full)
        return;
    if (seconds <= full / limit->rate) {
        /* rate x ns would not fit: the rate's billions and the rest of it by themselves */
        fraction += limit->rate % NS_PER_SECOND * ns;
        limit->bytes += limit->rate * seconds + limit->rate / NS_PER_SECOND * ns;
        limit->bytes += fraction / NS_PER_SECOND;
        limit->fraction = fraction % NS_PER_SECOND;
    }
    if (seconds > full / limit->rate || limit->bytes >= full) {
        limit->bytes = full;
        limit->fraction = 0;
    }
}

/* How long it takes until it holds BYTES, more than now, rounded up. */
static uint64_t time_until(const struct rate_limit *limit, uint64_t bytes)
{
    const uint64_t missing = (bytes - limit->bytes) * NS_PER_SECOND - limit->fraction;

    return (missing + limit->rate - 1) / limit->rate;
}

size_t rate_limit_room(struct rate_limit *limit, size_t fewest, size_t wanted, uint64_t now)
{
    uint64_t enough;

    if (!limit->rate || !wanted)
        return wanted;
    fill(limit, limit->is_awaited ? limit->burst : limit->rested, now);
    enough = least(wanted, limit->portion);
    if (fewest <= least(limit->burst, portion_max))
        enough = most(enough, fewest);
    limit->is_awaited = limit->bytes < enough;
    if (!limit->is_awaited)
        return (size_t)least(wanted, limit->bytes);
    limit->due = clock_after(limit->updated, time_until(limit, enough));
    return 0;
}

uint64_t rate_limit_due(const struct rate_limit *limit)
{
    return limit->due;
}

void rate_limit_passed(struct rate_limit *limit, size_t bytes, uint64_t now)
{
    if (!limit->rate)
        return;
    /*
     * first: they may have left at the last moment, and nothing comes in on top of what is full;
     * the time the write took is no rest
     */
    fill(limit, limit->burst, now);
    assert(bytes <= limit->bytes);
    limit->bytes -= bytes;
}
