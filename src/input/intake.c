#include "input/intake.h"

#include "flow/flow.h"
#include "input/explain_input.h"
#include "io/duct.h"
#include "sys/clock.h"
#include "transform/chain.h"

#include <errno.h>

static bool is_draining(struct intake *intake)
{
    return flow_level(intake->flow) >= DRAINING;
}

size_t intake_left(const struct intake *intake)
{
    const uint64_t stop_at = intake->flow->settings->stop_at;
    const uint64_t left = stop_at - counters_bytes(&intake->flow->meters.in);

    return stop_at && left < SIZE_MAX ? (size_t)left : SIZE_MAX;
}

/* As much of ROOM as may be taken. */
static size_t within_left(const struct intake *intake, size_t room)
{
    const size_t left = intake_left(intake);

    return room < left ? room : left;
}

/* Note whether another process fills the input: it gets Ctrl-C as well, and may write more after it. */
static void note_producer(struct intake *intake)
{
    struct source *source = &intake->source;

    atomic_store(&intake->flow->flags.has_producer,
                 endpoint_has_producer(&source->end) || source_has_producer_to_come(source));
}

/*
 * Nothing of the open input will be read any more; what it still holds has been accepted, as far as
 * it would have been taken.
 */
static void give_up(struct intake *intake)
{
    struct source *source = &intake->source;
    ssize_t held = 0;

    if (intake_left(intake) == 0) {
        source_leave(source);
        return;
    }
    if (source->is_open && endpoint_has_producer(&source->end))
        held = endpoint_abandon(&source->end);
    if (held > 0)
        intake->flow->unread.bytes += within_left(intake, (size_t)held);
    else if (held < 0)
        notes_failure(&intake->flow->notes, intake->source.name, "count what is left",
                      ERROR_NO_OFFSET, (int)held);
    intake->flow->unread.has_uncounted = intake->flow->unread.has_uncounted || held < 0;
    source_give_up(source);
}

/* What all outputs allow. */
static struct choice choose_for_all(const struct intake *intake)
{
    const enum zero_copy policy = intake->flow->settings->zero_copy;
    const struct endpoint *input = &intake->source.end;
    struct choice choice = method_choose(policy, input, &intake->flow->targets[0].end);
    int i;

    for (i = 0; i < intake->flow->target_count && choice.method != METHOD_COPY; i++) {
        choice = method_choose(policy, input, &intake->flow->targets[i].end);
        if (intake->flow->target_count > 1 && choice.method != METHOD_COPY &&
            policy != ZERO_COPY_ALWAYS && intake->flow->targets[i].end.kind == ENDPOINT_FILE)
            choice = (struct choice){METHOD_COPY, "several outputs are written at once", false};
    }
    if (intake->flow->settings->reconnect)
        choice = (struct choice){METHOD_COPY, "a broken connection may want them again", true};
    return choice;
}

/* False: pages were asked for, and cannot be had. */
static bool choose_way(struct intake *intake)
{
    const bool is_always = intake->flow->settings->zero_copy == ZERO_COPY_ALWAYS;

    intake->choice = choose_for_all(intake);
    if (settings_drop_lines(intake->flow->settings))
        intake->choice =
            (struct choice){METHOD_COPY, "lines may have to be dropped whole", is_always};
    else if (settings_look_at_bytes(intake->flow->settings))
        intake->choice = (struct choice){METHOD_COPY, "the bytes are looked at", is_always};
    else if (intake->flow->ring && !method_needs_ring(intake->choice.method))
        intake->choice = (struct choice){is_always ? METHOD_SPLICE : METHOD_COPY,
                                         intake->source.count > 1
                                             ? "not all inputs are files, so there is a ring"
                                             : "what is asked for needs a ring",
                                         false};
    else if (!intake->flow->ring && intake->choice.method == METHOD_SPLICE && !is_always)
        intake->choice =
            (struct choice){METHOD_COPY, "each read is written before the next", false};
    atomic_store(&intake->flow->meters.way, method_name(intake->choice.method));
    explain_way(intake);
    if (!is_always || !intake->choice.is_refusal)
        return true;
    notes_failure(&intake->flow->notes, "--zero-copy=always", intake->choice.why, ERROR_NO_OFFSET,
                  0);
    return false;
}

/* The open input is a file that an output writes: copying would chase its own tail. */
static bool feeds_itself(struct intake *intake)
{
    const uint64_t pending = counters_bytes(&intake->flow->meters.in);
    int i;

    for (i = 0; i < intake->flow->target_count; i++) {
        if (endpoint_feeds_itself(&intake->source.end, &intake->flow->targets[i].end, pending))
            return true;
    }
    return false;
}

