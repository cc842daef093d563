#include "watch/transit.h"

#include "watch/lane.h"

void transit_came(struct transit *transit, uint64_t upto, uint64_t now)
{
    const uint64_t put = lane_look(&transit->put);

    if (!transit->unmarked_since)
        transit->unmarked_since = now;
    if (put - atomic_load_explicit(&transit->used, memory_order_acquire) == TRANSIT_MARKS)
        return;
    transit->marks[put % TRANSIT_MARKS] = (struct transit_mark){upto, transit->unmarked_since};
    transit->unmarked_since = 0;
    atomic_store_explicit(&transit->put, put + 1, memory_order_release);
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
