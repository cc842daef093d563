#include "input/intake.h"

#include "flow/explain.h"
#include "io/duct.h"
#include "sys/clock.h"
#include "threads/movers.h"
#include "transform/chain.h"

#include <errno.h>

static bool is_draining(struct pour *pour)
{
    return pour_level(pour) >= DRAINING;
}

size_t intake_left(const struct pour *pour)
{
    const uint64_t stop_at = pour->settings->stop_at;
    const uint64_t left = stop_at - counters_bytes(&pour->meters.in);

    return stop_at && left < SIZE_MAX ? (size_t)left : SIZE_MAX;
}

/* As much of ROOM as may be taken. */
static size_t within_left(const struct pour *pour, size_t room)
{
    const size_t left = intake_left(pour);

    return room < left ? room : left;
}

/* Who hears Ctrl-C as we do, and may have last words? */
static void note_producer(struct pour *pour)
{
    struct source *source = &pour->source;

    atomic_store(&pour->has_producer,
                 endpoint_has_producer(&source->end) || source_has_producer_to_come(source));
}

/*
 * Nothing of the open input will be read any more; what it still holds has been accepted, as far as
 * it would have been taken.
 */
static void give_up(struct pour *pour)
{
    struct source *source = &pour->source;
    ssize_t held = 0;

    if (intake_left(pour) == 0) {
        source_leave(source);
        return;
    }
    if (source->is_open && endpoint_has_producer(&source->end))
        held = endpoint_abandon(&source->end);
    if (held > 0)
        pour->unread += within_left(pour, (size_t)held);
    else if (held < 0)
        notes_failure(&pour->notes, pour->source.name, "count what is left", ERROR_NO_OFFSET,
                      (int)held);
    pour->has_uncounted = pour->has_uncounted || held < 0;
    source_give_up(source);
}

/* What all outputs allow. */
static struct choice choose_for_all(const struct pour *pour)
{
    const enum zero_copy policy = pour->settings->zero_copy;
    const struct endpoint *input = &pour->source.end;
    struct choice choice = method_choose(policy, input, &pour->outputs[0].at_open);
    int i;

    for (i = 0; i < pour->output_count && choice.method != METHOD_COPY; i++) {
        choice = method_choose(policy, input, &pour->outputs[i].at_open);
        if (pour->output_count > 1 && choice.method != METHOD_COPY && policy != ZERO_COPY_ALWAYS &&
            pour->outputs[i].at_open.kind == ENDPOINT_FILE)
            choice = (struct choice){METHOD_COPY, "several outputs are written at once", false};
    }
    if (pour->settings->reconnect)
        choice = (struct choice){METHOD_COPY, "a broken connection may want them again", true};
    return choice;
}

/* False: pages were asked for, and cannot be had. */
static bool choose_way(struct pour *pour)
{
    const bool is_always = pour->settings->zero_copy == ZERO_COPY_ALWAYS;

    pour->choice = choose_for_all(pour);
    if (settings_drop_lines(pour->settings))
        pour->choice =
            (struct choice){METHOD_COPY, "lines may have to be dropped whole", is_always};
    else if (settings_look_at_bytes(pour->settings))
        pour->choice = (struct choice){METHOD_COPY, "the bytes are looked at", is_always};
    else if (pour->ring && !method_needs_ring(pour->choice.method))
        pour->choice =
            (struct choice){is_always ? METHOD_SPLICE : METHOD_COPY,
                            pour->source.count > 1 ? "not all inputs are files, so there is a ring"
                                                   : "what is asked for needs a ring",
                            false};
    else if (!pour->ring && pour->choice.method == METHOD_SPLICE && !is_always)
        pour->choice = (struct choice){METHOD_COPY, "each read is written before the next", false};
    atomic_store(&pour->meters.way, method_name(pour->choice.method));
    explain_way(pour);
    if (!is_always || !pour->choice.is_refusal)
        return true;
    notes_failure(&pour->notes, "--zero-copy=always", pour->choice.why, ERROR_NO_OFFSET, 0);
    return false;
}

/* The open input is a file that an output writes: copying would chase its own tail. */
static bool feeds_itself(struct pour *pour)
{
    const uint64_t pending = counters_bytes(&pour->meters.in);
    int i;

    for (i = 0; i < pour->output_count; i++) {
        if (endpoint_feeds_itself(&pour->source.end, &pour->outputs[i].at_open, pending))
            return true;
    }
    return false;
}

bool intake_next(struct pour *pour)
{
    struct source *source = &pour->source;

    if (is_draining(pour)) {
        give_up(pour);
        source_skip_files(source);
    }
    for (;;) {
        int state = source_advance(source);

        if (state == SOURCE_NONE_LEFT)
            return false;
        if (state != SOURCE_OPENED) {
            notes_failure(&pour->notes, pour->source.name, "open", ERROR_NO_OFFSET, state);
        } else if (feeds_itself(pour)) {
            source_close(source);
            notes_failure(&pour->notes, pour->source.name, "input file is output file, not read",
                          ERROR_NO_OFFSET, 0);
        } else {
            break;
        }
    }
    note_producer(pour);
    return choose_way(pour);
}

