#include "threads/reader_drop.h"

#include "flow/flow.h"
#include "input/intake.h"
#include "input/line_dropper.h"
#include "ring/ring.h"
#include "sys/clock.h"
#include "sys/pipes.h"
#include "threads/reader.h"

#include <errno.h>

struct reader_drop {
    struct reader *reader;
    struct line_dropper dropper;
    bool was_full; /* that is what the meters know */
};

/* Nobody waits while the ring is full, but that it is so is counted as elsewhere. */
static void note_full(struct reader_drop *drop)
{
    struct io_counters *in = &drop->reader->flow->meters.in;

    if (drop->dropper.is_full && !drop->was_full) {
        counters_wait(in, clock_now());
        drop->reader->is_unannounced = true; /* a writer may wait for just that: --start-fill */
    } else if (!drop->dropper.is_full && drop->was_full) {
        counters_go_on(in, clock_now());
    }
    drop->was_full = drop->dropper.is_full;
}

/* What the dropper has handed over is to be announced. */
static void note_handed_on(struct reader_drop *drop)
{
    drop->reader->is_unannounced = drop->reader->is_unannounced || drop->dropper.has_handed_on;
    drop->dropper.has_handed_on = false;
}

/*
 * Before the input is waited for, which may be long: when the writer frees a slab there is
 * something to do with it, to say what is missing and to be full no more. False: it has freed one
 * already.
 */
static bool may_wait(struct reader_drop *drop)
{
    struct flow *flow = drop->reader->flow;

    if (!drop->dropper.is_full)
        return true;
    bell_listen(&flow->bells.reader);
    return line_dropper_is_full(&drop->dropper);
}

/*
 * A file minds no waiting, nor does an end that has come already, behind which only the transforms
 * have something left; and the writer has something to do that frees a slab.
 */
static bool can_wait(struct reader *reader)
{
    struct flow *flow = reader->flow;
    const struct intake *intake = &reader->intake;

    return (!intake->source.is_open || endpoint_is_always_ready(&intake->source.end)) &&
           !flow_reader_has_to_leave(flow) && !ring_has_free(flow->ring) &&
           ring_depth(flow->ring) > 0;
}

/* Nothing of a file is dropped that could be delivered later. 0 or -errno. */
static int spare_file(struct reader_drop *drop)
{
    struct flow *flow = drop->reader->flow;
    int error = 0;

    while (!error && can_wait(drop->reader)) {
        /* the open slab may have room, but not for the next line: a writer must not wait for that */
        atomic_store(&flow->flags.reader_needs_room, true);
        drop->reader->is_unannounced = true;
        reader_announce(drop->reader);
        bell_listen(&flow->bells.reader);
        if (!can_wait(drop->reader))
            break;
        meters_held_back(&flow->meters);
        error = wait_for(&flow->bells.reader, NEVER, NULL, 0);
        meters_set_free(&flow->meters);
    }
    atomic_store(&flow->flags.reader_needs_room, false);
    return error;
}

/* One read, and what follows from it. False: there is no more input. */
static bool fill(struct reader_drop *drop)
{
    struct reader *reader = drop->reader;
    struct flow *flow = reader->flow;
    struct intake *intake = &reader->intake;
    const struct line_dropper_room room =
        line_dropper_place(&drop->dropper, intake_message_room(intake));
    const struct place place = {
        .bytes = room.bytes,
        .room = room.length,
        /* whatever comes, there is a place for it, even if it is to be dropped */
        .ahead = reader->pace.hot ? PIPE_GROW_MAX : 0,
    };
    struct pace_step step;
    struct taken taken = {0};
    bool is_empty;
    ssize_t got;
    int error;

    note_full(drop);
    if (drop->dropper.stored == 0 && intake->staging.held == 0)
        meters_hold_none(&flow->meters);
    got = intake_take(intake, &place, &taken);
    if (got == 0 || (got == -ERESTART && !taken.read))
        return got != 0;
    if (reader->met != intake->source.opened)
        reader_meet_input(reader);
    if (got > 0) {
        line_dropper_took(&drop->dropper, (size_t)got);
        /* with transforms the meters know of it */
        meters_note_peak(&flow->meters, intake->feed.chain ? 0 : intake->staging.held);
    }
    is_empty = got == -EAGAIN || taken.emptied;
    step = reader_pace(reader, got == -EAGAIN ? got : (ssize_t)taken.read, &is_empty);
    if (step.publish)
        line_dropper_publish(&drop->dropper);
    note_handed_on(drop);
    /* a rest is too short to be woken from it */
    error = reader_follow(reader, step, is_empty && (step.rest || may_wait(drop)));
    if (error)
        flow_wait_failed(flow, error);
    return !error;
}

static void drop_lines(struct reader_drop *drop)
{
    struct line_dropper *dropper = &drop->dropper;
    struct flow *flow = drop->reader->flow;
    int error = 0;

    while (!error && !flow_reader_has_to_leave(flow) && fill(drop))
        error = spare_file(drop);
    if (error)
        flow_wait_failed(flow, error);
    line_dropper_end(dropper, !flow_reader_has_to_leave(flow));
    note_handed_on(drop);
    dropper->is_full = false;
    note_full(drop);
    /* no producer is left that could be kept waiting */
    while (line_dropper_owes_marker(dropper) && reader_claim(drop->reader))
        line_dropper_settle(dropper);
}

void run_reader_drop(struct reader *reader)
{
    struct flow *flow = reader->flow;
    struct reader_drop drop = {.reader = reader};
    const int error = line_dropper_start(&drop.dropper, flow->settings, flow->ring, &flow->meters);

    if (error)
        notes_failure(&flow->notes, "--on-full", "get memory", ERROR_NO_OFFSET, error);
    else if (reader_begin(reader))
        drop_lines(&drop);
    line_dropper_free(&drop.dropper);
}
