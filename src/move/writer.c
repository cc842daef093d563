#include "move/movers.h"

#include "ring/ring.h"
#include "sys/clock.h"

#include <errno.h>

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

/* The oldest bytes there are, once there are some. False: there is nothing more to write. */
static bool next_bytes(struct pour *pour, struct span *span)
{
    while (pour_level(pour) != LEAVING) {
        if (ring_take(pour->ring, span))
            return true;
        bell_listen(&pour->writer_bell);
        /* in this order: after the end is announced nothing is published any more */
        bool was_last = atomic_load(&pour->input_has_ended);

        if (ring_take(pour->ring, span))
            return true;
        if (was_last || await_bytes(pour))
            break;
    }
    return false;
}

static int wait_for_output(struct pour *pour)
{
    struct pollfd fd = {.fd = pour->output.fd, .events = POLLOUT};

    return wait_for(&pour->writer_bell, NEVER, &fd, 1);
}

/* Write some of SPAN. False: the output has failed. */
static bool drain(struct pour *pour, struct span span)
{
    ssize_t put = end_write(&pour->output, span.bytes, span.length);
    int error = 0;

    if (put == -EAGAIN) {
        error = wait_for_output(pour);
        if (error)
            wait_failed(pour, error);
    } else if (put < 0) {
        error = (int)put;
        output_failed(pour, error);
    } else {
        lane_count(&pour->out, (uint64_t)put);
        if (ring_release(pour->ring, (size_t)put))
            bell_ring(&pour->reader_bell);
    }
    return !error;
}

void run_writer(struct pour *pour)
{
    struct span span;

    while (next_bytes(pour, &span) && drain(pour, span))
        ;
}
