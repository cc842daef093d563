#include "cli/values.h"

#include "cli/units.h"
#include "move/pace.h"
#include "sys/say.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const uint64_t pipe_size_max = UINT64_C(1) << 30;
static const uint64_t time_max = UINT64_C(24) * 3600 * 1000 * 1000 * 1000;
static const size_t name_max = 100;

static int bad_value(const struct option_row *row, const char *value, const char *what,
                     struct printed least, struct printed most, const char *examples)
{
    say("--%s %s: not %s from %s to %s, such as %s", row->long_name, quote_value(value).text, what,
        least.text, most.text, examples);
    return -EINVAL;
}

int take_size(const struct option_row *row, const char *value, uint64_t most, uint64_t *size)
{
    if (parse_size(value, size) == 0 && *size >= 1 && *size <= most)
        return 0;
    return bad_value(row, value, *row->argument == 'a' ? "auto, keep or a size" : "a size",
                     print_size(1), print_size(most), "64K, 1.5M or 64kB");
}

int take_time(const struct option_row *row, const char *value, uint64_t least, uint64_t *ns)
{
    if (parse_time(value, ns) == 0 && *ns >= least && *ns <= time_max)
        return 0;
    return bad_value(row, value, *row->argument == 'a' ? "auto or a time" : "a time",
                     print_time(least), (struct printed){"24h"},
                     least ? "100ms, 2s or 1m" : "500us, 100ms or 2s");
}

int take_count(const struct option_row *row, const char *value, uint64_t most, uint64_t *count)
{
    struct printed limit;

    if (parse_count(value, count) == 0 && *count <= most)
        return 0;
    snprintf(limit.text, sizeof limit.text, "%" PRIu64, most);
    return bad_value(row, value, "a count", print_size(0), limit, "8 or 1K");
}

int take_flush_interval(const struct option_row *row, const char *value, uint64_t *ns)
{
    if (strcmp(value, "auto") != 0)
        return take_time(row, value, 0, ns);
    *ns = PACE_AUTO;
    return 0;
}

int take_pipe_size(const struct option_row *row, const char *value, struct settings *settings)
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

int take_zero_copy(const struct option_row *row, const char *value, enum zero_copy *policy)
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

int take_progress(const struct option_row *row, const char *value, enum progress_policy *policy)
{
    *policy = *value ? PROGRESS_FORCED : PROGRESS_ON_TERMINAL;
    if (!*value || strcmp(value, "force") == 0)
        return 0;
    say("--%s %s: not force", row->long_name, quote_value(value).text);
    return -EINVAL;
}

int take_stats(const struct option_row *row, const char *value, struct watching *watching)
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
int take_name(const struct option_row *row, const char *value, const char **name)
{
    *name = value;
    if (*value && strlen(value) <= name_max && is_plain_text(value))
        return 0;
    say("--%s %s: not a printable text of at most %zu bytes", row->long_name,
        quote_value(value).text, name_max);
    return -EINVAL;
}

int take_path(const struct option_row *row, const char *value, const char **path)
{
    *path = value;
    if (*value && strcmp(value, "-") != 0)
        return 0;
    say("--%s %s: not the name of a file", row->long_name, quote_value(value).text);
    return -EINVAL;
}
