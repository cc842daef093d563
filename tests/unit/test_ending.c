#include "move/ending.h"

#include "sys/clock.h"

#include "check.h"

#include <signal.h>

static const uint64_t timeout = 2 * NS_PER_SECOND;

static struct ending started(void)
{
    struct ending ending;

    ending_start(&ending, timeout);
    return ending;
}

TEST(nothing_ends_by_itself)
{
    struct ending ending = started();

    ending_tick(&ending, NEVER - 1);
    CHECK_EQUAL(ending.level, FLOWING);
    CHECK_EQUAL(ending.deadline, NEVER);
}

TEST(term_drains_and_then_leaves)
{
    struct ending ending = started();

    ending_signal(&ending, SIGTERM, true, 100);
    CHECK_EQUAL(ending.level, DRAINING);
    CHECK_EQUAL(ending.deadline, 100 + timeout);
    ending_tick(&ending, 99 + timeout);
    CHECK_EQUAL(ending.level, DRAINING);
    ending_tick(&ending, 100 + timeout);
    CHECK_EQUAL(ending.level, LEAVING);
    CHECK(!ending.was_hurried);
    CHECK_EQUAL(ending.deadline, NEVER);
}

TEST(int_waits_for_last_words_and_then_drains)
{
    struct ending ending = started();

    ending_signal(&ending, SIGINT, true, 100);
    CHECK_EQUAL(ending.level, LAST_WORDS);
    ending_tick(&ending, 100 + timeout);
    CHECK_EQUAL(ending.level, DRAINING);
    CHECK_EQUAL(ending.deadline, 100 + 2 * timeout);
    ending_tick(&ending, 100 + 2 * timeout);
    CHECK_EQUAL(ending.level, LEAVING);
}

TEST(int_without_a_producer_is_as_term)
{
    struct ending ending = started();

    ending_signal(&ending, SIGINT, false, 100);
    CHECK_EQUAL(ending.level, DRAINING);
}

TEST(a_second_signal_leaves_at_once)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGQUIT, SIGHUP, SIGALRM};
    int first;
    int second;

    for (first = 0; first < 5; first++) {
        for (second = 0; second < 3; second++) {
            struct ending ending = started();

            ending_signal(&ending, numbers[first], true, 100);
            ending_signal(&ending, numbers[second], true, 100 + NS_PER_SECOND / 2);
            CHECK_EQUAL(ending.level, LEAVING);
            CHECK(ending.was_hurried);
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
            struct ending ending = started();
            const bool waits = numbers[first] == SIGINT && numbers[second] == SIGINT;

            ending_signal(&ending, numbers[first], true, 100);
            ending_signal(&ending, numbers[second], true, 100 + NS_PER_SECOND / 8);
            CHECK_EQUAL(ending.level, waits ? LAST_WORDS : DRAINING);
        }
    }
}

TEST(others_end_but_hurry_nobody)
{
    static const int numbers[] = {SIGHUP, SIGALRM, SIGVTALRM, SIGPROF, SIGXCPU};
    size_t i;

    for (i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        struct ending ending = started();

        ending_signal(&ending, numbers[i], true, 100);
        CHECK_EQUAL(ending.level, DRAINING);
        ending_signal(&ending, numbers[i], true, 100 + NS_PER_SECOND);
        CHECK_EQUAL(ending.level, DRAINING);
        CHECK_EQUAL(ending.deadline, 100 + timeout);
        ending = started();
        ending_signal(&ending, SIGINT, true, 100);
        ending_signal(&ending, numbers[i], true, 100 + NS_PER_SECOND);
        CHECK_EQUAL(ending.level, DRAINING);
    }
}

TEST(no_timeout_leaves_on_the_next_tick)
{
    struct ending ending;

    ending_start(&ending, 0);
    ending_signal(&ending, SIGINT, true, 100);
    ending_tick(&ending, 100);
    CHECK_EQUAL(ending.level, LEAVING);
    CHECK(!ending.was_hurried);
}
