/*
 * Direct mode: no ring. Each read is written before the next one: as safe as it gets, and the
 * baseline.
 */
#include "move/intake.h"
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
            int error;

            intake_hold(pour);
            error = wait_for(&pour->reader_bell, NEVER, &fd, 1);

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

void run_direct(struct pour *pour)
{
    const struct settings *settings = pour->settings;
    bool more = intake_next(pour);

    if (more && settings->pipe_size_policy == PIPE_SIZE_SET)
        pipe_grow(pour->source.end.fd, settings->pipe_size);
    while (more && pour_level(pour) != LEAVING) {
        const ssize_t got = intake_read(pour, pour->store, settings->slab_size);

        if (got > 0)
            more = write_all(pour, pour->store, (size_t)got);
        else
            more = got == -EAGAIN && (pour_level(pour) >= DRAINING || wait_for_input(pour));
    }
}
