#include "cli/options.h"

#include "cli/check.h"
#include "cli/values.h"
#include "ring/ring.h"
#include "sys/memory.h"
#include "sys/say.h"
#include "transform/secrets.h"

#include <errno.h>
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
static const uint64_t interval_min = SECOND / 100;
static const uint64_t stream_max = KIB * KIB * KIB * KIB * KIB;

static int apply(struct given *given, const struct option_row *row, const char *value)
{
    struct config *config = given->config;
    struct settings *settings = &config->settings;
    struct display *display = &config->display;

    given->has[row->id] = true;
    switch (row->id) {
    case OPTION_SLAB_SIZE: return take_size(row, value, slab_size_max, &given->slab_size);
    case OPTION_SLAB_COUNT: return take_count(row, value, slab_count_max, &given->slab_count);
    case OPTION_MEMORY: return take_size(row, value, memory_there_is(), &given->memory);
    case OPTION_OUTPUT: return take_output(row, value, config);
    case OPTION_APPEND: settings->append = true; return 0;
    case OPTION_RUN: return 0; /* what follows is not ours */
    case OPTION_RUN_STDOUT: config->run_stdout_only = true; return 0;
    case OPTION_LINGER: return take_time(row, value, 0, &config->linger);
    case OPTION_ROTATE_SIZE: return take_size(row, value, stream_max, &settings->rotate_size);
    case OPTION_ROTATE_TIME: return take_time(row, value, interval_min, &settings->rotate_time);
    case OPTION_ROTATE_KEEP: return take_keep(row, value, &settings->rotate_keep);
    case OPTION_REDACT_ENV: return take_secret_source(row, value, false, config);
    case OPTION_REDACT_FILE: return take_secret_source(row, value, true, config);
    case OPTION_STRIP_ANSI: settings->strip_ansi = true; return 0;
    case OPTION_TIMESTAMP: return take_timestamp(row, value, &settings->stamp);
    case OPTION_LOCALTIME: settings->stamp.is_local = true; return 0;
    case OPTION_PREFIX: return take_prefix(row, value, &settings->stamp.prefix);
    case OPTION_DIGEST: return take_digest(row, value, &settings->digest);
    case OPTION_DIGEST_FILE: return take_digest_file(row, value, config);
    case OPTION_COMPRESS: return take_compress(row, value, settings);
    case OPTION_RECONNECT: settings->reconnect = true; return 0;
    case OPTION_ON_RECONNECT: return take_on_reconnect(row, value, &settings->on_reconnect);
    case OPTION_ON_FULL: return take_on_full(row, value, settings);
    case OPTION_MARK_GAPS: settings->mark_gaps = true; return 0;
    case OPTION_NUL_LINES: settings->delimiter = '\0'; return 0;
    case OPTION_SPILL_LIMIT: return take_size(row, value, stream_max, &settings->spill_limit);
    case OPTION_RATE_LIMIT: return take_rate(row, value, &settings->rate_limit);
    case OPTION_BURST: return take_size(row, value, slab_size_max, &settings->burst);
    case OPTION_START_FILL: return take_percent(row, value, &settings->start_fill);
    case OPTION_STOP_AT: return take_size(row, value, stream_max, &settings->stop_at);
    case OPTION_FLUSH_INTERVAL: return take_flush_interval(row, value, &settings->flush_interval);
    case OPTION_PIPE_SIZE: return take_pipe_size(row, value, settings);
    case OPTION_DRAIN_TIMEOUT: return take_time(row, value, 0, &settings->drain_timeout);
    case OPTION_ZERO_COPY: return take_zero_copy(row, value, &settings->zero_copy);
    case OPTION_PLAN: config->action = ACTION_PLAN; return 0;
    case OPTION_JSON: config->as_json = true; return 0;
    case OPTION_PROGRESS: return take_progress(row, value, &display->progress);
    case OPTION_INTERVAL: return take_time(row, value, interval_min, &display->interval);
    case OPTION_NAME: return take_name(row, value, &display->name);
    case OPTION_EXPECT: return take_size(row, value, stream_max, &display->expected);
    case OPTION_STATS: return take_stats(row, value, display);
    case OPTION_STATS_FILE: return take_path(row, value, &display->stats_file);
    case OPTION_STATS_EVERY: return take_time(row, value, interval_min, &display->stats_every);
    case OPTION_ADVISE: display->advise = true; return 0;
    case OPTION_EXPLAIN: settings->explain = true; return 0;
    case OPTION_NO_SANDBOX: config->has_no_sandbox = true; return 0;
    case OPTION_FSYNC: settings->sync = true; return 0;
    case OPTION_HELP: config->action = ACTION_HELP; return 0;
    case OPTION_VERSION: config->action = ACTION_VERSION; return 0;
    case OPTION_GROUP:
    case OPTION_COUNT: break;
    }
    return -EINVAL;
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

static bool begins_command(const struct option_row *row)
{
    return row->id == OPTION_RUN || row->id == OPTION_RUN_STDOUT;
}

/*
 * The COMMAND is what ARGV has at AT and behind it: VALUE is its first word, and may be cut from
 * one.
 */
static int take_command(const struct option_row *row, const char *value, char **argv, int at,
                        struct config *config)
{
    argv[at] += value - argv[at];
    /* both in a row are one, and "--" is no command either */
    if (row->id == OPTION_RUN_STDOUT && strcmp(value, "--run") == 0)
        at++;
    if (argv[at] && strcmp(argv[at], "--") == 0)
        at++;
    config->command = argv + at;
    if (argv[at] && *argv[at])
        return 0;
    say("option --%s needs a value: %s", row->long_name, row->argument);
    return -EINVAL;
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
    if (begins_command(row) && take_command(row, value, argv, *at, given->config))
        return -EINVAL;
    return apply(given, row, value);
}

/*
 * ARGV[*AT] is -x, -xVALUE, -x with its value behind it, or several switches behind one dash. A value
 * that may be left out stands behind =, since -pi is -p and -i.
 */
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
        if (*row->argument && letter[1] == '=')
            return apply(given, row, letter + 2);
        error = apply(given, row, "");
    }
    return error;
}

/* They are never on the command line, where others can see them. */
static int read_secrets(struct config *config)
{
    int error = 0;
    int i;

    if (!config->secret_source_count)
        return 0;
    if (secrets_make(&config->settings.secrets)) {
        say("--redact: %s", strerror(ENOMEM));
        return -ENOMEM;
    }
    for (i = 0; i < config->secret_source_count && !error; i++) {
        const struct secret_source *source = &config->secret_sources[i];

        error = source->is_file ? secrets_add_file(config->settings.secrets, source->name)
                                : secrets_add_env(config->settings.secrets, source->name);
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
        .settings = {.flush_interval = FLUSH_AUTO,
                     .drain_timeout = 2 * SECOND,
                     .delimiter = '\n',
                     .spill_limit = KIB * KIB * KIB},
        .linger = 2 * SECOND,
        .display = {.interval = SECOND / 2},
        .files = argv + 1,
    };
    for (i = 1; i < argc && !error && !config->command; i++) {
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
    config->display.stats =
        config->display.stats || config->display.stats_file || config->display.stats_every;
    config->file_count = files;
    if (error)
        return error;
    if (config->action == ACTION_PLAN)
        return settle_plan(&given);
    if (config->as_json) {
        say("--json goes with --plan only");
        return -EINVAL;
    }
    error = settle(&given);
    return error ? error : read_secrets(config);
}

void config_free(struct config *config)
{
    secrets_free(config->settings.secrets);
    config->settings.secrets = NULL;
}
