#include "move/outlet.h"

#include "ends/duct.h"
#include "ends/outfile.h"
#include "ends/rotation.h"
#include "move/appending.h"
#include "move/hand.h"
#include "move/movers.h"
#include "move/renewal.h"
#include "sys/clock.h"
#include "sys/say.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/*
 * What is adopted is closed when it is done with, or fails; but messages of ours go to stderr until
 * the end, and input may come from stdin: of these it is another descriptor. So their numbers do
 * not become those of files that are opened later, either.
 */
static int adopt(struct outlet *outlet, int fd)
{
    const bool is_shared = fd == STDIN_FILENO || fd == STDERR_FILENO;
    const int own = is_shared ? fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1) : fd;
    int error;

    if (own < 0)
        return -errno;
    error = end_adopt(&outlet->end, END_OUTPUT, own, outlet->name);
    if (error && is_shared)
        close(own);
    return error;
}

static int open_end(struct outlet *outlet, const struct settings *settings)
{
    const struct dest *dest = outlet->dest;

    switch (dest->kind) {
    case DEST_STDOUT: return adopt(outlet, STDOUT_FILENO);
    case DEST_FD: return adopt(outlet, dest->fd);
    case DEST_PATH:
        return outfile_open(&outlet->end, dest->path, settings->append, &outlet->is_new);
    case DEST_TCP:
    case DEST_UNIX: break;
    }
    return -EINVAL;
}

int outlet_open(struct outlet *outlet, const struct dest *dest, const struct settings *settings)
{
    int error;

    *outlet = (struct outlet){
        .dest = dest,
        .name = dest->kind == DEST_STDOUT ? "stdout" : dest->name,
        .state = OUTLET_READY,
        .end = {.fd = -1, .own_fd = -1, .frozen_fd = -1},
    };
    valve_start(&outlet->valve, settings->rate_limit, settings->burst, clock_now());
    if (connection_is(outlet))
        return connection_open(outlet, settings);
    error = renewal_prepare(outlet, settings);
    if (error)
        return error;
    error = open_end(outlet, settings);
    if (error)
        say("%s: %s%s", quote_name(outlet->name).text, dest->kind == DEST_PATH ? "open: " : "",
            strerror(-error));
    outlet->first = outlet->end;
    return error;
}

static bool is_truncated(const struct outlet *outlet, const struct settings *settings)
{
    return outlet->dest->kind == DEST_PATH && !settings->append && !outlet->rotation;
}

static int say_truncate_failed(const struct outlet *outlet, int error)
{
    if (error)
        say("%s: truncate: %s", quote_name(outlet->name).text, strerror(-error));
    return error;
}

int outlet_try(const struct outlet *outlet, const struct settings *settings)
{
    if (!is_truncated(outlet, settings))
        return 0;
    return say_truncate_failed(outlet, outfile_try_truncate(&outlet->end));
}

int outlet_begin(struct outlet *outlet, const struct settings *settings)
{
    if (outlet->rotation)
        return renewal_begin(outlet, settings);
    if (!is_truncated(outlet, settings))
        return 0;
    return say_truncate_failed(outlet, outfile_truncate(&outlet->end));
}

void outlet_take_back(struct outlet *outlet)
{
    if (outlet->rotation)
        renewal_take_back(outlet);
}

void outlet_discard(struct outlet *outlet)
{
    if (outlet->is_new)
        outfile_discard(&outlet->end, outlet->dest->path);
    outlet->is_new = false;
}

bool outlet_is_in_use(const struct outlet *outlet)
{
    return outlet->state != OUTLET_DONE && outlet->state != OUTLET_FAILED;
}

bool outlet_is_apart(const struct outlet *outlet)
{
    return outlet->state == OUTLET_RESTING || outlet->state == OUTLET_DIALING;
}

uint64_t outlet_settled(const struct outlet *outlet)
{
    return outlet->is_kept ? outlet->confirmed : outlet->at;
}

size_t outlet_allowed(struct outlet *outlet, size_t fewest, size_t length)
{
    const size_t room =
        outlet->valve.rate ? valve_room(&outlet->valve, fewest, length, clock_now()) : length;

    if (!room)
        outlet->wants = WANTS_TIME;
    return room;
}

void outlet_left_unseen(struct outlet *outlet, size_t length)
{
    if (outlet->valve.rate)
        valve_passed(&outlet->valve, length, clock_now());
    if (!outlet->file_size)
        outlet->file_since = clock_now();
    outlet->file_size += length;
}

void outlet_left(struct outlet *outlet, const struct iovec *parts, int count, size_t length)
{
    const uint64_t began = outlet->is_timed ? clock_now() : 0;
    int i;

    outlet_left_unseen(outlet, length);
    if (!outlet->digest)
        return;
    outlet->digested += length;
    for (i = 0; i < count && length > 0; i++) {
        const size_t part = parts[i].iov_len < length ? parts[i].iov_len : length;

        digest_add(outlet->digest, parts[i].iov_base, part);
        length -= part;
    }
    if (outlet->is_timed)
        outlet->digest_ns += clock_now() - began;
}

