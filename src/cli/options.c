#include "cli/options.h"

#include "cli/planwords.h"
#include "cli/units.h"
#include "move/pace.h"
#include "ring/ring.h"
#include "sys/memory.h"
#include "sys/say.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const struct option_row option_rows[] = {
#define GROUP(heading)                          {OPTION_GROUP, 0, "", "", heading, false},
#define OPTION(id, short, long, argument, help) {OPTION_##id, short, long, argument, help, false},
#define DETAIL(id, short, long, argument, help) {OPTION_##id, short, long, argument, help, true},
#include "cli/options.def"
#undef GROUP
#undef OPTION
#undef DETAIL
};
const size_t option_row_count = sizeof option_rows / sizeof option_rows[0];

#define KIB    UINT64_C(1024)
#define SECOND UINT64_C(1000000000)

static const uint64_t slab_size_max = RING_SLAB_SIZE_MAX;
static const uint64_t slab_count_max = RING_SLAB_COUNT_MAX;
static const uint64_t pipe_size_max = KIB * KIB * KIB;
static const uint64_t time_max = SECOND * 24 * 3600;
static const size_t name_max = 100;
static const uint64_t interval_min = SECOND / 100;
static const uint64_t expect_max = KIB * KIB * KIB * KIB * KIB;

/* What was given, before its parts are held against each other. */
struct given {
    struct config *config;
    uint64_t slab_size;
    uint64_t slab_count;
    uint64_t memory;
    bool has_size;
    bool has_count;
    bool has_memory;
};

static int bad_value(const struct option_row *row, const char *value, const char *what,
                     struct printed least, struct printed most, const char *examples)
{
    say("--%s %s: not %s from %s to %s, such as %s", row->long_name, quote_value(value).text, what,
        least.text, most.text, examples);
    return -EINVAL;
}

static int take_size(const struct option_row *row, const char *value, uint64_t most, uint64_t *size)
{
    if (parse_size(value, size) == 0 && *size >= 1 && *size <= most)
        return 0;
    return bad_value(row, value, *row->argument == 'a' ? "auto, keep or a size" : "a size",
                     print_size(1), print_size(most), "64K, 1.5M or 64kB");
}

static int take_time(const struct option_row *row, const char *value, uint64_t least, uint64_t *ns)
{
    if (parse_time(value, ns) == 0 && *ns >= least && *ns <= time_max)
        return 0;
    return bad_value(row, value, *row->argument == 'a' ? "auto or a time" : "a time",
                     print_time(least), (struct printed){"24h"},
                     least ? "100ms, 2s or 1m" : "500us, 100ms or 2s");
}

static int take_count(const struct option_row *row, const char *value, uint64_t most,
                      uint64_t *count)
{
    struct printed limit;

    if (parse_count(value, count) == 0 && *count <= most)
        return 0;
    snprintf(limit.text, sizeof limit.text, "%" PRIu64, most);
    return bad_value(row, value, "a count", print_size(0), limit, "8 or 1K");
}

static int take_pipe_size(const struct option_row *row, const char *value,
                          struct settings *settings)
{
    uint64_t size = 0;
    int error = 0;

    if (strcmp(value, "auto") == 0) {
        settings->pipe_size_policy = PIPE_SIZE_AUTO;
    } else if (strcmp(value, "keep") == 0) {
        settings->pipe_size_policy = PIPE_SIZE_KEEP;
    } else {
        error = take_size(row, value, pipe_size_max, &size);
        settings->pipe_size_policy = PIPE_SIZE_SET;
        settings->pipe_size = (size_t)size;
    }
    return error;
}

static int take_zero_copy(const struct option_row *row, const char *value, enum zero_copy *policy)
{
    if (strcmp(value, "auto") == 0)
        *policy = ZERO_COPY_AUTO;
    else if (strcmp(value, "always") == 0)
        *policy = ZERO_COPY_ALWAYS;
    else if (strcmp(value, "never") == 0)
        *policy = ZERO_COPY_NEVER;
    else {
        say("--%s %s: not auto, always or never", row->long_name, quote_value(value).text);
        return -EINVAL;
    }
    return 0;
}

static int take_progress(const struct option_row *row, const char *value,
                         enum progress_policy *policy)
{
    *policy = *value ? PROGRESS_FORCED : PROGRESS_ON_TERMINAL;
    if (!*value || strcmp(value, "force") == 0)
        return 0;
    say("--%s %s: not force", row->long_name, quote_value(value).text);
    return -EINVAL;
}

static int take_stats(const struct option_row *row, const char *value, struct watching *watching)
{
    watching->stats = true;
    if (!*value || strcmp(value, "text") == 0)
        watching->format = REPORT_TEXT;
    else if (strcmp(value, "json") == 0)
        watching->format = REPORT_JSON;
    else if (strcmp(value, "prometheus") == 0)
        watching->format = REPORT_PROMETHEUS;
    else {
        say("--%s %s: not text, json or prometheus", row->long_name, quote_value(value).text);
        return -EINVAL;
    }
    return 0;
}

