#include "input/tuner.h"

#include <stddef.h>

#define MIB (UINT64_C(1) << 20)

/* Many streams are over before this, and a start is not typical. */
static const uint64_t first_trial = 16 * MIB;
/* Behind what the ring held when the way changed. */
static const uint64_t warm_up = MIB;
/* 64 KiB writes into a file in memory: copies show their price only 100 MiB after they began. */
static const uint64_t part_size = 32 * MIB;
static const unsigned parts_max = 6;
/* So much cheaper is beyond noise: no second pair. */
static const uint64_t clear_percent = 200;
/*
 * Soon, because the start of a stream is not typical; 96 MiB in the way that is given up are little
 * later.
 */
static const uint64_t rest_first = 512 * MIB;
static const uint64_t rest_max = 65536 * MIB;

void tuner_start(struct tuner *tuner, bool is_on)
{
    *tuner = (struct tuner){
        .pages = true,
        .is_trial = true,
        .due = is_on ? first_trial : UINT64_MAX,
        .rest = rest_first,
    };
}

static uint64_t ps_a_byte(uint64_t ns, uint64_t bytes)
{
    return bytes ? ns * 1000 / bytes : 0;
}

static struct cost cost_since(const struct effort *since, const struct effort *now)
{
    const uint64_t reader = ps_a_byte(now->reader_ns - since->reader_ns, now->in - since->in);
    const uint64_t writer = ps_a_byte(now->writer_ns - since->writer_ns, now->out - since->out);

    return (struct cost){.both = reader + writer, .busier = reader > writer ? reader : writer};
}

/* Fits, with a percentage, as long as a byte takes less than 300 us. */
static uint64_t price(const struct cost *cost)
{
    return cost->both * cost->busier;
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

static bool is_clearly_more(const struct cost *cost, const struct cost *other)
{
    return price(cost) * 100 > price(other) * clear_percent;
}

/* A pair has been measured, at least. */
static bool is_sure(const struct tuner *tuner)
{
    return tuner->parts == parts_max || is_clearly_more(&tuner->cost[true], &tuner->cost[false]) ||
           is_clearly_more(&tuner->cost[false], &tuner->cost[true]);
}

/* Keep the cheaper one, and an eye on it. */
static void conclude(struct tuner *tuner, const struct effort *effort)
{
    tuner->pages = price(&tuner->cost[true]) <= price(&tuner->cost[false]);
    tuner->is_trial = false;
    tuner->next_trial = effort->out + tuner->rest;
    if (tuner->rest < rest_max)
        tuner->rest *= 2;
    begin_part(tuner, effort);
}

static uint64_t mean(uint64_t of_those_before, uint64_t before, uint64_t value)
{
    return (of_those_before * before + value) / (before + 1);
}

static void note_cost(struct tuner *tuner, struct cost cost)
{
    const uint64_t before = tuner->parts / 2; /* parts of this way */
    struct cost *noted = &tuner->cost[tuner->pages];

    noted->both = mean(noted->both, before, cost.both);
    noted->busier = mean(noted->busier, before, cost.busier);
    tuner->parts++;
}

static void begin_trial(struct tuner *tuner, const struct effort *effort)
{
    tuner->is_trial = true;
    tuner->parts = 0;
    tuner->pages = true;
    begin_part(tuner, effort);
}

/* A part of a trial is over. True: so is the trial. */
static bool go_on(struct tuner *tuner, const struct effort *effort)
{
    note_cost(tuner, cost_since(&tuner->since, effort));
    if (tuner->parts % 2 == 0 && is_sure(tuner)) {
        conclude(tuner, effort);
        return true;
    }
    tuner->pages = !tuner->pages;
    begin_part(tuner, effort);
    return false;
}

/* A part in the way that was chosen is over. True: it is not the cheaper one any more. */
static bool watch(struct tuner *tuner, const struct effort *effort)
{
    struct cost *kept = &tuner->cost[tuner->pages];
    const struct cost *other = &tuner->cost[!tuner->pages];

    *kept = cost_since(&tuner->since, effort);
    if (effort->out >= tuner->next_trial) {
        begin_trial(tuner, effort);
        return false;
    }
    if (is_clearly_more(kept, other)) {
        tuner->pages = !tuner->pages;
        begin_part(tuner, effort);
        return true;
    }
    measure_part(tuner, effort);
    return false;
}

bool tuner_tell(struct tuner *tuner, const struct effort *effort)
{
    if (!tuner->is_measuring) {
        measure_part(tuner, effort);
        return false;
    }
    return tuner->is_trial ? go_on(tuner, effort) : watch(tuner, effort);
}

void tuner_disturb(struct tuner *tuner, uint64_t out)
{
    if (tuner->is_measuring) {
        tuner->is_measuring = false;
        tuner->due = out + warm_up;
    }
}
