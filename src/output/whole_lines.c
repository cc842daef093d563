#include "output/whole_lines.h"

#include "flow/flow.h"
#include "sys/clock.h"

/* Long enough for a producer that loses its CPU in the middle of a line to get it back. */
static const uint64_t auto_hold = 100 * NS_PER_MS;

void whole_lines_start(struct output *output, const struct settings *settings)
{
    output->lines.hold =
        settings->flush_interval == FLUSH_AUTO ? auto_hold : settings->flush_interval;
}

bool whole_lines_is_used(const struct output *output)
{
    return output->sink.end.appends && output->sink.end.kind == ENDPOINT_FILE &&
           !compressor_is_used(output);
}

/*
 * True when waiting brings no more bytes: the input has ended, or the ring has no room until OUTPUT
 * writes. While OUTPUT is ahead of another output, the other one will make room.
 */
static bool is_complete(const struct drain *drain, const struct output *output)
{
    struct flow *flow = drain->flow;

    if (atomic_load(&flow->flags.input_has_ended))
        return true;
    return output->sink.written == drain->base &&
           (ring_is_full(flow->ring) || atomic_load(&flow->flags.reader_needs_room));
}

static size_t count_whole_lines(const struct drain *drain)
{
    return batch_whole_lines(&drain->batch, batch_length(&drain->batch),
                             drain->flow->settings->delimiter);
}

/*
 * Take more slabs until a line ends in the batch, or the batch has as many bytes as a slab: a line
 * that long is not kept whole, and to search the whole ring for its end would cost more than the copy.
 * Returns how many bytes are whole lines.
 */
static size_t grow(struct drain *drain, const struct output *output)
{
    const size_t enough = drain->flow->settings->slab_size;
    struct batch *batch = &drain->batch;
    size_t most = batch->count;
    size_t whole = 0;

    while (!whole && batch->count == most && most < BATCH_SPANS_MAX &&
           batch_length(batch) < enough) {
        batch->count = ring_take(drain->flow->ring, (size_t)(output->sink.written - drain->base),
                                 batch->spans, ++most);
        whole = count_whole_lines(drain);
    }
    return whole;
}

/* The batch is the beginning of a line. True: it waits for its end; false: it is written now. */
static bool is_held(const struct drain *drain, struct output *output)
{
    struct whole_lines *lines = &output->lines;
    const size_t length = batch_length(&drain->batch);

    if (length >= drain->flow->settings->slab_size)
        lines->is_long = true;
    if (lines->is_long)
        return false;
    if (!lines->is_holding)
        lines->due = clock_after(clock_now(), lines->hold);
    lines->is_holding = true;
    lines->held = length;
    return clock_now() < lines->due;
}

bool whole_lines_cut(struct drain *drain, struct output *output)
{
    struct whole_lines *lines = &output->lines;
    size_t whole = count_whole_lines(drain);

    if (!whole) {
        /* asked before the ring is read again, so that bytes published in between are not missed */
        const bool was_complete = is_complete(drain, output);

        whole = grow(drain, output);
        if (!whole && !was_complete && is_held(drain, output)) {
            output->wants = WANTS_LINE;
            return false;
        }
    }
    if (whole) {
        batch_cut(&drain->batch, whole);
        lines->is_long = false;
    }
    lines->is_holding = false;
    return true;
}

bool whole_lines_limit(struct drain *drain, struct output *output)
{
    const char delimiter = drain->flow->settings->delimiter;
    struct batch *batch = &drain->batch;
    const size_t length = batch_length(batch);
    size_t whole;
    size_t room;

    if (!output->sink.rate_limit.rate)
        return true;
    room = output_allowed(output, batch_first_line(batch, delimiter), length);
    if (!room)
        return false;
    whole = batch_whole_lines(batch, room, delimiter);
    batch_cut(batch, whole ? whole : room);
    return true;
}

bool whole_lines_can_go_on(struct drain *drain, const struct output *output)
{
    struct span span;

    return is_complete(drain, output) ||
           ring_take(drain->flow->ring,
                     (size_t)(output->sink.written - drain->base) + output->lines.held, &span,
                     1) > 0;
}

uint64_t whole_lines_due(const struct output *output)
{
    return output->lines.due;
}