/* A name goes to the terminal again and again, and into the reports. */
static int take_name(const struct option_row *row, const char *value, const char **name)
{
    *name = value;
    if (*value && strlen(value) <= name_max && is_plain_text(value))
        return 0;
    say("--%s %s: not a printable text of at most %zu bytes", row->long_name,
        quote_value(value).text, name_max);
    return -EINVAL;
}

static int take_path(const struct option_row *row, const char *value, const char **path)
{
    *path = value;
    if (*value && strcmp(value, "-") != 0)
        return 0;
    say("--%s %s: not the name of a file", row->long_name, quote_value(value).text);
    return -EINVAL;
}

static int apply(struct given *given, const struct option_row *row, const char *value)
{
    struct config *config = given->config;
    struct settings *settings = &config->settings;
    struct watching *watching = &config->watching;

    switch (row->id) {
    case OPTION_SLAB_SIZE:
        given->has_size = true;
        return take_size(row, value, slab_size_max, &given->slab_size);
    case OPTION_SLAB_COUNT:
        given->has_count = true;
        return take_count(row, value, slab_count_max, &given->slab_count);
    case OPTION_MEMORY:
        given->has_memory = true;
        return take_size(row, value, memory_there_is(), &given->memory);
    case OPTION_FLUSH_INTERVAL:
        if (strcmp(value, "auto") == 0) {
            settings->flush_interval = PACE_AUTO;
            return 0;
        }
        return take_time(row, value, 0, &settings->flush_interval);
    case OPTION_PIPE_SIZE: return take_pipe_size(row, value, settings);
    case OPTION_DRAIN_TIMEOUT: return take_time(row, value, 0, &settings->drain_timeout);
    case OPTION_ZERO_COPY: return take_zero_copy(row, value, &settings->zero_copy);
    case OPTION_PLAN: config->action = ACTION_PLAN; return 0;
    case OPTION_JSON: config->as_json = true; return 0;
    case OPTION_PROGRESS: return take_progress(row, value, &watching->progress);
    case OPTION_INTERVAL: return take_time(row, value, interval_min, &watching->interval);
    case OPTION_NAME: return take_name(row, value, &watching->name);
    case OPTION_EXPECT: return take_size(row, value, expect_max, &watching->expected);
    case OPTION_STATS: return take_stats(row, value, watching);
    case OPTION_STATS_FILE: return take_path(row, value, &watching->stats_file);
    case OPTION_STATS_EVERY: return take_time(row, value, interval_min, &watching->stats_every);
    case OPTION_ADVISE: watching->advise = true; return 0;
    case OPTION_EXPLAIN: settings->explain = true; return 0;
    case OPTION_FSYNC: settings->sync = true; return 0;
    case OPTION_HELP: config->action = ACTION_HELP; return 0;
    case OPTION_VERSION: config->action = ACTION_VERSION; return 0;
    case OPTION_GROUP: break;
    }
    return -EINVAL;
}

/* Hold the parts of the ring against each other and against the memory there is. */
static int settle(struct given *given)
{
    struct settings *settings = &given->config->settings;
    const uint64_t there_is = memory_there_is();
    uint64_t total;

    if (given->has_memory && given->has_count) {
        say("--memory and --slab-count: give one of them, the other follows from --slab-size");
        return -EINVAL;
    }
    if (given->has_memory)
        given->slab_count = given->memory / given->slab_size;
    if (given->has_memory && !given->slab_count) {
        say("--memory %s: less than one slab of %s; make --slab-size smaller",
            print_size(given->memory).text, print_size(given->slab_size).text);
        return -EINVAL;
    }
    if (given->slab_count > slab_count_max) {
        say("--memory %s: more than %" PRIu64 " slabs of %s; make --slab-size larger",
            print_size(given->memory).text, slab_count_max, print_size(given->slab_size).text);
        return -EINVAL;
    }
    total = given->slab_size * (given->slab_count ? given->slab_count : 1); /* at most 2^46 */
    if (total > there_is || total > SIZE_MAX) {
        say("%" PRIu64 " slabs of %s: %s is more than the memory there is, %s", given->slab_count,
            print_size(given->slab_size).text, print_size(total).text,
            print_size(there_is / KIB * KIB).text);
        return -EINVAL;
    }
    settings->slab_size = (size_t)given->slab_size;
    settings->slab_count = (size_t)given->slab_count;
    return 0;
}