void outlet_confirm(struct outlet *outlet, uint64_t position)
{
    outlet->confirmed = position;
    atomic_store_explicit(&outlet->claim.arrived, position, memory_order_release);
}

void outlet_calls(struct outlet *outlet, uint64_t now)
{
    atomic_store_explicit(&outlet->claim.since, now, memory_order_release);
}

void outlet_ask(struct outlet *outlet, size_t bytes, uint64_t now)
{
    outlet_calls(outlet, now);
    atomic_store_explicit(&outlet->claim.asked, outlet->at + bytes, memory_order_release);
}

void outlet_was_answered(struct outlet *outlet)
{
    atomic_store_explicit(&outlet->claim.asked, 0, memory_order_release);
    atomic_store_explicit(&outlet->claim.since, 0, memory_order_release);
}

void outlet_wrote(struct outlet *outlet, size_t bytes)
{
    outlet->at += bytes;
    if (outlet->is_to_reopen)
        outlet->uncut += bytes;
    if (connection_is(outlet))
        connection_wrote(outlet);
    else if (!packing_is_used(outlet))
        outlet_confirm(outlet, outlet->at);
}

int outlet_free_hand(struct outlet *outlet)
{
    struct iovec parts[HAND_PARTS_MAX];
    ssize_t put;
    int count;

    if (!outlet->hand)
        return 0;
    count = outlet->hand->count;
    memcpy(parts, outlet->hand->parts, sizeof parts);
    put = hand_free(outlet->hand);
    outlet->hand = NULL;
    outlet_was_answered(outlet);
    if (put <= 0)
        return put == -EAGAIN ? 0 : (int)put;
    outlet_left(outlet, parts, count, (size_t)put);
    outlet_wrote(outlet, (size_t)put);
    return 0;
}

int outlet_dress(struct outlet *outlet, const struct settings *settings, bool is_only_one)
{
    int error = packing_start(outlet, settings, is_only_one);

    appending_start(outlet, settings);
    outlet->is_timed = settings->explain;
    if (!error && settings->digest)
        error = digest_make(&outlet->digest, settings->digest);
    return error;
}

void outlet_undress(struct outlet *outlet)
{
    packing_stop(outlet);
    rotation_free(outlet->rotation);
    outlet->rotation = NULL;
    if (outlet->digest)
        digest_free(outlet->digest);
    outlet->digest = NULL;
}

/* What it has besides its end is given back. */
static void strip(struct outlet *outlet)
{
    outlet_free_hand(outlet);
    if (connection_is(outlet) && outlet->state == OUTLET_DIALING)
        dial_stop(&outlet->connection.dial);
    if (outlet->relay)
        duct_close(outlet->relay);
    outlet->relay = NULL;
    outlet->relayed = 0;
}

/* Of several it is waited for no longer, and does not count. */
static void leave_out(struct pour *pour, struct outlet *outlet)
{
    if (pour->outlet_count > 1)
        atomic_store(&outlet->claim.arrived, UINT64_MAX);
}

/* What has not arrived was counted as written. */
static void take_back(struct pour *pour, const struct outlet *outlet)
{
    if (pour->outlet_count == 1 && !outlet->is_kept)
        meters_took_back(&pour->meters, (size_t)(outlet->at - outlet->confirmed));
}

/*
 * One of several has not failed, but is not waited for: what it does not have has not arrived. What
 * counts as written is what all had been given.
 */
static void take_back_for_all(struct pour *pour, const struct outlet *outlet)
{
    const uint64_t out = lane_bytes(&pour->meters.out);

    if (outlet->confirmed < out)
        meters_took_back(&pour->meters, (size_t)(out - outlet->confirmed));
}

void outlet_broke(struct pour *pour, struct outlet *outlet, const char *operation, int error)
{
    const bool is_only_one = pour->outlet_count == 1 && !connection_is(outlet);

    connection_confirm(outlet);
    strip(outlet);
    end_close(&outlet->end);
    if (connection_comes_back(pour, outlet, operation, error))
        return;
    take_back(pour, outlet);
    leave_out(pour, outlet);
    outlet->state = OUTLET_FAILED;
    outlet->error = error;
    /* the only consumer that has gone is for main to judge: mostly it is no trouble at all */
    if (error != -EPIPE || !is_only_one)
        notes_failure(&pour->notes, outlet->name, operation_name(pour, operation, error),
                      outlet->confirmed, error);
}

bool outlet_advance(struct pour *pour, struct outlet *outlet)
{
    return connection_is(outlet) && connection_advance(pour, outlet);
}

void outlet_noticed(struct pour *pour, struct outlet *outlet, short revents)
{
    int error;

    if (outlet->state != OUTLET_READY)
        return;
    if (connection_is(outlet) && revents & POLLIN)
        connection_hear(pour, outlet);
    if (outlet->state != OUTLET_READY)
        return;
    error = end_failure(&outlet->end, revents);
    if (error)
        outlet_broke(pour, outlet, "write", error);
}