/* While draining, make the open input readable: 1, 0 when there is nothing to take, or -errno. */
static int thaw_what_is_left(struct endpoint *input)
{
    ssize_t held;
    int error;

    if (!endpoint_has_producer(input) && input->kind != ENDPOINT_TERMINAL)
        return 0;
    held = endpoint_freeze(input);
    /* of a socket with something in it that nobody can count, it is known that it can be read */
    if (held == 0 || (held < 0 && input->kind != ENDPOINT_SOCKET))
        return 0; /* that a pipe cannot be counted is said when it is given up */
    error = endpoint_thaw(input);
    return error ? error : 1;
}

/* Into the duct; false when it is to be done by copying, which also says what is really wrong. */
static bool take_pages(struct pour *pour, struct endpoint *input, const struct place *place,
                       ssize_t *got)
{
    if (!place->duct || pour->choice.method != METHOD_SPLICE || input->refuses_splice)
        return false;
    *got = duct_fill(place->duct, input, place->room);
    if (*got == -EXFULL && pour->settings->zero_copy != ZERO_COPY_ALWAYS)
        return false; /* what does not fit into the duct finds room in memory */
    if (!may_copy_instead(pour, *got))
        return true;
    explain_input_refusal(pour, "splice", *got);
    input->refuses_splice = true;
    return false;
}

static ssize_t take_from(struct pour *pour, struct endpoint *input, const struct place *place,
                         struct taken *taken)
{
    ssize_t got;

    taken->piped = take_pages(pour, input, place, &got);
    if (!taken->piped) {
        got = endpoint_read(input, place->bytes, place->room);
        if (got > 0)
            meters_saw(&pour->meters, &pour->meters.in, place->bytes, (size_t)got);
    } else if (got > 0) {
        meters_saw_not(&pour->meters, &pour->meters.in, (size_t)got);
    }
    return got;
}

static void count(struct pour *pour, size_t bytes)
{
    pour->source.offset += bytes;
    meters_took(&pour->meters, bytes);
}

/* All is taken that is to be, or all but less than the next message: 0, as at the end of input. */
static ssize_t stop(struct pour *pour)
{
    source_leave(&pour->source);
    return 0;
}

static size_t longest_message(const struct pour *pour)
{
    return pour->chain ? CHAIN_READ_MAX : pour->settings->slab_size;
}

size_t intake_message_room(const struct pour *pour)
{
    return pour->chain ? 1 : endpoint_message_room(&pour->source.end);
}

/*
 * A message that has to be cut is an error, not a loss. 1: ROOM will do for the next one, 0: it is
 * not to be taken any more, -EAGAIN: it might come and be too long before it is read, -ERESTART: it
 * has come since ROOM was chosen, and is too long for it, but not for a slab.
 */
static int check_message(const struct pour *pour, const struct endpoint *input, size_t room)
{
    const ssize_t message = endpoint_next_message(input);

    if (message == -EAGAIN)
        return -EAGAIN;
    if (message <= 0) /* a read will tell */
        return 1;
    if ((size_t)message > intake_left(pour))
        return 0;
    if ((size_t)message <= room)
        return 1;
    return (size_t)message <= longest_message(pour) ? -ERESTART : -EMSGSIZE;
}

static ssize_t take_open(struct pour *pour, const struct place *place, struct taken *taken)
{
    struct endpoint *input = &pour->source.end;
    struct place part = *place;
    ssize_t got;

    if (intake_left(pour) == 0)
        return stop(pour);
    if (is_draining(pour)) {
        const int left = thaw_what_is_left(input);

        if (left <= 0)
            return left;
    }
    if (input->keeps_messages &&
        input->kind != ENDPOINT_DEVICE) { /* those only would like the room */
        const int fits = check_message(pour, input, place->room);

        if (fits <= 0)
            return fits ? fits : stop(pour);
    }
    part.room = within_left(pour, place->room);
    got = take_from(pour, input, &part, taken);
    if (got > 0) {
        count(pour, (size_t)got);
        /* the duct may have been full before PART was */
        taken->emptied = (size_t)got < part.room && !(taken->piped && endpoint_has_bytes(input));
    }
    return got;
}

/*
 * As much as PLACE says ahead of what it takes. What is on the stage has been taken, and counts as
 * such. 0: the input is to be read without it.
 */
static ssize_t fill_stage(struct pour *pour, const struct place *place)
{
    const size_t ahead = within_left(pour, place->ahead);
    struct endpoint *input = &pour->source.end;
    ssize_t got;

    if (!ahead || input->kind != ENDPOINT_PIPE || pour->settings->zero_copy == ZERO_COPY_NEVER ||
        is_draining(pour))
        return 0;
    got = staging_fill(&pour->staging, input, ahead);
    if (got > 0)
        count(pour, (size_t)got);
    return got;
}

