#include "watch/meters.h"

#include "sys/clock.h"
#include "watch/lines.h"

static void take(struct meters *meters, size_t bytes)
{
    const uint64_t now = clock_now();

    counters_count(&meters->in, bytes);
    peak_rate_count(&meters->peak_rate, bytes, now);
    if (meters->hands_on_lines)
        latency_saw(&meters->latency, now);
    else if (!meters->changes_bytes)
        latency_came(&meters->latency, counters_bytes(&meters->in), now);
}

static void raise_mark(_Atomic uint64_t *mark, uint64_t to)
{
    if (to > counter_look(mark))
        atomic_store_explicit(mark, to, memory_order_relaxed);
}

static void note_peak(struct meters *meters)
{
    if (!meters->overflows && !meters->hands_on_lines)
        meters_note_peak(meters, counter_look(&meters->spill_held));
}

void meters_took(struct meters *meters, size_t bytes)
{
    take(meters, bytes);
    if (!meters->changes_bytes)
        note_peak(meters);
}

void meters_changed(struct meters *meters, uint64_t bytes, uint64_t waiting, uint64_t within)
{
    meters->on_the_way = waiting + within;
    atomic_store_explicit(&meters->changed, bytes + within, memory_order_release);
    if (!meters->hands_on_lines)
        latency_came(&meters->latency, bytes, clock_now());
    note_peak(meters);
}

uint64_t meters_came(const struct meters *meters)
{
    return meters->changes_bytes ? atomic_load_explicit(&meters->changed, memory_order_acquire)
                                 : counters_bytes(&meters->in);
}

void meters_note_peak(struct meters *meters, uint64_t outside)
{
    raise_mark(&meters->high_water, meters_inside(meters) - outside - meters->on_the_way);
}

void meters_overflow(struct meters *meters, bool overflows)
{
    meters->overflows = overflows;
}

void meters_spilled(struct meters *meters, size_t bytes)
{
    counter_raise(&meters->spilled, bytes);
    counter_raise(&meters->spill_held, bytes);
    raise_mark(&meters->spill_high_water, counter_look(&meters->spill_held));
}

void meters_came_back(struct meters *meters, size_t bytes)
{
    atomic_store_explicit(&meters->spill_held, counter_look(&meters->spill_held) - bytes,
                          memory_order_relaxed);
    latency_follow(&meters->latency);
    meters_note_peak(meters, counter_look(&meters->spill_held));
}

void meters_hand_on(struct meters *meters, size_t bytes)
{
    meters->handed_on += bytes;
    if (!meters->has_evicted)
        latency_came(&meters->latency, meters->handed_on, clock_now());
}

void meters_hold_none(struct meters *meters)
{
    latency_forget(&meters->latency);
}

void meters_dropped(struct meters *meters, uint64_t bytes, uint64_t lines, bool was_handed_on)
{
    meters->has_evicted = meters->has_evicted || was_handed_on;
    counter_raise(&meters->dropped_lines, lines);
    counter_raise(&meters->dropped, bytes);
}

void meters_marked(struct meters *meters, uint64_t more, uint64_t fewer)
{
    counter_raise(&meters->marked, more - fewer);
}

uint64_t meters_inside(const struct meters *meters)
{
    /* what goes out first: out of what was in by then */
    const uint64_t out = counters_bytes(&meters->out);
    const uint64_t dropped = counter_look(&meters->dropped);

    return meters_came(meters) + counter_look(&meters->marked) - out - dropped;
}

void meters_held_back(struct meters *meters)
{
    counters_wait(&meters->in, clock_now());
}

void meters_set_free(struct meters *meters)
{
    counters_go_on(&meters->in, clock_now());
    peak_rate_held(&meters->peak_rate);
}

void meters_tried(struct meters *meters, const char *result)
{
    counter_raise(&meters->trials, 1);
    atomic_store_explicit(&meters->trial_result, result, memory_order_relaxed);
}

static void put(struct meters *meters, size_t bytes, uint64_t began, uint64_t now)
{
    counters_count(&meters->out, bytes);
    histogram_add(&meters->write_times, now - began, 1);
    latency_went(&meters->latency, counters_bytes(&meters->out), now);
}

uint64_t meters_put(struct meters *meters, size_t bytes, uint64_t began)
{
    const uint64_t now = clock_now();

    put(meters, bytes, began, now);
    if (now - began > STALL_MIN)
        counter_raise(&meters->stalls, 1);
    return now;
}

void meters_took_back(struct meters *meters, size_t bytes)
{
    atomic_store_explicit(&meters->out.bytes, counters_bytes(&meters->out) - bytes,
                          memory_order_release);
}

void meters_broke(struct meters *meters, uint64_t bytes, bool again)
{
    counter_raise(&meters->reconnects, 1);
    counter_raise(again ? &meters->resent : &meters->at_risk, bytes);
}

void meters_passed(struct meters *meters, size_t bytes, uint64_t began)
{
    take(meters, bytes);
    put(meters, bytes, began, clock_now());
    counter_raise(&meters->passed, bytes);
    meters_saw_not(meters, &meters->in, bytes);
    meters_saw_not(meters, &meters->out, bytes);
}

void meters_saw(struct meters *meters, struct io_counters *counters, const unsigned char *bytes,
                size_t length)
{
    if (atomic_load_explicit(&meters->counts_lines, memory_order_relaxed))
        counter_raise(&counters->lines, lines_count(bytes, length, '\n'));
}

void meters_saw_not(struct meters *meters, struct io_counters *counters, size_t length)
{
    counter_raise(&counters->pages, length);
    if (atomic_load_explicit(&meters->counts_lines, memory_order_relaxed))
        atomic_store_explicit(&meters->counts_lines, false, memory_order_relaxed);
}
