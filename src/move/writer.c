#include "move/drain.h"
#include "move/movers.h"

#include "move/appending.h"
#include "move/explain.h"
#include "move/renewal.h"
#include "sys/clock.h"
#include "sys/pipes.h"

#include <errno.h>

/*
 * A consumer that makes room so soon, so many times in a row, would take more at once: pages given
 * to a pipe of 64 KiB and on by splice took 8 s for 10 GiB, most of it in waking each other up; 0.6
 * s with 1 MiB.
 */
static const uint64_t quick_time = 250 * NS_PER_US;
static const unsigned quick_times = 8;

struct writer {
    struct pour *pour;
    struct drain drain;
    uint64_t to_fill;  /* bytes; 0: there is no such thing */
    uint64_t empty_at; /* of the input: so much had come when the ring was empty, the last time */
    bool is_hurried;   /* the outlets know that the end has been asked for */
};

static bool is_in_state(const struct outlet *outlet, enum outlet_wants wants)
{
    return outlet->state == OUTLET_READY && outlet->wants == wants;
}

static bool any_wants(const struct pour *pour, enum outlet_wants wants)
{
    int i;

    for (i = 0; i < pour->outlet_count; i++) {
        if (is_in_state(&pour->outlets[i], wants))
            return true;
    }
    return false;
}

/* Somebody goes on when the reader or a hand has something for it. */
static bool any_waits_for_bell(const struct pour *pour)
{
    return any_wants(pour, WANTS_BYTES) || any_wants(pour, WANTS_HAND) ||
           any_wants(pour, WANTS_LINE);
}

/* Write to OUTLET what goes now. True: some did, or its state is another one. */
static bool serve(struct writer *writer, struct outlet *outlet)
{
    struct pour *pour = writer->pour;
    ssize_t put;

    /* one that was stuck may have kept us while the main thread has counted, and is about to leave */
    if (pour_level(pour) == LEAVING)
        return false;
    renewal_try(pour, outlet);
    if (outlet->state != OUTLET_READY)
        return outlet_is_in_use(outlet) && outlet_advance(pour, outlet);
    if (outlet->is_kept)
        connection_confirm(outlet);
    put = drain_some(&writer->drain, outlet);
    if (put < 0)
        outlet_broke(pour, outlet, "write", (int)put);
    else if (put > 0)
        outlet_wrote(outlet, (size_t)put);
    if (outlet->wants != WANTS_HAND)
        outlet_was_answered(outlet);
    return put != 0;
}

/* What all outlets have for good is released. False: there is no outlet left. */
static bool settle(struct writer *writer)
{
    struct pour *pour = writer->pour;
    struct drain *drain = &writer->drain;
    uint64_t least = UINT64_MAX;
    int i;

    for (i = 0; i < pour->outlet_count; i++) {
        const struct outlet *outlet = &pour->outlets[i];

        if (outlet->state != OUTLET_FAILED && outlet_settled(outlet) < least)
            least = outlet_settled(outlet);
    }
    if (least == UINT64_MAX)
        return false;
    if (least > drain->base) {
        drain->began = meters_put(&pour->meters, (size_t)(least - drain->base), drain->began);
        if (drain_release(drain, least))
            bell_ring(&pour->reader_bell);
    }
    return true;
}

/* The ring has run empty. */
static void begin_to_fill(struct writer *writer)
{
    const struct meters *meters = &writer->pour->meters;
    /* what has come and is not published yet: the beginning is made */
    const uint64_t inside = meters_inside(meters);

    writer->drain.is_filling = true;
    writer->empty_at = meters_came(meters) - inside;
}

static bool is_filled(struct writer *writer)
{
    struct pour *pour = writer->pour;
    /* what has been dropped among it has met a full ring */
    const uint64_t came = meters_came(&pour->meters) - writer->empty_at;

    /* slabs may be full before they hold that much: messages and lines are not cut */
    return came >= writer->to_fill || ring_is_full(pour->ring) || pour_level(pour) >= DRAINING ||
           atomic_load(&pour->reader_needs_room) || atomic_load(&pour->input_has_ended);
}

static bool any_is_in_use(const struct pour *pour)
{
    int i;

    for (i = 0; i < pour->outlet_count; i++) {
        if (outlet_is_in_use(&pour->outlets[i]))
            return true;
    }
    return false;
}

