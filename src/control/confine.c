#include "control/confine.h"

#include "sys/replace.h"
#include "sys/say.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static bool is_number(const char *text)
{
    return strspn(text, "0123456789") == strlen(text);
}

/* To connect to it again nothing has to be looked up. The zone of an address is a name too. */
static bool is_address(const struct dest *dest)
{
    unsigned char address[sizeof(struct in6_addr)];

    return is_number(dest->port) && (inet_pton(AF_INET, dest->host, address) == 1 ||
                                     inet_pton(AF_INET6, dest->host, address) == 1);
}

static void need_connections(struct confinement *plan, const struct config *config)
{
    int i;

    for (i = 0; i < config->output_count; i++) {
        const struct dest *dest = &config->outputs[i];

        if (dest->kind != DEST_TCP && dest->kind != DEST_UNIX)
            continue;
        plan->needs |= FILTER_CONNECTION;
        if (!config->settings.reconnect)
            continue;
        plan->needs |= FILTER_DIALS;
        if (dest->kind == DEST_TCP && !is_address(dest)) {
            plan->needs |= FILTER_RESOLVES | FILTER_OPENS;
            plan->reading_is_free = true;
        }
    }
}

static bool is_fifo(int fd)
{
    struct stat status;

    return fstat(fd, &status) == 0 && S_ISFIFO(status.st_mode);
}

/* A descriptor that may be opened once more, if it is a pipe or a terminal. */
static void need_again(struct confinement *plan, int fd)
{
    if (fd < 0 || (!is_fifo(fd) && !isatty(fd)))
        return;
    plan->needs |= FILTER_OPENS;
    fence_allow(&plan->fence, fd, FENCE_READ | FENCE_WRITE);
}

/* Inputs that are opened by their names, when it is their turn. */
static bool has_files_to_come(const struct source *source)
{
    int i;

    for (i = source->next; i < source->count; i++) {
        if (!source_is_stdin(source->names[i]))
            return true;
    }
    return false;
}

static void need_inputs(struct confinement *plan, const struct source *source)
{
    struct stat status;
    int i;

    need_again(plan, STDIN_FILENO);
    for (i = source->next; i < source->count; i++) {
        if (source_is_stdin(source->names[i]))
            continue;
        plan->needs |= FILTER_OPENS;
        /* what is opened for reading is opened for writing too, to freeze it: what is a FIFO by then */
        if (stat(source->names[i], &status) == 0 && !S_ISFIFO(status.st_mode))
            continue;
        fence_allow_path(&plan->fence, source->names[i], FENCE_WRITE);
        fence_allow_beside(&plan->fence, source->names[i], FENCE_WRITE);
    }
}

/* A file that may be opened again, made again or replaced, by its name or where a link leads. */
static void need_file(struct confinement *plan, const char *path, unsigned access)
{
    char *target;

    plan->needs |= FILTER_OPENS | FILTER_MAKES;
    fence_allow_path(&plan->fence, path, access);
    if (!path_is_descriptor(path))
        fence_allow_beside(&plan->fence, path, access);
    target = realpath(path, NULL);
    if (target)
        fence_allow_beside(&plan->fence, target, access);
    free(target);
}

/*
 * HUP goes where the path leads by then: a link may have been set anew, a directory replaced. Where it
 * leads now need not be beneath our root (a working directory outside of it, /proc/1/root), and is
 * allowed besides. To look for older files, and to delete them, there is the directory of the start.
 */
static void need_path_output(struct confinement *plan, const char *path, bool rotates)
{
    const unsigned access = FENCE_READ | FENCE_WRITE | FENCE_MAKE;

    plan->making_is_free = true;
    fence_allow_path(&plan->fence, "/", access);
    need_file(plan, path, rotates ? access | FENCE_DELETE : access);
}

static void need_outputs(struct confinement *plan, const struct config *config,
                         const struct outputs *outputs)
{
    int i;

    for (i = 0; i < outputs->count; i++) {
        const struct output *output = &outputs->list[i];

        need_again(plan, output->sink.end.fd);
        if (output->sink.dest->kind == DEST_PATH && output->target->end.kind == ENDPOINT_FILE)
            need_path_output(plan, output->sink.dest->path, settings_rotate(&config->settings));
    }
}

/* What is put into FILE: written to what is there, or in place of it. */
static void need_report(struct confinement *plan, const char *file)
{
    struct stat status;

    if (!file)
        return;
    plan->needs |= FILTER_OPENS;
    if (path_is_descriptor(file) ||
        (stat(file, &status) == 0 && (S_ISCHR(status.st_mode) || S_ISBLK(status.st_mode))))
        fence_allow_path(&plan->fence, file, FENCE_WRITE);
    else
        need_file(plan, file, FENCE_WRITE | FENCE_MAKE | FENCE_DELETE);
}

/* What is sure of files. */
static const char *files_are(const struct sandbox *sandbox, const struct confinement *plan)
{
    const bool is_tight = sandbox->is_filtered && !(plan->needs & FILTER_RESOLVES);

    if (is_tight && !(plan->needs & FILTER_OPENS))
        return ", no files opened";
    if (plan->making_is_free)
        return sandbox->is_fenced ? ", no files deleted but beside its own" : "";
    if (plan->needs & FILTER_MAKES)
        return sandbox->is_fenced ? ", no files made but beside its own" : "";
    if (sandbox->is_fenced && !plan->reading_is_free)
        return ", only its own ends opened again";
    return sandbox->is_fenced || is_tight ? ", no files made" : "";
}

static void explain(const struct confinement *plan)
{
    const struct sandbox *sandbox = &plan->sandbox;
    const bool dials = plan->needs & FILTER_DIALS;

    if (!sandbox->is_filtered && !sandbox->is_fenced)
        say("sandbox: none: %s",
            sandbox_is_built_in() ? "the kernel has none for us" : "not under a sanitizer");
    else
        say("sandbox: %s%s%s",
            sandbox->is_filtered ? "no programs started" : "no filter of system calls",
            files_are(sandbox, plan),
            sandbox->is_filtered && !dials ? ", no connections made" : "");
}

void confine_files(struct confinement *plan, const struct config *config,
                   const struct movers *movers)
{
    const struct settings *settings = &config->settings;
    const struct source *source = &movers->reader->intake.source;

    *plan = (struct confinement){0};
    if (config->has_no_sandbox)
        return;
    need_connections(plan, config);
    plan->reading_is_free = plan->reading_is_free || has_files_to_come(source);
    fence_make(&plan->fence, plan->reading_is_free);
    need_inputs(plan, source);
    need_outputs(plan, config, &movers->writer->outputs);
    need_report(plan, config->display.stats_file);
    need_report(plan, config->display.digest_file);
    if (isatty(STDERR_FILENO)) /* else it is written to as it is */
        need_again(plan, STDERR_FILENO);
    /* what the kernel tells of the movers is opened when there are some */
    fence_allow(&plan->fence, movers->tasks, FENCE_READ);
    /* the time zone is read where any time is first asked for, UTC too */
    if (settings_stamp(settings) || settings_rotate(settings))
        tzset();
    plan->sandbox.is_fenced = sandbox_fence(&plan->fence);
    fence_free(&plan->fence);
}

void confine_calls(struct confinement *plan, const struct config *config, pid_t command)
{
    const struct filter_needs needs = {.some = plan->needs, .self = getpid(), .command = command};

    if (!config->has_no_sandbox)
        plan->sandbox.is_filtered = sandbox_filter(&needs);
    if (config->settings.explain && config->has_no_sandbox)
        say("sandbox: none: --no-sandbox");
    else if (config->settings.explain)
        explain(plan);
}
