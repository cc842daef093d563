#include "cli/check.h"

#include "cli/plan_args.h"
#include "ring/ring.h"
#include "sys/memory.h"
#include "sys/replace.h"
#include "sys/say.h"
#include "sys/units.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

static const uint64_t slab_count_max = RING_SLAB_COUNT_MAX;

/* Hold the parts of the ring against each other and against the memory there is. */
static int settle_ring(struct given *given)
{
    struct settings *settings = &given->config->settings;
    const uint64_t there_is = memory_there_is();
    uint64_t total;

    if (given->has[OPTION_MEMORY] && given->has[OPTION_SLAB_COUNT]) {
        say("--memory and --slab-count: give one of them, the other follows from --slab-size");
        return -EINVAL;
    }
    if (given->has[OPTION_MEMORY])
        given->slab_count = given->memory / given->slab_size;
    if (given->has[OPTION_MEMORY] && !given->slab_count) {
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
            print_size(there_is / 1024 * 1024).text);
        return -EINVAL;
    }
    settings->slab_size = (size_t)given->slab_size;
    settings->slab_count = (size_t)given->slab_count;
    return 0;
}

static bool has_output(const struct config *config, enum dest_kind kind)
{
    int i;

    for (i = 0; i < config->output_count; i++) {
        if (config->outputs[i].kind == kind)
            return true;
    }
    return false;
}

static bool drops(const struct settings *settings)
{
    return settings->on_full == ON_FULL_DROP_NEWEST || settings->on_full == ON_FULL_DROP_OLDEST;
}

/* A time that differs from place to place. */
static bool has_time_of_day(const struct settings *settings)
{
    const enum stamp_kind kind = settings->stamp.kind;

    return kind == STAMP_ISO || kind == STAMP_ISO_US || kind == STAMP_FORMAT;
}

/* Where a line ends matters to somebody. */
static bool looks_at_lines(const struct settings *settings)
{
    return drops(settings) || settings_stamp(settings) || settings_rotate(settings);
}

/* Words that mean nothing without another one. */
static int check_companions(const struct given *given)
{
    const struct config *config = given->config;
    const struct settings *settings = &config->settings;
    const bool has_connection = has_output(config, DEST_TCP) || has_output(config, DEST_UNIX);
    const struct {
        enum option_id id;
        bool is_fine;
        const char *words;
    } rules[] = {
        {OPTION_APPEND, has_output(config, DEST_PATH),
         "--append goes with --output FILE only; standard output is appended to by >>"},
        {OPTION_RECONNECT, has_connection,
         "--reconnect goes with --output tcp://HOST:PORT or unix:PATH only"},
        {OPTION_ON_RECONNECT, settings->reconnect, "--on-reconnect goes with --reconnect only"},
        {OPTION_ROTATE_SIZE, has_output(config, DEST_PATH),
         "--rotate-size goes with --output FILE only"},
        {OPTION_ROTATE_TIME, has_output(config, DEST_PATH),
         "--rotate-time goes with --output FILE only"},
        {OPTION_ROTATE_KEEP, settings_rotate(settings),
         "--rotate-keep goes with --rotate-size or --rotate-time only"},
        {OPTION_LOCALTIME, has_time_of_day(settings),
         "--localtime goes with --timestamp iso, iso-us or a format only"},
        {OPTION_LINGER, config->command, "--linger goes with --run or --run-stdout only"},
        {OPTION_BURST, settings->rate_limit > 0, "--burst goes with --rate-limit only"},
        {OPTION_MARK_GAPS, drops(settings),
         "--mark-gaps goes with --on-full drop-newest or drop-oldest only"},
        {OPTION_NUL_LINES, looks_at_lines(settings) || settings->append,
         "--null goes with --on-full drop-newest or drop-oldest, --timestamp, --prefix, --append, "
         "--rotate-size or --rotate-time only"},
        {OPTION_SPILL_LIMIT, settings->on_full == ON_FULL_SPILL,
         "--spill-limit goes with --on-full spill only"},
    };
    size_t i;

    for (i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        if (given->has[rules[i].id] && !rules[i].is_fine) {
            say("%s", rules[i].words);
            return -EINVAL;
        }
    }
    return 0;
}

/* The first option that wants to see the bytes; NULL: there is none. */
static const char *look_of(const struct config *config)
{
    const struct settings *settings = &config->settings;

    if (config->secret_source_count)
        return config->secret_sources[0].is_file ? "--redact-file" : "--redact-env";
    if (settings->strip_ansi)
        return "--strip-ansi";
    if (settings->stamp.kind != STAMP_NONE)
        return "--timestamp";
    if (settings->stamp.prefix)
        return "--prefix";
    if (settings->digest)
        return "--digest";
    return settings->compress != PRESS_NONE ? "--compress" : NULL;
}

