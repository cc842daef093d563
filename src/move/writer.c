#include "move/movers.h"

#include "ends/duct.h"
#include "move/explain.h"
#include "ring/ring.h"
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

/*
 * A socket wakes its reader for each 64 KiB or so; 4 GiB over loopback took 1.8 s slab by slab, and
 * 1.3 s with half of the ring at once (0.8 s when that is 8 slabs of 1 MiB).
 */
enum { GATHER_MAX = 16 };
static const size_t gather_bytes = (size_t)1 << 20;

struct writer {
    struct pour *pour;
    uint64_t began; /* since when there have been bytes to write */
    unsigned quick; /* times in a row the output was full, and soon no more */
    bool may_grow;  /* the output is a pipe that has not been asked for more */
    size_t most;    /* how many slabs to write at once */
    size_t count;   /* how many of SPANS are taken */
    struct span spans[GATHER_MAX];
};

/*
 * Sleep until there may be bytes, and meanwhile notice a consumer that goes away: with a silent
 * producer nobody else would. 0, or -errno when it is over.
 */
static int await_bytes(struct pour *pour)
{
    struct pollfd fd = {.fd = pour->output.fd};
    int error =
        wait_for(&pour->writer_bell, NEVER, &fd, end_is_always_ready(&pour->output) ? 0 : 1);

    if (error) {
        wait_failed(pour, error);
        return error;
    }
    error = end_failure(&pour->output, fd.revents);
    if (error)
        output_failed(pour, error);
    return error;
}

static bool take(struct writer *writer)
{
    writer->count = ring_take(writer->pour->ring, 0, writer->spans, writer->most);
    return writer->count > 0;
}

/* Take the oldest bytes there are, once there are some. False: there is nothing more to write. */
static bool take_next(struct writer *writer)
{
    struct pour *pour = writer->pour;

    while (pour_level(pour) != LEAVING) {
        if (take(writer))
            return true;
        bell_listen(&pour->writer_bell);
        /* in this order: after the end is announced nothing is published any more */
        bool was_last = atomic_load(&pour->input_has_ended);

        if (take(writer))
            return true;
        if (was_last || await_bytes(pour))
            break;
        writer->began = clock_now();
    }
    return false;
}

static int wait_for_output(struct writer *writer)
{
    struct pour *pour = writer->pour;
    struct pollfd fd = {.fd = pour->output.fd, .events = POLLOUT};
    const uint64_t before = clock_now();
    uint64_t after;
    int error;

    lane_wait(&pour->meters.out, before);
    error = wait_for(&pour->writer_bell, NEVER, &fd, 1);
    after = clock_now();
    lane_go_on(&pour->meters.out, after);
    writer->quick = after - before <= quick_time ? writer->quick + 1 : 0;
    if (writer->may_grow && writer->quick == quick_times) {
        pipe_grow(pour->output.fd, PIPE_GROW_MAX);
        writer->may_grow = false; /* asked once: a limit that was in the way is still there */
    }
    return error;
}

/* The first LENGTH bytes of what is taken have gone by way of memory. */
static void note_seen(struct writer *writer, size_t length)
{
    struct meters *meters = &writer->pour->meters;
    size_t i;

    for (i = 0; i < writer->count && length > 0; i++) {
        const struct span *span = &writer->spans[i];
        const size_t part = length < span->length ? length : span->length;

        meters_saw(meters, &meters->out, span->bytes, part);
        length -= part;
    }
}

static ssize_t write_memory(struct writer *writer)
{
    struct iovec parts[GATHER_MAX];
    ssize_t put;
    size_t i;

    for (i = 0; i < writer->count; i++)
        parts[i] = (struct iovec){writer->spans[i].bytes, writer->spans[i].length};
    put = end_write(&writer->pour->output, parts, (int)writer->count);
    if (put > 0)
        note_seen(writer, (size_t)put);
    return put;
}

/* The output takes no pages, or no more: what is in the duct goes by way of memory. */
static ssize_t write_pulled(struct writer *writer)
{
    const struct span *span = &writer->spans[0];
    const int error = duct_pull(span->duct, span->bytes, span->length);

    if (error)
        return error;
    ring_pulled(writer->pour->ring, 0, span->length);
    return write_memory(writer);
}

static ssize_t write_spans(struct writer *writer)
{
    struct pour *pour = writer->pour;
    const struct span *span = &writer->spans[0];
    ssize_t put;

    if (!span->duct)
        return write_memory(writer);
    if (!pour->output.refuses_splice) {
        put = duct_drain(span->duct, &pour->output, span->length);
        if (!may_copy_instead(pour, put)) {
            if (put > 0)
                meters_saw_not(&pour->meters, &pour->meters.out, (size_t)put);
            return put;
        }
        explain_output_refusal(pour, put);
        pour->output.refuses_splice = true;
        atomic_store(&pour->output_refuses_splice, true);
    }
    return write_pulled(writer);
}

/* Write some of what is taken. False: the output has failed. */
static bool drain(struct writer *writer)
{
    struct pour *pour = writer->pour;
    const ssize_t put = write_spans(writer);
    int error = 0;

    if (put == -EAGAIN) {
        error = wait_for_output(writer);
        if (error)
            wait_failed(pour, error);
    } else if (put < 0) {
        error = (int)put;
        output_failed(pour, error);
    } else {
        writer->began = meters_put(&pour->meters, (size_t)put, writer->began);
        if (ring_release(pour->ring, (size_t)put))
            bell_ring(&pour->reader_bell);
    }
    return !error;
}

/* Half of the ring at most, so that the reader can fill the other half meanwhile. */
static size_t slabs_at_once(const struct settings *settings, const struct end *output)
{
    size_t most = gather_bytes / settings->slab_size;

    if (output->kind != END_SOCKET || output->keeps_messages)
        return 1;
    if (most > GATHER_MAX)
        most = GATHER_MAX;
    if (most > settings->slab_count / 2)
        most = settings->slab_count / 2;
    return most ? most : 1;
}

void run_writer(struct pour *pour)
{
    const struct settings *settings = pour->settings;
    struct writer writer = {
        .pour = pour,
        .may_grow = settings->pipe_size_policy == PIPE_SIZE_AUTO && pour->output.kind == END_PIPE,
        .most = slabs_at_once(settings, &pour->output),
        .began = clock_now(),
    };

    if (settings->pipe_size_policy == PIPE_SIZE_SET)
        pipe_grow(pour->output.fd, settings->pipe_size);
    while (take_next(&writer) && drain(&writer))
        ;
}
