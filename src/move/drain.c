#include "move/drain.h"

#include "ends/duct.h"
#include "move/appending.h"
#include "move/explain.h"
#include "move/movers.h"
#include "move/renewal.h"
#include "move/tally.h"
#include "sys/clock.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

static const size_t gather_bytes = (size_t)1 << 20;

/* Half of the ring at most, so that the reader can fill the other half meanwhile. */
static size_t slabs_at_once(const struct settings *settings, const struct outlet *outlet)
{
    size_t most = gather_bytes / settings->slab_size;

    if (!outlet->hand && !packing_is_used(outlet) &&
        (outlet->end.kind != END_SOCKET || outlet->end.keeps_messages))
        return 1;
    if (most > PORTION_SPANS_MAX)
        most = PORTION_SPANS_MAX;
    if (most > settings->slab_count / 2)
        most = settings->slab_count / 2;
    return most ? most : 1;
}

/*
 * What is taken ends where the file is to end: behind the last line that it has room for, or the
 * first one if that is longer than a file may be. False: before all of it.
 */
static bool cut_to_fit(struct drain *drain, struct outlet *outlet)
{
    const char delimiter = drain->pour->settings->delimiter;
    const size_t room = renewal_room(outlet);
    size_t whole;

    if (portion_length(&drain->portion) <= room)
        return true;
    whole = portion_whole_lines(&drain->portion, room, delimiter);
    if (whole)
        portion_cut(&drain->portion, whole);
    else if (renewal_may_force(outlet))
        return false;
    else
        portion_cut_at_line(&drain->portion, delimiter);
    return true;
}

/* What is taken is given to the outlet's hand. */
static ssize_t begin_to_write(struct drain *drain, struct outlet *outlet)
{
    /* the writer may have had bytes for others meanwhile, so it looks at the clock */
    outlet_ask(outlet, portion_length(&drain->portion), clock_now());
    hand_begin(outlet->hand, portion_parts(&drain->portion, outlet->hand->parts));
    outlet->wants = WANTS_HAND;
    return 0;
}

static ssize_t write_memory(struct drain *drain, struct outlet *outlet)
{
    struct iovec parts[PORTION_SPANS_MAX];
    ssize_t put;
    int count;

    if (outlet->is_to_reopen)
        portion_cut_at_line(&drain->portion, drain->pour->settings->delimiter);
    if (!cut_to_fit(drain, outlet)) {
        renewal_force(drain->pour, outlet);
        return -ERESTART;
    }
    if (outlet->hand)
        return begin_to_write(drain, outlet);
    count = portion_parts(&drain->portion, parts);
    outlet_ask(outlet, portion_length(&drain->portion), drain->began);
    put = end_write(&outlet->end, parts, count);
    tally_written(drain, outlet, parts, count, put);
    return put;
}

/* What the hand has written. */
static ssize_t end_writing(struct drain *drain, struct outlet *outlet)
{
    const struct hand *hand = outlet->hand;
    ssize_t put = 0;

    if (!hand_result(outlet->hand, &put))
        return 0;
    outlet->wants = WANTS_BYTES;
    tally_written(drain, outlet, hand->parts, hand->count, put);
    return put;
}

/* The span at base is in a duct, except for its first MOVED bytes: it goes by way of memory. */
static int pull_rest(struct drain *drain, struct span *span, size_t moved)
{
    const int error = duct_pull(span->duct, span->bytes + moved, span->length - moved);

    if (error)
        return error;
    ring_pulled(drain->pour->ring, 0, span->length);
    span->duct = NULL;
    return 0;
}

static int pull(struct drain *drain, struct span *span)
{
    return pull_rest(drain, span, 0);
}

/* Pages to OUTLET came to PUT. True: it refuses them, now and from now on. */
static bool is_refused(struct drain *drain, struct outlet *outlet, ssize_t put)
{
    struct pour *pour = drain->pour;

    if (!may_copy_instead(pour, put))
        return false;
    explain_output_refusal(pour, outlet, put);
    outlet->end.refuses_splice = true;
    atomic_store(&pour->output_refuses_splice, true);
    return true;
}

/* The only outlet takes the pages from where they are. */
static ssize_t write_pages(struct drain *drain, struct outlet *outlet)
{
    struct span *span = &drain->portion.spans[0];
    int error;

    if (!outlet->end.refuses_splice && !outlet->is_to_reopen) {
        ssize_t put;

        outlet_ask(outlet, span->length, drain->began);
        put = duct_drain(span->duct, &outlet->end, span->length);
        if (!is_refused(drain, outlet, put)) {
            if (put > 0)
                tally_unseen(drain, outlet, (size_t)put);
            return put;
        }
    }
    error = pull(drain, span);
    return error ? error : write_memory(drain, outlet);
}

