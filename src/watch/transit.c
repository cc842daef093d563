#include "watch/transit.h"

#include "watch/lane.h"

#include <stdbool.h>

static struct transit_mark *late_at(struct transit *transit, uint64_t index)
{
    return &transit->late[(transit->late_first + index) % TRANSIT_LATE];
}

/* False: the writer has not used enough of them yet. */
static bool put_mark(struct transit *transit, struct transit_mark mark)
{
    const uint64_t put = lane_look(&transit->put);

    if (put - atomic_load_explicit(&transit->used, memory_order_acquire) == TRANSIT_MARKS)
        return false;
    transit->marks[put % TRANSIT_MARKS] = mark;
    atomic_store_explicit(&transit->put, put + 1, memory_order_release);
    return true;
}

/* All of them are taken: put into one those that came within a moment, so that half will do. */
static void thin_out(struct transit *transit)
{
    const uint64_t count = transit->late_count;
    const uint64_t span = late_at(transit, count - 1)->when - late_at(transit, 0)->when;
    uint64_t kept = 0;
    uint64_t i;

    transit->moment = span / (TRANSIT_LATE / 2) + 1;
    for (i = 1; i < count; i++) {
        const struct transit_mark mark = *late_at(transit, i);
        struct transit_mark *last = late_at(transit, kept);

        if (mark.when - last->when < transit->moment)
            last->upto = mark.upto;
        else
            *late_at(transit, ++kept) = mark;
    }
    transit->late_count = kept + 1;
}

static void be_late(struct transit *transit, struct transit_mark mark)
{
    struct transit_mark *last;

    if (transit->late_count == TRANSIT_LATE)
        thin_out(transit);
    last = transit->late_count ? late_at(transit, transit->late_count - 1) : NULL;
    if (last && mark.when - last->when < transit->moment)
        last->upto = mark.upto;
    else
        *late_at(transit, transit->late_count++) = mark;
}

void transit_follow(struct transit *transit)
{
    while (transit->late_count && put_mark(transit, *late_at(transit, 0))) {
        transit->late_first++;
        transit->late_count--;
    }
    if (!transit->late_count)
        transit->moment = 0;
}

void transit_saw(struct transit *transit, uint64_t now)
{
    if (!transit->unmarked_since)
        transit->unmarked_since = now;
}

void transit_forget(struct transit *transit)
{
    transit->unmarked_since = 0;
}

void transit_came(struct transit *transit, uint64_t upto, uint64_t now)
{
    struct transit_mark mark = {.upto = upto};

    transit_saw(transit, now);
    mark.when = transit->unmarked_since;
    transit->unmarked_since = 0;
    transit_follow(transit);
    if (transit->late_count || !put_mark(transit, mark))
        be_late(transit, mark);
}

void transit_went(struct transit *transit, uint64_t upto, uint64_t now)
{
    const uint64_t put = atomic_load_explicit(&transit->put, memory_order_acquire);
    uint64_t used = lane_look(&transit->used);

    while (transit->went < upto && used != put) {
        const struct transit_mark *mark = &transit->marks[used % TRANSIT_MARKS];
        const uint64_t until = mark->upto < upto ? mark->upto : upto;

        histogram_add(&transit->times, now - mark->when, until - transit->went);
        transit->went = until;
        if (mark->upto <= upto)
            used++;
    }
    atomic_store_explicit(&transit->used, used, memory_order_release);
}
