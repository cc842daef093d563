/* Histograms: what goes in comes out within the stated error, and nothing overflows. */
#include "check.h"
#include "watch/histogram.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

TEST(an_empty_one_says_nothing)
{
    static struct histogram histogram;
    const struct percentiles look = histogram_look(&histogram);

    CHECK_EQUAL(look.at[P50], 0);
    CHECK_EQUAL(look.at[LONGEST], 0);
}

TEST(a_single_value_is_all_of_them_exactly)
{
    static const uint64_t values[] = {0, 1, 31, 32, 33, 1000000007, UINT64_MAX / 2, UINT64_MAX};
    size_t i;

    for (i = 0; i < sizeof values / sizeof values[0]; i++) {
        static struct histogram histogram;
        struct percentiles look;

        memset(&histogram, 0, sizeof histogram);
        histogram_add(&histogram, values[i], 1);
        look = histogram_look(&histogram);
        CHECK_EQUAL(look.at[P50], values[i]);
        CHECK_EQUAL(look.at[P999], values[i]);
        CHECK_EQUAL(look.at[LONGEST], values[i]);
    }
}

TEST(no_value_is_off_by_more_than_a_32nd)
{
    uint64_t state = 88172645463325252U;
    unsigned round;

    for (round = 0; round < 200; round++) {
        static struct histogram histogram;
        const uint64_t value = next_random(&state) >> (round % 64);
        struct percentiles look;

        memset(&histogram, 0, sizeof histogram);
        histogram_add(&histogram, value, 999);
        histogram_add(&histogram, UINT64_MAX, 1); /* so that the longest does not help */
        look = histogram_look(&histogram);
        CHECK(look.at[P50] >= value);
        CHECK(look.at[P50] - value <= value / 32);
    }
}

static int by_value(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a;
    const uint64_t y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

static bool is_about(uint64_t got, uint64_t exact)
{
    return got >= exact && got - exact <= exact / 32;
}

TEST(percentiles_are_those_of_the_sorted_values)
{
    static struct histogram histogram;
    static uint64_t values[10000];
    uint64_t state = 42;
    struct percentiles look;
    size_t i;

    for (i = 0; i < 10000; i++) {
        values[i] = next_random(&state) % 1000 * (next_random(&state) % 1000);
        histogram_add(&histogram, values[i], 1);
    }
    qsort(values, 10000, sizeof *values, by_value);
    look = histogram_look(&histogram);
    CHECK(is_about(look.at[P50], values[4999]));
    CHECK(is_about(look.at[P90], values[8999]));
    CHECK(is_about(look.at[P99], values[9899]));
    CHECK(is_about(look.at[P999], values[9989]));
    CHECK_EQUAL(look.at[LONGEST], values[9999]);
}

TEST(weights_count)
{
    static struct histogram histogram;
    struct percentiles look;

    histogram_add(&histogram, 10, UINT64_C(1) << 60);
    histogram_add(&histogram, 20, (UINT64_C(1) << 60) + 1);
    look = histogram_look(&histogram);
    CHECK_EQUAL(look.at[P50], 20);
    CHECK_EQUAL(look.at[P999], 20);
}
