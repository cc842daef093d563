#include "flow/shutdown.h"

#include "sys/clock.h"

#include "check.h"

#include <signal.h>

static const uint64_t timeout = 2 * NS_PER_SECOND;

static struct shutdown started(void)
{
    struct shutdown shutdown;

    shutdown_start(&shutdown, timeout);
    return shutdown;
}

TEST(nothing_ends_by_itself)
{
    struct shutdown shutdown = started();

    shutdown_tick(&shutdown, NEVER - 1);
    CHECK_EQUAL(shutdown.level, FLOWING);
    CHECK_EQUAL(shutdown.deadline, NEVER);
}

TEST(term_drains_and_then_leaves)
{
    struct shutdown shutdown = started();

    shutdown_signal(&shutdown, SIGTERM, true, 100);
    CHECK_EQUAL(shutdown.level, DRAINING);
    CHECK_EQUAL(shutdown.deadline, 100 + timeout);
    shutdown_tick(&shutdown, 99 + timeout);
    CHECK_EQUAL(shutdown.level, DRAINING);
    shutdown_tick(&shutdown, 100 + timeout);
    CHECK_EQUAL(shutdown.level, ABANDON);
    CHECK(!shutdown.was_hurried);
    CHECK_EQUAL(shutdown.deadline, NEVER);
}

TEST(int_waits_for_last_words_and_then_drains)
{
    struct shutdown shutdown = started();

    shutdown_signal(&shutdown, SIGINT, true, 100);
    CHECK_EQUAL(shutdown.level, UNTIL_EOF);
    shutdown_tick(&shutdown, 100 + timeout);
    CHECK_EQUAL(shutdown.level, DRAINING);
    CHECK_EQUAL(shutdown.deadline, 100 + 2 * timeout);
    shutdown_tick(&shutdown, 100 + 2 * timeout);
    CHECK_EQUAL(shutdown.level, ABANDON);
}

TEST(int_without_a_producer_is_as_term)
{
    struct shutdown shutdown = started();

    shutdown_signal(&shutdown, SIGINT, false, 100);
    CHECK_EQUAL(shutdown.level, DRAINING);
}

TEST(a_second_signal_leaves_at_once)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGQUIT, SIGHUP, SIGALRM};
    int first;
    int second;

    for (first = 0; first < 5; first++) {
        for (second = 0; second < 3; second++) {
            struct shutdown shutdown = started();

            shutdown_signal(&shutdown, numbers[first], true, 100);
            shutdown_signal(&shutdown, numbers[second], true, 100 + NS_PER_SECOND / 2);
            CHECK_EQUAL(shutdown.level, ABANDON);
            CHECK(shutdown.was_hurried);
        }
    }
}

TEST(signals_in_one_burst_are_one_wish)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGALRM};
    int first;
    int second;

    for (first = 0; first < 5; first++) {
        for (second = 0; second < 5; second++) {
            struct shutdown shutdown = started();
            const bool waits = numbers[first] == SIGINT && numbers[second] == SIGINT;

            shutdown_signal(&shutdown, numbers[first], true, 100);
            shutdown_signal(&shutdown, numbers[second], true, 100 + NS_PER_SECOND / 8);
            CHECK_EQUAL(shutdown.level, waits ? UNTIL_EOF : DRAINING);
        }
    }
}

TEST(others_end_but_hurry_nobody)
{
    static const int numbers[] = {SIGHUP, SIGALRM, SIGVTALRM, SIGPROF, SIGXCPU};
    size_t i;

    for (i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        struct shutdown shutdown = started();

        shutdown_signal(&shutdown, numbers[i], true, 100);
        CHECK_EQUAL(shutdown.level, DRAINING);
        shutdown_signal(&shutdown, numbers[i], true, 100 + NS_PER_SECOND);
        CHECK_EQUAL(shutdown.level, DRAINING);
        CHECK_EQUAL(shutdown.deadline, 100 + timeout);
        shutdown = started();
        shutdown_signal(&shutdown, SIGINT, true, 100);
        shutdown_signal(&shutdown, numbers[i], true, 100 + NS_PER_SECOND);
        CHECK_EQUAL(shutdown.level, DRAINING);
    }
}

TEST(no_timeout_leaves_on_the_next_tick)
{
    struct shutdown shutdown;

    shutdown_start(&shutdown, 0);
    shutdown_signal(&shutdown, SIGINT, true, 100);
    shutdown_tick(&shutdown, 100);
    CHECK_EQUAL(shutdown.level, ABANDON);
    CHECK(!shutdown.was_hurried);
}
