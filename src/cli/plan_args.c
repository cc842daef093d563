#include "cli/plan_args.h"

#include "ring/ring.h"
#include "sys/say.h"
#include "sys/units.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

static_assert(PLAN_SLAB_MAX == RING_SLAB_SIZE_MAX, "what is planned can be had");
static_assert(PLAN_COUNT_MAX == RING_SLAB_COUNT_MAX, "what is planned can be had");

static const uint64_t message_size_max = UINT64_C(1) << 30;

/* The values as they were written, for messages; NULL: not given. */
struct words {
    const char *rate, *message, *latency, *stall, *budget;
};

static int take_rate(const char *value, struct demand *demand)
{
    const int byte_error = parse_byte_rate(value, &demand->workload.rate);
    const int error = byte_error ? parse_rate(value, &demand->messages) : 0;
    const uint64_t rate = byte_error ? demand->messages : demand->workload.rate;

    if (!error && rate >= 1 && rate <= PLAN_RATE_MAX)
        return 0;
    say("--plan R=%s: not a rate from 1 to 1000G messages/s or 1TB/s, such as 10K or 2.5MB/s",
        quote_value(value).text);
    return -EINVAL;
}

static int take_size(char key, const char *value, uint64_t least, uint64_t most, uint64_t *size)
{
    if (parse_size(value, size) == 0 && *size >= least && *size <= most)
        return 0;
    say("--plan %c=%s: not a size from %s to %s, such as %s", key, quote_value(value).text,
        print_size(least).text, print_size(most).text, key == 'M' ? "256 or 4K" : "512K");
    return -EINVAL;
}

static int take_time(char key, const char *value, uint64_t *ns)
{
    if (parse_time(value, ns) == 0 && *ns >= 1 && *ns <= PLAN_TIME_MAX)
        return 0;
    say("--plan %c=%s: not a time from 1ns to 24h, such as %s", key, quote_value(value).text,
        key == 'L' ? "10ms" : "200ms");
    return -EINVAL;
}

static int take_setup(const char *word, struct demand *demand)
{
    const struct setup *setup = setup_find(word);

    if (!setup) {
        say("--plan %s: not R=, M=, L=, S= or B=, nor file, network, sidecar or pipeline",
            quote_value(word).text);
        return -EINVAL;
    }
    if (demand->setup) {
        say("--plan: %s and %s: give one of them", demand->setup->name, word);
        return -EINVAL;
    }
    demand->setup = setup;
    return 0;
}

static int take_word(const char *word, struct demand *demand, struct words *words)
{
    const char key = word[0];
    const char *const value = key && word[1] == '=' ? word + 2 : NULL;
    const char **slot;

    if (!value)
        return take_setup(word, demand);
    switch (key) {
    case 'R': slot = &words->rate; break;
    case 'M': slot = &words->message; break;
    case 'L': slot = &words->latency; break;
    case 'S': slot = &words->stall; break;
    case 'B': slot = &words->budget; break;
    default: return take_setup(word, demand);
    }
    if (*slot) {
        say("--plan %c=%s: %c is there already, as %s", key, quote_value(value).text, key,
            quote_value(*slot).text);
        return -EINVAL;
    }
    *slot = value;
    switch (key) {
    case 'R': return take_rate(value, demand);
    case 'M': return take_size(key, value, 1, message_size_max, &demand->message_size);
    case 'B': return take_size(key, value, 2 * PLAN_SLAB_MIN, PLAN_MEMORY_MAX, &demand->budget);
    case 'L': return take_time(key, value, &demand->workload.latency);
    default: return take_time(key, value, &demand->workload.stall);
    }
}

/* What was not given is as in the set-up. */
static void complete_from_setup(struct demand *demand, const struct words *words)
{
    const struct setup *const setup = demand->setup;

    if (!words->rate)
        demand->messages = setup->messages;
    if (demand->messages && !words->message)
        demand->message_size = setup->message_size;
    if (!demand->given.slab_size)
        demand->given.slab_size = setup->sizing.slab_size;
    if (!demand->given.slab_count)
        demand->given.slab_count = setup->sizing.slab_count;
    if (demand->flush_interval == DEMAND_FLUSH_AUTO)
        demand->flush_interval = setup->flush_interval;
}

