#include "move/shed.h"

#include "move/intake.h"
#include "move/movers.h"
#include "move/reader.h"
#include "move/sieve.h"
#include "ring/ring.h"
#include "sys/clock.h"
#include "sys/pipes.h"

#include <errno.h>

struct shed {
    struct reader reader;
    struct sieve sieve;
    bool was_full; /* that is what the meters know */
};

/* Nobody waits while the ring is full, but that it is so is counted as elsewhere. */
static void note_full(struct shed *shed)
{
    struct lane *in = &shed->reader.pour->meters.in;

    if (shed->sieve.is_full && !shed->was_full) {
        lane_wait(in, clock_now());
        shed->reader.is_unannounced = true; /* a writer may wait for just that: --start-fill */
    } else if (!shed->sieve.is_full && shed->was_full) {
        lane_go_on(in, clock_now());
    }
    shed->was_full = shed->sieve.is_full;
}

/* What the sieve has handed over is to be announced. */
static void note_handed_on(struct shed *shed)
{
    shed->reader.is_unannounced = shed->reader.is_unannounced || shed->sieve.has_handed_on;
    shed->sieve.has_handed_on = false;
}

/*
 * Before the input is waited for, which may be long: when the writer frees a slab there is
 * something to do with it, to say what is missing and to be full no more. False: it has freed one
 * already.
 */
static bool may_wait(struct shed *shed)
{
    struct pour *pour = shed->reader.pour;

    if (!shed->sieve.is_full)
        return true;
    bell_listen(&pour->reader_bell);
    return sieve_is_full(&shed->sieve);
}

/*
 * A file minds no waiting, nor does an end that has come already, behind which only the transforms
 * have something left; and the writer has something to do that frees a slab.
 */
static bool can_wait(struct pour *pour)
{
    return (!pour->source.is_open || end_is_always_ready(&pour->source.end)) &&
           !reader_has_to_leave(pour) && !ring_has_free(pour->ring) && ring_depth(pour->ring) > 0;
}

/* Nothing of a file is dropped that could be delivered later. 0 or -errno. */
static int spare_file(struct shed *shed)
{
    struct pour *pour = shed->reader.pour;
    int error = 0;

    while (!error && can_wait(pour)) {
        /* the open slab may have room, but not for the next line: a writer must not wait for that */
        atomic_store(&pour->reader_needs_room, true);
        shed->reader.is_unannounced = true;
        reader_announce(&shed->reader);
        bell_listen(&pour->reader_bell);
        if (!can_wait(pour))
            break;
        meters_held_back(&pour->meters);
        error = wait_for(&pour->reader_bell, NEVER, NULL, 0);
        meters_set_free(&pour->meters);
    }
    atomic_store(&pour->reader_needs_room, false);
    return error;
}

/* One read, and what follows from it. False: there is no more input. */
static bool fill(struct shed *shed)
{
    struct reader *reader = &shed->reader;
    struct pour *pour = reader->pour;
    const struct sieve_room room = sieve_place(&shed->sieve, intake_message_room(pour));
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

    note_full(shed);
    if (shed->sieve.stored == 0 && pour->stage.held == 0)
        meters_hold_none(&pour->meters);
    got = intake_take(pour, &place, &taken);
    if (got == 0 || (got == -ERESTART && !taken.read))
        return got != 0;
    if (reader->met != pour->source.opened)
        reader_meet_input(reader);
    if (got > 0) {
        sieve_took(&shed->sieve, (size_t)got);
        /* with transforms the meters know of it */
        meters_note_peak(&pour->meters, pour->chain ? 0 : pour->stage.held);
    }
    is_empty = got == -EAGAIN || taken.emptied;
    step = reader_pace(reader, got == -EAGAIN ? got : (ssize_t)taken.read, &is_empty);
    if (step.publish)
        sieve_publish(&shed->sieve);
    note_handed_on(shed);
    /* a rest is too short to be woken from it */
    error = reader_follow(reader, step, is_empty && (step.rest || may_wait(shed)));
    if (error)
        wait_failed(pour, error);
    return !error;
}

static void pour_lines(struct shed *shed)
{
    struct sieve *sieve = &shed->sieve;
    struct pour *pour = shed->reader.pour;
    int error = 0;

    while (!error && !reader_has_to_leave(pour) && fill(shed))
        error = spare_file(shed);
    if (error)
        wait_failed(pour, error);
    sieve_end(sieve, !reader_has_to_leave(pour));
    note_handed_on(shed);
    sieve->is_full = false;
    note_full(shed);
    /* no producer is left that could be kept waiting */
    while (sieve_owes_marker(sieve) && reader_claim(&shed->reader))
        sieve_settle(sieve);
}

void run_shed(struct pour *pour)
{
    struct shed shed = {0};
    const int error = sieve_start(&shed.sieve, pour->settings, pour->ring, &pour->meters);

    if (error)
        notes_failure(&pour->notes, "--on-full", "get memory", TROUBLE_NO_OFFSET, error);
    else if (reader_begin(&shed.reader, pour))
        pour_lines(&shed);
    sieve_free(&shed.sieve);
}