/* Everybody who is still there stands at the beginning of the next bytes. */
static bool are_all_at_base(const struct drain *drain)
{
    const struct pour *pour = drain->pour;
    int i;

    for (i = 0; i < pour->outlet_count; i++) {
        if (outlet_is_in_use(&pour->outlets[i]) && pour->outlets[i].at != drain->base)
            return false;
    }
    return true;
}

/* Each outlet has a relay with room for any slab's pages, and nobody wants to see them. */
static bool can_hand_out(struct drain *drain, const struct span *span)
{
    struct pour *pour = drain->pour;
    int i;

    for (i = 0; i < pour->outlet_count; i++) {
        struct outlet *outlet = &pour->outlets[i];

        if (!outlet_is_in_use(outlet))
            continue;
        if (outlet->end.refuses_splice || outlet->is_to_reopen)
            return false;
        if (!outlet->relay && duct_open(&outlet->relay, pour->settings->slab_size) != 0)
            return false;
        if (outlet->relay->capacity < span->duct->capacity)
            return false;
    }
    return true;
}

/*
 * SPAN, whole, to all relays: 1. 0: the kernel gives some of them less; it is all in memory then.
 */
static int hand_out(struct drain *drain, struct span *span)
{
    struct pour *pour = drain->pour;
    struct outlet *last = NULL;
    size_t moved = 0;
    int error = 0;
    int i;

    for (i = 0; i < pour->outlet_count; i++) {
        struct outlet *outlet = &pour->outlets[i];

        if (!outlet_is_in_use(outlet))
            continue;
        if (last)
            last->relayed = duct_tee(span->duct, last->relay, span->length);
        last = outlet;
    }
    assert(last); /* whoever asked for this is in use */
    moved = last->relayed = duct_move(span->duct, last->relay, span->length);
    for (i = 0; i < pour->outlet_count; i++) {
        if (outlet_is_in_use(&pour->outlets[i]) && pour->outlets[i].relayed < span->length)
            break;
    }
    if (i == pour->outlet_count) {
        drain->hand = *span;
        return 1;
    }
    for (i = 0; i < pour->outlet_count && !error; i++) {
        struct outlet *outlet = &pour->outlets[i];

        /* they all hold the same bytes, from the first one on */
        if (outlet->relayed)
            error = duct_pull(outlet->relay, span->bytes, outlet->relayed);
        outlet->relayed = 0;
    }
    return error ? error : pull_rest(drain, span, moved);
}

/* Some of what is in its relay. True: PUT says how much; false: that is not to be had as pages. */
static bool drain_relay(struct drain *drain, struct outlet *outlet, size_t room, ssize_t *put)
{
    if (outlet->is_to_reopen) /* where the line ends has to be seen */
        return false;
    outlet_ask(outlet, room, drain->began);
    *put = duct_drain(outlet->relay, &outlet->end, room);
    if (is_refused(drain, outlet, *put))
        return false;
    if (*put > 0) {
        outlet->relayed -= (size_t)*put;
        tally_unseen(drain, outlet, (size_t)*put);
    }
    return true;
}

/* Its share of the hand, from its relay. */
static ssize_t write_relayed(struct drain *drain, struct outlet *outlet)
{
    const size_t room = outlet_allowed(outlet, 0, outlet->relayed);
    ssize_t put;
    int error;

    if (!room)
        return 0;
    if (drain_relay(drain, outlet, room, &put))
        return put;
    /* every byte has its place in the slab's memory */
    error =
        duct_pull(outlet->relay, drain->hand.bytes + (outlet->at - drain->base), outlet->relayed);
    outlet->relayed = 0;
    return error ? error : -ERESTART;
}

/* What it has of the hand is in memory, because it takes no pages. */
static ssize_t write_hand(struct drain *drain, struct outlet *outlet)
{
    const size_t done = (size_t)(outlet->at - drain->base);
    const size_t room = outlet_allowed(outlet, 0, drain->hand.length - done);

    if (!room)
        return 0;
    drain->portion.count = 1;
    drain->portion.spans[0] =
        (struct span){drain->hand.bytes + done, drain->hand.length - done, NULL};
    portion_cut(&drain->portion, room);
    return write_memory(drain, outlet);
}

static bool has_part_of_hand(const struct drain *drain, const struct outlet *outlet)
{
    return outlet->at < drain->base + drain->hand.length;
}

