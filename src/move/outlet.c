#include "move/outlet.h"

#include "ends/duct.h"
#include "ends/outfile.h"
#include "move/explain.h"
#include "move/hand.h"
#include "move/movers.h"
#include "sys/clock.h"
#include "sys/say.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* What comes without the end of a line for so long is no stream of lines. */
static const uint64_t line_max = (uint64_t)64 << 10;

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
    case DEST_PATH: return outfile_open(&outlet->end, dest->path, settings->append);
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
    error = open_end(outlet, settings);
    if (error)
        say("%s: %s%s", quote_name(outlet->name).text, dest->kind == DEST_PATH ? "open: " : "",
            strerror(-error));
    outlet->first = outlet->end;
    return error;
}

int outlet_begin(struct outlet *outlet, const struct settings *settings)
{
    int error = 0;

    if (outlet->dest->kind == DEST_PATH && !settings->append)
        error = outfile_truncate(&outlet->end);
    if (error)
        say("%s: truncate: %s", quote_name(outlet->name).text, strerror(-error));
    return error;
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

void outlet_free_hand(struct outlet *outlet)
{
    ssize_t put;

    if (!outlet->hand)
        return;
    put = hand_free(outlet->hand);
    outlet->hand = NULL;
    if (put > 0)
        outlet_wrote(outlet, (size_t)put);
}

void outlet_wrote(struct outlet *outlet, size_t bytes)
{
    outlet->at += bytes;
    if (outlet->is_to_reopen)
        outlet->uncut += bytes;
    if (outlet->valve.rate)
        valve_passed(&outlet->valve, bytes, clock_now());
    if (connection_is(outlet))
        connection_wrote(outlet);
    else
        outlet->confirmed = outlet->at;
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

static void add_trouble(struct pour *pour, const struct outlet *outlet, const char *operation,
                        uint64_t offset, int error)
{
    troubles_add(&pour->troubles, (struct trouble){.object = outlet->name,
                                                   .operation = operation,
                                                   .offset = offset,
                                                   .error = error});
    bell_toll(&pour->main_bell);
}

/* What has not arrived was counted as written. */
static void take_back(struct pour *pour, const struct outlet *outlet)
{
    if (pour->outlet_count == 1 && !outlet->is_kept)
        meters_took_back(&pour->meters, (size_t)(outlet->at - outlet->confirmed));
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
    outlet->state = OUTLET_FAILED;
    outlet->error = error;
    /* the only consumer that has gone is for main to judge: mostly it is no trouble at all */
    if (error != -EPIPE || !is_only_one)
        add_trouble(pour, outlet, operation_name(pour, operation, error), outlet->confirmed, error);
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

/* The output's last errors come when it is synced and closed. */
static void close_end(struct pour *pour, struct outlet *outlet)
{
    int error = 0;

    if (pour->settings->sync && !connection_is(outlet) && outlet->end.fd >= 0)
        error = end_sync(&outlet->end);
    if (error)
        add_trouble(pour, outlet, "sync", TROUBLE_NO_OFFSET, error);
    error = end_close(&outlet->end);
    if (error)
        add_trouble(pour, outlet, "close", TROUBLE_NO_OFFSET, error);
}

static void finish(struct pour *pour, struct outlet *outlet, enum outlet_state state)
{
    strip(outlet);
    close_end(pour, outlet);
    outlet->state = state;
}

void outlet_part(struct pour *pour, struct outlet *outlet)
{
    if (connection_is(outlet) && !outlet_is_apart(outlet))
        connection_part(pour, outlet);
    else
        finish(pour, outlet, OUTLET_DONE);
}

void outlet_arrived(struct pour *pour, struct outlet *outlet)
{
    outlet->confirmed = outlet->at;
    finish(pour, outlet, OUTLET_DONE);
}

void outlet_give_up(struct pour *pour, struct outlet *outlet, const char *operation, int error)
{
    connection_confirm(outlet);
    take_back(pour, outlet);
    add_trouble(pour, outlet, operation, TROUBLE_NO_OFFSET, error);
    finish(pour, outlet, OUTLET_FAILED);
}

void outlet_leave(struct pour *pour, struct outlet *outlet)
{
    if (!outlet_is_in_use(outlet))
        return;
    connection_confirm(outlet);
    take_back(pour, outlet);
    finish(pour, outlet, OUTLET_FAILED);
}

void outlet_ask_reopen(struct pour *pour, struct outlet *outlet)
{
    if (outlet->dest->kind != DEST_PATH || outlet->state != OUTLET_READY ||
        !outfile_can_reopen(&outlet->end))
        return;
    if (!outlet->is_to_reopen) {
        outlet->uncut = 0;
        outlet->has_ended_line = false;
    }
    outlet->is_to_reopen = true;
    outlet_reopen(pour, outlet);
}

/* The old file has all it will get. */
static void change_over(struct pour *pour, struct outlet *outlet, const struct end *fresh)
{
    close_end(pour, outlet);
    outlet->end = *fresh;
    explain_reopened(pour, outlet);
}

/* What has been written ends with a line, or goes on without for too long. */
static bool can_be_cut(const struct pour *pour, const struct outlet *outlet)
{
    const int said = outfile_is_between_lines(&outlet->end, pour->settings->delimiter);

    return said > 0 || (said < 0 && outlet->has_ended_line) || outlet->uncut >= line_max;
}

void outlet_reopen(struct pour *pour, struct outlet *outlet)
{
    struct end fresh;
    int done;

    if (outlet->relayed || outlet->wants == WANTS_HAND || !can_be_cut(pour, outlet))
        return;
    outlet->is_to_reopen = false;
    done = outfile_reopen(&fresh, &outlet->end, outlet->dest->path);
    if (done > 0)
        change_over(pour, outlet, &fresh);
    else if (done < 0)
        add_trouble(pour, outlet, "open again", outlet->at, done);
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
    return due;
}
