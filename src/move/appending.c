#include "move/appending.h"

#include "move/pour.h"
#include "sys/clock.h"

/* Long enough for a producer that loses its CPU in the middle of a line to get it back. */
static const uint64_t auto_hold = 100 * NS_PER_MS;

void appending_start(struct outlet *outlet, const struct settings *settings)
{
    outlet->appending.hold =
        settings->flush_interval == FLUSH_AUTO ? auto_hold : settings->flush_interval;
}

bool appending_is_used(const struct outlet *outlet)
{
    return outlet->end.appends && outlet->end.kind == END_FILE && !packing_is_used(outlet);
}

/*
 * True when waiting brings no more bytes: the input has ended, or the ring has no room until OUTLET
 * writes. While OUTLET is ahead of another output, the other one will make room.
 */
static bool is_complete(const struct drain *drain, const struct outlet *outlet)
{
    struct pour *pour = drain->pour;

    if (atomic_load(&pour->input_has_ended))
        return true;
    return outlet->at == drain->base &&
           (ring_is_full(pour->ring) || atomic_load(&pour->reader_needs_room));
}

static size_t whole_lines(const struct drain *drain)
{
    return portion_whole_lines(&drain->portion, portion_length(&drain->portion),
                               drain->pour->settings->delimiter);
}

/*
 * Take more slabs until a line ends in the portion, or the portion has as many bytes as a slab: a line
 * that long is not kept whole, and to search the whole ring for its end would cost more than the copy.
 * Returns how many bytes are whole lines.
 */
static size_t grow(struct drain *drain, const struct outlet *outlet)
{
    const size_t enough = drain->pour->settings->slab_size;
    struct portion *portion = &drain->portion;
    size_t most = portion->count;
    size_t whole = 0;

    while (!whole && portion->count == most && most < PORTION_SPANS_MAX &&
           portion_length(portion) < enough) {
        portion->count = ring_take(drain->pour->ring, (size_t)(outlet->at - drain->base),
                                   portion->spans, ++most);
        whole = whole_lines(drain);
    }
    return whole;
}

/* The portion is the beginning of a line. True: it waits for its end; false: it is written now. */
static bool is_held(const struct drain *drain, struct outlet *outlet)
{
    struct appending *appending = &outlet->appending;
    const size_t length = portion_length(&drain->portion);

    if (length >= drain->pour->settings->slab_size)
        appending->is_long = true;
    if (appending->is_long)
        return false;
    if (!appending->is_holding)
        appending->due = clock_after(clock_now(), appending->hold);
    appending->is_holding = true;
    appending->held = length;
    return clock_now() < appending->due;
}

bool appending_cut(struct drain *drain, struct outlet *outlet)
{
    struct appending *appending = &outlet->appending;
    size_t whole = whole_lines(drain);

    if (!whole) {
        /* asked before the ring is read again, so that bytes published in between are not missed */
        const bool was_complete = is_complete(drain, outlet);

        whole = grow(drain, outlet);
        if (!whole && !was_complete && is_held(drain, outlet)) {
            outlet->wants = WANTS_LINE;
            return false;
        }
    }
    if (whole) {
        portion_cut(&drain->portion, whole);
        appending->is_long = false;
    }
    appending->is_holding = false;
    return true;
}

bool appending_limit(struct drain *drain, struct outlet *outlet)
{
    const char delimiter = drain->pour->settings->delimiter;
    struct portion *portion = &drain->portion;
    const size_t length = portion_length(portion);
    size_t whole;
    size_t room;

    if (!outlet->valve.rate)
        return true;
    room = outlet_allowed(outlet, portion_first_line(portion, delimiter), length);
    if (!room)
        return false;
    whole = portion_whole_lines(portion, room, delimiter);
    portion_cut(portion, whole ? whole : room);
    return true;
}

bool appending_can_go_on(struct drain *drain, const struct outlet *outlet)
{
    struct span span;

    return is_complete(drain, outlet) ||
           ring_take(drain->pour->ring, (size_t)(outlet->at - drain->base) + outlet->appending.held,
                     &span, 1) > 0;
}

uint64_t appending_due(const struct outlet *outlet)
{
    return outlet->appending.due;
}
