#include "threads/writer.h"

#include "flow/flow.h"
#include "output/drain.h"

#include "output/next_file.h"
#include "output/whole_lines.h"
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

static bool is_in_state(const struct output *output, enum output_wants wants)
{
    return output->state == OUTPUT_READY && output->wants == wants;
}

static bool any_wants(const struct writer *writer, enum output_wants wants)
{
    int i;

    for (i = 0; i < writer->outputs.count; i++) {
        if (is_in_state(&writer->outputs.list[i], wants))
            return true;
    }
    return false;
}

/* Somebody goes on when the reader or a worker has something for it. */
static bool any_waits_for_bell(const struct writer *writer)
{
    return any_wants(writer, WANTS_BYTES) || any_wants(writer, WANTS_WORKER) ||
           any_wants(writer, WANTS_LINE);
}

/* Write to OUTPUT what goes now. True: some did, or its state is another one. */
static bool serve(struct writer *writer, struct output *output)
{
    struct flow *flow = writer->flow;
    ssize_t put;

    /* one that was stuck may have kept us while the main thread has counted, and is about to leave */
    if (flow_level(flow) == ABANDON)
        return false;
    next_file_try(output);
    if (output->state != OUTPUT_READY)
        return output_is_in_use(output) && output_advance(output);
    if (output->sink.resends)
        output_confirm(output);
    put = drain_some(&writer->drain, output);
    if (put < 0)
        output_broke(output, "write", (int)put);
    else if (put > 0)
        output_wrote(output, (size_t)put);
    if (output->wants != WANTS_WORKER)
        sink_answered(&output->sink);
    return put != 0;
}

/* What all outputs have for good is released. False: there is no output left. */
static bool settle(struct writer *writer)
{
    struct flow *flow = writer->flow;
    struct drain *drain = &writer->drain;
    uint64_t least = UINT64_MAX;
    int i;

    for (i = 0; i < writer->outputs.count; i++) {
        const struct output *output = &writer->outputs.list[i];

        if (output->state != OUTPUT_FAILED && output_settled(output) < least)
            least = output_settled(output);
    }
    if (least == UINT64_MAX)
        return false;
    if (least > drain->base) {
        drain->began = meters_put(&flow->meters, (size_t)(least - drain->base), drain->began);
        if (drain_release(drain, least))
            bell_wake(&flow->bells.reader);
    }
    return true;
}

/* The ring has run empty. */
static void begin_to_fill(struct writer *writer)
{
    const struct meters *meters = &writer->flow->meters;
    /* what has come and is not published yet: the beginning is made */
    const uint64_t inside = meters_inside(meters);

    writer->drain.is_filling = true;
    writer->empty_at = meters_came(meters) - inside;
}

static bool is_filled(struct writer *writer)
{
    struct flow *flow = writer->flow;
    /* what has been dropped among it has met a full ring */
    const uint64_t came = meters_came(&flow->meters) - writer->empty_at;

    /* slabs may be full before they hold that much: messages and lines are not cut */
    return came >= writer->to_fill || ring_is_full(flow->ring) || flow_level(flow) >= DRAINING ||
           atomic_load(&flow->flags.reader_needs_room) || atomic_load(&flow->flags.input_has_ended);
}

static bool any_is_in_use(const struct writer *writer)
{
    int i;

    for (i = 0; i < writer->outputs.count; i++) {
        if (output_is_in_use(&writer->outputs.list[i]))
            return true;
    }
    return false;
}

/*
 * Look whether there is more for the outputs that have had everything. When nothing more will come, they are
 * closed. True if any output can go on.
 */
