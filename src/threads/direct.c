/*
 * Direct mode: no ring. Each read is written before the next one: as safe as it gets, and the
 * baseline. Files that the kernel can move to the output by itself go this way too.
 */
#include "input/intake.h"
#include "threads/movers.h"

#include "flow/explain.h"
#include "io/duct.h"
#include "io/transfer.h"
#include "output/next_file.h"
#include "sys/clock.h"
#include "sys/pipes.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/*
 * Until the output takes more, or with an INPUT until there is some. A consumer that goes away is
 * noticed meanwhile. False: it is over.
 */
static bool await(struct pour *pour, const struct endpoint *input, enum output_wants wants)
{
    struct output *output = pour->outputs;
    struct pollfd fds[] = {{0}, {.fd = input ? input->fd : -1, .events = POLLIN}};
    int error;

    output->wants = wants;
    fds[0] = (struct pollfd){.fd = output_fd(output), .events = output_events(output)};
    error = wait_for(&pour->reader_bell, output_due(output), fds, 2);
    if (error) {
        wait_failed(pour, error);
        return false;
    }
    /* what a write will tell, it tells best */
    if (fds[0].revents & (wants == WANTS_ROOM ? POLLIN : ~0))
        output_noticed(pour, output, fds[0].revents);
    return output_is_in_use(output);
}

static bool wait_for_output(struct pour *pour)
{
    bool goes_on;

    intake_hold(pour);
    counters_wait(&pour->meters.out, clock_now());
    goes_on = await(pour, NULL, WANTS_ROOM);
    counters_go_on(&pour->meters.out, clock_now());
    return goes_on;
}

/* The file is to be opened again: the line that is under way comes first. */
static size_t cut_at_line(const struct pour *pour, const unsigned char *bytes, size_t length)
{
    const unsigned char *end = memchr(bytes, pour->settings->delimiter, length);

    return end ? (size_t)(end - bytes) + 1 : length;
}

/*
 * Some of what is in DUCT, or else at BYTES. Where a line ends has to be seen: then all of it comes
 * out of the duct, and *DUCT is NULL.
 */
static ssize_t write_some(struct pour *pour, struct duct **duct, unsigned char *bytes,
                          size_t length)
{
    struct output *output = pour->outputs;
    struct iovec part = {.iov_base = bytes, .iov_len = length};

    if (*duct && output->is_to_reopen) {
        const int error = duct_pull(*duct, bytes, length);

        if (error)
            return error;
        *duct = NULL;
    }
    if (*duct)
        return duct_drain(*duct, &output->end, length);
    if (output->is_to_reopen)
        part.iov_len = cut_at_line(pour, bytes, length);
    return endpoint_write(&output->end, &part, 1);
}

static void pass_on_reopen(struct pour *pour)
{
    if (atomic_exchange(&pour->wants_reopen, false))
        next_file_ask(pour, pour->outputs);
    else if (pour->outputs->is_to_reopen)
        next_file_try(pour, pour->outputs);
}

static void note_written(struct pour *pour, struct duct *duct, const unsigned char *bytes,
                         size_t length)
{
    struct meters *meters = &pour->meters;

    output_wrote(pour->outputs, length);
    if (duct)
        meters_saw_not(meters, &meters->out, length);
    else
        meters_saw(meters, &meters->out, bytes, length);
    pour->outputs->has_ended_line =
        !duct && bytes[length - 1] == (unsigned char)pour->settings->delimiter;
}

/* Write all of it. False: the output has failed, or it is time to leave. */
static bool write_all(struct pour *pour, struct duct *duct, unsigned char *bytes, size_t length)
{
    uint64_t began = clock_now();

    while (length > 0 && pour_level(pour) != ABANDON) {
        ssize_t put;

        pass_on_reopen(pour);
        output_ask(pour->outputs, length, began);
        put = write_some(pour, &duct, bytes, length);
        if (put > 0) {
            began = meters_put(&pour->meters, (size_t)put, began);
            note_written(pour, duct, bytes, (size_t)put);
            bytes += put;
            length -= (size_t)put;
        }
        output_was_answered(pour->outputs);
        if (put == -EAGAIN && !wait_for_output(pour))
            return false;
        if (put <= 0 && put != -EAGAIN) {
            output_broke(pour, pour->outputs, "write", put ? (int)put : -EIO);
            return false;
        }
    }
    return length == 0;
}

/* Only pages will do: they need a duct. False: there is none to be had. */
static bool need_duct(struct pour *pour, struct duct **duct)
{
    if (pour->choice.method != METHOD_SPLICE || *duct)
        return true;
    *duct = slab_pipes_open(&pour->slab_pipes, pour->settings);
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
    return got == -EAGAIN &&
           (pour_level(pour) >= DRAINING || await(pour, &pour->source.end, WANTS_BYTES));
}

/* An error of a call that reads and writes in one: is it the input that cannot be read? */
static bool is_read_error(const struct endpoint *input)
{
    char byte;

    return pread(input->fd, &byte, 1, lseek(input->fd, 0, SEEK_CUR)) < 0;
}

/* Let the kernel move some of the open file. False: it is over. */
static bool transfer_some(struct pour *pour)
{
    struct endpoint *input = &pour->source.end;
    struct output *output = pour->outputs;
    const uint64_t began = clock_now();
    const size_t most = intake_left(pour);
    ssize_t moved;

    output_ask(output, 0, began);
    moved = pour->choice.method == METHOD_SENDFILE ? transfer_send(input, &output->end, most)
                                                   : transfer_range(input, &output->end, most);
    output_was_answered(output);
    if (moved > 0) {
        intake_passed(pour, (size_t)moved, began);
        output_wrote(output, (size_t)moved);
        output->has_ended_line = false; /* nobody has seen it */
        return true;
    }
    if (moved == -EAGAIN)
        return wait_for_output(pour);
    if (may_copy_instead(pour, moved)) {
        explain_input_refusal(pour, method_name(pour->choice.method), moved);
    } else if (!is_read_error(input)) {
        output_broke(pour, output, "write", (int)moved);
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
    return pour->source.is_open && !method_needs_ring(pour->choice.method) &&
           !pour->source.end.refuses_splice && !pour->outputs->is_to_reopen &&
           pour_level(pour) < DRAINING && intake_left(pour) > 0;
}

/* All has been written: a connection's peer has to close it as well. */
static void part(struct pour *pour)
{
    struct output *output = pour->outputs;

    if (output->state == OUTPUT_READY)
        output_finish(pour, output);
    while (output_is_in_use(output) && pour_level(pour) != ABANDON) {
        if (!output_advance(pour, output) && !await(pour, NULL, WANTS_BYTES))
            break;
    }
}

void run_direct(struct pour *pour)
{
    const struct settings *settings = pour->settings;
    struct duct *duct = NULL;
    bool more = intake_next(pour);

    if (more && settings->pipe_size_policy == PIPE_SIZE_SET) {
        pipe_grow(pour->source.end.fd, settings->pipe_size);
        pipe_grow(pour->outputs->end.fd, settings->pipe_size);
    }
    while (more && pour_level(pour) != ABANDON) {
        pass_on_reopen(pour);
        more = can_transfer(pour) ? transfer_some(pour) : copy_some(pour, &duct);
    }
    if (pour_level(pour) != ABANDON)
        part(pour);
}
