#include "input/pace.h"

#include "sys/clock.h"

#include "check.h"

#include <string.h>

enum { PIPE = 65536, SLAB = 65536, MESSAGE = 256 };

static const uint64_t start = 5 * NS_PER_SECOND;

/*
 * A stream of MESSAGEs that come GAP apart, read COUNT times as the reader does it: a rest gathers
 * all that comes meanwhile, as far as the pipe holds it.
 */
static struct pace_step stream(struct pace *pace, uint64_t *now, uint64_t gap, int count)
{
    struct pace_step step = {0};

    while (count-- > 0) {
        uint64_t time = step.rest > gap ? step.rest : gap;
        uint64_t gathered = time / gap * MESSAGE;

        *now += time;
        step = pace_after_read(pace, *now, gathered < PIPE ? (size_t)gathered : PIPE, true);
    }
    return step;
}

static struct pace ready(uint64_t flush_interval)
{
    struct pace pace;

    pace_start(&pace, flush_interval, start);
    pace_capacity(&pace, PIPE, true);
    return pace;
}

TEST(the_first_bytes_leave_at_once)
{
    struct pace pace = ready(FLUSH_AUTO);
    struct pace_step step = pace_after_read(&pace, start + NS_PER_SECOND, MESSAGE, true);

    CHECK(step.publish);
    CHECK_EQUAL(step.rest, 0);
    CHECK_EQUAL(step.due, NEVER);
    CHECK_EQUAL(step.grow_to, 0);
}

TEST(a_quiet_stream_never_rests)
{
    struct pace pace = ready(FLUSH_AUTO);
    uint64_t now = start;
    int i;

    for (i = 0; i < 100; i++) {
        struct pace_step step = stream(&pace, &now, 10 * NS_PER_MS, 1);

        CHECK(step.publish);
        CHECK_EQUAL(step.rest, 0);
    }
}

TEST(a_hot_stream_rests_within_the_budget)
{
    struct pace pace = ready(FLUSH_AUTO);
    uint64_t now = start;
    struct pace_step step = stream(&pace, &now, 20 * NS_PER_US, 20);

    CHECK(step.publish);
    CHECK(step.rest >= 100 * NS_PER_US);
    CHECK(step.rest <= NS_PER_MS / 2);
}

TEST(a_hot_stream_stays_hot_until_a_rest_finds_nothing)
{
    struct pace pace = ready(FLUSH_AUTO);
    uint64_t now = start;
    struct pace_step step = {0};
    int i;

    for (i = 20; i < 200; i++)
        step = stream(&pace, &now, 20 * NS_PER_US, i);
    CHECK(step.rest > 0);
    step = pace_after_empty(&pace, now + step.rest);
    CHECK_EQUAL(step.rest, 0); /* wait for the input now */
    now += NS_PER_MS;
    step = pace_after_read(&pace, now, MESSAGE, true);
    CHECK(step.publish);
    CHECK_EQUAL(step.rest, 0);
}

TEST(a_pipe_that_was_never_polled_is_napped_on_at_the_start)
{
    struct pace pace = ready(FLUSH_AUTO);
    uint64_t now = start;
    struct pace_step step;
    int naps = 0;

    pace_unpolled(&pace, true);
    step = pace_after_empty(&pace, now);
    while (step.rest > 0) {
        CHECK(step.rest <= NS_PER_MS);
        now += step.rest;
        step = pace_after_empty(&pace, now);
        naps++;
    }
    CHECK(naps < 200);
    CHECK(now - start >= 100 * NS_PER_MS);
    CHECK(now - start <= 101 * NS_PER_MS);
    CHECK_EQUAL(step.due, NEVER);
    CHECK_EQUAL(pace_after_empty(&pace, now).rest, 0); /* once polled it makes no difference */
}

TEST(a_pipe_that_fills_from_the_start_is_never_polled)
{
    struct pace pace = ready(FLUSH_AUTO);
    uint64_t now = start;

    pace_unpolled(&pace, true);
    CHECK(stream(&pace, &now, 20 * NS_PER_US, 1000).rest > 0);
    CHECK(pace.hot);
    CHECK(pace.unpolled);
}

TEST(a_hot_pipe_that_was_never_polled_may_pause)
{
    struct pace pace = ready(FLUSH_AUTO);
    uint64_t now = start;
    struct pace_step step;
    uint64_t paused;

    pace_unpolled(&pace, true);
    step = stream(&pace, &now, 20 * NS_PER_US, 20);
    for (paused = now; step.rest > 0; step = pace_after_empty(&pace, now))
        now += step.rest;
    CHECK(now - paused >= 5 * NS_PER_MS);
    CHECK(now - paused <= 6 * NS_PER_MS);
    CHECK(!pace.hot);
}

