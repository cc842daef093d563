#include "input/tuner.h"

#include "check.h"

#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)

/* A stream on which pages and copies cost so many ps a byte, by turns of COUNT; a ring of 1 MiB. */
struct stream {
    uint64_t pages[3];
    uint64_t copies[3];
    struct effort effort;
    unsigned changes; /* how often the way changed */
    unsigned trials;  /* how many were concluded */
};

/* Let BYTES flow through TUNER. */
static void flow(struct tuner *tuner, struct stream *stream, uint64_t bytes)
{
    const uint64_t step = MIB / 16;
    uint64_t done;

    for (done = 0; done < bytes; done += step) {
        const unsigned turn = (unsigned)(stream->effort.out / (8 * MIB) % 3);
        const uint64_t cost = tuner->pages ? stream->pages[turn] : stream->copies[turn];
        const bool before = tuner->pages;

        stream->effort.out += step;
        stream->effort.in = stream->effort.out + MIB;
        /* a third of the work is the reader's */
        stream->effort.reader_ns += step * cost / 3000;
        stream->effort.writer_ns += step * (cost - cost / 3) / 1000;
        if (stream->effort.out >= tuner->due)
            stream->trials += tuner_tell(tuner, &stream->effort);
        stream->changes += tuner->pages != before;
    }
}

static struct stream steady(uint64_t pages, uint64_t copies)
{
    return (struct stream){.pages = {pages, pages, pages}, .copies = {copies, copies, copies}};
}

TEST(it_begins_with_pages_and_leaves_short_streams_alone)
{
    struct stream stream = steady(900, 100);
    struct tuner tuner;

    tuner_start(&tuner, true);
    CHECK(tuner.pages);
    flow(&tuner, &stream, 15 * MIB);
    CHECK(tuner.pages);
    CHECK_EQUAL(stream.changes, 0);
}

TEST(turned_off_it_never_changes)
{
    struct stream stream = steady(900, 100);
    struct tuner tuner;

    tuner_start(&tuner, false);
    flow(&tuner, &stream, 512 * MIB);
    CHECK(tuner.pages);
    CHECK_EQUAL(stream.changes, 0);
}

TEST(a_clear_difference_is_settled_by_one_pair)
{
    struct stream stream = steady(400, 200);
    struct tuner tuner;

    tuner_start(&tuner, true);
    flow(&tuner, &stream, 96 * MIB);
    CHECK_EQUAL(stream.trials, 1);
    CHECK(!tuner.pages);
    CHECK_EQUAL(stream.changes, 1); /* copies have been tried, and stay */
    CHECK_EQUAL(tuner.cost[true].both / 10, 39);
    CHECK_EQUAL(tuner.cost[false].both / 10, 19);

    stream = steady(200, 400);
    tuner_start(&tuner, true);
    flow(&tuner, &stream, 96 * MIB);
    CHECK_EQUAL(stream.trials, 1);
    CHECK(tuner.pages);
    CHECK_EQUAL(stream.changes, 2);
}

TEST(a_small_difference_takes_three_pairs)
{
    struct stream stream = steady(250, 210);
    struct tuner tuner;

    tuner_start(&tuner, true);
    flow(&tuner, &stream, 120 * MIB);
    CHECK_EQUAL(stream.trials, 0);
    flow(&tuner, &stream, 160 * MIB);
    CHECK_EQUAL(stream.trials, 1);
    CHECK(!tuner.pages);
}

TEST(equal_stays_with_pages)
{
    struct stream stream = steady(200, 200);
    struct tuner tuner;

    tuner_start(&tuner, true);
    flow(&tuner, &stream, 280 * MIB);
    CHECK_EQUAL(stream.trials, 1);
    CHECK(tuner.pages);
}

TEST(the_mean_of_each_counts)
{
    /* one part of each way is far off; by the best of each, pages would win */
    struct stream stream = {.pages = {260, 180, 260}, .copies = {200, 200, 200}};
    struct tuner tuner;

    tuner_start(&tuner, true);
    flow(&tuner, &stream, 280 * MIB);
    CHECK_EQUAL(stream.trials, 1);
    CHECK(!tuner.pages);
    CHECK(tuner.cost[true].both > 210);
    CHECK(tuner.cost[false].both <= 200);
}

TEST(it_looks_again_ever_more_seldom_and_can_change_its_mind)
{
    struct stream stream = steady(400, 200);
    struct tuner tuner;

    tuner_start(&tuner, true);
    flow(&tuner, &stream, 500 * MIB);
    CHECK_EQUAL(stream.trials, 1);
    CHECK(!tuner.pages);
    stream.pages[0] = stream.pages[1] = stream.pages[2] = 100;
    flow(&tuner, &stream, 300 * MIB);
    CHECK_EQUAL(stream.trials, 2);
    CHECK(tuner.pages);
    flow(&tuner, &stream, 900 * MIB);
    CHECK_EQUAL(stream.trials, 2);
    flow(&tuner, &stream, 400 * MIB);
    CHECK_EQUAL(stream.trials, 3);
    flow(&tuner, &stream, 1600 * MIB);
    CHECK_EQUAL(stream.trials, 3);
}

TEST(a_choice_that_was_wrong_is_given_up_before_the_next_trial)
{
    struct stream stream = steady(100, 200);
    struct tuner tuner;

    tuner_start(&tuner, true);
    flow(&tuner, &stream, 150 * MIB);
    CHECK_EQUAL(stream.trials, 1);
    CHECK(tuner.pages);
    stream.pages[0] = stream.pages[1] = stream.pages[2] = 300;
    flow(&tuner, &stream, 80 * MIB);
    CHECK_EQUAL(stream.trials, 2);
    CHECK(!tuner.pages);
    flow(&tuner, &stream, 200 * MIB);
    CHECK_EQUAL(stream.trials, 2);
}

TEST(the_busier_thread_counts_as_well_as_the_sum)
{
    /* pages: 250 and nothing; copies: 150 and 150 */
    struct tuner tuner;
    struct effort effort = {0};

    tuner_start(&tuner, true);
    while (effort.out < 300 * MIB) {
        const uint64_t step = MIB / 16;

        effort.in = effort.out += step;
        effort.writer_ns += step * (tuner.pages ? 250 : 150) / 1000;
        effort.reader_ns += step * (tuner.pages ? 0 : 150) / 1000;
        if (effort.out >= tuner.due)
            tuner_tell(&tuner, &effort);
    }
    CHECK(!tuner.pages);
    CHECK(tuner.cost[true].both < tuner.cost[false].both);
}

TEST(a_measurement_that_is_disturbed_begins_anew)
{
    struct stream stream = steady(400, 200);
    struct tuner tuner;

    tuner_start(&tuner, true);
    flow(&tuner, &stream, 20 * MIB);
    stream.effort.reader_ns += 1000000000; /* whatever the other input cost */
    tuner_disturb(&tuner, stream.effort.out);
    flow(&tuner, &stream, 120 * MIB);
    CHECK_EQUAL(stream.trials, 1);
    CHECK(!tuner.pages);
    CHECK_EQUAL(tuner.cost[true].both / 10, 39);
}
