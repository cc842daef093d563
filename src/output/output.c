#include "output/output.h"

#include "file/outfile.h"
#include "file/rotation.h"
#include "flow/flow.h"
#include "io/describe.h"
#include "io/duct.h"
#include "output/next_file.h"
#include "output/whole_lines.h"
#include "output/worker.h"
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
static int adopt(struct output *output, int fd)
{
    const bool is_shared = fd == STDIN_FILENO || fd == STDERR_FILENO;
    const int own = is_shared ? fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1) : fd;
    int error;

    if (own < 0)
        return -errno;
    error = endpoint_adopt(&output->sink.end, ENDPOINT_OUTPUT, own, output->sink.name);
    if (error && is_shared)
        close(own);
    return error;
}

static int open_end(struct output *output, const struct settings *settings)
{
    const struct dest *dest = output->sink.dest;

    switch (dest->kind) {
    case DEST_STDOUT: return adopt(output, STDOUT_FILENO);
    case DEST_FD: return adopt(output, dest->fd);
    case DEST_PATH:
        return outfile_open(&output->sink.end, dest->path, settings->append, &output->file.is_new);
    case DEST_TCP:
    case DEST_UNIX: break;
    }
    return -EINVAL;
}

/* Let the reader know what the output is. */
static int describe_target(struct output *output, int error)
{
    struct target *target = output->target;

    target->name = output->sink.name;
    if (!output_is_disconnected(output) && !connection_is(output))
        target->end = output->sink.end;
    describe(target->description, sizeof target->description, &target->end);
    return error;
}

int output_open(struct output *output, const struct dest *dest, const struct outputs *all,
                struct flow *flow)
{
    const struct settings *settings = flow->settings;
    int error;

    *output = (struct output){
        .flow = flow,
        .all = all,
        .target = &flow->targets[output - all->list],
        .state = OUTPUT_READY,
    };
    sink_init(&output->sink, dest, settings);
    if (connection_is(output))
        return describe_target(output, connection_open(output, settings));
    error = next_file_prepare(output, settings);
    if (error)
        return error;
    error = open_end(output, settings);
    if (error)
        say("%s: %s%s", quote_name(output->sink.name).text, dest->kind == DEST_PATH ? "open: " : "",
            strerror(-error));
    return describe_target(output, error);
}

static bool is_truncated(const struct output *output, const struct settings *settings)
{
    return output->sink.dest->kind == DEST_PATH && !settings->append && !output->file.rotation;
}

static int say_truncate_failed(const struct output *output, int error)
{
    if (error)
        say("%s: truncate: %s", quote_name(output->sink.name).text, strerror(-error));
    return error;
}

int output_try(const struct output *output, const struct settings *settings)
{
    if (!is_truncated(output, settings))
        return 0;
    return say_truncate_failed(output, outfile_try_truncate(&output->sink.end));
}

int output_begin(struct output *output, const struct settings *settings)
{
    if (output->file.rotation)
        return next_file_begin(output, settings);
    if (!is_truncated(output, settings))
        return 0;
    return say_truncate_failed(output, outfile_truncate(&output->sink.end));
}

void output_take_back(struct output *output)
{
    if (output->file.rotation)
        next_file_take_back(output);
}

void output_discard(struct output *output)
{
    if (output->file.is_new)
        outfile_discard(&output->sink.end, output->sink.dest->path);
    output->file.is_new = false;
}

bool output_is_in_use(const struct output *output)
{
    return output->state != OUTPUT_DONE && output->state != OUTPUT_FAILED;
}

bool output_is_disconnected(const struct output *output)
{
    return output->state == OUTPUT_RESTING || output->state == OUTPUT_DIALING;
}

uint64_t output_settled(const struct output *output)
{
    return output->sink.resends ? output->sink.confirmed : output->sink.written;
}

size_t output_allowed(struct output *output, size_t fewest, size_t length)
{
    const size_t room = sink_room(&output->sink, fewest, length);

    if (!room)
        output->wants = WANTS_TIME;
    return room;
}