static bool can_go_on(struct writer *writer)
{
    struct flow *flow = writer->flow;
    bool can = false;
    bool was_last;
    int i;

    bell_listen(&flow->bells.writer);
    /* in this order: after the end is announced nothing is published any more */
    was_last = atomic_load(&flow->flags.input_has_ended);
    if (writer->drain.is_filling)
        return is_filled(writer);
    for (i = 0; i < writer->outputs.count; i++) {
        struct output *output = &writer->outputs.list[i];

        if (is_in_state(output, WANTS_WORKER) && !worker_is_busy(output->pages.worker))
            can = true;
        if (is_in_state(output, WANTS_LINE) && whole_lines_can_go_on(&writer->drain, output))
            can = true;
        if (!is_in_state(output, WANTS_BYTES))
            continue;
        if (drain_has_more(&writer->drain, output)) {
            can = true;
        } else if (was_last) {
            output_finish(output);
            can = true;
        }
    }
    return can;
}

/*
 * Close the disconnected outputs for which nothing is left to send. True if there was one.
 */
static bool let_go(struct writer *writer)
{
    struct flow *flow = writer->flow;
    bool any = false;
    int i;

    if (!atomic_load(&flow->flags.input_has_ended))
        return false;
    for (i = 0; i < writer->outputs.count; i++) {
        struct output *output = &writer->outputs.list[i];

        if (output_is_disconnected(output) && !drain_has_more(&writer->drain, output)) {
            output_finish(output);
            any = true;
        }
    }
    return any;
}

struct waiting {
    struct pollfd fds[OUTPUTS_MAX];
    struct output *outputs[OUTPUTS_MAX];
    unsigned count;
    uint64_t until;
};

/* What each output waits for. */
static void gather(struct writer *writer, struct waiting *waiting)
{
    int i;

    waiting->count = 0;
    waiting->until = NEVER;
    for (i = 0; i < writer->outputs.count; i++) {
        struct output *output = &writer->outputs.list[i];
        uint64_t due;

        if (!output_is_in_use(output))
            continue;
        due = output_due(output);
        if (due < waiting->until)
            waiting->until = due;
        if (output_fd(output) < 0)
            continue;
        waiting->outputs[waiting->count] = output;
        waiting->fds[waiting->count++] =
            (struct pollfd){.fd = output_fd(output), .events = output_events(output)};
    }
}

/* A pipe that has been emptied soon again and again would take more at once. */
static void note_quickness(struct output *output, uint64_t waited)
{
    output->pages.quick = waited <= quick_time ? output->pages.quick + 1 : 0;
    if (output->pages.may_grow && output->pages.quick == quick_times) {
        pipe_grow(output->sink.end.fd, PIPE_GROW_MAX);
        output->pages.may_grow = false; /* asked once: a limit that was in the way is still there */
    }
}

/* What the wait has brought. */
static void look(const struct waiting *waiting, uint64_t waited)
{
    unsigned i;

    for (i = 0; i < waiting->count; i++) {
        struct output *output = waiting->outputs[i];
        const short revents = waiting->fds[i].revents;

        /* what a write will tell, it tells best */
        if (is_in_state(output, WANTS_ROOM) && revents & ~POLLIN)
            note_quickness(output, waited);
        else if (revents)
            output_noticed(output, revents);
    }
}

/*
 * Nothing goes right now. Sleep until something may, and meanwhile notice a consumer that goes
 * away: with a silent producer nobody else would. False: that cannot be waited for.
 */
static bool wait(struct writer *writer)
{
    struct flow *flow = writer->flow;
    const bool is_held_up = any_wants(writer, WANTS_ROOM) || any_wants(writer, WANTS_WORKER);
    const uint64_t before = clock_now();
    struct waiting waiting;
    uint64_t after;
    int error;

    gather(writer, &waiting);
    if (is_held_up)
        counters_wait(&flow->meters.out, before);
    error = wait_for(&flow->bells.writer, waiting.until, waiting.fds, waiting.count);
    after = clock_now();
    if (is_held_up)
        counters_go_on(&flow->meters.out, after);
    else
        writer->drain.began = after;
    if (error) {
        flow_wait_failed(flow, error);
        return false;
    }
    look(&waiting, after - before);
    return true;
}

