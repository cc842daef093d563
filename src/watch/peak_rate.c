#include "watch/peak_rate.h"

#include "sys/clock.h"
#include "watch/io_counters.h"

static const uint64_t tenth = NS_PER_SECOND / 10;

static void end_tenth(struct peak_rate *peak, uint64_t end)
{
    const uint64_t took = end - peak->since > tenth ? end - peak->since : tenth;
    const uint64_t rate = (uint64_t)((double)peak->bytes * (double)NS_PER_SECOND / (double)took);

    if (!peak->is_spoilt && rate > counter_look(&peak->busiest))
        atomic_store_explicit(&peak->busiest, rate, memory_order_relaxed);
}

static void begin_tenth(struct peak_rate *peak, uint64_t now)
{
    peak->since = now;
    peak->bytes = 0;
    peak->is_spoilt = peak->spoils_next;
    peak->spoils_next = false;
}

void peak_rate_count(struct peak_rate *peak, uint64_t bytes, uint64_t now)
{
    if (!peak->since) {
        begin_tenth(peak, now);
        bytes = 0; /* they gathered before we were there */
    } else if (now - peak->last >= tenth) {
        end_tenth(peak, peak->last); /* a burst is not diluted by the silence behind it */
        begin_tenth(peak, now);
    }
    peak->bytes += bytes;
    peak->last = now;
    if (now - peak->since >= tenth) {
        end_tenth(peak, now);
        begin_tenth(peak, now);
    }
}

void peak_rate_held(struct peak_rate *peak)
{
    peak->is_spoilt = true;
    peak->spoils_next = true;
}
