#include "sink/rate_limit.h"

#include "sys/clock.h"

#include "check.h"

#include <stdlib.h>

#define MS NS_PER_MS

/* What passed, and when; at most so many times in one trial. */
enum { PASSES_MAX = 200000 };

struct passed {
    uint64_t at;
    uint64_t bytes;
};

static const uint64_t rates[] = {1,         7,          10,           100,          333,
                                 1000,      4567,       65536,        1000003,      25000000,
                                 999999937, 1000000000, 123456789012, 1000000000000};
enum { RATES = sizeof rates / sizeof rates[0] };

/* Somebody who writes to an output with a rate_limit. */
struct trial {
    struct rate_limit rate_limit;
    uint64_t now;
    uint64_t started;
    uint64_t wanted_max;
    uint64_t late_max;  /* ns by which a wake-up may be late */
    uint64_t write_max; /* ns that a write may take */
    uint64_t total;
    uint64_t wakeups;
    size_t count;
    struct passed *passed;
};

/* The same numbers in each run. */
static uint64_t random_below(uint64_t limit)
{
    static uint64_t state = 88172645463325252U;

    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return limit ? state % limit : 0;
}

static struct trial trial_of(uint64_t rate, uint64_t burst)
{
    struct trial trial = {.now = NS_PER_SECOND * 1000, .wanted_max = UINT64_C(1) << 40};

    trial.passed = calloc(PASSES_MAX, sizeof *trial.passed);
    if (!trial.passed)
        abort();
    trial.started = trial.now;
    rate_limit_start(&trial.rate_limit, rate, burst, trial.now);
    return trial;
}

/* Ask, and write or wait. False: it had to wait. */
static bool step(struct trial *trial)
{
    const size_t wanted = 1 + (size_t)random_below(trial->wanted_max);
    const size_t room = rate_limit_room(&trial->rate_limit, 0, wanted, trial->now);

    CHECK(room <= wanted);
    if (!room) {
        const uint64_t due = rate_limit_due(&trial->rate_limit);

        CHECK(due > trial->now);
        trial->now = (due > trial->now ? due : trial->now + 1) + random_below(trial->late_max);
        trial->wakeups++;
        return false;
    }
    trial->now += random_below(trial->write_max);
    trial->passed[trial->count++] = (struct passed){trial->now, room};
    trial->total += room;
    rate_limit_passed(&trial->rate_limit, room, trial->now);
    return true;
}

/* Write as fast as the valve lets us, until END. */
static void run(struct trial *trial, uint64_t end)
{
    while (trial->now < end && trial->count < PASSES_MAX)
        step(trial);
}

/* What RATE makes of so long a time. */
static double worth(uint64_t rate, uint64_t ns)
{
    return (double)rate * (double)ns / 1e9;
}

/* The most that passed within any WINDOW, both its ends included. */
static uint64_t most_within(const struct trial *trial, uint64_t window)
{
    uint64_t sum = 0;
    uint64_t most = 0;
    size_t from = 0;
    size_t to;

    for (to = 0; to < trial->count; to++) {
        sum += trial->passed[to].bytes;
        while (trial->passed[from].at + window < trial->passed[to].at)
            sum -= trial->passed[from++].bytes;
        most = sum > most ? sum : most;
    }
    return most;
}

/* The least that passed within any WINDOW that begins just behind a write, before the last one. */
static uint64_t least_within(const struct trial *trial, uint64_t window)
{
    uint64_t sum = 0;
    uint64_t least = UINT64_MAX;
    size_t from;
    size_t to = 0;

    for (from = 0; from < trial->count; from++) {
        const uint64_t begin = trial->passed[from].at;

        if (begin + window > trial->passed[trial->count - 1].at)
            break;
        while (trial->passed[to].at < begin + window)
            sum += trial->passed[to++].bytes;
        sum -= trial->passed[from].bytes;
        least = sum < least ? sum : least;
    }
    return least;
}

static void check_bound(const struct trial *trial)
{
    static const uint64_t windows[] = {0, 1, MS / 10, MS, 10 * MS, 50 * MS, 1000 * MS, 10000 * MS};
    size_t i;

    for (i = 0; i < sizeof windows / sizeof windows[0]; i++) {
        const double bound =
            worth(trial->rate_limit.rate, windows[i]) + (double)trial->rate_limit.burst;

        CHECK((double)most_within(trial, windows[i]) <= bound * (1 + 1e-12));
    }
}

