/* How long bytes are inside, and how fast they come: arithmetic over what reader and writer say. */
#include "check.h"
#include "sys/clock.h"
#include "watch/latency.h"
#include "watch/peak_rate.h"

#include <stdint.h>
#include <string.h>

static struct latency latency;
static struct peak_rate peak_rate;

static void start_again(void)
{
    memset(&latency, 0, sizeof latency);
    memset(&peak_rate, 0, sizeof peak_rate);
}

static bool is_about(uint64_t got, uint64_t exact)
{
    return got >= exact && got - exact <= exact / 32;
}

/* With the thousandth that reads may share besides. */
static bool is_nearly(uint64_t got, uint64_t exact)
{
    return got <= exact + exact / 16 && got >= exact - exact / 16;
}

TEST(each_byte_counts_from_its_own_read)
{
    struct percentiles times;

    start_again();
    latency_came(&latency, 900, 1000);
    latency_came(&latency, 1000, 2000);
    latency_went(&latency, 1000, 12000);
    times = histogram_look(&latency.times);
    CHECK(is_about(times.at[P50], 11000));
    CHECK(is_about(times.at[P90], 11000));
    CHECK_EQUAL(times.at[LONGEST], 11000);
    CHECK_EQUAL(latency.went, 1000);
}

TEST(a_read_may_leave_in_several_writes)
{
    struct percentiles times;

    start_again();
    latency_came(&latency, 1000, 1000);
    latency_went(&latency, 100, 2000);
    latency_went(&latency, 600, 3000);
    latency_went(&latency, 1000, 101000);
    times = histogram_look(&latency.times);
    CHECK(is_about(times.at[P50], 2000));
    CHECK(is_about(times.at[P90], 100000));
}

TEST(more_reads_than_marks_are_never_too_short)
{
    uint64_t i;

    start_again();
    for (i = 1; i <= LATENCY_MARKS + 100; i++)
        latency_came(&latency, i, 1000 + i);
    latency_went(&latency, LATENCY_MARKS, 1000 + LATENCY_MARKS);
    CHECK_EQUAL(latency.went, LATENCY_MARKS);
    /* the hundred share the time of the first of them */
    latency_came(&latency, LATENCY_MARKS + 101, 9000);
    latency_went(&latency, LATENCY_MARKS + 101, 10000);
    CHECK_EQUAL(latency.went, LATENCY_MARKS + 101);
    CHECK_EQUAL(histogram_look(&latency.times).at[LONGEST], 10000 - (1000 + LATENCY_MARKS + 1));
}

TEST(a_backlog_of_a_million_reads_keeps_its_times)
{
    const uint64_t reads = 1000000;
    uint64_t now = 1000;
    struct percentiles times;
    uint64_t i;

    start_again();
    for (i = 1; i <= reads; i++)
        latency_came(&latency, i, now += NS_PER_MS);
    for (i = 100; i <= reads; i += 100) { /* and all of it leaves, in no time */
        latency_follow(&latency);
        latency_went(&latency, i, now);
    }
    times = histogram_look(&latency.times);
    CHECK_EQUAL(latency.went, reads);
    CHECK(is_nearly(times.at[P50], reads / 2 * NS_PER_MS));
    CHECK(is_nearly(times.at[P90], reads / 10 * 9 * NS_PER_MS));
    CHECK_EQUAL(times.at[LONGEST], (reads - 1) * NS_PER_MS);
}

TEST(a_backlog_that_has_become_short_is_told_exactly_again)
{
    const uint64_t reads = 1000000;
    uint64_t now = 1000;
    struct percentiles times;
    uint64_t i;

    start_again();
    for (i = 1; i <= reads; i++)
        latency_came(&latency, i, now += NS_PER_MS);
    /* 10,000 reads are inside from now on, too many for the queue, and each for ten seconds */
    for (; i <= 2 * reads; i++) {
        latency_came(&latency, i, now += NS_PER_MS);
        latency_went(&latency, i - 10000, now);
        if (i == reads + 20000) /* what is older has gone */
            memset(&latency.times, 0, sizeof latency.times);
    }
    times = histogram_look(&latency.times);
    CHECK(is_about(times.at[P50], 10000 * NS_PER_MS));
    CHECK(is_about(times.at[LONGEST], 10000 * NS_PER_MS));
}

TEST(the_pulse_is_that_of_the_busiest_tenth)
{
    uint64_t now = NS_PER_SECOND;
    int i;

    start_again();
    peak_rate_count(&peak_rate, 1000000, now); /* gathered before we came */
    for (i = 0; i < 100; i++)                  /* 100 bytes each 10 ms */
        peak_rate_count(&peak_rate, 100, now += 10 * NS_PER_MS);
    CHECK_EQUAL(peak_rate.busiest, 10000);
    for (i = 0; i < 20; i++) /* twice as many */
        peak_rate_count(&peak_rate, 200, now += 10 * NS_PER_MS);
    CHECK_EQUAL(peak_rate.busiest, 20000);
    for (i = 0; i < 100; i++)
        peak_rate_count(&peak_rate, 100, now += 10 * NS_PER_MS);
    CHECK_EQUAL(peak_rate.busiest, 20000);
}

TEST(a_burst_is_not_diluted_by_the_silence_behind_it)
{
    uint64_t now = NS_PER_SECOND;
    int i;

    start_again();
    peak_rate_count(&peak_rate, 1, now);
    for (i = 0; i < 5; i++)
        peak_rate_count(&peak_rate, 1000, now += 10 * NS_PER_MS);
    peak_rate_count(&peak_rate, 1, now + 10 * NS_PER_SECOND);
    CHECK_EQUAL(peak_rate.busiest, 50000); /* 5000 in a tenth of a second */
}

TEST(what_a_full_ring_has_held_back_is_no_pulse)
{
    uint64_t now = NS_PER_SECOND;
    int i;

    start_again();
    peak_rate_count(&peak_rate, 1, now);
    for (i = 0; i < 20; i++)
        peak_rate_count(&peak_rate, 100, now += 10 * NS_PER_MS);
    peak_rate_held(&peak_rate);
    peak_rate_count(&peak_rate, 5000000, now += 10 * NS_PER_MS);
    for (i = 0; i < 20; i++)
        peak_rate_count(&peak_rate, 100, now += 10 * NS_PER_MS);
    CHECK_EQUAL(peak_rate.busiest, 10000);
    peak_rate_held(&peak_rate); /* at the end of a tenth, and the flood comes in the next */
    peak_rate_count(&peak_rate, 100, now += 100 * NS_PER_MS);
    peak_rate_count(&peak_rate, 5000000, now += 10 * NS_PER_MS);
    peak_rate_count(&peak_rate, 100, now + 100 * NS_PER_MS);
    CHECK_EQUAL(peak_rate.busiest, 10000);
}
