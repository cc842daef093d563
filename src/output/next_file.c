#include "output/next_file.h"

#include "file/outfile.h"
#include "file/rotation.h"
#include "output/explain_output.h"
#include "sys/clock.h"
#include "sys/say.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* What comes without the end of a line for so long is no stream of lines. */
static const uint64_t line_max = (uint64_t)64 << 10;

static int say_failed(const struct output *output, const char *operation, int error)
{
    say("%s: %s: %s", quote_name(output->sink.name).text, operation, strerror(-error));
    return error;
}

int next_file_prepare(struct output *output, const struct settings *settings)
{
    int error;

    /* nothing has been written; but of pages it is never known how they end */
    output->sink.ends_line = settings_look_at_bytes(settings);
    output->cut.size_max = settings->rotate_size;
    output->cut.age_max = settings->rotate_time;
    if (!settings_rotate(settings) || output->sink.dest->kind != DEST_PATH)
        return 0;
    error = rotation_make(&output->file.rotation, output->sink.dest->path, settings->rotate_keep);
    return error ? say_failed(output, "cannot be rotated", error) : 0;
}

/* Is what is there gone on with? Compressed bytes may end anywhere in a frame. */
static bool goes_on(const struct settings *settings)
{
    return settings->append && settings->compress == PRESS_NONE;
}

/* The new file, in place of the one that has been rotated away. */
static int open_fresh(struct output *output)
{
    struct endpoint fresh;
    const int done = outfile_reopen(&fresh, &output->sink.end, output->sink.dest->path,
                                    outfile_mode(&output->sink.end));

    if (done > 0) {
        endpoint_close(&output->sink.end);
        output->sink.end = fresh;
        output->target->end = fresh;
    }
    return done < 0 ? done : rotation_sync_directory(output->file.rotation);
}

/*
 * Runs that are too short for a rotation leave files as well. What fails here, rotations try again.
 */
static void prune_leftovers(const struct output *output)
{
    const char *old = NULL;
    const int error = rotation_prune(output->file.rotation, &old);

    if (error)
        say_failed(output, "delete an old file", error);
}

static int rotate_leftover(struct output *output, int fd)
{
    const char *operation = "open";
    int error = rotation_away(output->file.rotation, fd, &operation);

    if (!error) {
        output->file.is_renamed = true;
        operation = "sync the directory";
        error = rotation_sync_directory(output->file.rotation);
    }
    if (!error) {
        operation = "open again";
        error = open_fresh(output);
    }
    return error ? say_failed(output, operation, error) : 0;
}

int next_file_begin(struct output *output, const struct settings *settings)
{
    const int fd = rotation_leftover(output->file.rotation);
    int error = 0;

    if (fd == -ENOENT)
        return 0;
    if (fd < 0)
        return say_failed(output, "open", fd);
    if (goes_on(settings)) {
        output->sink.file_size = (uint64_t)lseek(fd, 0, SEEK_END);
        output->sink.file_since = clock_now();
        output->sink.ends_line =
            outfile_is_between_lines(&output->sink.end, settings->delimiter) > 0;
    } else {
        error = rotate_leftover(output, fd);
    }
    close(fd);
    return error;
}

void next_file_take_back(struct output *output)
{
    int error;

    if (!output->file.is_renamed)
        return;
    outfile_discard(&output->sink.end, output->sink.dest->path);
    error = rotation_back(output->file.rotation);
    if (error)
        say_failed(output, "give it back its name", error);
    output->file.is_renamed = false;
}

void next_file_settle(struct output *output)
{
    if (output->file.is_renamed)
        prune_leftovers(output);
    output->file.is_renamed = false;
}

void next_file_ask(struct output *output)
{
    if (output->sink.dest->kind != DEST_PATH || output->state != OUTPUT_READY ||
        !outfile_can_reopen(&output->sink.end))
        return;
    if (!output->cut.is_wanted)
        output->cut.uncut = 0;
    output->cut.is_wanted = true;
    next_file_try(output);
}

/* What has been written ends with a line, or goes on without for too long. */
static bool can_be_cut(const struct output *output)
{
    if (output->sink.ends_line || output->cut.uncut >= line_max)
        return true;
    /* pages that nobody has seen went before */
    return !compressor_is_used(output) &&
           outfile_is_between_lines(&output->sink.end, output->flow->settings->delimiter) > 0;
}

/* The old file has all it will get. */
static void change_over(struct output *output, const struct endpoint *fresh)
{
    output_sum_up(output, output->flow->settings->rotate_keep);
    output_close_end(output);
    output->sink.end = *fresh;
    output->sink.file_size = 0;
    output->cut.began = output->sink.written;
    output->file.is_renamed = false;
    compressor_begin_file(output);
    explain_reopened(output);
}