void output_wrote(struct output *output, size_t bytes)
{
    output->sink.written += bytes;
    if (output->cut.is_wanted)
        output->cut.uncut += bytes;
    if (connection_is(output))
        connection_wrote(output);
    else if (!compressor_is_used(output))
        sink_confirm(&output->sink, output->sink.written);
}

int output_free_worker(struct output *output)
{
    struct iovec parts[WORKER_PARTS_MAX];
    ssize_t put;
    int count;

    if (!output->pages.worker)
        return 0;
    count = output->pages.worker->count;
    memcpy(parts, output->pages.worker->parts, sizeof parts);
    put = worker_free(output->pages.worker);
    output->pages.worker = NULL;
    sink_answered(&output->sink);
    if (put <= 0)
        return put == -EAGAIN ? 0 : (int)put;
    sink_took(&output->sink, parts, count, (size_t)put);
    output_wrote(output, (size_t)put);
    return 0;
}

int output_add_layers(struct output *output, const struct settings *settings, bool is_only_one)
{
    int error = compressor_start(output, settings, is_only_one);

    whole_lines_start(output, settings);
    output->sink.sum.is_timed = settings->explain;
    if (!error && settings->digest)
        error = digest_make(&output->sink.sum.digest, settings->digest);
    return error;
}

void output_drop_layers(struct output *output)
{
    compressor_stop(output);
    rotation_free(output->file.rotation);
    output->file.rotation = NULL;
    if (output->sink.sum.digest)
        digest_free(output->sink.sum.digest);
    output->sink.sum.digest = NULL;
}

/* What it has besides its end is given back. */
static void strip(struct output *output)
{
    output_free_worker(output);
    if (connection_is(output) && output->state == OUTPUT_DIALING)
        dial_stop(&output->connection.dial);
    if (output->pages.relay)
        duct_close(output->pages.relay);
    output->pages.relay = NULL;
    output->pages.relayed = 0;
}

/* Of several it is waited for no longer, and does not count. */
static void leave_out(struct output *output)
{
    if (output->flow->target_count > 1)
        atomic_store(&output->sink.claim.arrived, UINT64_MAX);
}

/* What has not arrived was counted as written. */
static void take_back(const struct output *output)
{
    if (output->flow->target_count == 1 && !output->sink.resends)
        meters_took_back(&output->flow->meters,
                         (size_t)(output->sink.written - output->sink.confirmed));
}

/*
 * One of several has not failed, but is not waited for: what it does not have has not arrived. What
 * counts as written is what all had been given.
 */
static void take_back_for_all(const struct output *output)
{
    const uint64_t out = counters_bytes(&output->flow->meters.out);

    if (output->sink.confirmed < out)
        meters_took_back(&output->flow->meters, (size_t)(out - output->sink.confirmed));
}

void output_broke(struct output *output, const char *operation, int error)
{
    const bool is_only_one = output->flow->target_count == 1 && !connection_is(output);

    connection_confirm(output);
    strip(output);
    endpoint_close(&output->sink.end);
    if (connection_comes_back(output, operation, error))
        return;
    take_back(output);
    leave_out(output);
    output->state = OUTPUT_FAILED;
    output->error = error;
    /* the only consumer that has gone is for main to judge: mostly it is no failure at all */
    if (error != -EPIPE || !is_only_one)
        notes_failure(&output->flow->notes, output->sink.name,
                      flow_operation(output->flow, operation, error), output->sink.confirmed,
                      error);
}

bool output_advance(struct output *output)
{
    return connection_is(output) && connection_advance(output);
}

void output_noticed(struct output *output, short revents)
{
    int error;

    if (output->state != OUTPUT_READY)
        return;
    if (connection_is(output) && revents & POLLIN)
        connection_hear(output);
    if (output->state != OUTPUT_READY)
        return;
    error = endpoint_failure(&output->sink.end, revents);
    if (error)
        output_broke(output, "write", error);
}

/* As it is called now, for those who want to look at it. */
static void name_of_sum(const struct output *output, char name[PATH_MAX])
{
    const char *const own = output->sink.dest->kind == DEST_STDOUT ? "-" : output->sink.name;

    if (output->file.is_renamed)
        rotation_name(output->file.rotation, name, PATH_MAX);
    else
        snprintf(name, PATH_MAX, "%s", own);
}

