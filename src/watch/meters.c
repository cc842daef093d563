#include "watch/meters.h"

#include "sys/clock.h"

#include <string.h>

void meters_took(struct meters *meters, size_t bytes)
{
    const uint64_t now = clock_now();
    uint64_t in;
    uint64_t held;

    lane_count(&meters->in, bytes);
    in = lane_bytes(&meters->in);
    held = in - lane_bytes(&meters->out);
    if (held > lane_look(&meters->high_water))
        atomic_store_explicit(&meters->high_water, held, memory_order_relaxed);
    pulse_count(&meters->pulse, bytes, now);
    transit_came(&meters->transit, in, now);
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

void meters_passed(struct meters *meters, size_t bytes, uint64_t began)
{
    meters_took(meters, bytes);
    put(meters, bytes, began, clock_now());
    lane_raise(&meters->passed, bytes);
    meters_saw_not(meters, &meters->in, bytes);
    meters_saw_not(meters, &meters->out, bytes);
}

void meters_saw(struct meters *meters, struct lane *lane, const unsigned char *bytes, size_t length)
{
    const unsigned char *const end = bytes + length;
    uint64_t lines = 0;

    if (!atomic_load_explicit(&meters->counts_lines, memory_order_relaxed))
        return;
    while (bytes < end && (bytes = memchr(bytes, '\n', (size_t)(end - bytes)))) {
        lines++;
        bytes++;
    }
    lane_raise(&lane->lines, lines);
}

void meters_saw_not(struct meters *meters, struct lane *lane, size_t length)
{
    lane_raise(&lane->pages, length);
    if (atomic_load_explicit(&meters->counts_lines, memory_order_relaxed))
        atomic_store_explicit(&meters->counts_lines, false, memory_order_relaxed);
}
