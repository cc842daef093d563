#include "output/drain.h"

#include "flow/flow.h"
#include "io/duct.h"
#include "output/explain_output.h"
#include "output/next_file.h"
#include "output/tally.h"
#include "output/whole_lines.h"
#include "sys/clock.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

static const size_t gather_bytes = (size_t)1 << 20;

/* Half of the ring at most, so that the reader can fill the other half meanwhile. */
static size_t slabs_at_once(const struct settings *settings, const struct output *output)
{
    size_t most = gather_bytes / settings->slab_size;

    if (!output->pages.worker && !compressor_is_used(output) &&
        (output->sink.end.kind != ENDPOINT_SOCKET || output->sink.end.keeps_messages))
        return 1;
    if (most > BATCH_SPANS_MAX)
        most = BATCH_SPANS_MAX;
    if (most > settings->slab_count / 2)
        most = settings->slab_count / 2;
    return most ? most : 1;
}

/*
 * Trim the batch to what still fits into the file: it ends after the last line that the file has room for, or after
 * the first line if that is longer than a file may be. False if nothing fits.
 */
static bool cut_to_fit(struct drain *drain, struct output *output)
{
    const char delimiter = drain->flow->settings->delimiter;
    const size_t room = next_file_room(output);
    size_t whole;

    if (batch_length(&drain->batch) <= room)
        return true;
    whole = batch_whole_lines(&drain->batch, room, delimiter);
    if (whole)
        batch_cut(&drain->batch, whole);
    else if (next_file_may_force(output))
        return false;
    else
        batch_cut_at_line(&drain->batch, delimiter);
    return true;
}

/* What is taken is given to the output's worker. */
static ssize_t begin_to_write(struct drain *drain, struct output *output)
{
    /* the writer may have had bytes for others meanwhile, so it looks at the clock */
    sink_ask(&output->sink, batch_length(&drain->batch), clock_now());
    worker_begin(output->pages.worker, batch_parts(&drain->batch, output->pages.worker->parts));
    output->wants = WANTS_WORKER;
    return 0;
}

static ssize_t write_memory(struct drain *drain, struct output *output)
{
    struct iovec parts[BATCH_SPANS_MAX];
    ssize_t put;
    int count;

    if (output->cut.is_wanted)
        batch_cut_at_line(&drain->batch, drain->flow->settings->delimiter);
    if (!cut_to_fit(drain, output)) {
        next_file_force(output);
        return -ERESTART;
    }
    if (output->pages.worker)
        return begin_to_write(drain, output);
    count = batch_parts(&drain->batch, parts);
    put = sink_write(&output->sink, parts, count, batch_length(&drain->batch), drain->began);
    tally_taken(drain, output, parts, count, put);
    return put;
}

/* What the worker has written. */
static ssize_t end_writing(struct drain *drain, struct output *output)
{
    const struct worker *worker = output->pages.worker;
    ssize_t put = 0;

    if (!worker_result(output->pages.worker, &put))
        return 0;
    output->wants = WANTS_BYTES;
    if (put > 0)
        sink_took(&output->sink, worker->parts, worker->count, (size_t)put);
    tally_taken(drain, output, worker->parts, worker->count, put);
    return put;
}

/* The span at base is in a duct, except for its first MOVED bytes: it goes by way of memory. */
static int pull_rest(struct drain *drain, struct span *span, size_t moved)
{
    const int error = duct_pull(span->duct, span->bytes + moved, span->length - moved);

    if (error)
        return error;
    ring_pulled(drain->flow->ring, 0, span->length);
    span->duct = NULL;
    return 0;
}

static int pull(struct drain *drain, struct span *span)
{
    return pull_rest(drain, span, 0);
}

/* Pages to OUTPUT came to PUT. True: it refuses them, now and from now on. */
static bool is_refused(struct drain *drain, struct output *output, ssize_t put)
{
    struct flow *flow = drain->flow;

    if (!flow_may_copy_instead(flow, put))
        return false;
    explain_output_refusal(output, put);
    output->sink.end.refuses_splice = true;
    atomic_store(&flow->flags.output_refuses_splice, true);
    return true;
}

