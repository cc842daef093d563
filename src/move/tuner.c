#include "move/tuner.h"

#include <stddef.h>

#define MIB (UINT64_C(1) << 20)

/* Many streams are over before this, and a start is not typical. */
static const uint64_t first_trial = 16 * MIB;
/* Behind what the ring held when the way changed. */
static const uint64_t warm_up = MIB;
/* 256 slabs of 64K: some ms of CPU time, of which three measure the mean to some percent. */
static const uint64_t part_size = 16 * MIB;
static const unsigned parts_max = 6;
/* So much cheaper is beyond noise: no second pair. */
static const uint64_t clear_percent = 140;
/* The way that was given up is a small part of the stream: 48 MiB in 8 GiB and more. */
static const uint64_t rest_first = 8192 * MIB;
static const uint64_t rest_max = 65536 * MIB;

void tuner_start(struct tuner *tuner, bool is_on)
{
    *tuner = (struct tuner){
        .pages = true,
        .due = is_on ? first_trial : UINT64_MAX,
        .rest = rest_first,
    };
}

static uint64_t ps_a_byte(uint64_t ns, uint64_t bytes)
{
    return bytes ? ns * 1000 / bytes : 0;
}

static uint64_t cost_since(const struct effort *since, const struct effort *now)
{
    return ps_a_byte(now->reader_ns - since->reader_ns, now->in - since->in) +
           ps_a_byte(now->writer_ns - since->writer_ns, now->out - since->out);
}

static void begin_part(struct tuner *tuner, const struct effort *effort)
{
    tuner->is_measuring = false;
    tuner->due = effort->in + warm_up;
}

static void measure_part(struct tuner *tuner, const struct effort *effort)
{
    tuner->is_measuring = true;
    tuner->since = *effort;
    tuner->due = effort->out + part_size;
}

static bool is_clearly_more(uint64_t cost, uint64_t other)
{
    return cost * 100 > other * clear_percent;
}

/* A pair has been measured, at least. */
static bool is_sure(const struct tuner *tuner)
{
    return tuner->parts == parts_max || is_clearly_more(tuner->cost[true], tuner->cost[false]) ||
           is_clearly_more(tuner->cost[false], tuner->cost[true]);
}

static void conclude(struct tuner *tuner, uint64_t out)
{
    tuner->pages = tuner->cost[true] <= tuner->cost[false];
    tuner->is_measuring = false;
    tuner->parts = 0;
    tuner->due = out + tuner->rest;
    if (tuner->rest < rest_max)
        tuner->rest *= 2;
}

static void note_cost(struct tuner *tuner, uint64_t cost)
{
    const uint64_t before = tuner->parts / 2; /* parts of this way */
    uint64_t *mean = &tuner->cost[tuner->pages];

    *mean = before ? (*mean * before + cost) / (before + 1) : cost;
    tuner->parts++;
}

bool tuner_tell(struct tuner *tuner, const struct effort *effort)
{
    if (!tuner->is_measuring) {
        if (tuner->parts == 0 && !tuner->pages) {
            /* a new trial; it begins with pages, so that both have one part each time */
            tuner->pages = true;
            begin_part(tuner, effort);
        } else {
            measure_part(tuner, effort);
        }
        return false;
    }
    note_cost(tuner, cost_since(&tuner->since, effort));
    if (tuner->parts % 2 == 0 && is_sure(tuner)) {
        conclude(tuner, effort->out);
        return true;
    }
    tuner->pages = !tuner->pages;
    begin_part(tuner, effort);
    return false;
}

void tuner_disturb(struct tuner *tuner, uint64_t out)
{
    if (tuner->is_measuring) {
        tuner->is_measuring = false;
        tuner->due = out + warm_up;
    }
}
