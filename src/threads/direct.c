/*
 * Direct mode: no ring. Each read is written before the next one: as safe as it gets, and the
 * baseline. Files that the kernel can move to the output by itself go this way too.
 */
#include "threads/direct.h"

#include "input/intake.h"

#include "input/explain_input.h"
#include "io/duct.h"
#include "io/transfer.h"
#include "output/next_file.h"
#include "sys/clock.h"
#include "sys/pipes.h"
#include "watch/lines.h"

#include <errno.h>
#include <unistd.h>

struct direct {
    struct flow *flow;
    struct reader *reader; /* whose thread it is */
    struct intake *intake;
    struct slab_pipes *slab_pipes;
    struct output *output;
};

/*
 * Until the output takes more, or with an INPUT until there is some. A consumer that goes away is
 * noticed meanwhile. Returns false when the output has ended.
 */
static bool await(struct direct *direct, const struct endpoint *input, enum output_wants wants)
{
    struct output *output = direct->output;
    struct pollfd fds[] = {{0}, {.fd = input ? input->fd : -1, .events = POLLIN}};
    int error;

    output->wants = wants;
    fds[0] = (struct pollfd){.fd = output_fd(output), .events = output_events(output)};
    error = wait_for(&direct->flow->bells.reader, output_due(output), fds, 2);
    if (error) {
        flow_wait_failed(direct->flow, error);
        return false;
    }
    /* what a write will tell, it tells best */
    if (fds[0].revents & (wants == WANTS_ROOM ? POLLIN : ~0))
        output_noticed(output, fds[0].revents);
    return output_is_in_use(output);
}

static bool wait_for_output(struct direct *direct)
{
    bool goes_on;

    intake_hold(direct->intake);
    counters_wait(&direct->flow->meters.out, clock_now());
    goes_on = await(direct, NULL, WANTS_ROOM);
    counters_go_on(&direct->flow->meters.out, clock_now());
    return goes_on;
}

/* The file is to be opened again: the line that is under way comes first. */
static size_t cut_at_line(const struct direct *direct, const unsigned char *bytes, size_t length)
{
    const size_t line = lines_first(bytes, length, direct->flow->settings->delimiter);

    return line ? line : length;
}

/*
 * Write some of what is in DUCT, or else at BYTES. Where a line ends has to be seen: then all of it comes out of the
 * duct, and *DUCT is NULL. BEGAN: when the caller looked at the clock.
 */
static ssize_t write_some(struct direct *direct, struct duct **duct, unsigned char *bytes,
                          size_t length, uint64_t began)
{
    struct output *output = direct->output;
    struct iovec part = {.iov_base = bytes, .iov_len = length};

    if (*duct && output->cut.is_wanted) {
        const int error = duct_pull(*duct, bytes, length);

        if (error)
            return error;
        *duct = NULL;
    }
    if (*duct)
        return sink_splice(&output->sink, *duct, length, began);
    if (output->cut.is_wanted)
        part.iov_len = cut_at_line(direct, bytes, length);
    return sink_write(&output->sink, &part, 1, part.iov_len, began);
}

static void pass_on_reopen(struct direct *direct)
{
    if (atomic_exchange(&direct->flow->flags.wants_reopen, false))
        next_file_ask(direct->output);
    else if (direct->output->cut.is_wanted)
        next_file_try(direct->output);
}

static void note_written(struct direct *direct, struct duct *duct, const unsigned char *bytes,
                         size_t length)
{
    struct meters *meters = &direct->flow->meters;

    output_wrote(direct->output, length);
    if (duct)
        meters_saw_not(meters, &meters->out, length);
    else
        meters_saw(meters, &meters->out, bytes, length);
    direct->output->sink.ends_line =
        !duct && bytes[length - 1] == (unsigned char)direct->flow->settings->delimiter;
}

/* Write all of it. False: the output has failed, or it is time to leave. */
static bool write_all(struct direct *direct, struct duct *duct, unsigned char *bytes, size_t length)
{
    uint64_t began = clock_now();

    while (length > 0 && flow_level(direct->flow) != ABANDON) {
        ssize_t put;

        pass_on_reopen(direct);
        put = write_some(direct, &duct, bytes, length, began);
        if (put > 0) {
            began = meters_put(&direct->flow->meters, (size_t)put, began);
            note_written(direct, duct, bytes, (size_t)put);
            bytes += put;
            length -= (size_t)put;
        }
        sink_answered(&direct->output->sink);
        if (put == -EAGAIN && !wait_for_output(direct))
            return false;
        if (put <= 0 && put != -EAGAIN) {
            output_broke(direct->output, "write", put ? (int)put : -EIO);
            return false;
        }
    }
    return length == 0;
}