/* As it is called now, for those who want to look at it. */
static void name_of_sum(const struct outlet *outlet, char name[PATH_MAX])
{
    const char *const own = outlet->dest->kind == DEST_STDOUT ? "-" : outlet->name;

    if (outlet->is_away)
        rotation_name(outlet->rotation, name, PATH_MAX);
    else
        snprintf(name, PATH_MAX, "%s", own);
}

void outlet_sum_up(struct pour *pour, struct outlet *outlet, uint64_t keep)
{
    char name[PATH_MAX];
    struct sum sum = {.name = name, .of = outlet, .is_file = outlet->dest->kind == DEST_PATH};
    int error;

    if (!outlet->digest)
        return;
    name_of_sum(outlet, name);
    error = digest_finish(outlet->digest, sum.hex);
    if (!error)
        error = sums_add(&pour->sums, &sum, keep);
    if (error)
        notes_failure(&pour->notes, outlet->name, "digest", TROUBLE_NO_OFFSET, error);
    else
        bell_toll(&pour->main_bell); /* it may have a file for it */
}

/* The output's last errors come when it is synced and closed. */
void outlet_close_end(struct pour *pour, struct outlet *outlet)
{
    int error = 0;

    if (pour->settings->sync && !connection_is(outlet) && outlet->end.fd >= 0) {
        outlet_calls(outlet, clock_now());
        error = end_sync(&outlet->end);
    }
    if (error)
        notes_failure(&pour->notes, outlet->name, "sync", TROUBLE_NO_OFFSET, error);
    outlet_calls(outlet, clock_now());
    error = end_close(&outlet->end);
    outlet_was_answered(outlet);
    if (error)
        notes_failure(&pour->notes, outlet->name, "close", TROUBLE_NO_OFFSET, error);
}

static void finish(struct pour *pour, struct outlet *outlet, enum outlet_state state)
{
    strip(outlet);
    outlet_close_end(pour, outlet);
    outlet_sum_up(pour, outlet, 0);
    outlet->state = state;
}

void outlet_part(struct pour *pour, struct outlet *outlet)
{
    if (packing_is_used(outlet) && outlet->state == OUTLET_READY && !packing_end(outlet))
        return; /* what is inside comes first */
    if (connection_is(outlet) && !outlet_is_apart(outlet))
        connection_part(pour, outlet);
    else
        finish(pour, outlet, OUTLET_DONE);
}

void outlet_arrived(struct pour *pour, struct outlet *outlet)
{
    outlet_confirm(outlet, outlet->at);
    finish(pour, outlet, OUTLET_DONE);
}

void outlet_give_up(struct pour *pour, struct outlet *outlet, const char *operation, int error)
{
    connection_confirm(outlet);
    take_back(pour, outlet);
    leave_out(pour, outlet);
    notes_failure(&pour->notes, outlet->name, operation, TROUBLE_NO_OFFSET, error);
    finish(pour, outlet, OUTLET_FAILED);
}

void outlet_leave(struct pour *pour, struct outlet *outlet)
{
    if (!outlet_is_in_use(outlet))
        return;
    connection_confirm(outlet);
    if (pour->outlet_count == 1)
        take_back(pour, outlet);
    else
        take_back_for_all(pour, outlet);
    finish(pour, outlet, OUTLET_FAILED);
}

int outlet_fd(const struct outlet *outlet)
{
    if (connection_is(outlet))
        return connection_fd(outlet);
    /* poll has nothing to say of a file, but that it is ready */
    if (outlet->state != OUTLET_READY ||
        (end_is_always_ready(&outlet->end) && outlet->wants != WANTS_ROOM))
        return -1;
    return outlet->end.fd;
}

short outlet_events(const struct outlet *outlet)
{
    const bool wants_room = outlet->state == OUTLET_READY && outlet->wants == WANTS_ROOM;

    return (short)((wants_room ? POLLOUT : 0) |
                   (connection_is(outlet) ? connection_events(outlet) : 0));
}

uint64_t outlet_due(struct outlet *outlet)
{
    uint64_t due = connection_is(outlet) ? connection_due(outlet) : NEVER;

    if (outlet->state == OUTLET_READY && outlet->wants == WANTS_TIME &&
        valve_due(&outlet->valve) < due)
        due = valve_due(&outlet->valve);
    if (outlet->state != OUTLET_READY || outlet->wants == WANTS_ROOM || outlet->wants == WANTS_HAND)
        return due;
    /* the rate limit: what is due is on its way already */
    if (packing_is_used(outlet) && outlet->wants != WANTS_TIME && packing_due(outlet) < due)
        due = packing_due(outlet);
    if (outlet->wants == WANTS_LINE && appending_due(outlet) < due)
        due = appending_due(outlet);
    return renewal_due(outlet) < due ? renewal_due(outlet) : due;
}
