#include "move/valve.h"

#include "sys/clock.h"

#include <assert.h>

/* Beyond all outputs there are, and sums of two still fit. */
static const uint64_t number_max = UINT64_C(1) << 60;
/* So that its billionths fit. It is 2 ms worth of 4 TB/s. */
static const uint64_t portion_max = UINT64_C(1) << 33;

/* A second has so many of them. A rest is a tenth of the 50 ms in which nobody shall notice it. */
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

void valve_start(struct valve *valve, uint64_t rate, uint64_t burst, uint64_t now)
{
    rate = least(rate, number_max);
    *valve = (struct valve){.rate = rate, .updated = now, .due = now};
    /* with a single byte, each wake-up that is a little late would cost a part of the next one */
    valve->burst = burst ? least(burst, number_max) : most(rate / bursts, 2);
    valve->rested = burst ? valve->burst : most(rate / rests, 1);
    valve->portion = most(least(rate / portions, valve->burst / 2), 1);
    valve->portion = least(valve->portion, portion_max);
    valve->bytes = valve->rested;
}

/* Let in what has dripped since the last time, up to LIMIT bytes in all. */
static void fill(struct valve *valve, uint64_t limit, uint64_t now)
{
    const uint64_t elapsed = now > valve->updated ? now - valve->updated : 0;
    const uint64_t seconds = elapsed / NS_PER_SECOND;
    const uint64_t ns = elapsed % NS_PER_SECOND;
    uint64_t fraction = valve->fraction;

    valve->updated += elapsed;
    if (valve->bytes >= limit)
        return;
    if (seconds <= limit / valve->rate) {
        /* rate x ns would not fit: the rate's billions and the rest of it by themselves */
        fraction += valve->rate % NS_PER_SECOND * ns;
        valve->bytes += valve->rate * seconds + valve->rate / NS_PER_SECOND * ns;
        valve->bytes += fraction / NS_PER_SECOND;
        valve->fraction = fraction % NS_PER_SECOND;
    }
    if (seconds > limit / valve->rate || valve->bytes >= limit) {
        valve->bytes = limit;
        valve->fraction = 0;
    }
}

/* How long it takes until it holds BYTES, more than now, rounded up. */
static uint64_t time_until(const struct valve *valve, uint64_t bytes)
{
    const uint64_t missing = (bytes - valve->bytes) * NS_PER_SECOND - valve->fraction;

    return (missing + valve->rate - 1) / valve->rate;
}

size_t valve_room(struct valve *valve, size_t fewest, size_t wanted, uint64_t now)
{
    uint64_t enough;

    if (!valve->rate || !wanted)
        return wanted;
    fill(valve, valve->is_awaited ? valve->burst : valve->rested, now);
    enough = least(wanted, valve->portion);
    if (fewest <= least(valve->burst, portion_max))
        enough = most(enough, fewest);
    valve->is_awaited = valve->bytes < enough;
    if (!valve->is_awaited)
        return (size_t)least(wanted, valve->bytes);
    valve->due = clock_after(valve->updated, time_until(valve, enough));
    return 0;
}

uint64_t valve_due(const struct valve *valve)
{
    return valve->due;
}

void valve_passed(struct valve *valve, size_t bytes, uint64_t now)
{
    if (!valve->rate)
        return;
    /*
     * first: they may have left at the last moment, and nothing comes in on top of what is full;
     * the time the write took is no rest
     */
    fill(valve, valve->burst, now);
    assert(bytes <= valve->bytes);
    valve->bytes -= bytes;
}