/* Only pages will do: they need a duct. False: there is none to be had. */
static bool need_duct(struct direct *direct, struct duct **duct)
{
    if (direct->intake->choice.method != METHOD_SPLICE || *duct)
        return true;
    *duct = slab_pipes_open(direct->slab_pipes, direct->flow->settings);
    if (*duct)
        explain_slab_pipes(direct->flow, direct->slab_pipes);
    else
        reader_has_no_pipes(direct->reader);
    return *duct;
}

/* Read once and write what came. False: it is over. */
static bool copy_some(struct direct *direct, struct duct **duct)
{
    struct place place = {.bytes = direct->flow->store, .room = direct->flow->settings->slab_size};
    struct taken taken;
    ssize_t got;

    if (!need_duct(direct, duct))
        return false;
    place.duct = *duct;
    got = intake_take(direct->intake, &place, &taken);
    if (got > 0)
        return write_all(direct, taken.piped ? *duct : NULL, direct->flow->store, (size_t)got);
    /* -EXFULL: it is empty; bytes have come in the moment between two looks */
    if (got == -EXFULL || got == -ERESTART)
        return true;
    return got == -EAGAIN && (flow_level(direct->flow) >= DRAINING ||
                              await(direct, &direct->intake->source.end, WANTS_BYTES));
}

/* An error of a call that reads and writes in one: is it the input that cannot be read? */
static bool is_read_error(const struct endpoint *input)
{
    char byte;

    return pread(input->fd, &byte, 1, lseek(input->fd, 0, SEEK_CUR)) < 0;
}

/* Let the kernel move some of the open file. False: it is over. */
static bool transfer_some(struct direct *direct)
{
    struct endpoint *input = &direct->intake->source.end;
    struct output *output = direct->output;
    const uint64_t began = clock_now();
    const size_t most = intake_left(direct->intake);
    ssize_t moved;

    sink_ask(&output->sink, 0, began);
    moved = direct->intake->choice.method == METHOD_SENDFILE
                ? transfer_send(input, &output->sink.end, most)
                : transfer_range(input, &output->sink.end, most);
    sink_answered(&output->sink);
    if (moved > 0) {
        intake_passed(direct->intake, (size_t)moved, began);
        output_wrote(output, (size_t)moved);
        output->sink.ends_line = false; /* nobody has seen it */
        return true;
    }
    if (moved == -EAGAIN)
        return wait_for_output(direct);
    if (flow_may_copy_instead(direct->flow, moved)) {
        explain_input_refusal(direct->intake, method_name(direct->intake->choice.method), moved);
    } else if (!is_read_error(input)) {
        output_broke(output, "write", (int)moved);
        return false;
    }
    /* reading does it, or says what is wrong, or that this is the end */
    input->refuses_splice = true;
    return true;
}

/*
 * The open file can still be left to the kernel. While draining it is not to be read any further.
 */
static bool can_transfer(struct direct *direct)
{
    return direct->intake->source.is_open && !method_needs_ring(direct->intake->choice.method) &&
           !direct->intake->source.end.refuses_splice && !direct->output->cut.is_wanted &&
           flow_level(direct->flow) < DRAINING && intake_left(direct->intake) > 0;
}

/* All has been written: a connection's peer has to close it as well. */
static void part(struct direct *direct)
{
    struct output *output = direct->output;

    if (output->state == OUTPUT_READY)
        output_finish(output);
    while (output_is_in_use(output) && flow_level(direct->flow) != ABANDON) {
        if (!output_advance(output) && !await(direct, NULL, WANTS_BYTES))
            break;
    }
}

void run_direct(struct reader *reader, struct output *output)
{
    const struct settings *settings = reader->flow->settings;
    struct direct direct = {reader->flow, reader, &reader->intake, &reader->slab_pipes, output};
    struct duct *duct = NULL;
    bool more = intake_next(direct.intake);

    if (more && settings->pipe_size_policy == PIPE_SIZE_SET) {
        pipe_grow(direct.intake->source.end.fd, settings->pipe_size);
        pipe_grow(output->sink.end.fd, settings->pipe_size);
    }
    while (more && flow_level(direct.flow) != ABANDON) {
        pass_on_reopen(&direct);
        more = can_transfer(&direct) ? transfer_some(&direct) : copy_some(&direct, &duct);
    }
    if (flow_level(direct.flow) != ABANDON)
        part(&direct);
}
