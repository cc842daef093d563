#include "threads/reader.h"

#include "flow/flow.h"
#include "input/explain_input.h"
#include "input/intake.h"
#include "io/duct.h"
#include "ring/ring.h"
#include "sys/clock.h"
#include "sys/pipes.h"
#include "threads/reader_spill.h"

#include <errno.h>
#include <sys/prctl.h>

/* A socket's buffer varies; at least this much gathers in it while nobody reads. */
static const size_t socket_gathers = (size_t)64 << 10;

void reader_announce(struct reader *reader)
{
    if (reader->is_unannounced)
        bell_wake(&reader->flow->bells.writer);
    reader->is_unannounced = false;
}

struct slab *reader_claim(struct reader *reader)
{
    struct flow *flow = reader->flow;

    while (!flow_reader_has_to_leave(flow)) {
        struct slab *slab = ring_claim(flow->ring);
        int error;

        if (slab)
            return slab;
        reader_announce(reader);
        if (reader->spiller) {
            if (!reader_spill_absorb(reader->spiller))
                break;
            tuner_disturb(&reader->tuner, counters_bytes(&flow->meters.out));
            continue;
        }
        bell_listen(&flow->bells.reader);
        slab = ring_claim(flow->ring);
        if (slab)
            return slab;
        if (flow_reader_has_to_leave(flow))
            break;
        intake_hold(&reader->intake);
        meters_held_back(&flow->meters);
        error = wait_for(&flow->bells.reader, NEVER, NULL, 0);
        meters_set_free(&flow->meters);
        if (error) {
            flow_wait_failed(flow, error);
            break;
        }
    }
    return NULL;
}

void reader_meet_input(struct reader *reader)
{
    const struct settings *settings = reader->flow->settings;
    const struct endpoint *input = &reader->intake.source.end;
    size_t capacity = 0;

    if (input->kind == ENDPOINT_PIPE) {
        capacity = settings->pipe_size_policy == PIPE_SIZE_SET
                       ? pipe_grow(input->fd, settings->pipe_size)
                       : pipe_capacity(input->fd);
    } else if (input->kind == ENDPOINT_SOCKET) {
        capacity = socket_gathers;
    }
    pace_capacity(&reader->pace, capacity,
                  input->kind == ENDPOINT_PIPE && settings->pipe_size_policy == PIPE_SIZE_AUTO);
    pace_unpolled(&reader->pace, input->kind == ENDPOINT_PIPE && !input->awaits_writer);
    reader->met = reader->intake.source.opened;
    tuner_disturb(&reader->tuner, counters_bytes(&reader->flow->meters.out));
}

static void grow_input(struct reader *reader, size_t wanted)
{
    /* asked once: a limit that was in the way is still there */
    pace_capacity(&reader->pace, pipe_grow(reader->intake.source.end.fd, wanted), false);
}

/* Bytes are to move as pages, and neither end has refused so far. */
static bool moves_pages(struct reader *reader)
{
    struct flow *flow = reader->flow;

    return reader->intake.choice.method == METHOD_SPLICE &&
           !reader->intake.source.end.refuses_splice &&
           !atomic_load(&flow->flags.output_refuses_splice);
}

static struct effort effort_now(struct flow *flow)
{
    return (struct effort){
        .in = counters_bytes(&flow->meters.in),
        .out = counters_bytes(&flow->meters.out),
        .reader_ns = clock_of_thread(pthread_self()),
        .writer_ns = clock_of(flow->writer_clock),
    };
}

/*
 * The duct of SLAB, if it is in use, is not one that the writer may hold for as long as a disk
 * takes.
 */
static bool can_fill_duct(const struct flow *flow, const struct slab *slab)
{
    return !slab->published || flow->ducts_are_shared;
}

/*
 * What are the next bytes of SLAB to be? In an empty one it is the tuner's choice, and then it
 * stays so; but once some bytes are in memory, all that follow are.
 */
static bool wants_duct(struct reader *reader, const struct slab *slab)
{
    struct flow *flow = reader->flow;

    if (!moves_pages(reader))
        return false;
    if (slab->filled > 0)
        return slab->piped == slab->filled && can_fill_duct(flow, slab);
    if (counters_bytes(&flow->meters.out) >= reader->tuner.due) {
        const struct effort effort = effort_now(flow);

        if (tuner_tell(&reader->tuner, &effort)) {
            meters_tried(&flow->meters, reader->tuner.pages ? "pages" : "copies");
            explain_trial(flow, &reader->tuner);
        }
    }
    return reader->tuner.pages;
}

/* Where in SLAB the next bytes go. False: only a duct would do, and none can be had. */
static bool place_in(struct reader *reader, struct slab *slab, struct place *place)
{
    struct flow *flow = reader->flow;

    *place = (struct place){
        .bytes = slab->bytes + slab->filled,
        .room = ring_room(flow->ring, slab),
        .ahead = reader->pace.hot ? ring_vacancy(flow->ring) : 0,
    };
    if (!wants_duct(reader, slab))
        return true;
    if (!slab->duct && !reader->slab_pipes.error) {
        slab->duct = slab_pipes_open(&reader->slab_pipes, flow->settings);
        if (!slab->duct && flow->settings->zero_copy == ZERO_COPY_ALWAYS) {
            reader_has_no_pipes(reader);
            return false;
        }
        explain_slab_pipes(flow, &reader->slab_pipes);
    }
    place->duct = slab->duct;
    return true;
}