/* Over the whole of it, the rate; SLACK_NS worth may be missing, or on top. */
static void check_rate(const struct trial *trial, uint64_t slack_ns)
{
    const uint64_t rate = trial->rate_limit.rate;
    const double expected = worth(rate, trial->now - trial->started);
    const double slack = worth(rate, slack_ns) + 2;

    CHECK((double)trial->total >= expected - slack);
    CHECK((double)trial->total <= expected + slack);
}

TEST(without_a_rate_it_is_open)
{
    struct rate_limit rate_limit;

    rate_limit_start(&rate_limit, 0, 0, 5);
    CHECK_EQUAL(rate_limit_room(&rate_limit, 0, SIZE_MAX, 5), SIZE_MAX);
    rate_limit_passed(&rate_limit, SIZE_MAX, 5);
    CHECK_EQUAL(rate_limit_room(&rate_limit, 0, 1, 5), 1);
}

TEST(nothing_is_wanted_and_nothing_has_to_be_waited_for)
{
    struct rate_limit rate_limit;
    size_t room;

    rate_limit_start(&rate_limit, 1000, 0, 0);
    while ((room = rate_limit_room(&rate_limit, 0, 1000, 0)) > 0)
        rate_limit_passed(&rate_limit, room, 0);
    CHECK_EQUAL(rate_limit_room(&rate_limit, 0, 0, 0), 0);
    CHECK_EQUAL(rate_limit_room(&rate_limit, 0, 1, 0), 0);
    CHECK_EQUAL(rate_limit_due(&rate_limit), MS);
}

TEST(any_50_ms_are_within_a_tenth_of_the_rate)
{
    size_t i;

    for (i = 0; i < RATES; i++) {
        struct trial trial = trial_of(rates[i], 0);
        const double fair = worth(rates[i], 50 * MS);

        run(&trial, trial.now + 10 * NS_PER_SECOND);
        CHECK((double)most_within(&trial, 50 * MS) <= fair * 1.1 + 1);
        if (trial.total > 1)
            CHECK((double)least_within(&trial, 50 * MS) >= fair * 0.9 - 1);
        check_bound(&trial);
        check_rate(&trial, 5 * MS);
        free(trial.passed);
    }
}

TEST(small_writes_are_as_smooth)
{
    size_t i;

    for (i = 5; rates[i] <= 1000003; i++) {
        struct trial trial = trial_of(rates[i], 0);
        const double fair = worth(rates[i], 50 * MS);

        trial.wanted_max = 100;
        run(&trial, trial.now + 2 * NS_PER_SECOND);
        CHECK((double)most_within(&trial, 50 * MS) <= fair * 1.1 + 1);
        CHECK((double)least_within(&trial, 50 * MS) >= fair * 0.9 - 1);
        check_bound(&trial);
        check_rate(&trial, 5 * MS);
        free(trial.passed);
    }
}

TEST(being_late_is_caught_up_and_never_by_more_than_the_burst)
{
    static const uint64_t wanted[] = {UINT64_C(1) << 40, 65536, 300};
    size_t i;
    size_t k;

    for (i = 0; i < RATES; i++) {
        for (k = 0; k < 3; k++) {
            struct trial trial = trial_of(rates[i], 0);

            trial.wanted_max = wanted[k];
            trial.late_max = 5 * MS;
            trial.write_max = k == 1 ? MS / 10 : 0;
            run(&trial, trial.now + 20 * NS_PER_SECOND);
            check_bound(&trial);
            /* small writes that take their time are what limits the high rates */
            if (k == 0 || rates[i] < 1000000)
                check_rate(&trial, 12 * MS);
            free(trial.passed);
        }
    }
}

TEST(an_idle_time_is_no_savings)
{
    size_t i;

    for (i = 0; i < RATES; i++) {
        struct trial trial = trial_of(rates[i], 0);
        int round;

        for (round = 0; round < 20; round++) {
            run(&trial, trial.now + 100 * MS);
            /* it waits no longer: all is written, and for a while there is nothing more */
            while (!step(&trial))
                ;
            trial.now += 1 + random_below(NS_PER_SECOND);
        }
        check_bound(&trial);
        CHECK((double)most_within(&trial, 50 * MS) <= worth(rates[i], 50 * MS) * 1.1 + 2);
        free(trial.passed);
    }
}

TEST(a_burst_that_was_asked_for_is_given_at_the_start_and_after_an_idle_time)
{
    struct rate_limit rate_limit;

    rate_limit_start(&rate_limit, 1000, 50000, 7);
    CHECK_EQUAL(rate_limit_room(&rate_limit, 0, 60000, 7), 50000);
    rate_limit_passed(&rate_limit, 50000, 7);
    CHECK_EQUAL(rate_limit_room(&rate_limit, 0, 60000, 7), 0);
    CHECK_EQUAL(rate_limit_room(&rate_limit, 0, 60000, 7 + 10 * NS_PER_SECOND), 10000);
    CHECK_EQUAL(rate_limit_room(&rate_limit, 0, 60000, 7 + 49 * NS_PER_SECOND), 49000);
    CHECK_EQUAL(rate_limit_room(&rate_limit, 0, 60000, 7 + 86400 * NS_PER_SECOND), 50000);
}

