#include "watch/pulse.h"

#include "sys/clock.h"
#include "watch/lane.h"

static const uint64_t tenth = NS_PER_SECOND / 10;

static void end_tenth(struct pulse *pulse, uint64_t end)
{
    const uint64_t took = end - pulse->since > tenth ? end - pulse->since : tenth;
    const uint64_t rate = (uint64_t)((double)pulse->bytes * (double)NS_PER_SECOND / (double)took);

    if (!pulse->is_spoilt && rate > lane_look(&pulse->busiest))
        atomic_store_explicit(&pulse->busiest, rate, memory_order_relaxed);
}

static void begin_tenth(struct pulse *pulse, uint64_t now)
{
    pulse->since = now;
    pulse->bytes = 0;
    pulse->is_spoilt = pulse->spoils_next;
    pulse->spoils_next = false;
}

void pulse_count(struct pulse *pulse, uint64_t bytes, uint64_t now)
{
    if (!pulse->since) {
        begin_tenth(pulse, now);
        bytes = 0; /* they gathered before we were there */
    } else if (now - pulse->last >= tenth) {
        end_tenth(pulse, pulse->last); /* a burst is not diluted by the silence behind it */
        begin_tenth(pulse, now);
    }
    pulse->bytes += bytes;
    pulse->last = now;
    if (now - pulse->since >= tenth) {
        end_tenth(pulse, now);
        begin_tenth(pulse, now);
    }
}

void pulse_held(struct pulse *pulse)
{
    pulse->is_spoilt = true;
    pulse->spoils_next = true;
}