void output_sum_up(struct output *output, uint64_t keep)
{
    char name[PATH_MAX];
    struct checksum sum = {
        .name = name, .of = output, .is_file = output->sink.dest->kind == DEST_PATH};
    int error;

    if (!output->sink.sum.digest)
        return;
    name_of_sum(output, name);
    error = digest_finish(output->sink.sum.digest, sum.hex);
    if (!error)
        error = checksums_add(&output->flow->checksums, &sum, keep);
    if (error)
        notes_failure(&output->flow->notes, output->sink.name, "digest", ERROR_NO_OFFSET, error);
    else
        bell_wake_always(&output->flow->bells.main); /* it may have a file for it */
}

/* The output's last errors come when it is synced and closed. */
void output_close_end(struct output *output)
{
    int error = 0;

    if (output->flow->settings->sync && !connection_is(output) && output->sink.end.fd >= 0) {
        sink_calls(&output->sink, clock_now());
        error = endpoint_sync(&output->sink.end);
    }
    if (error)
        notes_failure(&output->flow->notes, output->sink.name, "sync", ERROR_NO_OFFSET, error);
    sink_calls(&output->sink, clock_now());
    error = endpoint_close(&output->sink.end);
    sink_answered(&output->sink);
    if (error)
        notes_failure(&output->flow->notes, output->sink.name, "close", ERROR_NO_OFFSET, error);
}

static void finish(struct output *output, enum output_state state)
{
    strip(output);
    output_close_end(output);
    output_sum_up(output, 0);
    output->state = state;
}

void output_finish(struct output *output)
{
    if (compressor_is_used(output) && output->state == OUTPUT_READY && !compressor_end(output))
        return; /* what is inside comes first */
    if (connection_is(output) && !output_is_disconnected(output))
        connection_finish(output);
    else
        finish(output, OUTPUT_DONE);
}

void output_arrived(struct output *output)
{
    sink_confirm(&output->sink, output->sink.written);
    finish(output, OUTPUT_DONE);
}

void output_give_up(struct output *output, const char *operation, int error)
{
    connection_confirm(output);
    take_back(output);
    leave_out(output);
    notes_failure(&output->flow->notes, output->sink.name, operation, ERROR_NO_OFFSET, error);
    finish(output, OUTPUT_FAILED);
}

void output_leave(struct output *output)
{
    if (!output_is_in_use(output))
        return;
    connection_confirm(output);
    if (output->flow->target_count == 1)
        take_back(output);
    else
        take_back_for_all(output);
    finish(output, OUTPUT_FAILED);
}

int output_fd(const struct output *output)
{
    if (connection_is(output))
        return connection_fd(output);
    /* poll has nothing to say of a file, but that it is ready */
    if (output->state != OUTPUT_READY ||
        (endpoint_is_always_ready(&output->sink.end) && output->wants != WANTS_ROOM))
        return -1;
    return output->sink.end.fd;
}

short output_events(const struct output *output)
{
    const bool wants_room = output->state == OUTPUT_READY && output->wants == WANTS_ROOM;

    return (short)((wants_room ? POLLOUT : 0) |
                   (connection_is(output) ? connection_events(output) : 0));
}

uint64_t output_due(struct output *output)
{
    uint64_t due = connection_is(output) ? connection_due(output) : NEVER;

    if (output->state == OUTPUT_READY && output->wants == WANTS_TIME &&
        rate_limit_due(&output->sink.rate_limit) < due)
        due = rate_limit_due(&output->sink.rate_limit);
    if (output->state != OUTPUT_READY || output->wants == WANTS_ROOM ||
        output->wants == WANTS_WORKER)
        return due;
    /* the rate limit: what is due is on its way already */
    if (compressor_is_used(output) && output->wants != WANTS_TIME && compressor_due(output) < due)
        due = compressor_due(output);
    if (output->wants == WANTS_LINE && whole_lines_due(output) < due)
        due = whole_lines_due(output);
    return next_file_due(output) < due ? next_file_due(output) : due;
}
