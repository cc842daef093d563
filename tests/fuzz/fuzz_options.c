/*
 * Any command line is turned into a config that keeps what the settings promise, or refused in one
 * line; nothing is lost or touched by that.
 *
 * The input is the arguments behind the program's name, each but the last with a NUL behind it.
 * --redact-file is the one option whose file the parser reads, and it has shorter names: so that no
 * file but /dev/null is ever opened, an argument cannot lead out of the working directory, which is
 * one that is empty and has been removed. The environment, which --redact-env reads, is our own.
 */
#include "fuzz.h"

#include "cli/options.h"
#include "hearing.h"
#include "input/pace.h"
#include "ring/ring.h"
#include "sys/memory.h"
#include "transform/secrets.h"

#include <string.h>
#include <strings.h>

enum { ARGUMENTS_MAX = 64 };

#define DAY      (UINT64_C(86400) * 1000000000U)
#define TEN_MS   UINT64_C(10000000)
#define PEBIBYTE (UINT64_C(1) << 50)
#define TERA     UINT64_C(1000000000000)
#define SECRET   "pearls and oysters"

struct arguments {
    int count;
    char **at;   /* ends with NULL; the parser moves them */
    char **kept; /* the same, as they were */
};

/* Slashes that would lead to a file that is there. */
static void keep_inside(char *argument)
{
    char *const value = strchr(argument, '=');
    char *const starts[] = {argument, value ? value + 1 : argument};
    char *at;
    size_t i;

    for (i = 0; i < 2; i++) {
        if (*starts[i] == '/' && strcmp(starts[i], "/dev/null") != 0)
            *starts[i] = '_';
    }
    for (at = argument; strstr(argument, "..") && *at; at++) {
        if (*at == '/')
            *at = '_';
    }
}

/* A room of its own for each, so that a sanitizer sees it left. */
static char *copy(const uint8_t *bytes, size_t length)
{
    char *argument = malloc(length + 1);

    MUST(argument);
    memcpy(argument, bytes, length);
    argument[length] = '\0';
    keep_inside(argument);
    return argument;
}

static void split(struct arguments *arguments, const uint8_t *data, size_t size)
{
    static const char name[] = "slabcat";
    char *all[ARGUMENTS_MAX];
    int i;

    arguments->count = 0;
    all[arguments->count++] = copy((const uint8_t *)name, strlen(name));
    while (size > 0 && arguments->count < ARGUMENTS_MAX) {
        const uint8_t *const end = memchr(data, '\0', size);
        const size_t length = end ? (size_t)(end - data) : size;

        all[arguments->count++] = copy(data, length);
        size -= length + (end != NULL);
        data += length + (end != NULL);
    }
    arguments->at = calloc((size_t)arguments->count + 1, sizeof *arguments->at);
    arguments->kept = calloc((size_t)arguments->count, sizeof *arguments->kept);
    MUST(arguments->at && arguments->kept);
    for (i = 0; i < arguments->count; i++)
        arguments->at[i] = arguments->kept[i] = all[i];
}

static void free_arguments(struct arguments *arguments)
{
    int i;

    for (i = 0; i < arguments->count; i++)
        free(arguments->kept[i]);
    free(arguments->kept);
    free(arguments->at);
}

static bool is_within(uint64_t number, uint64_t least, uint64_t most)
{
    return number >= least && number <= most;
}

/* A directory that is empty and stays so. What it was before, to return to. */
static int enter_nowhere(void)
{
    static int nowhere = -1;
    const int before = open(".", O_DIRECTORY | O_CLOEXEC);

    if (nowhere < 0) {
        char name[] = "/tmp/fuzz.XXXXXX";

        MUST(mkdtemp(name));
        nowhere = open(name, O_DIRECTORY | O_CLOEXEC);
        MUST(rmdir(name) == 0);
    }
    MUST(before >= 0 && nowhere >= 0 && fchdir(nowhere) == 0);
    return before;
}

static int parse(struct config *config, struct arguments *arguments, struct hearing *hearing)
{
    static char *own[] = {"TOKEN=" SECRET,
                          "EMPTY=",
                          "SHORT=abc",
                          "LINES=first of them\nsecond of them\r\n",
                          "PEM=-----BEGIN X-----\n" SECRET "\n-----END X-----",
                          "BROKEN=-----BEGIN X-----\n" SECRET,
                          NULL};
    char **const environment = environ;
    const int before = enter_nowhere();
    int error;

    environ = own;
    hearing_begin(hearing);
    error = config_parse(config, arguments->count, arguments->at);
    hearing_end(hearing);
    environ = environment;
    MUST(fchdir(before) == 0);
    close(before);
    return error;
}

static bool is_argument(const struct arguments *arguments, const char *word)
{
    int i;

    for (i = 0; i < arguments->count; i++) {
        if (arguments->kept[i] == word)
            return true;
    }
    return false;
}

/* What it says is a line, without what is not on the command line either. */
static void must_be_refused_well(const struct arguments *arguments, const struct hearing *hearing)
{
    bool is_given = false;
    int i;

    hearing_must_be_a_line(hearing);
    for (i = 0; i < arguments->count; i++)
        is_given = is_given || strstr(arguments->kept[i], SECRET);
    MUST(is_given || !strstr(hearing->text, SECRET));
}

