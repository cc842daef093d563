/* Whole lines in the ring: how they are kept together, handed over and given up. */
#include "check.h"
#include "ring/groups.h"

#include <stdlib.h>
#include <string.h>

static unsigned char store[1 << 12];

static struct ring *make(size_t count, size_t size)
{
    struct ring *ring = NULL;

    CHECK(count * size <= sizeof store);
    CHECK(ring_make(&ring, count, size, store) == 0);
    return ring;
}

/* Append TEXT to SLAB, which has room for it. */
static struct slab *store_in(struct slab *slab, const char *text)
{
    memcpy(slab->bytes + slab->filled, text, strlen(text));
    slab->filled += (uint32_t)strlen(text);
    return slab;
}

/* Store TEXT, of which the first WHOLE bytes are one line, and hand that over. */
static struct slab *put(struct ring *ring, const char *text, size_t whole)
{
    struct slab *slab = store_in(ring_claim(ring), text);

    ring_publish_lines(ring, slab, whole, 1);
    return slab;
}

/* What the writer is given next is TEXT, all of it, in spans of at most a slab. */
static bool comes_out(struct ring *ring, const char *text)
{
    struct span spans[8];
    const size_t count = ring_take(ring, 0, spans, 8);
    size_t at = 0;
    size_t i;

    for (i = 0; i < count; i++) {
        if (strncmp(text + at, (const char *)spans[i].bytes, spans[i].length) != 0)
            return false;
        at += spans[i].length;
    }
    ring_release(ring, at);
    return at == strlen(text);
}

static size_t write_gap(void *context, struct gap gap, size_t before, unsigned char *text)
{
    *(size_t *)context = before;
    return (size_t)sprintf((char *)text, "-%zu/%zu\n", (size_t)gap.lines, (size_t)gap.bytes);
}

static size_t length_before;
static const struct marker marker = {write_gap, &length_before};

TEST(a_part_of_a_line_is_not_handed_over)
{
    struct ring *ring = make(2, 8);
    struct slab *slab = put(ring, "ab\ncd", 3);

    CHECK(comes_out(ring, "ab\n"));
    ring_publish_lines(ring, store_in(slab, "e\n"), 7, 1);
    CHECK(comes_out(ring, "cde\n"));
    ring_free(ring);
}

TEST(a_line_that_began_behind_others_moves)
{
    struct ring *ring = make(3, 8);
    struct slab *slab = put(ring, "ab\ncdefg", 3);

    slab = ring_extend(ring, slab);
    CHECK_EQUAL(slab->filled, 5);
    ring_publish_lines(ring, store_in(slab, "h\n"), 7, 1);
    CHECK_EQUAL(ring_depth(ring), 2);
    CHECK(comes_out(ring, "ab\ncdefgh\n"));
    ring_free(ring);
}

TEST(a_line_longer_than_a_slab_goes_on_in_the_next)
{
    struct ring *ring = make(3, 4);
    struct slab *slab = ring_extend(ring, store_in(ring_claim(ring), "abcd"));

    CHECK_EQUAL(slab->filled, 0);
    slab = ring_extend(ring, store_in(slab, "efgh"));
    store_in(slab, "i\nk");
    CHECK(!ring_extend(ring, slab)); /* nothing changes */
    CHECK_EQUAL(ring_depth(ring), 0);
    CHECK(comes_out(ring, ""));
    ring_publish_lines(ring, slab, 2, 1);
    CHECK_EQUAL(ring_depth(ring), 3);
    CHECK(comes_out(ring, "abcdefghi\n"));
    ring_free(ring);
}

TEST(a_retracted_line_leaves_its_slabs_free)
{
    struct ring *ring = make(4, 4);
    struct slab *slab = put(ring, "a\nbc", 2);

    slab = ring_extend(ring, slab);
    slab = ring_extend(ring, store_in(slab, "de"));
    store_in(slab, "fgh");
    CHECK_EQUAL(ring_retract(ring), 7);
    CHECK_EQUAL(ring_vacancy(ring), 12);
    CHECK_EQUAL(ring_retract(ring), 0);
    put(ring, "ij\n", 3);
    CHECK(comes_out(ring, "a\nij\n"));
    ring_free(ring);
}

TEST(without_open_slab_there_is_nothing_to_retract)
{
    struct ring *ring = make(2, 4);

    CHECK_EQUAL(ring_retract(ring), 0);
    put(ring, "abc\n", 4);
    CHECK_EQUAL(ring_retract(ring), 0);
    CHECK(comes_out(ring, "abc\n"));
    ring_free(ring);
}

TEST(the_oldest_lines_that_are_not_taken_are_evicted)
{
    struct ring *ring = make(4, 4);
    struct evicted evicted;
    struct span span;

    put(ring, "abc\n", 4);
    put(ring, "a\nb\n", 4);
    put(ring, "ghi\n", 4);
    CHECK_EQUAL(ring_take(ring, 0, &span, 1), 1);
    CHECK(ring_evict(ring, NULL, &evicted));
    CHECK_EQUAL(evicted.gap.bytes, 4);
    CHECK_EQUAL(evicted.gap.lines, 1);
    CHECK(comes_out(ring, "abc\nghi\n"));
    CHECK(!ring_evict(ring, NULL, &evicted));
    ring_free(ring);
}

