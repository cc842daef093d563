/* Direct mode: no ring. Each read is written before the next one: as safe as it gets, and the
 * baseline. */
#include "move/movers.h"

#include "sys/clock.h"
#include "sys/pipes.h"

#include <errno.h>

/* Write all of BYTES. False: the output has failed, or it is time to leave. */
static bool write_all(struct pour *pour, const unsigned char *bytes, size_t length)
{
    struct pollfd fd = {.fd = pour->output.fd, .events = POLLOUT};

    while (length > 0) {
        ssize_t put =
            pour_level(pour) == LEAVING ? -ECANCELED : end_write(&pour->output, bytes, length);

        if (put >= 0) {
            lane_count(&pour->out, (uint64_t)put);
            bytes += put;
            length -= (size_t)put;
            continue;
        }
        if (put == -EAGAIN) {
            int error = wait_for(&pour->reader_bell, NEVER, &fd, 1);

            if (!error)
                continue;
            wait_failed(pour, error);
        } else if (put != -ECANCELED) {
            output_failed(pour, (int)put);
        }
        return false;
    }
    return true;
}

/* Wait for input, and for the consumer to go away. */
static bool wait_for_input(struct pour *pour)
{
    struct pollfd fds[] = {
        {.fd = pour->source.end.fd, .events = POLLIN},
        {.fd = pour->output.fd},
    };
    int error =
        wait_for(&pour->reader_bell, NEVER, fds, end_is_always_ready(&pour->output) ? 1 : 2);

    if (error) {
        wait_failed(pour, error);
        return false;
    }
    error = end_failure(&pour->output, fds[1].revents);
    if (error)
        output_failed(pour, error);
    return !error;
}

/* One read and its writes. False: the end. */
static bool step(struct pour *pour)
{
    struct source *source = &pour->source;
    const bool is_draining = pour_level(pour) >= DRAINING;
    ssize_t got;

    if (pour_level(pour) == LEAVING || (is_draining && end_is_always_ready(&source->end)))
        return false;
    got = end_read(&source->end, pour->store, pour->settings->slab_size);
    if (got > 0) {
        source->offset += (uint64_t)got;
        lane_count(&pour->in, (uint64_t)got);
        return write_all(pour, pour->store, (size_t)got);
    }
    if (got == -EAGAIN)
        return !is_draining && wait_for_input(pour);
    if (got < 0)
        input_failed(pour, (int)got);
    return next_input(pour);
}

void run_direct(struct pour *pour)
{
    const struct settings *settings = pour->settings;
    bool more = next_input(pour);

    if (more && settings->pipe_size_policy == PIPE_SIZE_SET)
        pipe_grow(pour->source.end.fd, settings->pipe_size);
    while (more)
        more = step(pour);
}
