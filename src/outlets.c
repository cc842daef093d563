#include "outlets.h"

#include "move/renewal.h"
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
static bool is_shared_by_all(const struct end *end)
{
    return end->kind == END_TERMINAL || end->kind == END_DEVICE;
}

/* True when A and B, both open, are the same file, pipe or socket. */
static bool is_one_output(const struct outlet *a, const struct outlet *b)
{
    return a->end.fd >= 0 && b->end.fd >= 0 && !is_shared_by_all(&a->end) &&
           a->end.device == b->end.device && a->end.inode == b->end.inode;
}

/* True when OUTPUT is the regular file that the input NAME stands for. */
static bool is_that_input(const struct end *output, const char *name)
{
    struct stat status;
    const int found = source_is_stdin(name) ? fstat(STDIN_FILENO, &status) : stat(name, &status);

    return found == 0 && output->kind == END_FILE && output->device == status.st_dev &&
           output->inode == status.st_ino;
}

/* What a command reads is not ours to know. */
static bool is_an_input(const struct end *output, const struct config *config)
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

static bool outlets_differ(const struct pour *pour)
{
    int i;
    int k;

    for (i = 0; i < pour->outlet_count; i++) {
        const struct outlet *outlet = &pour->outlets[i];

        for (k = 0; k < i; k++) {
            if (is_one_output(outlet, &pour->outlets[k])) {
                say("%s: is the same output as %s", quote_name(outlet->name).text,
                    quote_name(pour->outlets[k].name).text);
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

static bool output_has_secrets(const struct end *output, const struct config *config)
{
    struct stat status;

    return output->fd >= 0 && fstat(output->fd, &status) == 0 && has_secrets(&status, config);
}

/* True when no path output is an input or a file of secrets. Otherwise it is reported. */
static bool outlets_spare_inputs(const struct pour *pour, const struct config *config)
{
    int i;

    for (i = 0; i < pour->outlet_count; i++) {
        const struct outlet *outlet = &pour->outlets[i];

        if (outlet->dest->kind != DEST_PATH)
            continue;
        if (is_an_input(&outlet->first, config)) {
            say("%s: is an input as well", quote_name(outlet->name).text);
            return false;
        }
        if (output_has_secrets(&outlet->first, config)) {
            say("%s: is a --redact-file as well", quote_name(outlet->name).text);
            return false;
        }
    }
    return true;
}

/* Nobody can read compressed bytes. */
static bool can_be_packed(const struct pour *pour, const struct config *config)
{
    int i;

    for (i = 0; i < pour->outlet_count; i++) {
        const struct outlet *outlet = &pour->outlets[i];

        if (outlet->first.kind == END_TERMINAL &&
            packing_is_wanted(outlet, &config->settings, pour->outlet_count == 1)) {
            say("%s: is a terminal, which --compress is not for", quote_name(outlet->name).text);
            return false;
        }
    }
    return true;
}

/* What a command is started with is what nobody here uses. */
static void keep_from_commands(const struct outlet *outlet)
{
    if (outlet->dest->kind == DEST_FD && outlet->end.fd > STDERR_FILENO)
        fcntl(outlet->end.fd, F_SETFD, FD_CLOEXEC);
}

static int dress(struct pour *pour, const struct settings *settings)
{
    int error = 0;
    int i;

    for (i = 0; i < pour->outlet_count && !error; i++) {
        struct outlet *outlet = &pour->outlets[i];

        error = outlet_dress(outlet, settings, pour->outlet_count == 1);
        if (error)
            say("%s: compress or digest: %s", quote_name(outlet->name).text, strerror(-error));
    }
    return error;
}

void outlets_free(struct pour *pour)
{
    int i;

    for (i = 0; i < pour->outlet_count; i++) {
        outlet_discard(&pour->outlets[i]);
        outlet_undress(&pour->outlets[i]);
    }
}

int outlets_open(struct pour *pour, const struct config *config, const bool was_closed[3])
{
    static const struct dest standard_output = {.kind = DEST_STDOUT, .name = "-"};
    const struct dest *dests = config->output_count ? config->outputs : &standard_output;
    int error;
    int i;

    pour->outlet_count = config->output_count ? config->output_count : 1;
    for (i = 0; i < pour->outlet_count; i++) {
        if (is_closed(&dests[i], was_closed)) {
            say("%s: %s", dests[i].kind == DEST_STDOUT ? "stdout" : dests[i].name, strerror(EBADF));
            return -EBADF;
        }
        error = outlet_open(&pour->outlets[i], &dests[i], &config->settings);
        if (error)
            return error;
        keep_from_commands(&pour->outlets[i]);
    }
    if (!outlets_differ(pour))
        return -ENOTUNIQ;
    if (!outlets_spare_inputs(pour, config) || !can_be_packed(pour, config))
        return -EINVAL;
    return dress(pour, &config->settings);
}

int outlets_try(const struct pour *pour, const struct settings *settings)
{
    int error = 0;
    int i;

    for (i = 0; i < pour->outlet_count && !error; i++)
        error = outlet_try(&pour->outlets[i], settings);
    return error;
}

int outlets_begin(struct pour *pour, const struct settings *settings)
{
    int error = 0;
    int i;

    for (i = 0; i < pour->outlet_count && !error; i++)
        error = outlet_begin(&pour->outlets[i], settings);
    while (error && i-- > 0)
        outlet_take_back(&pour->outlets[i]);
    for (i = 0; i < pour->outlet_count && !error; i++) {
        pour->outlets[i].is_new = false;
        renewal_settle(&pour->outlets[i]);
    }
    return error;
}

/* FILE is what STATUS describes, and not something that takes what everybody writes. */
static bool is_same(const struct stat *status, const struct stat *file)
{
    return status->st_dev == file->st_dev && status->st_ino == file->st_ino &&
           !S_ISCHR(status->st_mode);
}

const char *outlets_use_of(const char *file, const struct config *config, const struct pour *pour)
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
    for (i = 0; i < pour->outlet_count; i++) {
        if (pour->outlets[i].end.fd >= 0 && fstat(pour->outlets[i].end.fd, &status) == 0 &&
            is_same(&status, &file_status))
            return uses[STDOUT_FILENO];
    }
    return NULL;
}