static void must_have_a_ring(const struct settings *settings)
{
    const unsigned __int128 total =
        (unsigned __int128)settings->slab_size * (settings->slab_count ? settings->slab_count : 1);

    MUST(is_within(settings->slab_size, 1, RING_SLAB_SIZE_MAX));
    MUST(settings->slab_count <= RING_SLAB_COUNT_MAX);
    MUST(total <= memory_there_is());
    MUST(!settings_drop_lines(settings) || settings->slab_count >= 2);
    if (settings->slab_count == 0) {
        MUST(settings->on_full == ON_FULL_BLOCK && !settings->reconnect);
        MUST(!settings->rate_limit && !settings->start_fill && !settings_rotate(settings));
        MUST(!settings_look_at_bytes(settings));
    }
    MUST(settings->zero_copy != ZERO_COPY_ALWAYS || !settings_look_at_bytes(settings) ||
         settings_rotate(settings));
}

static void must_be_in_range(const struct settings *settings)
{
    MUST(settings->flush_interval == FLUSH_AUTO || settings->flush_interval <= DAY);
    MUST(settings->drain_timeout <= DAY);
    MUST(settings->pipe_size_policy != PIPE_SIZE_SET ||
         is_within(settings->pipe_size, 1, UINT64_C(1) << 30));
    MUST(is_within(settings->spill_limit, 1, PEBIBYTE));
    MUST(!settings->spill_dir || (settings->on_full == ON_FULL_SPILL && *settings->spill_dir));
    MUST(settings->rotate_size <= PEBIBYTE && settings->stop_at <= PEBIBYTE);
    MUST(!settings->rotate_time || is_within(settings->rotate_time, TEN_MS, DAY));
    MUST(settings->rotate_keep <= UINT32_MAX);
    MUST(settings->rate_limit <= TERA && settings->burst <= UINT64_C(1) << 30);
    MUST(settings->start_fill <= 100);
    MUST(!settings->burst || settings->rate_limit);
    MUST(settings->delimiter == '\n' || settings->delimiter == '\0');
}

static void must_look_well(const struct config *config)
{
    const struct settings *settings = &config->settings;
    const struct stamp_settings *stamp = &settings->stamp;
    const char *const prefix = stamp->prefix;
    int least = 0;
    int most = 0;

    MUST(is_within((uint64_t)config->secret_source_count, 0, SECRET_SOURCES_MAX));
    MUST(!settings->secrets == !config->secret_source_count);
    MUST(!settings->secrets || secrets_count(settings->secrets) > 0);
    MUST(stamp->kind <= STAMP_FORMAT);
    MUST(stamp->kind != STAMP_FORMAT || stamp_check_format(stamp->format) == 0);
    MUST(!prefix || is_within(strlen(prefix), 1, STAMP_TEXT_MAX));
    MUST(!prefix || plain_is(prefix, strlen(prefix), false));
    if (settings->compress != PRESS_NONE)
        press_levels(settings->compress, &least, &most);
    MUST(settings->compress == PRESS_NONE || settings->compress_level == PRESS_LEVEL_DEFAULT ||
         (settings->compress_level >= least && settings->compress_level <= most));
}

static bool is_twice(const struct dest *a, const struct dest *b)
{
    if (a->kind != b->kind)
        return false;
    switch (a->kind) {
    case DEST_STDOUT: return true;
    case DEST_FD: return a->fd == b->fd;
    case DEST_TCP: return strcasecmp(a->host, b->host) == 0 && strcmp(a->port, b->port) == 0;
    default: return strcmp(a->path, b->path) == 0;
    }
}

static void must_have_outputs(const struct config *config)
{
    int i;
    int k;

    MUST(config->output_count >= 0 && config->output_count <= OUTPUTS_MAX);
    for (i = 0; i < config->output_count; i++) {
        for (k = 0; k < i; k++)
            MUST(!is_twice(&config->outputs[i], &config->outputs[k]));
    }
}

static void must_be_watchable(const struct display *display)
{
    MUST(is_within(display->interval, TEN_MS, DAY));
    MUST(!display->stats_every || is_within(display->stats_every, TEN_MS, DAY));
    MUST(display->expected <= PEBIBYTE);
    MUST(!display->name || (is_within(strlen(display->name), 1, 100) &&
                            plain_is(display->name, strlen(display->name), false)));
    MUST(!display->stats_file || *display->stats_file);
    MUST(!display->digest_file || *display->digest_file);
}

static void must_have_operands(const struct config *config, const struct arguments *arguments)
{
    int i;

    MUST(config->file_count >= 0 && config->file_count < arguments->count);
    for (i = 0; i < config->file_count; i++)
        MUST(is_argument(arguments, config->files[i]));
    MUST(!config->command || (!config->file_count && *config->command && **config->command));
    MUST(config->linger <= DAY);
}

static void must_be_plannable(const struct demand *demand)
{
    const struct workload *const workload = &demand->workload;

    MUST(workload->rate <= PLAN_RATE_MAX);
    MUST(workload->latency <= PLAN_TIME_MAX && workload->stall <= PLAN_TIME_MAX);
    MUST(demand->budget <= PLAN_MEMORY_MAX);
    MUST(demand->given.slab_size <= PLAN_SLAB_MAX && demand->given.slab_count <= PLAN_COUNT_MAX);
    MUST(demand->flush_interval == DEMAND_FLUSH_AUTO || demand->flush_interval <= DAY);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct hearing hearing;
    struct arguments arguments;
    struct config config;
    int error;

    split(&arguments, data, size);
    error = parse(&config, &arguments, &hearing);
    if (error)
        must_be_refused_well(&arguments, &hearing);
    else
        MUST(hearing.length == 0);
    if (!error && config.action == ACTION_POUR) {
        must_have_a_ring(&config.settings);
        must_be_in_range(&config.settings);
        must_look_well(&config);
        must_have_outputs(&config);
        must_be_watchable(&config.display);
        must_have_operands(&config, &arguments);
    } else if (!error && config.action == ACTION_PLAN) {
        must_be_plannable(&config.demand);
    }
    config_free(&config);
    free_arguments(&arguments);
    return 0;
}