TEST(a_pipe_that_was_hot_lately_may_pause_again)
{
    struct pace pace = ready(FLUSH_AUTO);
    uint64_t now = start;
    struct pace_step step;

    pace_unpolled(&pace, true);
    step = stream(&pace, &now, 20 * NS_PER_US, 20);
    CHECK(step.rest > 0);
    now += 2 * NS_PER_MS; /* the producer had no CPU: quiet */
    pace_after_read(&pace, now, (size_t)8 * MESSAGE, true);
    CHECK(!pace.hot);
    now += 400 * NS_PER_US;
    CHECK(pace_after_empty(&pace, now).rest > 0); /* a nap, no poll */
    now += 100 * NS_PER_MS;                       /* long ago */
    pace_after_read(&pace, now, MESSAGE, true);
    now += 400 * NS_PER_US;
    CHECK_EQUAL(pace_after_empty(&pace, now).rest, 0);
}

TEST(a_slow_pipe_is_polled_after_its_first_bytes)
{
    struct pace pace = ready(FLUSH_AUTO);
    uint64_t now = start;
    struct pace_step step;
    uint64_t last;

    pace_unpolled(&pace, true);
    step = stream(&pace, &now, 10 * NS_PER_MS, 1);
    for (last = now; step.rest > 0; step = pace_after_empty(&pace, now))
        now += step.rest;
    CHECK(now - last <= NS_PER_MS / 2);
    CHECK_EQUAL(stream(&pace, &now, 10 * NS_PER_MS, 1).rest, 0);
}

static void ask_and_answer(struct pace pace)
{
    uint64_t now = start;
    uint64_t rested = 0;
    int i;

    for (i = 0; i < 900; i++) {
        struct pace_step step;

        now += 30 * NS_PER_US;
        step = pace_after_read(&pace, now, MESSAGE, true);
        rested += step.rest > 0;
        now += step.rest;
    }
    CHECK(rested <= 110); /* one try in nine */
}

TEST(question_and_answer_is_not_hot)
{
    ask_and_answer(ready(FLUSH_AUTO));
}

TEST(question_and_answer_is_polled_even_if_it_never_was)
{
    struct pace pace = ready(FLUSH_AUTO);

    pace_unpolled(&pace, true);
    ask_and_answer(pace);
}

TEST(a_stream_that_keeps_the_reader_busy_becomes_hot)
{
    struct pace pace = ready(FLUSH_AUTO);
    uint64_t now = start;
    struct pace_step step = {0};
    int i;

    /* found after 50 us, and then 400 us of reading until the pipe is empty */
    for (i = 0; i < 20; i++) {
        now += 50 * NS_PER_US;
        pace_after_read(&pace, now, SLAB, false);
        now += 400 * NS_PER_US;
        step = pace_after_read(&pace, now, SLAB, true);
    }
    CHECK(pace.hot);
    CHECK(step.rest > 0);
}

TEST(bytes_found_after_a_nap_are_as_old_as_the_nap)
{
    struct pace pace = ready(20 * NS_PER_MS);
    struct pace_step step;

    pace_unpolled(&pace, true);
    step = pace_after_empty(&pace, start);
    CHECK(step.rest > 0);
    step = pace_after_read(&pace, start + step.rest, MESSAGE, true);
    CHECK_EQUAL(step.due, start + 20 * NS_PER_MS);
}

TEST(a_nap_is_within_the_interval)
{
    struct pace pace = ready(100 * NS_PER_US);

    pace_unpolled(&pace, true);
    CHECK_EQUAL(pace_after_empty(&pace, start).rest, 50 * NS_PER_US);
    pace = ready(0);
    pace_unpolled(&pace, true);
    CHECK_EQUAL(pace_after_empty(&pace, start).rest, 0);
}

TEST(a_rest_is_shorter_than_half_the_pipe_takes_to_fill)
{
    struct pace pace = ready(FLUSH_AUTO);
    uint64_t now = start;
    struct pace_step step = {0};
    int i;

    for (i = 0; i < 50; i++) { /* 16 KiB in 16 us: about 1 byte a ns */
        now += 16 * NS_PER_US;
        step = pace_after_read(&pace, now, 16384, true);
        if (step.rest > 0)
            break;
    }
    CHECK(step.rest > 0);
    CHECK(step.rest <= PIPE / 2);
}