bool intake_next(struct intake *intake)
{
    struct source *source = &intake->source;

    if (is_draining(intake)) {
        give_up(intake);
        source_skip_files(source);
    }
    for (;;) {
        int state = source_advance(source);

        if (state == SOURCE_NONE_LEFT)
            return false;
        if (state != SOURCE_OPENED) {
            notes_failure(&intake->flow->notes, intake->source.name, "open", ERROR_NO_OFFSET,
                          state);
        } else if (feeds_itself(intake)) {
            source_close(source);
            notes_failure(&intake->flow->notes, intake->source.name,
                          "input file is output file, not read", ERROR_NO_OFFSET, 0);
        } else {
            break;
        }
    }
    note_producer(intake);
    return choose_way(intake);
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
        return 0; /* that a pipe cannot be counted is reported when it is given up */
    error = endpoint_thaw(input);
    return error ? error : 1;
}

/* Into the duct; false when it is to be done by copying, which also says what is really wrong. */
static bool take_pages(struct intake *intake, struct endpoint *input, const struct place *place,
                       ssize_t *got)
{
    if (!place->duct || intake->choice.method != METHOD_SPLICE || input->refuses_splice)
        return false;
    *got = duct_fill(place->duct, input, place->room);
    if (*got == -EXFULL && intake->flow->settings->zero_copy != ZERO_COPY_ALWAYS)
        return false; /* what does not fit into the duct finds room in memory */
    if (!flow_may_copy_instead(intake->flow, *got))
        return true;
    explain_input_refusal(intake, "splice", *got);
    input->refuses_splice = true;
    return false;
}

static ssize_t take_from(struct intake *intake, struct endpoint *input, const struct place *place,
                         struct taken *taken)
{
    ssize_t got;

    taken->piped = take_pages(intake, input, place, &got);
    if (!taken->piped) {
        got = endpoint_read(input, place->bytes, place->room);
        if (got > 0)
            meters_saw(&intake->flow->meters, &intake->flow->meters.in, place->bytes, (size_t)got);
    } else if (got > 0) {
        meters_saw_not(&intake->flow->meters, &intake->flow->meters.in, (size_t)got);
    }
    return got;
}

static void count(struct intake *intake, size_t bytes)
{
    intake->source.offset += bytes;
    meters_took(&intake->flow->meters, bytes);
}

/* All is taken that is to be, or all but less than the next message: 0, as at the end of input. */
static ssize_t stop(struct intake *intake)
{
    source_leave(&intake->source);
    return 0;
}

static size_t longest_message(const struct intake *intake)
{
    return intake->feed.chain ? CHAIN_READ_MAX : intake->flow->settings->slab_size;
}

size_t intake_message_room(const struct intake *intake)
{
    return intake->feed.chain ? 1 : endpoint_message_room(&intake->source.end);
}

/*
 * A message that has to be cut is an error, not a loss. 1: ROOM will do for the next one, 0: it is
 * not to be taken any more, -EAGAIN: it might come and be too long before it is read, -ERESTART: it
 * has come since ROOM was chosen, and is too long for it, but not for a slab.
 */
static int check_message(const struct intake *intake, const struct endpoint *input, size_t room)
{
    const ssize_t message = endpoint_next_message(input);

    if (message == -EAGAIN)
        return -EAGAIN;
    if (message <= 0) /* a read will tell */
        return 1;
    if ((size_t)message > intake_left(intake))
        return 0;
    if ((size_t)message <= room)
        return 1;
    return (size_t)message <= longest_message(intake) ? -ERESTART : -EMSGSIZE;
}

static ssize_t take_open(struct intake *intake, const struct place *place, struct taken *taken)
{
    struct endpoint *input = &intake->source.end;
    struct place part = *place;
    ssize_t got;

    if (intake_left(intake) == 0)
        return stop(intake);
    if (is_draining(intake)) {
        const int left = thaw_what_is_left(input);

        if (left <= 0)
            return left;
    }
    if (input->keeps_messages &&
        input->kind != ENDPOINT_DEVICE) { /* those only would like the room */
        const int fits = check_message(intake, input, place->room);

        if (fits <= 0)
            return fits ? fits : stop(intake);
    }
    part.room = within_left(intake, place->room);
    got = take_from(intake, input, &part, taken);
    if (got > 0) {
        count(intake, (size_t)got);
        /* the duct may have been full before PART was */
        taken->emptied = (size_t)got < part.room && !(taken->piped && endpoint_has_bytes(input));
    }
    return got;
}

/*
 * As much as PLACE says ahead of what it takes. What is staged has been taken, and counts as
 * such. 0: the input is to be read without it.
 */
static ssize_t fill_stage(struct intake *intake, const struct place *place)
{
    const size_t ahead = within_left(intake, place->ahead);
    struct endpoint *input = &intake->source.end;
    ssize_t got;

    if (!ahead || input->kind != ENDPOINT_PIPE ||
        intake->flow->settings->zero_copy == ZERO_COPY_NEVER || is_draining(intake))
        return 0;
    got = staging_fill(&intake->staging, input, ahead);
    if (got > 0)
        count(intake, (size_t)got);
    return got;
}

