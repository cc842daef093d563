#include "net/backoff.h"

#include "sys/clock.h"

#include "check.h"

static const uint64_t longest_rests_ms[] = {100,  200,  400,   800,   1600,
                                            3200, 6400, 10000, 10000, 10000};
enum { RESTS = sizeof longest_rests_ms / sizeof *longest_rests_ms };

static uint64_t next_random(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *seed;
}

TEST(each_rest_is_between_half_and_the_whole_for_any_random_number)
{
    uint64_t seed = 1;
    unsigned round;
    unsigned i;

    for (round = 0; round < 10000; round++) {
        struct backoff backoff;

        backoff_reset(&backoff);
        for (i = 0; i < RESTS; i++) {
            const uint64_t whole = longest_rests_ms[i] * NS_PER_MS;
            const uint64_t rest = backoff_next(&backoff, next_random(&seed));

            CHECK(rest >= whole / 2 && rest <= whole);
        }
    }
}

TEST(both_bounds_are_met)
{
    const uint64_t half = 50 * NS_PER_MS;
    struct backoff backoff;

    backoff_reset(&backoff);
    CHECK_EQUAL(backoff_next(&backoff, 0), half);
    backoff_reset(&backoff);
    CHECK_EQUAL(backoff_next(&backoff, half), 2 * half);
    backoff_reset(&backoff);
    CHECK_EQUAL(backoff_next(&backoff, half + 1), half);
    backoff_reset(&backoff);
    CHECK(backoff_next(&backoff, UINT64_MAX) <= 2 * half);
}

TEST(rests_are_spread_over_the_half)
{
    const uint64_t half = 50 * NS_PER_MS;
    uint64_t seed = 7;
    unsigned in_quarter[4] = {0};
    unsigned i;

    for (i = 0; i < 4000; i++) {
        struct backoff backoff;

        backoff_reset(&backoff);
        in_quarter[(backoff_next(&backoff, next_random(&seed) >> 16) - half) * 4 / (half + 1)]++;
    }
    for (i = 0; i < 4; i++)
        CHECK(in_quarter[i] > 800 && in_quarter[i] < 1200);
}

TEST(a_connection_that_was_of_use_makes_the_next_rest_short_again)
{
    struct backoff backoff;
    unsigned i;

    backoff_reset(&backoff);
    for (i = 0; i < RESTS; i++)
        backoff_next(&backoff, i);
    CHECK_EQUAL(backoff_next(&backoff, 0), 5 * NS_PER_SECOND);
    backoff_reset(&backoff);
    CHECK_EQUAL(backoff_next(&backoff, 0), 50 * NS_PER_MS);
}