/*
 * Those who have had everything there is: is there more by now? When nothing more will come, they
 * part. True: somebody can go on.
 */
static bool can_go_on(struct writer *writer)
{
    struct pour *pour = writer->pour;
    bool can = false;
    bool was_last;
    int i;

    bell_listen(&pour->writer_bell);
    /* in this order: after the end is announced nothing is published any more */
    was_last = atomic_load(&pour->input_has_ended);
    if (writer->drain.is_filling)
        return is_filled(writer);
    for (i = 0; i < pour->outlet_count; i++) {
        struct outlet *outlet = &pour->outlets[i];

        if (is_in_state(outlet, WANTS_HAND) && !hand_is_busy(outlet->hand))
            can = true;
        if (is_in_state(outlet, WANTS_LINE) && appending_can_go_on(&writer->drain, outlet))
            can = true;
        if (!is_in_state(outlet, WANTS_BYTES))
            continue;
        if (drain_has_more(&writer->drain, outlet)) {
            can = true;
        } else if (was_last) {
            outlet_part(pour, outlet);
            can = true;
        }
    }
    return can;
}

/*
 * Who has no connection, and nothing to say on the next one, does not wait for it. True: somebody
 * has gone.
 */
static bool let_go(struct writer *writer)
{
    struct pour *pour = writer->pour;
    bool any = false;
    int i;

    if (!atomic_load(&pour->input_has_ended))
        return false;
    for (i = 0; i < pour->outlet_count; i++) {
        struct outlet *outlet = &pour->outlets[i];

        if (outlet_is_apart(outlet) && !drain_has_more(&writer->drain, outlet)) {
            outlet_part(pour, outlet);
            any = true;
        }
    }
    return any;
}

struct waiting {
    struct pollfd fds[DESTS_MAX];
    struct outlet *outlets[DESTS_MAX];
    unsigned count;
    uint64_t until;
};

/* What each outlet waits for. */
static void gather(struct writer *writer, struct waiting *waiting)
{
    struct pour *pour = writer->pour;
    int i;

    waiting->count = 0;
    waiting->until = NEVER;
    for (i = 0; i < pour->outlet_count; i++) {
        struct outlet *outlet = &pour->outlets[i];
        uint64_t due;

        if (!outlet_is_in_use(outlet))
            continue;
        due = outlet_due(outlet);
        if (due < waiting->until)
            waiting->until = due;
        if (outlet_fd(outlet) < 0)
            continue;
        waiting->outlets[waiting->count] = outlet;
        waiting->fds[waiting->count++] =
            (struct pollfd){.fd = outlet_fd(outlet), .events = outlet_events(outlet)};
    }
}

/* A pipe that has been emptied soon again and again would take more at once. */
static void note_quickness(struct outlet *outlet, uint64_t waited)
{
    outlet->quick = waited <= quick_time ? outlet->quick + 1 : 0;
    if (outlet->may_grow && outlet->quick == quick_times) {
        pipe_grow(outlet->end.fd, PIPE_GROW_MAX);
        outlet->may_grow = false; /* asked once: a limit that was in the way is still there */
    }
}

/* What the wait has brought. */
static void look(struct writer *writer, const struct waiting *waiting, uint64_t waited)
{
    unsigned i;

    for (i = 0; i < waiting->count; i++) {
        struct outlet *outlet = waiting->outlets[i];
        const short revents = waiting->fds[i].revents;

        /* what a write will tell, it tells best */
        if (is_in_state(outlet, WANTS_ROOM) && revents & ~POLLIN)
            note_quickness(outlet, waited);
        else if (revents)
            outlet_noticed(writer->pour, outlet, revents);
    }
}

/*
 * Nothing goes right now. Sleep until something may, and meanwhile notice a consumer that goes
 * away: with a silent producer nobody else would. False: that cannot be waited for.
 */
static bool wait(struct writer *writer)
{
    struct pour *pour = writer->pour;
    const bool is_held_up = any_wants(pour, WANTS_ROOM) || any_wants(pour, WANTS_HAND);
    const uint64_t before = clock_now();
    struct waiting waiting;
    uint64_t after;
    int error;

    gather(writer, &waiting);
    if (is_held_up)
        lane_wait(&pour->meters.out, before);
    error = wait_for(&pour->writer_bell, waiting.until, waiting.fds, waiting.count);
    after = clock_now();
    if (is_held_up)
        lane_go_on(&pour->meters.out, after);
    else
        writer->drain.began = after;
    if (error) {
        wait_failed(pour, error);
        return false;
    }
    look(writer, &waiting, after - before);
    return true;
}

