#include "output/lifecycle.h"

#include "flow/flow.h"
#include "io/duct.h"
#include "output/next_file.h"

#include "output/whole_lines.h"
#include "output/worker.h"
#include "sys/clock.h"
#include "sys/say.h"
#include "sys/units.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

/* Let the sink know whether the compressor holds some of what counts as written. */
static void note_inside(struct output *output)
{
    output->sink.has_inside = compressor_is_used(output) && !compressor_is_empty(output);
}

void output_wrote(struct output *output, size_t bytes)
{
    output->sink.written += bytes;
    if (output->cut.is_wanted)
        output->cut.uncut += bytes;
    note_inside(output);
    if (dest_connects(output->sink.dest))
        connection_wrote(&output->connection, &output->sink);
    else if (!compressor_is_used(output))
        sink_confirm(&output->sink, output->sink.written);
}

void output_confirm(struct output *output)
{
    note_inside(output);
    if (dest_connects(output->sink.dest))
        connection_confirm(&output->sink);
}

void output_hurry(struct output *output)
{
    if (dest_connects(output->sink.dest))
        connection_hurry(&output->connection);
}

int output_free_worker(struct output *output)
{
    struct iovec parts[WORKER_PARTS_MAX];
    ssize_t put;
    int count;

    if (!output->pages.worker)
        return 0;
    count = output->pages.worker->count;
    memcpy(parts, output->pages.worker->parts, sizeof parts);
    put = worker_free(output->pages.worker);
    output->pages.worker = NULL;
    sink_answered(&output->sink);
    if (put <= 0)
        return put == -EAGAIN ? 0 : (int)put;
    sink_took(&output->sink, parts, count, (size_t)put);
    output_wrote(output, (size_t)put);
    return 0;
}

/* What it has besides its end is given back. */
static void strip(struct output *output)
{
    output_free_worker(output);
    if (output_is_disconnected(output))
        connection_stop(&output->connection);
    if (output->pages.relay)
        duct_close(output->pages.relay);
    output->pages.relay = NULL;
    output->pages.relayed = 0;
}

/* Of several it is waited for no longer, and does not count. */
static void leave_out(struct output *output)
{
    if (output->flow->target_count > 1)
        atomic_store(&output->sink.claim.arrived, UINT64_MAX);
}

/* What has not arrived was counted as written. */
static void take_back(const struct output *output)
{
    if (output->flow->target_count == 1 && !output->sink.resends)
        meters_took_back(&output->flow->meters,
                         (size_t)(output->sink.written - output->sink.confirmed));
}

/*
 * One of several has not failed, but is not waited for: what it does not have has not arrived. What
 * counts as written is what all had been given.
 */
static void take_back_for_all(const struct output *output)
{
    const uint64_t out = counters_bytes(&output->flow->meters.out);

    if (output->sink.confirmed < out)
        meters_took_back(&output->flow->meters, (size_t)(out - output->sink.confirmed));
}

/* It broke in OPERATION with ERROR, and has been closed. True: it will be connected again. */
static bool comes_back(struct output *output, const char *operation, int error)
{
    struct flow *flow = output->flow;
    struct sink *sink = &output->sink;
    const uint64_t lost = sink->written - sink->confirmed;

    if (!dest_connects(sink->dest) || !flow->settings->reconnect)
        return false;
    notes_line(&flow->notes, "%s: %s at byte %" PRIu64 ": %s; connecting again",
               quote_name(sink->name).text, operation, sink->confirmed,
               error ? strerror(-error) : "closed by the peer");
    meters_broke(&flow->meters, lost, sink->resends);
    if (sink->resends)
        sink->written = sink->confirmed;
    else
        sink_confirm(sink, sink->written);
    output->state = OUTPUT_DISCONNECTED;
    connection_rest(&output->connection);
    return true;
}

void output_broke(struct output *output, const char *operation, int error)
{
    const bool is_only_one = output->flow->target_count == 1 && !dest_connects(output->sink.dest);

    output_confirm(output);
    strip(output);
    endpoint_close(&output->sink.end);
    if (comes_back(output, operation, error))
        return;
    take_back(output);
    leave_out(output);
    output->state = OUTPUT_FAILED;
    output->error = error;
    /* the only consumer that has gone is for main to judge: mostly it is no failure at all */
    if (error != -EPIPE || !is_only_one)
        notes_failure(&output->flow->notes, output->sink.name,
                      flow_operation(output->flow, operation, error), output->sink.confirmed,
                      error);
}

