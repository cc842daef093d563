/*
 * Direct mode: no ring. Each read is written before the next one: as safe as it gets, and the
 * baseline. Files that the kernel can move to the output by itself go this way too.
 */
#include "move/intake.h"
#include "move/movers.h"

#include "ends/duct.h"
#include "ends/transfer.h"
#include "move/explain.h"
#include "sys/clock.h"
#include "sys/pipes.h"

#include <errno.h>
#include <unistd.h>

/* Until the output takes more. False: that cannot be waited for. */
static bool wait_for_output(struct pour *pour)
{
    struct pollfd fd = {.fd = pour->output.fd, .events = POLLOUT};
    int error;

    intake_hold(pour);
    lane_wait(&pour->meters.out, clock_now());
    error = wait_for(&pour->reader_bell, NEVER, &fd, 1);
    lane_go_on(&pour->meters.out, clock_now());
    if (error)
        wait_failed(pour, error);
    return !error;
}

/* Some of what is in DUCT, or else at BYTES. */
static ssize_t write_some(struct pour *pour, struct duct *duct, const unsigned char *bytes,
                          size_t length)
{
    const struct iovec part = {.iov_base = (void *)bytes, .iov_len = length};

    return duct ? duct_drain(duct, &pour->output, length) : end_write(&pour->output, &part, 1);
}

/* Write all of it. False: the output has failed, or it is time to leave. */
static bool write_all(struct pour *pour, struct duct *duct, const unsigned char *bytes,
                      size_t length)
{
    struct meters *meters = &pour->meters;
    uint64_t began = clock_now();

    while (length > 0 && pour_level(pour) != LEAVING) {
        const ssize_t put = write_some(pour, duct, bytes, length);

        if (put > 0) {
            began = meters_put(meters, (size_t)put, began);
            if (duct)
                meters_saw_not(meters, &meters->out, (size_t)put);
            else
                meters_saw(meters, &meters->out, bytes, (size_t)put);
            bytes += put;
            length -= (size_t)put;
        } else if (put != -EAGAIN) {
            output_failed(pour, put ? (int)put : -EIO);
            return false;
        } else if (!wait_for_output(pour)) {
            return false;
        }
    }
    return length == 0;
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

/* Only pages will do: they need a duct. False: there is none to be had. */
static bool need_duct(struct pour *pour, struct duct **duct)
{
    if (pour->choice.way != WAY_DUCT || *duct)
        return true;
    *duct = ducts_open(&pour->ducts, pour->settings);
    if (*duct)
        explain_ducts(pour);
    else
        ducts_failed(pour);
    return *duct;
}

/* Read once and write what came. False: it is over. */
static bool copy_some(struct pour *pour, struct duct **duct)
{
    struct place place = {.bytes = pour->store, .room = pour->settings->slab_size};
    struct taken taken;
    ssize_t got;

    if (!need_duct(pour, duct))
        return false;
    place.duct = *duct;
    got = intake_take(pour, &place, &taken);
    if (got > 0)
        return write_all(pour, taken.piped ? *duct : NULL, pour->store, (size_t)got);
    /* -EXFULL: it is empty; bytes have come in the moment between two looks */
    if (got == -EXFULL || got == -ERESTART)
        return true;
    return got == -EAGAIN && (pour_level(pour) >= DRAINING || wait_for_input(pour));
}

/* An error of a call that reads and writes in one: is it the input that cannot be read? */
static bool is_read_error(const struct end *input)
{
    char byte;

    return pread(input->fd, &byte, 1, lseek(input->fd, 0, SEEK_CUR)) < 0;
}

/* Let the kernel move some of the open file. False: it is over. */
static bool transfer_some(struct pour *pour)
{
    struct end *input = &pour->source.end;
    const uint64_t began = clock_now();
    const size_t most = intake_left(pour);
    const ssize_t moved = pour->choice.way == WAY_SEND ? transfer_send(input, &pour->output, most)
                                                       : transfer_range(input, &pour->output, most);

    if (moved > 0) {
        intake_passed(pour, (size_t)moved, began);
        return true;
    }
    if (moved == -EAGAIN)
        return wait_for_output(pour);
    if (may_copy_instead(pour, moved)) {
        explain_input_refusal(pour, way_name(pour->choice.way), moved);
    } else if (!is_read_error(input)) {
        output_failed(pour, (int)moved);
        return false;
    }
    /* reading does it, or says what is wrong, or that this is the end */
    input->refuses_splice = true;
    return true;
}

/*
 * The open file can still be left to the kernel. While draining it is not to be read any further.
 */
static bool can_transfer(struct pour *pour)
{
    return pour->source.is_open && !way_needs_ring(pour->choice.way) &&
           !pour->source.end.refuses_splice && pour_level(pour) < DRAINING && intake_left(pour) > 0;
}

void run_direct(struct pour *pour)
{
    const struct settings *settings = pour->settings;
    struct duct *duct = NULL;
    bool more = intake_next(pour);

    if (more && settings->pipe_size_policy == PIPE_SIZE_SET) {
        pipe_grow(pour->source.end.fd, settings->pipe_size);
        pipe_grow(pour->output.fd, settings->pipe_size);
    }
    while (more && pour_level(pour) != LEAVING)
        more = can_transfer(pour) ? transfer_some(pour) : copy_some(pour, &duct);
}