/* What only a ring can do: to hold bytes, or to be full; and what is done on the way through it. */
static int check_direct(const struct config *config)
{
    const struct settings *settings = &config->settings;
    const char *what = NULL;

    if (settings->slab_count)
        return 0;
    if (config->output_count > 1)
        what = "several outputs";
    else if (settings->on_full != ON_FULL_BLOCK)
        what = "--on-full";
    else if (settings->reconnect)
        what = "--reconnect";
    else if (settings->rate_limit)
        what = "--rate-limit";
    else if (settings->start_fill)
        what = "--start-fill";
    else if (settings_rotate(settings))
        what = settings->rotate_size ? "--rotate-size" : "--rotate-time";
    else
        what = look_of(config);
    if (!what)
        return 0;
    say("--slab-count 0 and %s: it needs a ring, from 1 to %" PRIu64 " slabs", what,
        slab_count_max);
    return -EINVAL;
}

/* Lines that may be dropped are looked at, in slabs of which one may be in the writer's hand. */
static int check_drops(const struct settings *settings)
{
    const char *policy = settings->on_full == ON_FULL_DROP_NEWEST ? "drop-newest" : "drop-oldest";

    if (!drops(settings))
        return 0;
    if (settings->zero_copy == ZERO_COPY_ALWAYS)
        say("--on-full %s and --zero-copy always: give one of them, lines are not seen in pages",
            policy);
    else if (settings->slab_count < 2)
        say("--on-full %s: a ring of 1 slab; from 2 to %" PRIu64, policy, slab_count_max);
    else if (settings->mark_gaps && settings->slab_size < MARKED_SLAB_MIN)
        say("--mark-gaps: a slab of %s has no room for the mark; from %s to %s",
            print_size(settings->slab_size).text, print_size(MARKED_SLAB_MIN).text,
            print_size(RING_SLAB_SIZE_MAX).text);
    else
        return 0;
    return -EINVAL;
}

static int check_reconnect(const struct settings *settings)
{
    if (!settings->reconnect || settings->zero_copy != ZERO_COPY_ALWAYS)
        return 0;
    say("--reconnect and --zero-copy always: give one of them, pages cannot be sent again");
    return -EINVAL;
}

/* What has to see the bytes cannot be had with what is never to. */
static int check_looks(const struct config *config)
{
    const struct settings *settings = &config->settings;
    const char *const look = look_of(config);

    if (look && settings->zero_copy == ZERO_COPY_ALWAYS)
        say("%s and --zero-copy always: give one of them, pages are not looked at", look);
    else if (settings->compress != PRESS_NONE && settings->reconnect)
        say("--compress and --reconnect: give one of them, what is sent again would not fit to "
            "what "
            "came before");
    else if (settings->digest && settings->reconnect)
        say("--digest and --reconnect: give one of them, what is sent again would count twice");
    else if (settings->append && config->display.digest_file)
        say("--append and --digest-file: give one of them, a checksum is of what this run writes");
    else
        return 0;
    return -EINVAL;
}

static int check_command(const struct config *config)
{
    if (!config->command || !config->file_count)
        return 0;
    say("--run and %s: give one of them, the input is what the command prints",
        quote_name(config->files[0]).text);
    return -EINVAL;
}

/* Each of them replaces what is there. */
static int check_files(const struct display *display)
{
    const char *const stats = display->stats_file;
    const char *const checksums = display->digest_file;

    if (!stats || !checksums || strcmp(stats, checksums) != 0 || path_is_descriptor(stats))
        return 0;
    say("--stats-file and --digest-file: both are %s; give each a file of its own",
        quote_name(stats).text);
    return -EINVAL;
}

int settle(struct given *given)
{
    const struct settings *settings = &given->config->settings;
    int error = settle_ring(given);

    if (!error)
        error = check_companions(given);
    if (!error)
        error = check_direct(given->config);
    if (!error)
        error = check_drops(settings);
    if (!error)
        error = check_reconnect(settings);
    if (!error)
        error = check_looks(given->config);
    if (!error)
        error = check_files(&given->config->display);
    return error ? error : check_command(given->config);
}

int settle_plan(struct given *given)
{
    struct config *config = given->config;
    const uint64_t flush_interval = config->settings.flush_interval;

    if (given->has[OPTION_MEMORY]) {
        say("--plan and --memory: give the memory as B=%s", print_size(given->memory).text);
        return -EINVAL;
    }
    if (given->has[OPTION_SLAB_COUNT] && !given->slab_count) {
        say("--plan --slab-count 0: without a ring there is nothing to plan; from 1 to %" PRIu64,
            slab_count_max);
        return -EINVAL;
    }
    config->demand = (struct demand){
        .given = {.slab_size = given->has[OPTION_SLAB_SIZE] ? given->slab_size : 0,
                  .slab_count = given->has[OPTION_SLAB_COUNT] ? given->slab_count : 0},
        .flush_interval = flush_interval == FLUSH_AUTO ? DEMAND_FLUSH_AUTO : flush_interval,
    };
    return demand_parse(&config->demand, config->files, config->file_count);
}
