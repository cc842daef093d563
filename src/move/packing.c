#include "move/packing.h"

#include "move/outlet.h"
#include "move/pour.h"
#include "sys/clock.h"
#include "transform/press.h"

#include <errno.h>

static const uint64_t auto_hold = 100 * NS_PER_MS;
static const uint64_t lone_hold = 5 * NS_PER_MS;

bool packing_is_wanted(const struct outlet *outlet, const struct settings *settings,
                       bool is_only_one)
{
    const enum dest_kind kind = outlet->dest->kind;

    if (settings->compress == PRESS_NONE)
        return false;
    /* of several outputs these may be read by somebody while it goes on */
    return is_only_one || (kind != DEST_STDOUT && kind != DEST_FD);
}

int packing_start(struct outlet *outlet, const struct settings *settings, bool is_only_one)
{
    struct packing *packing = &outlet->packing;
    const uint64_t interval = settings->flush_interval;

    if (!packing_is_wanted(outlet, settings, is_only_one))
        return 0;
    packing->is_timed = settings->explain;
    packing->hold = interval == FLUSH_AUTO ? auto_hold : interval / 2;
    return press_make(&packing->press, settings->compress, settings->compress_level);
}

void packing_stop(struct outlet *outlet)
{
    if (outlet->packing.press)
        press_free(outlet->packing.press);
    outlet->packing.press = NULL;
}

bool packing_is_used(const struct outlet *outlet)
{
    return outlet->packing.press;
}

bool packing_is_empty(const struct outlet *outlet)
{
    unsigned char *bytes;

    return !press_has_inside(outlet->packing.press) &&
           press_waiting(outlet->packing.press, &bytes) == 0;
}

/* Some of what waits: 1. 0: there is no time for it, and the outlet says so. Or -errno. */
static int write_some(struct pour *pour, struct outlet *outlet)
{
    struct press *press = outlet->packing.press;
    unsigned char *bytes;
    const size_t waiting = press_waiting(press, &bytes);
    struct iovec part = {.iov_base = bytes, .iov_len = outlet_allowed(outlet, 0, waiting)};
    ssize_t put;

    if (!part.iov_len)
        return 0;
    /* what is in the press may arrive with it */
    outlet_ask(outlet, 0, clock_now());
    put = end_write(&outlet->end, &part, 1);
    outlet_was_answered(outlet);
    if (put < 0)
        return (int)put;
    press_wrote(press, (size_t)put);
    lane_raise(&pour->meters.packed, (size_t)put);
    outlet_left(outlet, &part, 1, (size_t)put);
    return 1;
}

/* All that waits: 1. */
static int write_all(struct pour *pour, struct outlet *outlet)
{
    unsigned char *bytes;
    int done = 1;

    while (done > 0 && press_waiting(outlet->packing.press, &bytes) > 0)
        done = write_some(pour, outlet);
    return done;
}

static bool is_due(const struct outlet *outlet)
{
    return clock_now() >= packing_due(outlet);
}

/* Bring out what is inside, as much as there is a place for: 1 when that is all. */
static int bring_out(struct packing *packing)
{
    const uint64_t began = packing->is_timed ? clock_now() : 0;
    const int done = packing->is_to_end ? press_end(packing->press) : press_flush(packing->press);

    if (packing->is_timed)
        packing->ns += clock_now() - began;
    if (done == 1) {
        packing->is_to_flush = false;
        packing->emptied = clock_now();
    }
    return done;
}

int packing_push(struct pour *pour, struct outlet *outlet)
{
    struct packing *packing = &outlet->packing;
    int done = write_all(pour, outlet);

    packing->is_to_flush = packing->is_to_flush || is_due(outlet);
    while (done > 0 && packing->is_to_flush) {
        done = bring_out(packing);
        if (done >= 0)
            done = write_all(pour, outlet);
    }
    if (done > 0 && packing_is_empty(outlet) && !connection_is(outlet))
        outlet_confirm(outlet, outlet->at);
    return done;
}

ssize_t packing_feed(struct outlet *outlet, const unsigned char *bytes, size_t length)
{
    struct packing *packing = &outlet->packing;
    const bool was_empty = !press_has_inside(packing->press);
    const uint64_t began = packing->is_timed ? clock_now() : 0;
    const ssize_t fed = press_feed(packing->press, bytes, length);

    if (packing->is_timed)
        packing->ns += clock_now() - began;
    if (fed > 0 && was_empty)
        packing->since = clock_now();
    if (fed > 0)
        packing->is_to_end = false;
    return fed;
}

bool packing_end(struct outlet *outlet)
{
    struct packing *packing = &outlet->packing;

    if (!packing->is_to_end) {
        packing->is_to_end = true;
        packing->is_to_flush = true;
    }
    return !packing->is_to_flush && packing_is_empty(outlet);
}

void packing_begin_file(struct outlet *outlet)
{
    if (!packing_is_used(outlet))
        return;
    outlet->packing.is_to_end = false;
    press_begin(outlet->packing.press);
}

bool packing_is_ending(const struct outlet *outlet)
{
    return outlet->packing.is_to_end && outlet->packing.is_to_flush;
}

uint64_t packing_due(const struct outlet *outlet)
{
    const struct packing *packing = &outlet->packing;
    const uint64_t lone = packing->hold < lone_hold ? packing->hold : lone_hold;
    uint64_t due = packing->since + lone;

    if (!press_has_inside(packing->press))
        return NEVER;
    if (due < packing->emptied + packing->hold)
        due = packing->emptied + packing->hold;
    return due;
}
