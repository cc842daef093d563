#include "cli/values.h"

#include "plan/plan.h"
#include "sink/dest.h"
#include "sys/say.h"
#include "sys/units.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

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

int take_rate(const struct option_row *row, const char *value, uint64_t *bytes_per_second)
{
    if (parse_size_rate(value, bytes_per_second) == 0 && *bytes_per_second >= 1 &&
        *bytes_per_second <= PLAN_RATE_MAX)
        return 0;
    return bad_value(row, value, "a rate", (struct printed){"1"}, (struct printed){"1TB/s"},
                     "10M or 2.5MB/s");
}

int take_percent(const struct option_row *row, const char *value, unsigned *percent)
{
    uint64_t number;

    if (parse_percent(value, &number) == 0 && number >= 1 && number <= 100) {
        *percent = (unsigned)number;
        return 0;
    }
    return bad_value(row, value, "a whole percentage", (struct printed){"1"},
                     (struct printed){"100"}, "50 or 75%");
}

/* As far as the words tell: that two paths lead to one file shows when they are opened. */
static bool is_same(const struct dest *a, const struct dest *b)
{
    if (dest_descriptor(a) >= 0 || dest_descriptor(b) >= 0)
        return dest_descriptor(a) == dest_descriptor(b);
    if (a->kind != b->kind)
        return false;
    if (a->kind == DEST_TCP)
        return strcasecmp(a->host, b->host) == 0 && strcmp(a->port, b->port) == 0;
    return strcmp(a->path, b->path) == 0;
}

int take_output(const struct option_row *row, const char *value, struct config *config)
{
    struct dest dest;
    const char *reason = dest_parse(&dest, value);
    int i;

    if (reason) {
        say("--%s %s: %s", row->long_name, quote_value(value).text, reason);
        return -EINVAL;
    }
    for (i = 0; i < config->output_count; i++) {
        if (is_same(&dest, &config->outputs[i])) {
            say("--%s %s: is there already, as %s", row->long_name, quote_value(value).text,
                quote_value(config->outputs[i].name).text);
            return -EINVAL;
        }
    }
    if (config->output_count == OUTPUTS_MAX) {
        say("--%s %s: one too many; from 1 to %d outputs", row->long_name, quote_value(value).text,
            OUTPUTS_MAX);
        return -EINVAL;
    }
    config->outputs[config->output_count++] = dest;
    return 0;
}

int take_flush_interval(const struct option_row *row, const char *value, uint64_t *ns)
{
    if (strcmp(value, "auto") != 0)
        return take_time(row, value, 0, ns);
    *ns = FLUSH_AUTO;
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

int take_on_full(const struct option_row *row, const char *value, struct settings *settings)
{
    static const char spill_to[] = "spill:";
    const size_t spill_to_length = sizeof spill_to - 1;

    settings->spill_dir = NULL;
    if (strcmp(value, "block") == 0)
        settings->on_full = ON_FULL_BLOCK;
    else if (strcmp(value, "drop-newest") == 0)
        settings->on_full = ON_FULL_DROP_NEWEST;
    else if (strcmp(value, "drop-oldest") == 0)
        settings->on_full = ON_FULL_DROP_OLDEST;
    else if (strcmp(value, "spill") == 0)
        settings->on_full = ON_FULL_SPILL;
    else if (strncmp(value, spill_to, spill_to_length) == 0 && value[spill_to_length]) {
        settings->on_full = ON_FULL_SPILL;
        settings->spill_dir = value + spill_to_length;
    } else {
        say("--%s %s: not block, drop-newest, drop-oldest, spill or spill:DIR", row->long_name,
            quote_value(value).text);
        return -EINVAL;
    }
    return 0;
}

int take_on_reconnect(const struct option_row *row, const char *value, enum on_reconnect *policy)
{
    if (strcmp(value, "resend") == 0)
        *policy = ON_RECONNECT_RESEND;
    else if (strcmp(value, "skip") == 0)
        *policy = ON_RECONNECT_SKIP;
    else {
        say("--%s %s: not resend or skip", row->long_name, quote_value(value).text);
        return -EINVAL;
    }
    return 0;
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

int take_stats(const struct option_row *row, const char *value, struct display *display)
{
    display->stats = true;
    if (!*value || strcmp(value, "text") == 0)
        display->format = REPORT_TEXT;
    else if (strcmp(value, "json") == 0)
        display->format = REPORT_JSON;
    else if (strcmp(value, "prometheus") == 0)
        display->format = REPORT_PROMETHEUS;
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