TEST(a_long_line_is_evicted_as_a_whole_or_not_at_all)
{
    struct ring *ring = make(4, 4);
    struct evicted evicted;
    struct slab *slab;
    struct span span;
    int round;

    for (round = 0; round < 2; round++) {
        slab = ring_extend(ring, store_in(ring_claim(ring), "abcd"));
        slab = ring_extend(ring, store_in(slab, "efgh"));
        CHECK(!ring_evict(ring, NULL, &evicted)); /* it is not whole */
        ring_publish_lines(ring, store_in(slab, "ij\n"), 3, 1);
        if (round == 0) {
            CHECK(ring_evict(ring, NULL, &evicted));
            CHECK_EQUAL(evicted.gap.bytes, 11);
            CHECK_EQUAL(evicted.gap.lines, 1);
            CHECK_EQUAL(ring_vacancy(ring), 16);
            continue;
        }
        ring_take(ring, 0, &span, 1);
        CHECK(!ring_evict(ring, NULL, &evicted));
        ring_release(ring, 4); /* its first slab is gone, and nobody has taken the others */
        CHECK(!ring_evict(ring, NULL, &evicted));
        CHECK(comes_out(ring, "efghij\n"));
    }
    ring_free(ring);
}

TEST(from_the_open_slab_lines_are_evicted_and_the_part_of_one_stays)
{
    struct ring *ring = make(2, 8);
    struct evicted evicted;
    struct slab *slab = put(ring, "ab\ncd\nef", 6);

    CHECK(ring_evict(ring, NULL, &evicted));
    CHECK_EQUAL(evicted.gap.bytes, 6);
    CHECK_EQUAL(slab->filled, 2);
    ring_publish_lines(ring, store_in(slab, "gh\n"), 5, 1);
    CHECK(comes_out(ring, "efgh\n"));
    ring_free(ring);
}

TEST(a_marker_stands_where_lines_were_and_grows)
{
    struct ring *ring = make(4, 8);
    struct evicted evicted;

    put(ring, "abcdefg\n", 8);
    put(ring, "hijklmn\n", 8);
    put(ring, "opqrstu\n", 8);
    CHECK(ring_evict(ring, &marker, &evicted));
    CHECK_EQUAL(length_before, 0);
    CHECK_EQUAL(ring_vacancy(ring), 8); /* the marker has a slab of its own */
    CHECK(ring_evict(ring, &marker, &evicted));
    CHECK_EQUAL(length_before, 5);
    CHECK_EQUAL(evicted.gap.bytes, 8);
    CHECK_EQUAL(ring_vacancy(ring), 16);
    CHECK(comes_out(ring, "-2/16\nopqrstu\n"));
    ring_free(ring);
}

TEST(a_marker_that_is_taken_stays_as_it_is)
{
    struct ring *ring = make(4, 8);
    struct evicted evicted;
    struct span span;

    put(ring, "abcdefg\n", 8);
    put(ring, "hijklmn\n", 8);
    put(ring, "opqrstu\n", 8);
    CHECK(ring_evict(ring, &marker, &evicted));
    ring_take(ring, 0, &span, 1);
    CHECK(ring_evict(ring, &marker, &evicted));
    CHECK(comes_out(ring, "-1/8\n-1/8\nopqrstu\n"));
    ring_free(ring);
}

TEST(behind_a_marker_alone_there_is_room_and_what_comes_there_can_be_evicted)
{
    struct ring *ring = make(2, 16);
    struct evicted evicted;

    put(ring, "abcdefghijklmno\n", 16);
    CHECK(ring_evict(ring, &marker, &evicted));
    put(ring, "pq\n", 9);
    CHECK(ring_evict(ring, &marker, &evicted));
    CHECK_EQUAL(evicted.gap.bytes, 3);
    CHECK_EQUAL(evicted.gap.lines, 1);
    put(ring, "rs\n", 9);
    CHECK(comes_out(ring, "-2/19\nrs\n"));
    ring_free(ring);
}

TEST(a_marker_is_put_first_or_enlarged_but_not_behind_lines_or_once_taken)
{
    struct ring *ring = make(2, 16);
    struct slab *slab = ring_claim(ring);
    struct span span;

    CHECK(ring_mark(ring, slab, &marker, (struct gap){10, 1}));
    CHECK(ring_mark(ring, slab, &marker, (struct gap){20, 2}));
    CHECK_EQUAL(length_before, 6);
    ring_take(ring, 0, &span, 1);
    CHECK(!ring_mark(ring, slab, &marker, (struct gap){30, 3}));
    CHECK(comes_out(ring, "-3/30\n"));
    ring_free(ring);
}