/* 0: nothing is on the stage. */
static ssize_t take_staged(struct pour *pour, const struct place *place, struct taken *taken)
{
    struct place part = *place;
    ssize_t got = pour->staging.held ? 0 : fill_stage(pour, place);

    if (pour->staging.held == 0)
        return got;
    if (part.room > pour->staging.held)
        part.room = pour->staging.held;
    got = take_from(pour, &pour->staging.end, &part, taken);
    if (got > 0)
        staging_took(&pour->staging, (size_t)got);
    else if (got == -EAGAIN)
        got = staging_recount(&pour->staging) ? -ERESTART : 0;
    taken->emptied = pour->staging.held == 0 && pour->staging.emptied;
    return got;
}

void intake_passed(struct pour *pour, size_t bytes, uint64_t began)
{
    pour->source.offset += bytes;
    meters_passed(&pour->meters, bytes, began);
}

/* What has been read, as it is: see intake_take. */
static ssize_t take_as_it_is(struct pour *pour, const struct place *place, struct taken *taken)
{
    struct source *source = &pour->source;
    ssize_t got = take_staged(pour, place, taken);

    if (got == 0)
        got = take_open(pour, place, taken);
    if (got == -EAGAIN || got == -EXFULL || got == -ERESTART)
        return got;
    if (got > 0) {
        taken->read = (size_t)got;
        return got;
    }
    if (got < 0) {
        notes_failure(&pour->notes, pour->source.name, operation_name(pour, "read", (int)got),
                      source->offset, (int)got);
        give_up(pour);
    }
    return intake_next(pour) ? -ERESTART : 0;
}

static void note_changed(struct pour *pour)
{
    const size_t waiting = chain_waiting(pour->chain);

    /* what is on the stage counts as in, too, and has not been changed yet */
    meters_changed(&pour->meters, pour->given + waiting, waiting,
                   chain_held(pour->chain) + pour->staging.held);
}

static void note_time(struct pour *pour, uint64_t began)
{
    if (pour->settings->explain)
        pour->chain_ns += clock_now() - began;
}

/*
 * The next read, through the chain. 0: that was the end of the stream, or nothing came of it so
 * far. -errno as of intake_take.
 */
static ssize_t feed_chain(struct pour *pour, const struct place *place, struct taken *taken)
{
    const size_t message = endpoint_message_room(&pour->source.end);
    const struct place raw = {
        .bytes = chain_place(pour->chain),
        .room = message < CHAIN_READ       ? CHAIN_READ
                : message < CHAIN_READ_MAX ? message
                                           : CHAIN_READ_MAX,
        .ahead = place->ahead,
    };
    struct arrival now;
    ssize_t got;

    *taken = (struct taken){0};
    got = take_as_it_is(pour, &raw, taken);
    now = (struct arrival){.real = clock_real(), .clock = clock_now()};
    if (got < 0)
        return got;
    if (got > 0)
        chain_took(pour->chain, (size_t)got, &now);
    else
        chain_end(pour->chain, &now);
    note_time(pour, now.clock);
    pour->chain_has_ended = got == 0;
    note_changed(pour);
    pour->chain_emptied = taken->emptied;
    pour->chain_read = taken->read;
    return 0;
}

/* What the chain makes of the input. */
static ssize_t take_changed(struct pour *pour, const struct place *place, struct taken *taken)
{
    uint64_t began;
    size_t given;

    if (!chain_waiting(pour->chain) && !pour->chain_has_ended) {
        const ssize_t got = feed_chain(pour, place, taken);

        if (got < 0)
            return got;
        if (!chain_waiting(pour->chain) && !pour->chain_has_ended)
            return -ERESTART;
    }
    began = pour->settings->explain ? clock_now() : 0;
    given = chain_give(pour->chain, place->bytes, place->room);
    note_time(pour, began);
    pour->given += given;
    *taken = (struct taken){
        .emptied = !chain_waiting(pour->chain) && pour->chain_emptied,
        .read = pour->chain_read,
    };
    pour->chain_read = 0;
    note_changed(pour);
    return (ssize_t)given;
}

ssize_t intake_take(struct pour *pour, const struct place *place, struct taken *taken)
{
    return pour->chain ? take_changed(pour, place, taken) : take_as_it_is(pour, place, taken);
}

void intake_hold(struct pour *pour)
{
    if (is_draining(pour) && pour->source.is_open && endpoint_has_producer(&pour->source.end) &&
        intake_left(pour) > 0)
        endpoint_freeze(&pour->source.end);
}

void intake_end(struct pour *pour)
{
    struct source *source = &pour->source;

    /*
     * bytes of files stay where they are; what stdin holds has been accepted, even if never opened
     */
    do {
        give_up(pour);
        source_skip_files(source);
    } while (source_advance(source) == SOURCE_OPENED);
}