/* In a plan the ring may be larger than the memory there is: it may be for another machine. */
static int settle_plan(struct given *given)
{
    struct config *config = given->config;
    const uint64_t flush_interval = config->settings.flush_interval;

    if (given->has_memory) {
        say("--plan and --memory: give the memory as B=%s", print_size(given->memory).text);
        return -EINVAL;
    }
    if (given->has_count && !given->slab_count) {
        say("--plan --slab-count 0: without a ring there is nothing to plan; from 1 to %" PRIu64,
            slab_count_max);
        return -EINVAL;
    }
    config->demand = (struct demand){
        .given = {.slab_size = given->has_size ? given->slab_size : 0,
                  .slab_count = given->has_count ? given->slab_count : 0},
        .flush_interval = flush_interval == PACE_AUTO ? DEMAND_FLUSH_AUTO : flush_interval,
    };
    return demand_parse(&config->demand, config->files, config->file_count);
}

bool option_is_optional(const struct option_row *row)
{
    return *row->argument == '[';
}

static const struct option_row *find_short(char name)
{
    size_t i;

    for (i = 0; i < option_row_count; i++) {
        if (option_rows[i].short_name && option_rows[i].short_name == name)
            return &option_rows[i];
    }
    return NULL;
}

/* By its whole name, or by a beginning that only one of them has. */
static const struct option_row *find_long(const char *name, size_t length)
{
    const struct option_row *found = NULL;
    size_t i;

    for (i = 0; i < option_row_count; i++) {
        const struct option_row *row = &option_rows[i];

        if (row->id == OPTION_GROUP || strncmp(row->long_name, name, length) != 0)
            continue;
        if (row->long_name[length] == '\0')
            return row;
        if (found) {
            say("option %s is ambiguous: --%s or --%s", quote_value(name - 2).text,
                found->long_name, row->long_name);
            return NULL;
        }
        found = row;
    }
    if (!found || !length) {
        say("unknown option %s\nTry 'slabcat --help'.", quote_value(name - 2).text);
        return NULL;
    }
    return found;
}

/* ARGV[*AT] is --name, --name=value or --name with its value behind it. */
static int take_long(struct given *given, char **argv, int *at)
{
    const char *name = argv[*at] + 2;
    const char *value = strchr(name, '=');
    const struct option_row *row = find_long(name, value ? (size_t)(value - name) : strlen(name));

    if (!row)
        return -EINVAL;
    if (value && !*row->argument) {
        say("option --%s takes no value", row->long_name);
        return -EINVAL;
    }
    if (!value && (!*row->argument || option_is_optional(row)))
        return apply(given, row, "");
    value = value ? value + 1 : argv[++*at];
    if (!value) {
        say("option --%s needs a value: %s", row->long_name, row->argument);
        return -EINVAL;
    }
    return apply(given, row, value);
}

/* ARGV[*AT] is -x, -xVALUE, -x with its value behind it, or several switches behind one dash. */
static int take_short(struct given *given, char **argv, int *at)
{
    const char *letter = argv[*at] + 1;
    int error = 0;

    for (; *letter && !error; letter++) {
        const struct option_row *row = find_short(*letter);
        const char *value = NULL;

        if (!row) {
            const char unknown[] = {'-', *letter, '\0'};

            say("unknown option %s\nTry 'slabcat --help'.", quote_value(unknown).text);
            return -EINVAL;
        }
        if (*row->argument && !option_is_optional(row)) {
            value = letter[1] ? letter + 1 : argv[++*at];
            if (!value) {
                say("option -%c needs a value: %s", row->short_name, row->argument);
                return -EINVAL;
            }
            return apply(given, row, value);
        }
        error = apply(given, row, "");
    }
    return error;
}

int config_parse(struct config *config, int argc, char **argv)
{
    struct given given = {.config = config, .slab_size = 64 * KIB, .slab_count = 8};
    int files = 0;
    int error = 0;
    int i;

    *config = (struct config){
        .action = ACTION_POUR,
        .settings = {.flush_interval = PACE_AUTO, .drain_timeout = 2 * SECOND},
        .watching = {.interval = SECOND / 2},
        .files = argv + 1,
    };
    for (i = 1; i < argc && !error; i++) {
        if (strcmp(argv[i], "--") == 0) {
            while (++i < argc)
                config->files[files++] = argv[i];
        } else if (argv[i][0] != '-' || argv[i][1] == '\0') {
            config->files[files++] = argv[i];
        } else if (argv[i][1] == '-') {
            error = take_long(&given, argv, &i);
        } else {
            error = take_short(&given, argv, &i);
        }
        if (!error && (config->action == ACTION_HELP || config->action == ACTION_VERSION))
            return 0;
    }
    config->watching.stats =
        config->watching.stats || config->watching.stats_file || config->watching.stats_every;
    config->file_count = files;
    if (error)
        return error;
    if (config->action == ACTION_PLAN)
        return settle_plan(&given);
    if (config->as_json) {
        say("--json goes with --plan only");
        return -EINVAL;
    }
    return settle(&given);
}
