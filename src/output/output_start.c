#include "output/output_start.h"

#include "file/outfile.h"
#include "file/rotation.h"
#include "io/describe.h"
#include "output/next_file.h"
#include "output/whole_lines.h"
#include "sys/say.h"

#include <errno.h>
#include <fcntl.h>
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
    target->end = dest_connects(output->sink.dest) ? connection_expected_end(&output->sink)
                                                   : output->sink.end;
    describe(target->description, sizeof target->description, &target->end);
    return error;
}

static int connect_first(struct output *output)
{
    const int error = connection_open(&output->connection, &output->sink, output->flow->settings);

    if (error == 1)
        output->state = OUTPUT_DISCONNECTED;
    return error < 0 ? error : 0;
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
    if (dest_connects(dest))
        return describe_target(output, connect_first(output));
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

int output_add_layers(struct output *output, const struct settings *settings, bool is_only_one)
{
    int error = compressor_start(output, settings, is_only_one);

    output->sink.is_compressed = compressor_is_used(output);
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