/* The only output takes the pages from where they are. */
static ssize_t write_pages(struct drain *drain, struct output *output)
{
    struct span *span = &drain->batch.spans[0];
    int error;

    if (!output->sink.end.refuses_splice && !output->cut.is_wanted) {
        ssize_t put;

        put = sink_splice(&output->sink, span->duct, span->length, drain->began);
        if (!is_refused(drain, output, put)) {
            if (put > 0)
                tally_unseen(drain, output, (size_t)put);
            return put;
        }
    }
    error = pull(drain, span);
    return error ? error : write_memory(drain, output);
}

/* Everybody who is still there stands at the beginning of the next bytes. */
static bool are_all_at_base(const struct drain *drain)
{
    int i;

    for (i = 0; i < drain->outputs->count; i++) {
        if (output_is_in_use(&drain->outputs->list[i]) &&
            drain->outputs->list[i].sink.written != drain->base)
            return false;
    }
    return true;
}

/* Each output has a relay with room for any slab's pages, and nobody wants to see them. */
static bool can_hand_out(struct drain *drain, const struct span *span)
{
    struct flow *flow = drain->flow;
    int i;

    for (i = 0; i < drain->outputs->count; i++) {
        struct output *output = &drain->outputs->list[i];

        if (!output_is_in_use(output))
            continue;
        if (output->sink.end.refuses_splice || output->cut.is_wanted)
            return false;
        if (!output->pages.relay && duct_open(&output->pages.relay, flow->settings->slab_size) != 0)
            return false;
        if (output->pages.relay->capacity < span->duct->capacity)
            return false;
    }
    return true;
}

/*
 * SPAN, whole, to all relays: 1. 0: the kernel gives some of them less; it is all in memory then.
 */
static int hand_out(struct drain *drain, struct span *span)
{
    struct output *last = NULL;
    size_t moved = 0;
    int error = 0;
    int i;

    for (i = 0; i < drain->outputs->count; i++) {
        struct output *output = &drain->outputs->list[i];

        if (!output_is_in_use(output))
            continue;
        if (last)
            last->pages.relayed = duct_tee(span->duct, last->pages.relay, span->length);
        last = output;
    }
    assert(last); /* whoever asked for this is in use */
    moved = last->pages.relayed = duct_move(span->duct, last->pages.relay, span->length);
    for (i = 0; i < drain->outputs->count; i++) {
        if (output_is_in_use(&drain->outputs->list[i]) &&
            drain->outputs->list[i].pages.relayed < span->length)
            break;
    }
    if (i == drain->outputs->count) {
        drain->shared = *span;
        return 1;
    }
    for (i = 0; i < drain->outputs->count && !error; i++) {
        struct output *output = &drain->outputs->list[i];

        /* they all hold the same bytes, from the first one on */
        if (output->pages.relayed)
            error = duct_pull(output->pages.relay, span->bytes, output->pages.relayed);
        output->pages.relayed = 0;
    }
    return error ? error : pull_rest(drain, span, moved);
}

/* Some of what is in its relay. True: PUT says how much; false: that is not to be had as pages. */
static bool drain_relay(struct drain *drain, struct output *output, size_t room, ssize_t *put)
{
    if (output->cut.is_wanted) /* where the line ends has to be seen */
        return false;
    *put = sink_splice(&output->sink, output->pages.relay, room, drain->began);
    if (is_refused(drain, output, *put))
        return false;
    if (*put > 0) {
        output->pages.relayed -= (size_t)*put;
        tally_unseen(drain, output, (size_t)*put);
    }
    return true;
}

/* Its part of the shared span, from its relay. */
static ssize_t write_relayed(struct drain *drain, struct output *output)
{
    const size_t room = output_allowed(output, 0, output->pages.relayed);
    ssize_t put;
    int error;

    if (!room)
        return 0;
    if (drain_relay(drain, output, room, &put))
        return put;
    /* every byte has its place in the slab's memory */
    error =
        duct_pull(output->pages.relay, drain->shared.bytes + (output->sink.written - drain->base),
                  output->pages.relayed);
    output->pages.relayed = 0;
    return error ? error : -ERESTART;
}

/* Its part of the shared span is in memory, because it takes no pages. */
static ssize_t write_shared_copy(struct drain *drain, struct output *output)
{
    const size_t done = (size_t)(output->sink.written - drain->base);
    const size_t room = output_allowed(output, 0, drain->shared.length - done);

    if (!room)
        return 0;
    drain->batch.count = 1;
    drain->batch.spans[0] =
        (struct span){drain->shared.bytes + done, drain->shared.length - done, NULL};
    batch_cut(&drain->batch, room);
    return write_memory(drain, output);
}