/* The next bytes are in a duct, and there are several outlets. */
static ssize_t write_shared(struct drain *drain, struct outlet *outlet)
{
    struct span *span = &drain->portion.spans[0];
    int done;

    if (drain->hand.length || !are_all_at_base(drain)) {
        outlet->wants = WANTS_OTHERS;
        return 0;
    }
    done = can_hand_out(drain, span) ? hand_out(drain, span) : pull(drain, span);
    if (done < 0)
        return done;
    if (done)
        return write_relayed(drain, outlet);
    return -ERESTART; /* it is in memory now */
}

/* What is taken goes into the press: as much as there is a place for. */
static ssize_t feed(struct drain *drain, struct outlet *outlet)
{
    struct iovec parts[PORTION_SPANS_MAX];
    size_t fed = 0;
    int count;
    int i;

    if (outlet->is_to_reopen)
        portion_cut_at_line(&drain->portion, drain->pour->settings->delimiter);
    count = portion_parts(&drain->portion, parts);
    for (i = 0; i < count; i++) {
        const ssize_t put = packing_feed(outlet, parts[i].iov_base, parts[i].iov_len);

        if (put < 0)
            return put;
        fed += (size_t)put;
        if ((size_t)put < parts[i].iov_len)
            break;
    }
    tally_taken(drain, outlet, parts, count, (ssize_t)fed);
    return fed ? (ssize_t)fed : -ERESTART;
}

/* Write the whole lines of what has been taken, to a file that others append to as well. */
static ssize_t write_lines(struct drain *drain, struct outlet *outlet)
{
    if (drain->portion.spans[0].duct) {
        const int error = pull(drain, &drain->portion.spans[0]);

        if (error)
            return error;
    }
    if (!appending_cut(drain, outlet) || !appending_limit(drain, outlet))
        return 0;
    return write_memory(drain, outlet);
}

/* The next bytes of the ring. */
static ssize_t write_next(struct drain *drain, struct outlet *outlet)
{
    struct pour *pour = drain->pour;
    size_t room;

    drain->portion.count = 0;
    if (!drain->is_filling)
        drain->portion.count =
            ring_take(pour->ring, (size_t)(outlet->at - drain->base), drain->portion.spans,
                      slabs_at_once(pour->settings, outlet));
    if (drain->portion.count == 0) {
        outlet->wants = WANTS_BYTES;
        return 0;
    }
    if (drain->portion.spans[0].duct && pour->outlet_count > 1)
        return write_shared(drain, outlet);
    if (packing_is_used(outlet))
        return feed(drain, outlet);
    if (appending_is_used(outlet))
        return write_lines(drain, outlet);
    room = outlet_allowed(outlet, 0, portion_length(&drain->portion));
    if (!room)
        return 0;
    portion_cut(&drain->portion, room);
    return drain->portion.spans[0].duct ? write_pages(drain, outlet) : write_memory(drain, outlet);
}

/* What the press has to say comes first. */
static ssize_t write_packed(struct drain *drain, struct outlet *outlet)
{
    const int done = packing_push(drain->pour, outlet);

    if (done > 0)
        renewal_try(drain->pour, outlet);
    if (done > 0 && packing_is_ending(outlet))
        return -ERESTART;
    return done > 0 ? write_next(drain, outlet) : done;
}

ssize_t drain_some(struct drain *drain, struct outlet *outlet)
{
    ssize_t put;

    do {
        if (packing_is_used(outlet))
            put = write_packed(drain, outlet);
        else if (outlet->wants == WANTS_HAND)
            put = end_writing(drain, outlet);
        else if (outlet->relayed)
            put = write_relayed(drain, outlet);
        else if (has_part_of_hand(drain, outlet))
            put = write_hand(drain, outlet);
        else
            put = write_next(drain, outlet);
    } while (put == -ERESTART);
    if (put == -EAGAIN) {
        outlet->wants = WANTS_ROOM;
        return 0;
    }
    return put;
}

bool drain_has_more(struct drain *drain, const struct outlet *outlet)
{
    struct span span;

    return ring_take(drain->pour->ring, (size_t)(outlet->at - drain->base), &span, 1) > 0;
}

bool drain_release(struct drain *drain, uint64_t position)
{
    const size_t length = (size_t)(position - drain->base);

    const size_t of_hand = length < drain->hand.length ? length : drain->hand.length;

    drain->base = position;
    drain->hand.bytes += of_hand;
    drain->hand.length -= of_hand;
    return ring_release(drain->pour->ring, length);
}