/* The main thread has been told that files have been rotated away. */
static void pass_on_reopen(struct writer *writer)
{
    struct pour *pour = writer->pour;
    int i;

    /* the load first: an exchange costs something, and this is asked for each write */
    if (!atomic_load(&pour->wants_reopen) || !atomic_exchange(&pour->wants_reopen, false))
        return;
    for (i = 0; i < pour->outlet_count; i++)
        renewal_ask(pour, &pour->outlets[i]);
}

/*
 * The drain timeout runs: a connection that rests for longer than that would not be tried at all.
 */
static void pass_on_hurry(struct writer *writer)
{
    struct pour *pour = writer->pour;
    int i;

    if (writer->is_hurried || pour_level(pour) < DRAINING)
        return;
    writer->is_hurried = true;
    for (i = 0; i < pour->outlet_count; i++)
        connection_hurry(&pour->outlets[i]);
}

/* As far as it goes without waiting; then wait. False: it is over. */
static bool go_on(struct writer *writer)
{
    struct pour *pour = writer->pour;
    const uint64_t base = writer->drain.base;
    bool has_moved = false;
    int i;

    pass_on_reopen(writer);
    pass_on_hurry(writer);
    if (writer->drain.is_filling && is_filled(writer))
        writer->drain.is_filling = false;
    for (i = 0; i < pour->outlet_count; i++)
        has_moved = serve(writer, &pour->outlets[i]) || has_moved;
    if (!settle(writer) || !any_is_in_use(pour))
        return false;
    /* the slowest may have been left out while it waited: others want what it held up */
    if (has_moved || writer->drain.base != base || let_go(writer))
        return true;
    if (any_waits_for_bell(pour) && can_go_on(writer))
        return true;
    if (writer->to_fill && !writer->drain.is_filling && ring_depth(pour->ring) == 0)
        begin_to_fill(writer);
    return wait(writer);
}

static void start(struct writer *writer)
{
    const struct settings *settings = writer->pour->settings;
    struct pour *pour = writer->pour;
    int i;

    for (i = 0; i < pour->outlet_count; i++) {
        struct outlet *outlet = &pour->outlets[i];

        if (outlet->end.kind != END_PIPE)
            continue;
        outlet->may_grow = settings->pipe_size_policy == PIPE_SIZE_AUTO;
        if (settings->pipe_size_policy == PIPE_SIZE_SET)
            pipe_grow(outlet->end.fd, settings->pipe_size);
    }
}

/*
 * What the hands have written; one that still writes is waited for. No write is begun any more, so what is counted
 * is exact while the last one is stuck.
 */
static void collect_from_hands(struct writer *writer)
{
    struct pour *pour = writer->pour;
    bool any_is_busy;

    do {
        int i;

        any_is_busy = false;
        bell_listen(&pour->writer_bell);
        for (i = 0; i < pour->outlet_count; i++) {
            struct outlet *outlet = &pour->outlets[i];
            int error;

            if (outlet->hand && hand_is_busy(outlet->hand)) {
                any_is_busy = true;
                continue;
            }
            error = outlet_free_hand(outlet);
            if (error)
                outlet_broke(pour, outlet, "write", error);
        }
        settle(writer);
    } while (any_is_busy && wait_for(&pour->writer_bell, NEVER, NULL, 0) == 0);
}

/* What has been confirmed, and what has been written, since the last look. */
static void settle_late(struct writer *writer)
{
    struct pour *pour = writer->pour;
    int i;

    for (i = 0; i < pour->outlet_count; i++)
        connection_confirm(&pour->outlets[i]);
    collect_from_hands(writer);
}

void run_writer(struct pour *pour)
{
    const struct settings *settings = pour->settings;
    const uint64_t room = (uint64_t)settings->slab_size * settings->slab_count;
    struct writer writer = {
        .pour = pour,
        .drain = {.pour = pour, .began = clock_now()},
        .to_fill = room / 100 * settings->start_fill + room % 100 * settings->start_fill / 100,
    };

    writer.drain.is_filling = writer.to_fill > 0;
    start(&writer);
    while (pour_level(pour) != LEAVING && go_on(&writer))
        ;
    settle_late(&writer);
}