static bool has_part_of_shared(const struct drain *drain, const struct output *output)
{
    return output->sink.written < drain->base + drain->shared.length;
}

/* The next bytes are in a duct, and there are several outputs. */
static ssize_t write_shared(struct drain *drain, struct output *output)
{
    struct span *span = &drain->batch.spans[0];
    int done;

    if (drain->shared.length || !are_all_at_base(drain)) {
        output->wants = WANTS_OTHERS;
        return 0;
    }
    done = can_hand_out(drain, span) ? hand_out(drain, span) : pull(drain, span);
    if (done < 0)
        return done;
    if (done)
        return write_relayed(drain, output);
    return -ERESTART; /* it is in memory now */
}

/* What is taken goes into the press: as much as there is a place for. */
static ssize_t feed(struct drain *drain, struct output *output)
{
    struct iovec parts[BATCH_SPANS_MAX];
    size_t fed = 0;
    int count;
    int i;

    if (output->cut.is_wanted)
        batch_cut_at_line(&drain->batch, drain->flow->settings->delimiter);
    count = batch_parts(&drain->batch, parts);
    for (i = 0; i < count; i++) {
        const ssize_t put = compressor_feed(output, parts[i].iov_base, parts[i].iov_len);

        if (put < 0)
            return put;
        fed += (size_t)put;
        if ((size_t)put < parts[i].iov_len)
            break;
    }
    tally_taken(drain, output, parts, count, (ssize_t)fed);
    return fed ? (ssize_t)fed : -ERESTART;
}

/* Write the whole lines of what has been taken, to a file that others append to as well. */
static ssize_t write_lines(struct drain *drain, struct output *output)
{
    if (drain->batch.spans[0].duct) {
        const int error = pull(drain, &drain->batch.spans[0]);

        if (error)
            return error;
    }
    if (!whole_lines_cut(drain, output) || !whole_lines_limit(drain, output))
        return 0;
    return write_memory(drain, output);
}

/* The next bytes of the ring. */
static ssize_t write_next(struct drain *drain, struct output *output)
{
    struct flow *flow = drain->flow;
    size_t room;

    drain->batch.count = 0;
    if (!drain->is_filling)
        drain->batch.count = ring_take(flow->ring, (size_t)(output->sink.written - drain->base),
                                       drain->batch.spans, slabs_at_once(flow->settings, output));
    if (drain->batch.count == 0) {
        output->wants = WANTS_BYTES;
        return 0;
    }
    if (drain->batch.spans[0].duct && drain->outputs->count > 1)
        return write_shared(drain, output);
    if (compressor_is_used(output))
        return feed(drain, output);
    if (whole_lines_is_used(output))
        return write_lines(drain, output);
    room = output_allowed(output, 0, batch_length(&drain->batch));
    if (!room)
        return 0;
    batch_cut(&drain->batch, room);
    return drain->batch.spans[0].duct ? write_pages(drain, output) : write_memory(drain, output);
}

/* What the press has to say comes first. */
static ssize_t write_compressed(struct drain *drain, struct output *output)
{
    const int done = compressor_push(output);

    if (done > 0)
        next_file_try(output);
    if (done > 0 && compressor_is_ending(output))
        return -ERESTART;
    return done > 0 ? write_next(drain, output) : done;
}

ssize_t drain_some(struct drain *drain, struct output *output)
{
    ssize_t put;

    do {
        if (compressor_is_used(output))
            put = write_compressed(drain, output);
        else if (output->wants == WANTS_WORKER)
            put = end_writing(drain, output);
        else if (output->pages.relayed)
            put = write_relayed(drain, output);
        else if (has_part_of_shared(drain, output))
            put = write_shared_copy(drain, output);
        else
            put = write_next(drain, output);
    } while (put == -ERESTART);
    if (put == -EAGAIN) {
        output->wants = WANTS_ROOM;
        return 0;
    }
    return put;
}

bool drain_has_more(struct drain *drain, const struct output *output)
{
    struct span span;

    return ring_take(drain->flow->ring, (size_t)(output->sink.written - drain->base), &span, 1) > 0;
}

bool drain_release(struct drain *drain, uint64_t position)
{
    const size_t length = (size_t)(position - drain->base);

    const size_t of_shared = length < drain->shared.length ? length : drain->shared.length;

    drain->base = position;
    drain->shared.bytes += of_shared;
    drain->shared.length -= of_shared;
    return ring_release(drain->flow->ring, length);
}
