#include "watch/snapshot.h"

#include "sys/clock.h"

#include <sys/resource.h>

/* BYTES of COUNTERS are those that agree with the other side's. */
static struct side look_at(const struct io_counters *counters, uint64_t bytes, uint64_t now)
{
    struct side side = {
        .bytes = bytes,
        .calls = counter_look(&counters->calls),
        .pages = counter_look(&counters->pages),
        .lines = counter_look(&counters->lines),
    };
    uint64_t since;

    do { /* a wait must not be both: going on and over */
        since = counter_look(&counters->waiting_since);
        side.waits = counter_look(&counters->waits);
        side.waited = counter_look(&counters->waited);
        side.longest_wait = counter_look(&counters->longest_wait);
    } while (counter_look(&counters->waiting_since) != since);
    if (since && since < now) {
        side.waiting = now - since;
        side.waits++;
        side.waited += side.waiting;
        if (side.waiting > side.longest_wait)
            side.longest_wait = side.waiting;
    }
    return side;
}

static uint64_t ns_of(struct timeval time)
{
    return (uint64_t)time.tv_sec * NS_PER_SECOND + (uint64_t)time.tv_usec * NS_PER_US;
}

uint64_t snapshot_rate(uint64_t bytes, uint64_t ns)
{
    return ns ? snapshot_part(bytes, NS_PER_SECOND, ns) : 0;
}

uint64_t snapshot_part(uint64_t whole, uint64_t part, uint64_t of)
{
    const double result = (double)whole * (double)part / (double)of;

    return result < 0x1p64 ? (uint64_t)result : UINT64_MAX;
}

unsigned snapshot_percent(uint64_t part, uint64_t whole)
{
    if (part >= whole)
        return whole ? 100 : 0;
    return (unsigned)((double)part * 100 / (double)whole);
}

void snapshot_take(struct snapshot *snapshot, const struct watched *watched)
{
    const struct meters *const meters = watched->meters;
    const uint64_t now = clock_now();
    /* what goes out first: out of what was in by then */
    const uint64_t out = watched->has_ended ? watched->rest.out : counters_bytes(&meters->out);
    const uint64_t dropped = counter_look(&meters->dropped);
    const uint64_t in = counters_bytes(&meters->in);
    const uint64_t came = meters->changes_bytes ? meters_came(meters) : in;
    const uint64_t marked = counter_look(&meters->marked);
    const uint64_t inside = came + marked - out - dropped;
    struct rusage usage = {0};

    getrusage(RUSAGE_SELF, &usage);
    *snapshot = (struct snapshot){
        .ring = watched->ring,
        .has_ended = watched->has_ended,
        .elapsed = now - watched->started,
        .in = look_at(&meters->in, in + watched->rest.unread, now),
        .out = look_at(&meters->out, out, now),
        .unread = watched->rest.unread,
        .uncertain = watched->rest.uncertain,
        .dropped = dropped,
        .dropped_lines = counter_look(&meters->dropped_lines),
        .marked = marked,
        .added = came > in ? came - in : 0,
        .removed = in > came ? in - came : 0,
        .packed = counter_look(&meters->packed),
        .checksums = watched->checksums,
        .has_lines = atomic_load(&meters->counts_lines),
        .passed = counter_look(&meters->passed),
        .high_water = counter_look(&meters->high_water),
        .spilled = counter_look(&meters->spilled),
        .spill_held = watched->has_ended ? 0 : counter_look(&meters->spill_held),
        .spill_high_water = counter_look(&meters->spill_high_water),
        .stalls = counter_look(&meters->stalls),
        .reconnects = counter_look(&meters->reconnects),
        .resent = counter_look(&meters->resent),
        .at_risk = counter_look(&meters->at_risk),
        .write_times = histogram_look(&meters->write_times),
        .latency = histogram_look(&meters->latency.times),
        .busiest = counter_look(&meters->peak_rate.busiest),
        .way = atomic_load(&meters->way),
        .trial_result = atomic_load(&meters->trial_result),
        .trials = counter_look(&meters->trials),
        .user = ns_of(usage.ru_utime),
        .system = ns_of(usage.ru_stime),
    };
    snapshot->rate = snapshot_rate(in, snapshot->elapsed);
    if (snapshot->busiest < snapshot->rate)
        snapshot->busiest = snapshot->rate;
    if (watched->has_ended)
        snapshot->undelivered = inside + watched->rest.unread;
    else
        snapshot->held = inside;
    /* it is looked at a moment later */
    if (snapshot->spill_held > snapshot->held)
        snapshot->spill_held = snapshot->held;
    /* a write that has not ended yet is as long as its wait, at least */
    if (snapshot->out.longest_wait > snapshot->write_times.at[LONGEST])
        snapshot->write_times.at[LONGEST] = snapshot->out.longest_wait;
    if (snapshot->out.waiting > STALL_MIN)
        snapshot->stalls++;
}
