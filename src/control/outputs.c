#include "control/outputs.h"

#include "input/source.h"
#include "output/next_file.h"
#include "output/output_start.h"
#include "sys/replace.h"
#include "sys/say.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A standard descriptor that was closed at the start is /dev/null by now. */
static bool is_closed(const struct dest *dest, const bool was_closed[3])
{
    if (dest->kind == DEST_STDOUT)
        return was_closed[STDOUT_FILENO];
    return dest->kind == DEST_FD && dest->fd <= STDERR_FILENO && was_closed[dest->fd];
}

/*
 * Terminals and other character devices take what everybody writes, and descriptors 1 and 2 often
 * lead to the same one: they may be reached in two ways.
 */
static bool is_shared_by_all(const struct endpoint *end)
{
    return end->kind == ENDPOINT_TERMINAL || end->kind == ENDPOINT_DEVICE;
}

/* True when A and B, both open, are the same file, pipe or socket. */
static bool is_one_output(const struct output *a, const struct output *b)
{
    return a->sink.end.fd >= 0 && b->sink.end.fd >= 0 && !is_shared_by_all(&a->sink.end) &&
           a->sink.end.device == b->sink.end.device && a->sink.end.inode == b->sink.end.inode;
}

/* True when OUTPUT is the regular file that the input NAME stands for. */
static bool is_that_input(const struct endpoint *output, const char *name)
{
    struct stat status;
    const int found = source_is_stdin(name) ? fstat(STDIN_FILENO, &status) : stat(name, &status);

    return found == 0 && output->kind == ENDPOINT_FILE && output->device == status.st_dev &&
           output->inode == status.st_ino;
}

/* What a command reads is not ours to know. */
static bool is_an_input(const struct endpoint *output, const struct config *config)
{
    int i;

    if (config->file_count == 0)
        return !config->command && is_that_input(output, "-");
    for (i = 0; i < config->file_count; i++) {
        if (is_that_input(output, config->files[i]))
            return true;
    }
    return false;
}

static bool outputs_differ(const struct outputs *outputs)
{
    int i;
    int k;

    for (i = 0; i < outputs->count; i++) {
        const struct output *output = &outputs->list[i];

        for (k = 0; k < i; k++) {
            if (is_one_output(output, &outputs->list[k])) {
                say("%s: is the same output as %s", quote_name(output->sink.name).text,
                    quote_name(outputs->list[k].sink.name).text);
                return false;
            }
        }
    }
    return true;
}

/* True when FILE is a regular file that secrets have been read from. */
static bool has_secrets(const struct stat *file, const struct config *config)
{
    struct stat status;
    int i;

    for (i = 0; i < config->secret_source_count; i++) {
        const struct secret_source *source = &config->secret_sources[i];

        if (source->is_file && stat(source->name, &status) == 0 && status.st_dev == file->st_dev &&
            status.st_ino == file->st_ino && S_ISREG(file->st_mode))
            return true;
    }
    return false;
}

static bool output_has_secrets(const struct endpoint *output, const struct config *config)
{
    struct stat status;

    return output->fd >= 0 && fstat(output->fd, &status) == 0 && has_secrets(&status, config);
}

/* True when no path output is an input or a file of secrets. Otherwise it is reported. */
static bool outputs_spare_inputs(const struct outputs *outputs, const struct config *config)
{
    int i;

    for (i = 0; i < outputs->count; i++) {
        const struct output *output = &outputs->list[i];

        if (output->sink.dest->kind != DEST_PATH)
            continue;
        if (is_an_input(&output->target->end, config)) {
            say("%s: is an input as well", quote_name(output->sink.name).text);
            return false;
        }
        if (output_has_secrets(&output->target->end, config)) {
            say("%s: is a --redact-file as well", quote_name(output->sink.name).text);
            return false;
        }
    }
    return true;
}

/* Nobody can read compressed bytes. */
static bool can_be_compressed(const struct outputs *outputs, const struct config *config)
{
    int i;

    for (i = 0; i < outputs->count; i++) {
        const struct output *output = &outputs->list[i];

        if (output->target->end.kind == ENDPOINT_TERMINAL &&
            compressor_is_wanted(output, &config->settings, outputs->count == 1)) {
            say("%s: is a terminal, which --compress is not for",
                quote_name(output->sink.name).text);
            return false;
        }
    }
    return true;
}