TEST(a_stream_that_overfills_the_pipe_shortens_the_rest)
{
    struct pace pace = ready(FLUSH_AUTO);
    uint64_t now = start;
    struct pace_step step = stream(&pace, &now, 20 * NS_PER_US, 20);
    uint64_t before = step.rest;
    int i;

    for (i = 0; i < 20; i++) {
        now += step.rest;
        step = pace_after_read(&pace, now, PIPE, true);
    }
    CHECK(step.rest < before / 2);
}

TEST(growth_is_asked_for_when_hot_and_the_pipe_is_too_small_for_the_rate)
{
    struct pace pace = ready(FLUSH_AUTO);
    uint64_t now = start;
    struct pace_step step = stream(&pace, &now, 100 * NS_PER_US, 20);

    CHECK_EQUAL(step.grow_to, 0); /* 2.5 MB/s: 64 KiB last for 25 ms */
    step = stream(&pace, &now, NS_PER_US, 20);
    CHECK_EQUAL(step.grow_to, 1 << 20);
    pace_capacity(&pace, 1 << 20, false);
    step = stream(&pace, &now, NS_PER_US, 1);
    CHECK_EQUAL(step.grow_to, 0);
}

TEST(growth_is_never_asked_for_when_it_may_not)
{
    struct pace pace = ready(FLUSH_AUTO);
    uint64_t now = start;

    pace_capacity(&pace, PIPE, false);
    CHECK_EQUAL(stream(&pace, &now, NS_PER_US, 50).grow_to, 0);
}

TEST(an_input_that_gathers_nothing_is_never_left_alone)
{
    struct pace pace = ready(FLUSH_AUTO);
    uint64_t now = start;

    pace_capacity(&pace, 0, false);
    CHECK_EQUAL(stream(&pace, &now, NS_PER_US, 50).rest, 0);
}

TEST(a_full_slab_goes_at_once_and_reading_goes_on)
{
    struct pace pace = ready(100 * NS_PER_MS);
    struct pace_step step = pace_after_read(&pace, start + 1, SLAB, false);

    CHECK(step.publish);
    CHECK_EQUAL(step.rest, 0);
}

TEST(interval_zero_never_waits)
{
    struct pace pace = ready(0);
    uint64_t now = start;
    int i;

    for (i = 0; i < 50; i++) {
        struct pace_step step = stream(&pace, &now, 2 * NS_PER_US, 1);

        CHECK(step.publish);
        CHECK_EQUAL(step.rest, 0);
    }
}

TEST(an_interval_holds_bytes_for_so_long_and_no_longer)
{
    struct pace pace = ready(100 * NS_PER_MS);
    uint64_t now = start + NS_PER_SECOND;
    const uint64_t first = now;
    struct pace_step step = pace_after_read(&pace, now, MESSAGE, true);

    CHECK(!step.publish);
    CHECK_EQUAL(step.due, first + 100 * NS_PER_MS);
    step = stream(&pace, &now, 30 * NS_PER_MS, 3); /* a trickle does not push it back */
    CHECK(!step.publish);
    CHECK_EQUAL(step.due, first + 100 * NS_PER_MS);
    step = pace_after_empty(&pace, first + 100 * NS_PER_MS);
    CHECK(step.publish);
    CHECK_EQUAL(step.due, NEVER);
}

TEST(no_byte_waits_longer_than_the_interval_at_any_rhythm)
{
    const uint64_t interval = 10 * NS_PER_MS;
    uint64_t gap;

    for (gap = NS_PER_US; gap <= 40 * NS_PER_MS; gap = gap * 5 / 3) {
        struct pace pace = ready(interval);
        uint64_t now = start + NS_PER_SECOND;
        uint64_t arrival = now; /* of the next message */
        uint64_t oldest = 0;    /* of those that were not published */
        int i;

        for (i = 0; i < 400; i++) {
            struct pace_step step;
            size_t got = 0;

            for (; arrival <= now && got < PIPE; arrival += gap, got += MESSAGE)
                oldest = oldest ? oldest : arrival;
            step = got ? pace_after_read(&pace, now, got, true) : pace_after_empty(&pace, now);
            CHECK(!oldest || now - oldest <= interval);
            if (step.publish)
                oldest = 0;
            /* as the reader does: rest, or wait for input until it is due */
            now = step.rest            ? now + step.rest
                  : step.due < arrival ? step.due
                  : arrival > now      ? arrival
                                       : now;
        }
    }
}