/*
 * True when FRESH, which OUTPUT is to go on in, is where another output is written to. Devices take
 * what everybody writes.
 */
static bool is_taken(const struct output *output, const struct endpoint *fresh)
{
    int i;

    if (fresh->kind == ENDPOINT_DEVICE || fresh->kind == ENDPOINT_TERMINAL)
        return false;
    for (i = 0; i < output->flow->target_count; i++) {
        const struct output *other = &output->all->list[i];

        if (other != output && other->sink.end.fd >= 0 && other->sink.end.device == fresh->device &&
            other->sink.end.inode == fresh->inode)
            return true;
    }
    return false;
}

static void open_again(struct output *output)
{
    struct endpoint fresh;
    /* others who have taken it away may have given it any mode since */
    const mode_t mode = output->file.is_renamed ? outfile_mode(&output->sink.end) : 0666;
    const int done = outfile_reopen(&fresh, &output->sink.end, output->sink.dest->path, mode);

    if (done > 0 && is_taken(output, &fresh)) {
        endpoint_close(&fresh);
        notes_failure(&output->flow->notes, output->sink.name,
                      "not opened again: its name leads to another output's file",
                      output->sink.written, 0);
        return;
    }
    if (done >= 0)
        output->file.is_renamed =
            output->file.is_renamed && done > 0; /* it may have been brought back */
    if (done > 0)
        change_over(output, &fresh);
    else if (done < 0)
        notes_failure(&output->flow->notes, output->sink.name, "open again", output->sink.written,
                      done);
}

static void sync_directory(struct output *output)
{
    const int error = rotation_sync_directory(output->file.rotation);

    if (error)
        notes_failure(&output->flow->notes, output->sink.name, "sync the directory",
                      output->sink.written, error);
}

/* Whatever fails, the bytes go on: to the old file, if there is no other one. */
static void rotate(struct output *output)
{
    const char *operation = NULL;
    const char *old = NULL;
    int error = 0;

    output->sink.file_size = 0; /* if it cannot be done now, it is tried again after as much */
    if (!output->file.is_renamed)
        error = rotation_away(output->file.rotation, output->sink.end.fd, &operation);
    if (error && error != -ENOENT && error != -ESTALE) {
        notes_failure(&output->flow->notes, output->sink.name, operation, output->sink.written,
                      error);
        return;
    }
    output->file.is_renamed = !error;
    sync_directory(output);
    open_again(output);
    sync_directory(output);
    error = rotation_prune(output->file.rotation, &old);
    if (error)
        notes_failure(&output->flow->notes, output->sink.name, "delete an old file",
                      ERROR_NO_OFFSET, error);
}

static void cut(struct output *output)
{
    if (compressor_is_used(output) && !compressor_end(output))
        return;
    output->cut.is_wanted = false;
    if (output->cut.rotates)
        rotate(output);
    else
        open_again(output);
    output->cut.rotates = false;
}

/*
 * True when the file has a frame's header at most. An empty frame can be larger than the size limit,
 * and the end of the input writes one into every fresh file: a rotation of such a file would be
 * followed by another one, without end.
 */
static bool has_empty_frame(const struct output *output)
{
    return compressor_is_used(output) && output->sink.written == output->cut.began;
}

static bool is_due(const struct output *output)
{
    const uint64_t size = output->cut.size_max;

    if (clock_now() >= next_file_due(output))
        return true;
    /* of bytes that are not compressed it is known how many fit */
    return compressor_is_used(output) && size && output->sink.file_size >= size &&
           !has_empty_frame(output);
}

void next_file_try(struct output *output)
{
    if (output->file.rotation && !output->cut.is_wanted && output->state == OUTPUT_READY &&
        is_due(output)) {
        output->cut.is_wanted = output->cut.rotates = true;
        output->cut.uncut = 0;
    }
    if (output->cut.is_wanted && !output->pages.relayed && output->wants != WANTS_WORKER &&
        can_be_cut(output))
        cut(output);
}

size_t next_file_room(const struct output *output)
{
    const uint64_t size = output->cut.size_max;

    if (!output->file.rotation || !size || compressor_is_used(output))
        return SIZE_MAX;
    return output->sink.file_size < size ? (size_t)(size - output->sink.file_size) : 0;
}

bool next_file_may_force(const struct output *output)
{
    return output->sink.file_size > 0 &&
           (output->sink.ends_line || output->sink.file_size >= output->cut.size_max + line_max);
}

void next_file_force(struct output *output)
{
    output->cut.rotates = true;
    cut(output);
}

uint64_t next_file_due(const struct output *output)
{
    if (!output->file.rotation || !output->cut.age_max || !output->sink.file_size ||
        output->cut.is_wanted)
        return NEVER;
    if (has_empty_frame(output))
        return NEVER;
    return clock_after(output->sink.file_since, output->cut.age_max);
}
