#include "output/compressor.h"

#include "flow/flow.h"
#include "output/output.h"
#include "sys/clock.h"
#include "transform/press.h"

#include <errno.h>

static const uint64_t auto_hold = 100 * NS_PER_MS;
static const uint64_t lone_hold = 5 * NS_PER_MS;

bool compressor_is_wanted(const struct output *output, const struct settings *settings,
                          bool is_only_one)
{
    const enum dest_kind kind = output->sink.dest->kind;

    if (settings->compress == PRESS_NONE)
        return false;
    /* of several outputs these may be read by somebody while it goes on */
    return is_only_one || (kind != DEST_STDOUT && kind != DEST_FD);
}

int compressor_start(struct output *output, const struct settings *settings, bool is_only_one)
{
    struct compressor *compressor = &output->compressor;
    const uint64_t interval = settings->flush_interval;

    if (!compressor_is_wanted(output, settings, is_only_one))
        return 0;
    compressor->is_timed = settings->explain;
    compressor->hold = interval == FLUSH_AUTO ? auto_hold : interval / 2;
    return press_make(&compressor->press, settings->compress, settings->compress_level);
}

void compressor_stop(struct output *output)
{
    if (output->compressor.press)
        press_free(output->compressor.press);
    output->compressor.press = NULL;
}

bool compressor_is_used(const struct output *output)
{
    return output->compressor.press;
}

bool compressor_is_empty(const struct output *output)
{
    unsigned char *bytes;

    return !press_has_inside(output->compressor.press) &&
           press_waiting(output->compressor.press, &bytes) == 0;
}

/* Some of what waits: 1. 0: there is no time for it, and the output says so. Or -errno. */
static int write_some(struct output *output)
{
    struct press *press = output->compressor.press;
    unsigned char *bytes;
    const size_t waiting = press_waiting(press, &bytes);
    struct iovec part = {.iov_base = bytes, .iov_len = output_allowed(output, 0, waiting)};
    ssize_t put;

    if (!part.iov_len)
        return 0;
    /* what is in the press may arrive with it */
    put = sink_write(&output->sink, &part, 1, 0, clock_now());
    sink_answered(&output->sink);
    if (put < 0)
        return (int)put;
    press_wrote(press, (size_t)put);
    counter_raise(&output->flow->meters.packed, (size_t)put);
    return 1;
}

/* All that waits: 1. */
static int write_all(struct output *output)
{
    unsigned char *bytes;
    int done = 1;

    while (done > 0 && press_waiting(output->compressor.press, &bytes) > 0)
        done = write_some(output);
    return done;
}

static bool is_due(const struct output *output)
{
    return clock_now() >= compressor_due(output);
}

/* Bring out what is inside, as much as there is a place for: 1 when that is all. */
static int bring_out(struct compressor *compressor)
{
    const uint64_t began = compressor->is_timed ? clock_now() : 0;
    const int done =
        compressor->is_to_end ? press_end(compressor->press) : press_flush(compressor->press);

    if (compressor->is_timed)
        compressor->ns += clock_now() - began;
    if (done == 1) {
        compressor->is_to_flush = false;
        compressor->emptied = clock_now();
    }
    return done;
}

int compressor_push(struct output *output)
{
    struct compressor *compressor = &output->compressor;
    int done = write_all(output);

    compressor->is_to_flush = compressor->is_to_flush || is_due(output);
    while (done > 0 && compressor->is_to_flush) {
        done = bring_out(compressor);
        if (done >= 0)
            done = write_all(output);
    }
    if (done > 0 && compressor_is_empty(output) && !dest_connects(output->sink.dest))
        sink_confirm(&output->sink, output->sink.written);
    return done;
}

ssize_t compressor_feed(struct output *output, const unsigned char *bytes, size_t length)
{
    struct compressor *compressor = &output->compressor;
    const bool was_empty = !press_has_inside(compressor->press);
    const uint64_t began = compressor->is_timed ? clock_now() : 0;
    const ssize_t fed = press_feed(compressor->press, bytes, length);

    if (compressor->is_timed)
        compressor->ns += clock_now() - began;
    if (fed > 0 && was_empty)
        compressor->since = clock_now();
    if (fed > 0)
        compressor->is_to_end = false;
    return fed;
}

bool compressor_end(struct output *output)
{
    struct compressor *compressor = &output->compressor;

    if (!compressor->is_to_end) {
        compressor->is_to_end = true;
        compressor->is_to_flush = true;
    }
    return !compressor->is_to_flush && compressor_is_empty(output);
}

void compressor_begin_file(struct output *output)
{
    if (!compressor_is_used(output))
        return;
    output->compressor.is_to_end = false;
    press_begin(output->compressor.press);
}

bool compressor_is_ending(const struct output *output)
{
    return output->compressor.is_to_end && output->compressor.is_to_flush;
}

uint64_t compressor_due(const struct output *output)
{
    const struct compressor *compressor = &output->compressor;
    const uint64_t lone = compressor->hold < lone_hold ? compressor->hold : lone_hold;
    uint64_t due = compressor->since + lone;

    if (!press_has_inside(compressor->press))
        return NEVER;
    if (due < compressor->emptied + compressor->hold)
        due = compressor->emptied + compressor->hold;
    return due;
}
