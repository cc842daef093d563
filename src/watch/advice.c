#include "watch/advice.h"

#include "cli/units.h"

#include <inttypes.h>

/* Full for more of the time than this, a ring only postpones what the output cannot take. */
static const unsigned hopeless_percent = 50;

static uint64_t at_most(uint64_t value, uint64_t limit)
{
    return value < limit ? value : limit;
}

struct workload advice_workload(const struct snapshot *snapshot)
{
    return (struct workload){
        .rate = at_most(snapshot->busiest, PLAN_RATE_MAX),
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

static void write_use(FILE *to, const struct sizing *sizing)
{
    fprintf(to, "-s %s -n %" PRIu64, print_size(sizing->slab_size).text, sizing->slab_count);
}

static void write_comparison(FILE *to, const struct snapshot *snapshot, const struct workload *seen)
{
    const struct sizing *ring = &snapshot->ring;
    const struct sizing better = choose(snapshot, seen);
    const uint64_t guarantee = ring->slab_count ? plan_guarantee(ring, seen->rate) : 0;

    fprintf(to, "the longest stall was %s; ", print_about_time(seen->stall).text);
    if (ring->slab_count)
        fprintf(to, "%" PRIu64 " x %s absorb %s for certain at this rate", ring->slab_count,
                print_size(ring->slab_size).text, print_about_time(guarantee).text);
    else
        fputs("without a ring nothing is absorbed", to);
    if (!plan_is_possible(&better)) {
        fputs(": more than a ring can be\n", to);
        return;
    }
    if (better.slab_size == ring->slab_size && better.slab_count <= ring->slab_count) {
        fputs(": enough", to);
        if (better.slab_count < ring->slab_count)
            fprintf(to, "; -n %" PRIu64 " would do", better.slab_count);
    } else if (better.slab_size == ring->slab_size) {
        fprintf(to, ": use -n %" PRIu64, better.slab_count);
    } else {
        fputs(": use ", to);
        write_use(to, &better);
    }
    fprintf(to, " (%s)\n", print_about_size(plan_memory(&better)).text);
}

void advice_write(FILE *to, const struct snapshot *snapshot)
{
    const struct workload seen = advice_workload(snapshot);
    const unsigned full = snapshot_percent(snapshot->in.waited, snapshot->elapsed);

    if (!seen.rate) {
        fputs("nothing came in: no advice\n", to);
        return;
    }
    if (snapshot->passed) {
        fputs("the kernel moves files like these by itself: no ring is needed\n", to);
        return;
    }
    write_seen(to, snapshot, &seen);
    if (full > hopeless_percent)
        fprintf(to,
                "the ring was full for %u %% of the time: the output takes %s/s and the input "
                "brings more, so no ring is large enough\n",
                full, print_about_size(snapshot_rate(snapshot->out.bytes, snapshot->elapsed)).text);
    else
        write_comparison(to, snapshot, &seen);
}
