#include "watch/latency.h"

#include "watch/io_counters.h"

#include <stdbool.h>

static struct latency_mark *late_at(struct latency *latency, uint64_t index)
{
    return &latency->late[(latency->late_first + index) % LATENCY_LATE];
}

/* False: the writer has not used enough of them yet. */
static bool put_mark(struct latency *latency, struct latency_mark mark)
{
    const uint64_t put = counter_look(&latency->put);

    if (put - atomic_load_explicit(&latency->used, memory_order_acquire) == LATENCY_MARKS)
        return false;
    latency->marks[put % LATENCY_MARKS] = mark;
    atomic_store_explicit(&latency->put, put + 1, memory_order_release);
    return true;
}

/* All of them are taken: put into one those that came within a moment, so that half will do. */
static void thin_out(struct latency *latency)
{
    const uint64_t count = latency->late_count;
    const uint64_t span = late_at(latency, count - 1)->when - late_at(latency, 0)->when;
    uint64_t kept = 0;
    uint64_t i;

    latency->moment = span / (LATENCY_LATE / 2) + 1;
    for (i = 1; i < count; i++) {
        const struct latency_mark mark = *late_at(latency, i);
        struct latency_mark *last = late_at(latency, kept);

        if (mark.when - last->when < latency->moment)
            last->upto = mark.upto;
        else
            *late_at(latency, ++kept) = mark;
    }
    latency->late_count = kept + 1;
}

static void be_late(struct latency *latency, struct latency_mark mark)
{
    struct latency_mark *last;

    if (latency->late_count == LATENCY_LATE)
        thin_out(latency);
    last = latency->late_count ? late_at(latency, latency->late_count - 1) : NULL;
    if (last && mark.when - last->when < latency->moment)
        last->upto = mark.upto;
    else
        *late_at(latency, latency->late_count++) = mark;
}

void latency_follow(struct latency *latency)
{
    while (latency->late_count && put_mark(latency, *late_at(latency, 0))) {
        latency->late_first++;
        latency->late_count--;
    }
    if (!latency->late_count)
        latency->moment = 0;
}

void latency_saw(struct latency *latency, uint64_t now)
{
    if (!latency->unmarked_since)
        latency->unmarked_since = now;
}

void latency_forget(struct latency *latency)
{
    latency->unmarked_since = 0;
}

void latency_came(struct latency *latency, uint64_t upto, uint64_t now)
{
    struct latency_mark mark = {.upto = upto};

    latency_saw(latency, now);
    mark.when = latency->unmarked_since;
    latency->unmarked_since = 0;
    latency_follow(latency);
    if (latency->late_count || !put_mark(latency, mark))
        be_late(latency, mark);
}

void latency_went(struct latency *latency, uint64_t upto, uint64_t now)
{
    const uint64_t put = atomic_load_explicit(&latency->put, memory_order_acquire);
    uint64_t used = counter_look(&latency->used);

    while (latency->went < upto && used != put) {
        const struct latency_mark *mark = &latency->marks[used % LATENCY_MARKS];
        const uint64_t until = mark->upto < upto ? mark->upto : upto;

        histogram_add(&latency->times, now - mark->when, until - latency->went);
        latency->went = until;
        if (mark->upto <= upto)
            used++;
    }
    atomic_store_explicit(&latency->used, used, memory_order_release);
}