TEST(bursts_of_all_sizes_keep_their_bound)
{
    size_t i;

    for (i = 0; i < 200; i++) {
        const uint64_t rate = 1 + random_below(UINT64_C(1) << random_below(40));
        const uint64_t burst = 1 + random_below(UINT64_C(1) << random_below(40));
        struct trial trial = trial_of(rate, burst);

        trial.late_max = random_below(5 * MS);
        trial.write_max = random_below(5 * MS);
        trial.wanted_max = UINT64_C(1) << random_below(40);
        run(&trial, trial.now + 3 * NS_PER_SECOND);
        trial.now += random_below(NS_PER_SECOND);
        run(&trial, trial.now + 3 * NS_PER_SECOND);
        check_bound(&trial);
        free(trial.passed);
    }
}

TEST(there_are_few_wake_ups)
{
    size_t i;

    for (i = 0; i < RATES; i++) {
        struct trial trial = trial_of(rates[i], 0);

        run(&trial, trial.now + NS_PER_SECOND);
        CHECK(trial.wakeups <= 510);
        CHECK(trial.wakeups <= rates[i] + 1);
        free(trial.passed);
    }
}

TEST(the_smallest_rate_lets_a_byte_go_each_second_to_the_nanosecond)
{
    struct trial trial = trial_of(1, 0);
    size_t i;

    run(&trial, trial.now + 1000 * NS_PER_SECOND);
    CHECK_EQUAL(trial.total, 1000);
    for (i = 1; i < trial.count; i++)
        CHECK_EQUAL(trial.passed[i].at - trial.passed[i - 1].at, NS_PER_SECOND);
    free(trial.passed);
}

TEST(a_rate_that_does_not_divide_a_second_does_not_drift)
{
    /* looked at so often that each look brings a part of a byte only */
    struct rate_limit rate_limit;
    uint64_t total = 0;
    uint64_t now;

    rate_limit_start(&rate_limit, 333, 0, 0);
    for (now = 0; now < 100 * NS_PER_SECOND; now += 12347) {
        const size_t room = rate_limit_room(&rate_limit, 0, 1, now);

        total += room;
        rate_limit_passed(&rate_limit, room, now);
    }
    CHECK(total >= 33300 && total <= 33302);
}

TEST(numbers_at_their_limits_do_no_harm)
{
    static const uint64_t limits[] = {1, 2, UINT64_C(1) << 40, UINT64_MAX - 1, UINT64_MAX};
    size_t i;
    size_t k;

    for (i = 0; i < 5; i++) {
        for (k = 0; k < 5; k++) {
            struct rate_limit rate_limit;
            uint64_t now = UINT64_MAX / 2;
            size_t room;
            int round;

            rate_limit_start(&rate_limit, limits[i], limits[k], now);
            for (round = 0; round < 1000; round++) {
                room = rate_limit_room(&rate_limit, 0, SIZE_MAX, now);
                CHECK(room <= rate_limit.burst);
                if (!room) {
                    CHECK(rate_limit_due(&rate_limit) > now);
                    CHECK(rate_limit_due(&rate_limit) <= now + NS_PER_SECOND);
                    now = rate_limit_due(&rate_limit);
                }
                rate_limit_passed(&rate_limit, room, now);
            }
            CHECK(rate_limit_room(&rate_limit, 0, SIZE_MAX, UINT64_MAX) > 0);
        }
    }
}

TEST(a_clock_that_stands_still_or_goes_back_brings_nothing)
{
    struct rate_limit rate_limit;

    rate_limit_start(&rate_limit, 1000, 10, 5 * NS_PER_SECOND);
    rate_limit_passed(&rate_limit, rate_limit_room(&rate_limit, 0, 10, 5 * NS_PER_SECOND),
                      5 * NS_PER_SECOND);
    CHECK_EQUAL(rate_limit_room(&rate_limit, 0, 10, 4 * NS_PER_SECOND), 0);
    CHECK_EQUAL(rate_limit_room(&rate_limit, 0, 10, 5 * NS_PER_SECOND), 0);
    CHECK_EQUAL(rate_limit_due(&rate_limit), 5 * NS_PER_SECOND + 2 * MS);
}