static void finish(struct output *output, enum output_state state)
{
    strip(output);
    output_close_end(output);
    output_sum_up(output, 0);
    output->state = state;
}

/* It is not waited for any longer, nor made again: OPERATION, a constant, failed with ERROR. */
static void give_up(struct output *output, const char *operation, int error)
{
    output_confirm(output);
    take_back(output);
    leave_out(output);
    notes_failure(&output->flow->notes, output->sink.name, operation, ERROR_NO_OFFSET, error);
    finish(output, OUTPUT_FAILED);
}

/* Act on EVENT. True: the state has changed. */
static bool handle(struct output *output, struct event event)
{
    switch (event.kind) {
    case EVENT_NONE: return false;
    case EVENT_CHANGED: break;
    case EVENT_CONNECTED:
        output->state = OUTPUT_READY;
        output->wants = WANTS_BYTES;
        notes_line(&output->flow->notes, "%s: connected after %s",
                   quote_name(output->sink.name).text,
                   print_time(output->connection.connecting / NS_PER_MS * NS_PER_MS).text);
        break;
    case EVENT_CLOSING: output->state = OUTPUT_CLOSING; break;
    case EVENT_ARRIVED:
        sink_confirm(&output->sink, output->sink.written);
        finish(output, OUTPUT_DONE);
        break;
    case EVENT_BROKE: output_broke(output, event.operation, event.error); break;
    case EVENT_GAVE_UP: give_up(output, event.operation, event.error); break;
    }
    return true;
}

bool output_advance(struct output *output)
{
    note_inside(output);
    return dest_connects(output->sink.dest) &&
           handle(output, connection_step(&output->connection, &output->sink));
}

void output_noticed(struct output *output, short revents)
{
    int error;

    if (output->state != OUTPUT_READY)
        return;
    if (dest_connects(output->sink.dest) && revents & POLLIN)
        handle(output, connection_hear(&output->connection, &output->sink));
    if (output->state != OUTPUT_READY)
        return;
    error = endpoint_failure(&output->sink.end, revents);
    if (error)
        output_broke(output, "write", error);
}

void output_finish(struct output *output)
{
    if (compressor_is_used(output) && output->state == OUTPUT_READY && !compressor_end(output))
        return; /* what is inside comes first */
    if (dest_connects(output->sink.dest) && !output_is_disconnected(output))
        handle(output, connection_finish(&output->connection, &output->sink));
    else
        finish(output, OUTPUT_DONE);
}

void output_leave(struct output *output)
{
    if (!output_is_in_use(output))
        return;
    output_confirm(output);
    if (output->flow->target_count == 1)
        take_back(output);
    else
        take_back_for_all(output);
    finish(output, OUTPUT_FAILED);
}

int output_fd(const struct output *output)
{
    if (!output_is_in_use(output))
        return -1;
    if (dest_connects(output->sink.dest))
        return connection_fd(&output->connection, &output->sink);
    /* poll has nothing to say of a file, but that it is ready */
    if (output->state != OUTPUT_READY ||
        (endpoint_is_always_ready(&output->sink.end) && output->wants != WANTS_ROOM))
        return -1;
    return output->sink.end.fd;
}

short output_events(const struct output *output)
{
    const bool wants_room = output->state == OUTPUT_READY && output->wants == WANTS_ROOM;

    const bool connects = dest_connects(output->sink.dest) && output_is_in_use(output);

    return (short)((wants_room ? POLLOUT : 0) |
                   (connects ? connection_events(&output->connection) : 0));
}

uint64_t output_due(struct output *output)
{
    const bool wants_room = output->state == OUTPUT_READY && output->wants == WANTS_ROOM;
    uint64_t due = NEVER;

    if (dest_connects(output->sink.dest) && output_is_in_use(output))
        due = connection_due(&output->connection, &output->sink, wants_room);
    if (output->state == OUTPUT_READY && output->wants == WANTS_TIME &&
        rate_limit_due(&output->sink.rate_limit) < due)
        due = rate_limit_due(&output->sink.rate_limit);
    if (output->state != OUTPUT_READY || output->wants == WANTS_ROOM ||
        output->wants == WANTS_WORKER)
        return due;
    /* the rate limit: what is due is on its way already */
    if (compressor_is_used(output) && output->wants != WANTS_TIME && compressor_due(output) < due)
        due = compressor_due(output);
    if (output->wants == WANTS_LINE && whole_lines_due(output) < due)
        due = whole_lines_due(output);
    return next_file_due(output) < due ? next_file_due(output) : due;
}