/* What a command is started with is what nobody here uses. */
static void keep_from_commands(const struct output *output)
{
    if (output->sink.dest->kind == DEST_FD && output->sink.end.fd > STDERR_FILENO)
        fcntl(output->sink.end.fd, F_SETFD, FD_CLOEXEC);
}

static int add_layers(struct outputs *outputs, const struct settings *settings)
{
    int error = 0;
    int i;

    for (i = 0; i < outputs->count && !error; i++) {
        struct output *output = &outputs->list[i];

        error = output_add_layers(output, settings, outputs->count == 1);
        if (error)
            say("%s: compress or digest: %s", quote_name(output->sink.name).text, strerror(-error));
    }
    return error;
}

void outputs_free(struct outputs *outputs)
{
    int i;

    for (i = 0; i < outputs->count; i++) {
        output_discard(&outputs->list[i]);
        output_drop_layers(&outputs->list[i]);
    }
}

int outputs_open(struct outputs *outputs, struct flow *flow, const struct config *config,
                 const bool was_closed[3])
{
    static const struct dest standard_output = {.kind = DEST_STDOUT, .name = "-"};
    const struct dest *dests = config->output_count ? config->outputs : &standard_output;
    int error;
    int i;

    outputs->count = flow->target_count = config->output_count ? config->output_count : 1;
    for (i = 0; i < outputs->count; i++) {
        if (is_closed(&dests[i], was_closed)) {
            say("%s: %s", dests[i].kind == DEST_STDOUT ? "stdout" : dests[i].name, strerror(EBADF));
            return -EBADF;
        }
        error = output_open(&outputs->list[i], &dests[i], outputs, flow);
        if (error)
            return error;
        keep_from_commands(&outputs->list[i]);
    }
    if (!outputs_differ(outputs))
        return -ENOTUNIQ;
    if (!outputs_spare_inputs(outputs, config) || !can_be_compressed(outputs, config))
        return -EINVAL;
    return add_layers(outputs, &config->settings);
}

int outputs_try(const struct outputs *outputs, const struct settings *settings)
{
    int error = 0;
    int i;

    for (i = 0; i < outputs->count && !error; i++)
        error = output_try(&outputs->list[i], settings);
    return error;
}

int outputs_begin(struct outputs *outputs, const struct settings *settings)
{
    int error = 0;
    int i;

    for (i = 0; i < outputs->count && !error; i++)
        error = output_begin(&outputs->list[i], settings);
    while (error && i-- > 0)
        output_take_back(&outputs->list[i]);
    for (i = 0; i < outputs->count && !error; i++) {
        outputs->list[i].file.is_new = false;
        next_file_settle(&outputs->list[i]);
    }
    return error;
}

/* FILE is what STATUS describes, and not something that takes what everybody writes. */
static bool is_same(const struct stat *status, const struct stat *file)
{
    return status->st_dev == file->st_dev && status->st_ino == file->st_ino &&
           !S_ISCHR(status->st_mode);
}

const char *outputs_use_of(const char *file, const struct config *config,
                           const struct outputs *outputs)
{
    static const char *const uses[] = {"the input", "the output", "standard error"};
    struct stat file_status;
    struct stat status;
    int i;

    if (!file || stat(file, &file_status) < 0)
        return NULL;
    if (has_secrets(&file_status, config))
        return "a --redact-file";
    for (i = STDIN_FILENO; i <= STDERR_FILENO; i++) {
        if (i == STDERR_FILENO && path_is_descriptor(file))
            continue; /* that is asked for, and written to as it is */
        if (fstat(i, &status) == 0 && is_same(&status, &file_status))
            return uses[i];
    }
    for (i = 0; i < config->file_count; i++) {
        if (stat(config->files[i], &status) == 0 && is_same(&status, &file_status))
            return uses[STDIN_FILENO];
    }
    for (i = 0; i < outputs->count; i++) {
        if (outputs->list[i].sink.end.fd >= 0 &&
            fstat(outputs->list[i].sink.end.fd, &status) == 0 && is_same(&status, &file_status))
            return uses[STDOUT_FILENO];
    }
    return NULL;
}