/* The main thread has been told that files have been rotated away. */
static void pass_on_reopen(struct writer *writer)
{
    struct flow *flow = writer->flow;
    int i;

    /* the load first: an exchange costs something, and this is asked for each write */
    if (!atomic_load(&flow->flags.wants_reopen) ||
        !atomic_exchange(&flow->flags.wants_reopen, false))
        return;
    for (i = 0; i < writer->outputs.count; i++)
        next_file_ask(&writer->outputs.list[i]);
}

/*
 * The drain timeout runs: a connection that rests for longer than that would not be tried at all.
 */
static void pass_on_hurry(struct writer *writer)
{
    struct flow *flow = writer->flow;
    int i;

    if (writer->is_hurried || flow_level(flow) < DRAINING)
        return;
    writer->is_hurried = true;
    for (i = 0; i < writer->outputs.count; i++)
        output_hurry(&writer->outputs.list[i]);
}

/* As far as it goes without waiting; then wait. False: it is over. */
static bool go_on(struct writer *writer)
{
    struct flow *flow = writer->flow;
    const uint64_t base = writer->drain.base;
    bool has_moved = false;
    int i;

    pass_on_reopen(writer);
    pass_on_hurry(writer);
    if (writer->drain.is_filling && is_filled(writer))
        writer->drain.is_filling = false;
    for (i = 0; i < writer->outputs.count; i++)
        has_moved = serve(writer, &writer->outputs.list[i]) || has_moved;
    if (!settle(writer) || !any_is_in_use(writer))
        return false;
    /* the slowest may have been left out while it waited: others want what it held up */
    if (has_moved || writer->drain.base != base || let_go(writer))
        return true;
    if (any_waits_for_bell(writer) && can_go_on(writer))
        return true;
    if (writer->to_fill && !writer->drain.is_filling && ring_depth(flow->ring) == 0)
        begin_to_fill(writer);
    return wait(writer);
}

static void start(struct writer *writer)
{
    const struct settings *settings = writer->flow->settings;
    int i;

    for (i = 0; i < writer->outputs.count; i++) {
        struct output *output = &writer->outputs.list[i];

        if (output->sink.end.kind != ENDPOINT_PIPE)
            continue;
        output->pages.may_grow = settings->pipe_size_policy == PIPE_SIZE_AUTO;
        if (settings->pipe_size_policy == PIPE_SIZE_SET)
            pipe_grow(output->sink.end.fd, settings->pipe_size);
    }
}

/*
 * What the workers have written; one that still writes is waited for. No write is begun any more, so what is counted
 * is exact while the last one is stuck.
 */
static void collect_from_workers(struct writer *writer)
{
    struct flow *flow = writer->flow;
    bool any_is_busy;

    do {
        int i;

        any_is_busy = false;
        bell_listen(&flow->bells.writer);
        for (i = 0; i < writer->outputs.count; i++) {
            struct output *output = &writer->outputs.list[i];
            int error;

            if (output->pages.worker && worker_is_busy(output->pages.worker)) {
                any_is_busy = true;
                continue;
            }
            error = output_free_worker(output);
            if (error)
                output_broke(output, "write", error);
        }
        settle(writer);
    } while (any_is_busy && wait_for(&flow->bells.writer, NEVER, NULL, 0) == 0);
}

/* What has been confirmed, and what has been written, since the last look. */
static void settle_late(struct writer *writer)
{
    int i;

    for (i = 0; i < writer->outputs.count; i++)
        output_confirm(&writer->outputs.list[i]);
    collect_from_workers(writer);
}

void run_writer(struct writer *writer)
{
    struct flow *flow = writer->flow;
    const struct settings *settings = flow->settings;
    const uint64_t room = (uint64_t)settings->slab_size * settings->slab_count;

    writer->drain = (struct drain){.flow = flow, .outputs = &writer->outputs, .began = clock_now()};
    writer->to_fill = room / 100 * settings->start_fill + room % 100 * settings->start_fill / 100;
    writer->drain.is_filling = writer->to_fill > 0;
    start(writer);
    while (flow_level(flow) != ABANDON && go_on(writer))
        ;
    settle_late(writer);
}
