#include "watch/advice.h"

#include "sys/clock.h"
#include "sys/units.h"

#include <inttypes.h>

/* Full for more of the time than this, a ring only postpones what the output cannot take. */
static const unsigned hopeless_percent = 50;

static uint64_t at_most(uint64_t value, uint64_t limit)
{
    return value < limit ? value : limit;
}

/* What was seen. */
static struct workload look_back(const struct snapshot *snapshot)
{
    return (struct workload){
        .rate = at_most(snapshot->busiest ? snapshot->busiest : 1, PLAN_RATE_MAX),
        /* the typical write, not the stalls among them */
        .latency = at_most(snapshot->write_times.at[P90], PLAN_TIME_MAX),
        .stall = at_most(snapshot->write_times.at[LONGEST], PLAN_TIME_MAX),
    };
}

static void write_seen(FILE *to, const struct snapshot *snapshot, const struct workload *seen)
{
    fprintf(to, "seen: R=%s/s", print_about_size(seen->rate).text);
    if (snapshot->has_lines && snapshot->in.lines)
        fprintf(to, " (lines of M=%" PRIu64 " bytes)", snapshot->in.bytes / snapshot->in.lines);
    fprintf(to, " in the busiest tenth of a second, L=%s for 9 of 10 writes, S=%s\n",
            print_about_time(seen->latency).text, print_about_time(seen->stall).text);
}

/* The slabs there are, if they are large enough, or else those that would be. */
static struct sizing choose(const struct snapshot *snapshot, const struct workload *seen)
{
    const uint64_t size = snapshot->ring.slab_size;
    struct sizing sizing = plan_recommended(seen);

    if (snapshot->ring.slab_count && size >= plan_slab_size(seen))
        sizing = (struct sizing){size, plan_slab_count(seen, size)};
    return plan_is_possible(&sizing) ? sizing : plan_recommended(seen);
}

/* The ring was full for more than a hundredth of the time: it is too small, whatever was seen. */
static bool was_short(const struct snapshot *snapshot)
{
    return snapshot->in.waited > snapshot->elapsed / 100;
}

/* Long enough, and busy enough, to say that less would do. */
static bool is_telling(const struct snapshot *snapshot)
{
    return snapshot->elapsed >= NS_PER_SECOND && snapshot->out.calls >= 10 && !snapshot->in.waits;
}

/* The same slabs as there are. */
static void write_count(FILE *to, const struct snapshot *snapshot, const struct sizing *better)
{
    const uint64_t count = snapshot->ring.slab_count;

    if (better->slab_count > count)
        fprintf(to, ": use -n %" PRIu64 " (%s)\n", better->slab_count,
                print_about_size(plan_memory(better)).text);
    else if (was_short(snapshot))
        fprintf(to, ", and yet it was full for %s, by bursts: try -n %" PRIu64 "\n",
                print_about_time(snapshot->in.waited).text, at_most(count * 2, PLAN_COUNT_MAX));
    else if (better->slab_count < count && is_telling(snapshot))
        fprintf(to, ": enough; -n %" PRIu64 " would do (%s)\n", better->slab_count,
                print_about_size(plan_memory(better)).text);
    else
        fputs(": enough\n", to);
}

static void write_comparison(FILE *to, const struct snapshot *snapshot, const struct workload *seen)
{
    const struct sizing *ring = &snapshot->ring;
    const struct sizing better = choose(snapshot, seen);

    fprintf(to, "the longest stall was %s; ", print_about_time(seen->stall).text);
    if (ring->slab_count)
        fprintf(to, "%" PRIu64 " x %s absorb %s for certain at this rate", ring->slab_count,
                print_size(ring->slab_size).text,
                print_about_time(plan_guarantee(ring, seen->rate)).text);
    else
        fputs("without a ring nothing is absorbed", to);
    if (!plan_is_possible(&better))
        fputs(": more than a ring can be\n", to);
    else if (better.slab_size == ring->slab_size)
        write_count(to, snapshot, &better);
    else
        fprintf(to, ": use -s %s -n %" PRIu64 " (%s)\n", print_size(better.slab_size).text,
                better.slab_count, print_about_size(plan_memory(&better)).text);
}

/*
 * The longest time for which the ring was full is that of the longest stall, which a larger one could
 * have absorbed; what was waited for besides, again and again, it could not.
 */
static bool is_hopeless(const struct snapshot *snapshot)
{
    const struct side *in = &snapshot->in;

    return snapshot_percent(in->waited - in->longest_wait, snapshot->elapsed - in->longest_wait) >
           hopeless_percent;
}

void advice_write(FILE *to, const struct snapshot *snapshot)
{
    const struct workload seen = look_back(snapshot);

    if (!snapshot->in.bytes) {
        fputs("nothing came in: no advice\n", to);
        return;
    }
    if (snapshot->passed == snapshot->in.bytes) {
        fputs("the kernel moves files like these by itself: no ring is needed\n", to);
        return;
    }
    write_seen(to, snapshot, &seen);
    if (is_hopeless(snapshot))
        fprintf(
            to,
            "the ring was full for %u %% of the time, again and again: the output is slower than "
            "the input, and no ring is large enough\n",
            snapshot_percent(snapshot->in.waited, snapshot->elapsed));
    else
        write_comparison(to, snapshot, &seen);
}
