/*
 * Direct mode: no ring. Each read is written before the next one: as safe as it gets, and the
 * baseline. Files that the kernel can move to the output by itself go this way too.
 */
#include "move/intake.h"
#include "move/movers.h"

#include "ends/duct.h"
#include "ends/transfer.h"
#include "move/explain.h"
#include "move/renewal.h"
#include "sys/clock.h"
#include "sys/pipes.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/*
 * Until the outlet takes more, or with an INPUT until there is some. A consumer that goes away is
 * noticed meanwhile. False: it is over.
 */
static bool await(struct pour *pour, const struct end *input, enum outlet_wants wants)
{
    struct outlet *outlet = pour->outlets;
    struct pollfd fds[] = {{0}, {.fd = input ? input->fd : -1, .events = POLLIN}};
    int error;

    outlet->wants = wants;
    fds[0] = (struct pollfd){.fd = outlet_fd(outlet), .events = outlet_events(outlet)};
    error = wait_for(&pour->reader_bell, outlet_due(outlet), fds, 2);
    if (error) {
        wait_failed(pour, error);
        return false;
    }
    /* what a write will tell, it tells best */
    if (fds[0].revents & (wants == WANTS_ROOM ? POLLIN : ~0))
        outlet_noticed(pour, outlet, fds[0].revents);
    return outlet_is_in_use(outlet);
}

static bool wait_for_output(struct pour *pour)
{
    bool goes_on;

    intake_hold(pour);
    lane_wait(&pour->meters.out, clock_now());
    goes_on = await(pour, NULL, WANTS_ROOM);
    lane_go_on(&pour->meters.out, clock_now());
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
    struct outlet *outlet = pour->outlets;
    struct iovec part = {.iov_base = bytes, .iov_len = length};

    if (*duct && outlet->is_to_reopen) {
        const int error = duct_pull(*duct, bytes, length);

        if (error)
            return error;
        *duct = NULL;
    }
    if (*duct)
        return duct_drain(*duct, &outlet->end, length);
    if (outlet->is_to_reopen)
        part.iov_len = cut_at_line(pour, bytes, length);
    return end_write(&outlet->end, &part, 1);
}

static void pass_on_reopen(struct pour *pour)
{
    if (atomic_exchange(&pour->wants_reopen, false))
        renewal_ask(pour, pour->outlets);
    else if (pour->outlets->is_to_reopen)
        renewal_try(pour, pour->outlets);
}

static void note_written(struct pour *pour, struct duct *duct, const unsigned char *bytes,
                         size_t length)
{
    struct meters *meters = &pour->meters;

    outlet_wrote(pour->outlets, length);
    if (duct)
        meters_saw_not(meters, &meters->out, length);
    else
        meters_saw(meters, &meters->out, bytes, length);
    pour->outlets->has_ended_line =
        !duct && bytes[length - 1] == (unsigned char)pour->settings->delimiter;
}

/* Write all of it. False: the output has failed, or it is time to leave. */
static bool write_all(struct pour *pour, struct duct *duct, unsigned char *bytes, size_t length)
{
    uint64_t began = clock_now();

    while (length > 0 && pour_level(pour) != LEAVING) {
        ssize_t put;

        pass_on_reopen(pour);
        outlet_ask(pour->outlets, length, began);
        put = write_some(pour, &duct, bytes, length);
        if (put > 0) {
            began = meters_put(&pour->meters, (size_t)put, began);
            note_written(pour, duct, bytes, (size_t)put);
            bytes += put;
            length -= (size_t)put;
        }
        outlet_was_answered(pour->outlets);
        if (put == -EAGAIN && !wait_for_output(pour))
            return false;
        if (put <= 0 && put != -EAGAIN) {
            outlet_broke(pour, pour->outlets, "write", put ? (int)put : -EIO);
            return false;
        }
    }
    return length == 0;
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
    return got == -EAGAIN &&
           (pour_level(pour) >= DRAINING || await(pour, &pour->source.end, WANTS_BYTES));
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
    struct outlet *outlet = pour->outlets;
    const uint64_t began = clock_now();
    const size_t most = intake_left(pour);
    ssize_t moved;

    outlet_ask(outlet, 0, began);
    moved = pour->choice.way == WAY_SEND ? transfer_send(input, &outlet->end, most)
                                         : transfer_range(input, &outlet->end, most);
    outlet_was_answered(outlet);
    if (moved > 0) {
        intake_passed(pour, (size_t)moved, began);
        outlet_wrote(outlet, (size_t)moved);
        outlet->has_ended_line = false; /* nobody has seen it */
        return true;
    }
    if (moved == -EAGAIN)
        return wait_for_output(pour);
    if (may_copy_instead(pour, moved)) {
        explain_input_refusal(pour, way_name(pour->choice.way), moved);
    } else if (!is_read_error(input)) {
        outlet_broke(pour, outlet, "write", (int)moved);
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
           !pour->source.end.refuses_splice && !pour->outlets->is_to_reopen &&
           pour_level(pour) < DRAINING && intake_left(pour) > 0;
}

/* All has been written: a connection's peer has to close it as well. */
static void part(struct pour *pour)
{
    struct outlet *outlet = pour->outlets;

    if (outlet->state == OUTLET_READY)
        outlet_part(pour, outlet);
    while (outlet_is_in_use(outlet) && pour_level(pour) != LEAVING) {
        if (!outlet_advance(pour, outlet) && !await(pour, NULL, WANTS_BYTES))
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
        pipe_grow(pour->outlets->end.fd, settings->pipe_size);
    }
    while (more && pour_level(pour) != LEAVING) {
        pass_on_reopen(pour);
        more = can_transfer(pour) ? transfer_some(pour) : copy_some(pour, &duct);
    }
    if (pour_level(pour) != LEAVING)
        part(pour);
}