/* 0: nothing is staged. */
static ssize_t take_staged(struct intake *intake, const struct place *place, struct taken *taken)
{
    struct place part = *place;
    ssize_t got = intake->staging.held ? 0 : fill_stage(intake, place);

    if (intake->staging.held == 0)
        return got;
    if (part.room > intake->staging.held)
        part.room = intake->staging.held;
    got = take_from(intake, &intake->staging.end, &part, taken);
    if (got > 0)
        staging_took(&intake->staging, (size_t)got);
    else if (got == -EAGAIN)
        got = staging_recount(&intake->staging) ? -ERESTART : 0;
    taken->emptied = intake->staging.held == 0 && intake->staging.emptied;
    return got;
}

void intake_passed(struct intake *intake, size_t bytes, uint64_t began)
{
    intake->source.offset += bytes;
    meters_passed(&intake->flow->meters, bytes, began);
}

/* What has been read, as it is: see intake_take. */
static ssize_t take_as_it_is(struct intake *intake, const struct place *place, struct taken *taken)
{
    struct source *source = &intake->source;
    ssize_t got = take_staged(intake, place, taken);

    if (got == 0)
        got = take_open(intake, place, taken);
    if (got == -EAGAIN || got == -EXFULL || got == -ERESTART)
        return got;
    if (got > 0) {
        taken->read = (size_t)got;
        return got;
    }
    if (got < 0) {
        notes_failure(&intake->flow->notes, intake->source.name,
                      flow_operation(intake->flow, "read", (int)got), source->offset, (int)got);
        give_up(intake);
    }
    return intake_next(intake) ? -ERESTART : 0;
}

static void note_changed(struct intake *intake)
{
    const size_t waiting = chain_waiting(intake->feed.chain);

    /* what is staged counts as in, too, and has not been changed yet */
    meters_changed(&intake->flow->meters, intake->feed.given + waiting, waiting,
                   chain_held(intake->feed.chain) + intake->staging.held);
}

static void note_time(struct intake *intake, uint64_t began)
{
    if (intake->flow->settings->explain)
        intake->feed.ns += clock_now() - began;
}

/*
 * The next read, through the chain. 0: that was the end of the stream, or nothing came of it so
 * far. -errno as of intake_take.
 */
static ssize_t feed_chain(struct intake *intake, const struct place *place, struct taken *taken)
{
    const size_t message = endpoint_message_room(&intake->source.end);
    const struct place raw = {
        .bytes = chain_place(intake->feed.chain),
        .room = message < CHAIN_READ       ? CHAIN_READ
                : message < CHAIN_READ_MAX ? message
                                           : CHAIN_READ_MAX,
        .ahead = place->ahead,
    };
    struct arrival now;
    ssize_t got;

    *taken = (struct taken){0};
    got = take_as_it_is(intake, &raw, taken);
    now = (struct arrival){.real = clock_real(), .clock = clock_now()};
    if (got < 0)
        return got;
    if (got > 0)
        chain_took(intake->feed.chain, (size_t)got, &now);
    else
        chain_end(intake->feed.chain, &now);
    note_time(intake, now.clock);
    intake->feed.has_ended = got == 0;
    note_changed(intake);
    intake->feed.emptied = taken->emptied;
    intake->feed.read = taken->read;
    return 0;
}

/* What the chain makes of the input. */
static ssize_t take_changed(struct intake *intake, const struct place *place, struct taken *taken)
{
    uint64_t began;
    size_t given;

    if (!chain_waiting(intake->feed.chain) && !intake->feed.has_ended) {
        const ssize_t got = feed_chain(intake, place, taken);

        if (got < 0)
            return got;
        if (!chain_waiting(intake->feed.chain) && !intake->feed.has_ended)
            return -ERESTART;
    }
    began = intake->flow->settings->explain ? clock_now() : 0;
    given = chain_give(intake->feed.chain, place->bytes, place->room);
    note_time(intake, began);
    intake->feed.given += given;
    *taken = (struct taken){
        .emptied = !chain_waiting(intake->feed.chain) && intake->feed.emptied,
        .read = intake->feed.read,
    };
    intake->feed.read = 0;
    note_changed(intake);
    return (ssize_t)given;
}

ssize_t intake_take(struct intake *intake, const struct place *place, struct taken *taken)
{
    return intake->feed.chain ? take_changed(intake, place, taken)
                              : take_as_it_is(intake, place, taken);
}

void intake_hold(struct intake *intake)
{
    if (is_draining(intake) && intake->source.is_open &&
        endpoint_has_producer(&intake->source.end) && intake_left(intake) > 0)
        endpoint_freeze(&intake->source.end);
}

void intake_end(struct intake *intake)
{
    struct source *source = &intake->source;

    /*
     * bytes of files stay where they are; what stdin holds has been accepted, even if never opened
     */
    do {
        give_up(intake);
        source_skip_files(source);
    } while (source_advance(source) == SOURCE_OPENED);
}

void intake_close(struct intake *intake)
{
    staging_close(&intake->staging);
    chain_free(intake->feed.chain);
    intake->feed.chain = NULL;
    source_close(&intake->source);
}