/* Bytes a second, from messages and their size where it was not given so. */
static int settle_rate(struct demand *demand, const struct words *words)
{
    if (!demand->messages && words->message) {
        say("--plan M=%s: R=%s counts bytes; sizes go with messages, such as R=10K",
            quote_value(words->message).text, quote_value(words->rate).text);
        return -EINVAL;
    }
    if (!demand->messages)
        return 0;
    if (!demand->message_size) {
        say("--plan R=%s: how large are the messages? M=256, or R in bytes, such as R=2.5MB/s",
            quote_value(words->rate).text);
        return -EINVAL;
    }
    if (demand->messages > PLAN_RATE_MAX / demand->message_size) {
        say("--plan: %s messages/s of %s: more than 1TB/s",
            print_about_count(demand->messages).text, print_size(demand->message_size).text);
        return -EINVAL;
    }
    demand->workload.rate = demand->messages * demand->message_size;
    return 0;
}

static int check_budget(const struct demand *demand, const struct words *words)
{
    if (!demand->budget)
        return 0;
    if (demand->setup) {
        say("--plan B=%s: %s has its sizes; change them with -s and -n",
            quote_value(words->budget).text, demand->setup->name);
        return -EINVAL;
    }
    if (demand->given.slab_count) {
        say("--plan B=%s and --slab-count: give one of them, the other follows",
            quote_value(words->budget).text);
        return -EINVAL;
    }
    if (demand->budget < demand->given.slab_size) {
        say("--plan B=%s: less than one slab of %s; make --slab-size smaller",
            quote_value(words->budget).text, print_size(demand->given.slab_size).text);
        return -EINVAL;
    }
    return 0;
}

/* No ring can do it, or not one with the slab size that was given. */
static int check_possible(const struct demand *demand)
{
    const struct workload workload = demand_workload(demand);
    const struct sizing recommended = plan_recommended(&workload);
    const struct sizing sizing = demand_sizing(demand, &workload);

    if (recommended.slab_size > PLAN_SLAB_MAX)
        say("--plan L=%s: %s come in, more than the largest slab, %s",
            print_time(workload.latency).text,
            print_about_size(plan_bytes(workload.rate, workload.latency)).text,
            print_size(PLAN_SLAB_MAX).text);
    else if (!plan_is_possible(&recommended))
        say("--plan S=%s: %s come in, more than %" PRIu64 " slabs of %s absorb",
            print_time(workload.stall).text,
            print_about_size(plan_bytes(workload.rate, workload.stall)).text, PLAN_COUNT_MAX,
            print_size(PLAN_SLAB_MAX).text);
    else if (!plan_is_possible(&sizing))
        say("--plan S=%s: %" PRIu64 " slabs of %s are needed, more than %" PRIu64
            "; make --slab-size larger",
            print_time(workload.stall).text, sizing.slab_count, print_size(sizing.slab_size).text,
            PLAN_COUNT_MAX);
    else
        return 0;
    return -EINVAL;
}

int demand_parse(struct demand *demand, char **words, int count)
{
    struct words given = {0};
    int error = 0;
    int i;

    for (i = 0; i < count && !error; i++)
        error = take_word(words[i], demand, &given);
    if (error)
        return error;
    if (!demand->setup && !given.rate) {
        /* without a word about the workload, sizes are no question either */
        if (count == 0 && !demand_is_special(demand))
            return 0;
        say("--plan: R is missing: messages a second and their size, as R=10K M=256, or R=2.5MB/s");
        return -EINVAL;
    }
    if (demand->setup)
        complete_from_setup(demand, &given);
    error = settle_rate(demand, &given);
    if (!error)
        error = check_budget(demand, &given);
    return error ? error : check_possible(demand);
}
