#include "watch/meters.h"

#include "sys/clock.h"
#include "watch/lines.h"

static void take(struct meters *meters, size_t bytes)
{
    const uint64_t now = clock_now();

    lane_count(&meters->in, bytes);
    pulse_count(&meters->pulse, bytes, now);
    if (meters->hands_on_lines)
        transit_saw(&meters->transit, now);
    else if (!meters->changes_bytes)
        transit_came(&meters->transit, lane_bytes(&meters->in), now);
}

static void raise_mark(_Atomic uint64_t *mark, uint64_t to)
{
    if (to > lane_look(mark))
        atomic_store_explicit(mark, to, memory_order_relaxed);
}

static void note_peak(struct meters *meters)
{
    if (!meters->overflows && !meters->hands_on_lines)
        meters_note_peak(meters, lane_look(&meters->spill_held));
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
        transit_came(&meters->transit, bytes, clock_now());
    note_peak(meters);
}

uint64_t meters_came(const struct meters *meters)
{
    return meters->changes_bytes ? atomic_load_explicit(&meters->changed, memory_order_acquire)
                                 : lane_bytes(&meters->in);
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
    lane_raise(&meters->spilled, bytes);
    lane_raise(&meters->spill_held, bytes);
    raise_mark(&meters->spill_high_water, lane_look(&meters->spill_held));
}

void meters_came_back(struct meters *meters, size_t bytes)
{
    atomic_store_explicit(&meters->spill_held, lane_look(&meters->spill_held) - bytes,
                          memory_order_relaxed);
    transit_follow(&meters->transit);
    meters_note_peak(meters, lane_look(&meters->spill_held));
}

void meters_hand_on(struct meters *meters, size_t bytes)
{
    meters->handed_on += bytes;
    if (!meters->has_evicted)
        transit_came(&meters->transit, meters->handed_on, clock_now());
}

void meters_hold_none(struct meters *meters)
{
    transit_forget(&meters->transit);
}

void meters_dropped(struct meters *meters, uint64_t bytes, uint64_t lines, bool was_handed_on)
{
    meters->has_evicted = meters->has_evicted || was_handed_on;
    lane_raise(&meters->dropped_lines, lines);
    lane_raise(&meters->dropped, bytes);
}

void meters_marked(struct meters *meters, uint64_t more, uint64_t fewer)
{
    lane_raise(&meters->marked, more - fewer);
}

uint64_t meters_inside(const struct meters *meters)
{
    /* what goes out first: out of what was in by then */
    const uint64_t out = lane_bytes(&meters->out);
    const uint64_t dropped = lane_look(&meters->dropped);

    return meters_came(meters) + lane_look(&meters->marked) - out - dropped;
}

void meters_held_back(struct meters *meters)
{
    lane_wait(&meters->in, clock_now());
}

void meters_set_free(struct meters *meters)
{
    lane_go_on(&meters->in, clock_now());
    pulse_held(&meters->pulse);
}

void meters_tried(struct meters *meters, const char *result)
{
    lane_raise(&meters->trials, 1);
    atomic_store_explicit(&meters->trial_result, result, memory_order_relaxed);
}

static void put(struct meters *meters, size_t bytes, uint64_t began, uint64_t now)
{
    lane_count(&meters->out, bytes);
    histogram_add(&meters->write_times, now - began, 1);
    transit_went(&meters->transit, lane_bytes(&meters->out), now);
}

uint64_t meters_put(struct meters *meters, size_t bytes, uint64_t began)
{
    const uint64_t now = clock_now();

    put(meters, bytes, began, now);
    if (now - began > STALL_MIN)
        lane_raise(&meters->stalls, 1);
    return now;
}

void meters_took_back(struct meters *meters, size_t bytes)
{
    atomic_store_explicit(&meters->out.bytes, lane_bytes(&meters->out) - bytes,
                          memory_order_release);
}

void meters_broke(struct meters *meters, uint64_t bytes, bool again)
{
    lane_raise(&meters->reconnects, 1);
    lane_raise(again ? &meters->resent : &meters->at_risk, bytes);
}

void meters_passed(struct meters *meters, size_t bytes, uint64_t began)
{
    take(meters, bytes);
    put(meters, bytes, began, clock_now());
    lane_raise(&meters->passed, bytes);
    meters_saw_not(meters, &meters->in, bytes);
    meters_saw_not(meters, &meters->out, bytes);
}

void meters_saw(struct meters *meters, struct lane *lane, const unsigned char *bytes, size_t length)
{
    if (atomic_load_explicit(&meters->counts_lines, memory_order_relaxed))
        lane_raise(&lane->lines, lines_count(bytes, length, '\n'));
}

void meters_saw_not(struct meters *meters, struct lane *lane, size_t length)
{
    lane_raise(&lane->pages, length);
    if (atomic_load_explicit(&meters->counts_lines, memory_order_relaxed))
        atomic_store_explicit(&meters->counts_lines, false, memory_order_relaxed);
}