static void close_slab(struct reader *reader, struct slab *slab)
{
    ring_close(reader->flow->ring, slab);
    reader->is_unannounced = true;
    reader_announce(reader);
}

/* Is there room in SLAB, which is not empty, for what comes next? */
static bool has_room(const struct reader *reader, const struct slab *slab)
{
    const struct flow *flow = reader->flow;

    /* its duct is the writer's now, and memory will not do */
    if (slab->piped && !can_fill_duct(flow, slab) && flow->settings->zero_copy == ZERO_COPY_ALWAYS)
        return false;
    return ring_room(flow->ring, slab) >= intake_message_room(&reader->intake);
}

/* A slab with room for the next read, whole messages included. NULL: it is time to leave. */
static struct slab *claim_room(struct reader *reader)
{
    struct slab *slab = reader_claim(reader);

    if (slab && slab->filled > 0 && !has_room(reader, slab)) {
        close_slab(reader, slab);
        slab = reader_claim(reader);
    }
    return slab;
}

int reader_follow(struct reader *reader, struct pace_step step, bool is_empty)
{
    struct flow *flow = reader->flow;
    struct pollfd fd = {.fd = reader->intake.source.end.fd, .events = POLLIN};

    /*
     * while more is staged for the next slabs the writer would be done before they are filled, and
     * be woken for each
     */
    if (reader->intake.staging.held == 0)
        reader_announce(reader);
    if (step.grow_to)
        grow_input(reader, step.grow_to);
    if (!is_empty || flow_level(flow) >= DRAINING)
        return 0;
    if (step.rest)
        return wait_for(&flow->bells.reader, clock_now() + step.rest, NULL, 0);
    return wait_for(&flow->bells.reader, step.due, &fd, 1);
}

struct pace_step reader_pace(struct reader *reader, ssize_t got, bool *is_empty)
{
    const uint64_t now = clock_now();
    struct pace_step step = got >= 0 ? pace_after_read(&reader->pace, now, (size_t)got, *is_empty)
                                     : pace_after_empty(&reader->pace, now);

    if (*is_empty && endpoint_is_always_ready(&reader->intake.source.end)) {
        /* mostly it is the end; but files of /proc may wait in read, where nothing is flushed */
        step.publish = true;
        *is_empty = false;
    }
    return step;
}

/* One read, and what follows from it. False: there is no more input. */
static bool fill(struct reader *reader, struct slab *slab)
{
    struct flow *flow = reader->flow;
    struct pace_step step;
    struct place place;
    struct taken taken = {0};
    bool is_empty;
    ssize_t got;
    int error;

    if (!place_in(reader, slab, &place))
        return false;
    got = intake_take(&reader->intake, &place, &taken);
    if (got == 0)
        return false;
    if (got == -EXFULL)
        close_slab(reader, slab);
    if (got == -EXFULL || (got == -ERESTART && !taken.read))
        return true;
    if (reader->met != reader->intake.source.opened)
        reader_meet_input(reader);
    if (got > 0) {
        slab->filled += (uint32_t)got;
        slab->piped += taken.piped ? (uint32_t)got : 0;
    }
    is_empty = got == -EAGAIN || taken.emptied;
    step = reader_pace(reader, got == -EAGAIN ? got : (ssize_t)taken.read, &is_empty);
    if (step.publish && (got != -ERESTART || slab->filled > slab->published)) {
        ring_publish(flow->ring, slab);
        reader->is_unannounced = true;
    }
    error = reader_follow(reader, step, is_empty);
    if (error)
        flow_wait_failed(flow, error);
    return !error;
}

bool reader_begin(struct reader *reader)
{
    const struct settings *settings = reader->flow->settings;

    /* rests are short, and the default slack of 50 us would stretch each by a tenth or more */
    prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
    tuner_start(&reader->tuner, settings->zero_copy == ZERO_COPY_AUTO);
    pace_start(&reader->pace, settings->flush_interval, clock_now());
    if (!intake_next(&reader->intake))
        return false;
    reader_meet_input(reader);
    return true;
}

void reader_has_no_pipes(struct reader *reader)
{
    notes_failure(&reader->flow->notes, "--zero-copy=always", "make a pipe for each slab",
                  ERROR_NO_OFFSET, reader->slab_pipes.error);
}

void run_reader(struct reader *reader)
{
    struct ring *ring = reader->flow->ring;
    struct slab *slab;

    if (!reader_begin(reader))
        return;
    while ((slab = claim_room(reader)) && fill(reader, slab))
        ;
    slab = ring_claim(ring);
    if (slab)
        ring_publish(ring, slab); /* the end of the input will be announced */
}
