#include "ring/ring.h"

#include "check.h"

#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Append TEXT to what is claimed and publish it; false when it does not fit into one slab. */
static bool put(struct ring *ring, const char *text)
{
    struct slab *slab = ring_claim(ring);
    size_t length = strlen(text);

    if (!slab || ring_room(ring, slab) < length)
        return false;
    memcpy(slab->bytes + slab->filled, text, length);
    slab->filled += (uint32_t)length;
    ring_publish(ring, slab);
    return true;
}

static bool next_is(struct ring *ring, const char *text)
{
    struct span span = {0};

    return ring_take(ring, 0, &span, 1) && span.length == strlen(text) &&
           memcmp(span.bytes, text, span.length) == 0;
}

static struct ring *make(size_t count, size_t size)
{
    static unsigned char store[1 << 16];
    struct ring *ring = NULL;

    CHECK(count * size <= sizeof store);
    CHECK(ring_make(&ring, count, size, store) == 0);
    return ring;
}

TEST(a_new_ring_has_nothing_to_take)
{
    struct ring *ring = make(2, 4);
    struct span span;

    CHECK(!ring_take(ring, 0, &span, 1));
    CHECK_EQUAL(ring_depth(ring), 0);
    ring_free(ring);
}

TEST(bytes_come_out_in_order_across_slabs)
{
    struct ring *ring = make(3, 4);

    CHECK(put(ring, "abcd"));
    CHECK(put(ring, "ef"));
    CHECK_EQUAL(ring_depth(ring), 2);
    CHECK(next_is(ring, "abcd"));
    ring_release(ring, 4);
    CHECK(next_is(ring, "ef"));
    ring_release(ring, 2);
    CHECK_EQUAL(ring_depth(ring), 0);
    ring_free(ring);
}

TEST(the_vacancy_is_what_can_be_stored_now)
{
    struct ring *ring = make(3, 4);

    CHECK_EQUAL(ring_vacancy(ring), 12);
    CHECK(put(ring, "ab"));
    CHECK_EQUAL(ring_vacancy(ring), 10);
    CHECK(put(ring, "cd"));
    CHECK_EQUAL(ring_vacancy(ring), 8);
    CHECK(put(ring, "efgh"));
    CHECK(put(ring, "i"));
    CHECK_EQUAL(ring_vacancy(ring), 3);
    ring_release(ring, 3); /* the room of a closed slab comes back as a whole */
    CHECK_EQUAL(ring_vacancy(ring), 3);
    ring_release(ring, 1);
    CHECK_EQUAL(ring_vacancy(ring), 7);
    ring_free(ring);
}

TEST(bytes_that_are_not_published_cannot_be_taken)
{
    struct ring *ring = make(1, 4);
    struct slab *slab = ring_claim(ring);
    struct span span;

    memcpy(slab->bytes, "ab", 2);
    slab->filled = 2;
    CHECK(!ring_take(ring, 0, &span, 1));
    ring_publish(ring, slab);
    CHECK(next_is(ring, "ab"));
    ring_free(ring);
}

TEST(the_open_slab_fills_to_the_brim_while_its_beginning_is_taken)
{
    struct ring *ring = make(2, 4);

    CHECK(put(ring, "a"));
    CHECK(next_is(ring, "a")); /* the writer holds it */
    CHECK(put(ring, "bcd"));
    CHECK(put(ring, "efgh"));
    CHECK(!ring_claim(ring)); /* all 2 x 4 bytes are in use */
    CHECK(!ring_release(ring, 1));
    CHECK(next_is(ring, "bcd"));
    CHECK(!ring_claim(ring)); /* still half the writer's */
    CHECK(ring_release(ring, 3));
    CHECK(ring_claim(ring) != NULL);
    CHECK(next_is(ring, "efgh"));
    ring_free(ring);
}

TEST(a_drained_open_slab_starts_again_at_its_beginning)
{
    struct ring *ring = make(1, 4);
    struct slab *slab;

    CHECK(put(ring, "abc"));
    CHECK(next_is(ring, "abc"));
    ring_release(ring, 3);
    slab = ring_claim(ring);
    CHECK_EQUAL(slab->filled, 0);
    CHECK_EQUAL(ring_room(ring, slab), 4);
    CHECK(put(ring, "wxyz"));
    CHECK(next_is(ring, "wxyz"));
    ring_free(ring);
}

TEST(closing_an_empty_slab_changes_nothing)
{
    struct ring *ring = make(2, 4);
    struct slab *slab;

    CHECK(put(ring, "abcd"));
    slab = ring_claim(ring);
    ring_close(ring, slab);
    CHECK(ring_claim(ring) == slab);
    CHECK(next_is(ring, "abcd"));
    ring_release(ring, 4);
    ring_close(ring, slab);
    CHECK(put(ring, "efgh"));
    CHECK(next_is(ring, "efgh"));
    CHECK_EQUAL(ring_depth(ring), 1);
    ring_free(ring);
}

/* Append LENGTH bytes to SLAB's duct, as far as the marks know. */
static void pipe_in(struct ring *ring, struct slab *slab, uint32_t length)
{
    slab->filled += length;
    slab->piped += length;
    ring_publish(ring, slab);
}

TEST(what_is_in_the_duct_comes_before_what_is_in_memory)
{
    struct duct *duct = (struct duct *)&tests_first; /* the ring does not look at it */
    struct ring *ring = make(1, 8);
    struct slab *slab = ring_claim(ring);
    struct span span;

    slab->duct = duct;
    pipe_in(ring, slab, 5);
    CHECK(put(ring, "fgh"));
    CHECK_EQUAL(ring_take(ring, 0, &span, 1), 1);
    CHECK(span.duct == duct);
    CHECK_EQUAL(span.length, 5);
    ring_release(ring, 2);
    CHECK_EQUAL(ring_take(ring, 0, &span, 1), 1);
    CHECK(span.duct == duct);
    CHECK_EQUAL(span.length, 3);
    ring_release(ring, 3);
    CHECK(next_is(ring, "fgh"));
    CHECK(ring_release(ring, 3));
    slab = ring_claim(ring);
    CHECK_EQUAL(slab->piped, 0);
    CHECK(slab->duct == duct); /* kept for the next time */
    ring_free(ring);
}

TEST(only_published_pages_are_taken)
{
    struct ring *ring = make(1, 8);
    struct slab *slab = ring_claim(ring);
    struct span span;

    slab->duct = (struct duct *)&tests_first;
    pipe_in(ring, slab, 2);
    slab->filled += 3;
    slab->piped += 3;
    CHECK_EQUAL(ring_take(ring, 0, &span, 1), 1);
    CHECK_EQUAL(span.length, 2);
    ring_publish(ring, slab);
    CHECK_EQUAL(ring_take(ring, 0, &span, 1), 1);
    CHECK_EQUAL(span.length, 5);
    ring_free(ring);
}

TEST(pulled_pages_are_in_memory_at_their_place)
{
    struct ring *ring = make(1, 8);
    struct slab *slab = ring_claim(ring);
    struct span span;

    slab->duct = (struct duct *)&tests_first;
    pipe_in(ring, slab, 5);
    ring_take(ring, 0, &span, 1);
    ring_release(ring, 1);
    ring_take(ring, 0, &span, 1);
    CHECK_EQUAL(span.length, 4);
    CHECK(span.bytes == slab->bytes + 1);
    memcpy(span.bytes, "bcde", 4);
    pipe_in(ring, slab, 1); /* meanwhile the reader goes on */
    ring_pulled(ring, 0, 4);
    CHECK(next_is(ring, "bcde"));
    ring_release(ring, 2);
    CHECK(next_is(ring, "de"));
    ring_release(ring, 2);
    CHECK_EQUAL(ring_take(ring, 0, &span, 1), 1);
    CHECK(span.duct != NULL);
    CHECK_EQUAL(span.length, 1);
    ring_free(ring);
}

TEST(several_spans_are_taken_and_released_across_slabs)
{
    struct ring *ring = make(4, 4);
    struct span spans[4];

    CHECK(put(ring, "abcd"));
    CHECK(put(ring, "efgh"));
    CHECK(put(ring, "ij"));
    CHECK_EQUAL(ring_take(ring, 0, spans, 2), 2);
    CHECK_EQUAL(ring_take(ring, 0, spans, 4), 3);
    CHECK_EQUAL(spans[2].length, 2);
    CHECK(!ring_release(ring, 3));
    CHECK_EQUAL(ring_take(ring, 0, spans, 4), 3);
    CHECK_EQUAL(spans[0].length, 1);
    CHECK(ring_release(ring, 6));
    CHECK(next_is(ring, "h") == false);
    CHECK(next_is(ring, "j"));
    ring_release(ring, 1);
    CHECK_EQUAL(ring_take(ring, 0, spans, 4), 0);
    ring_free(ring);
}

TEST(pages_are_taken_one_slab_at_a_time_and_memory_up_to_them)
{
    struct ring *ring = make(4, 4);
    struct span spans[4];
    struct slab *slab;

    CHECK(put(ring, "abcd"));
    slab = ring_claim(ring);
    slab->duct = (struct duct *)&tests_first;
    pipe_in(ring, slab, 3);
    CHECK(put(ring, "h"));
    CHECK(put(ring, "ijkl"));
    CHECK_EQUAL(ring_take(ring, 0, spans, 4), 1);
    CHECK(!spans[0].duct);
    ring_release(ring, 4);
    CHECK_EQUAL(ring_take(ring, 0, spans, 4), 1);
    CHECK(spans[0].duct != NULL);
    ring_release(ring, 3);
    CHECK_EQUAL(ring_take(ring, 0, spans, 4), 2);
    CHECK_EQUAL(spans[0].length, 1);
    CHECK_EQUAL(spans[1].length, 4);
    ring_free(ring);
}

/* With SKIP bytes left out the next span is TEXT. */
static bool is_behind(struct ring *ring, size_t skip, const char *text)
{
    struct span span = {0};

    return ring_take(ring, skip, &span, 1) && span.length == strlen(text) &&
           memcmp(span.bytes, text, span.length) == 0;
}

TEST(what_is_kept_is_left_out)
{
    struct ring *ring = make(4, 4);
    struct span spans[4];

    CHECK(put(ring, "abcd"));
    CHECK(put(ring, "efgh"));
    CHECK(put(ring, "ij"));
    CHECK(is_behind(ring, 1, "bcd"));
    CHECK(is_behind(ring, 4, "efgh"));
    CHECK(is_behind(ring, 9, "j"));
    CHECK_EQUAL(ring_take(ring, 10, spans, 4), 0);
    CHECK_EQUAL(ring_take(ring, 3, spans, 4), 3);
    CHECK_EQUAL(spans[0].length, 1);
    CHECK_EQUAL(spans[1].length, 4);
    CHECK_EQUAL(spans[2].length, 2);
    ring_release(ring, 3);
    CHECK(is_behind(ring, 2, "fgh"));
    CHECK(put(ring, "k"));
    CHECK(is_behind(ring, 7, "k"));
    CHECK_EQUAL(ring_take(ring, 8, spans, 4), 0);
    ring_release(ring, 8);
    CHECK_EQUAL(ring_take(ring, 0, spans, 4), 0);
    ring_free(ring);
}

TEST(pulled_pages_are_left_out_and_those_behind_them_are_not)
{
    struct ring *ring = make(2, 4);
    struct slab *slab;
    struct span span;

    CHECK(put(ring, "abcd"));
    slab = ring_claim(ring);
    slab->duct = (struct duct *)&tests_first;
    pipe_in(ring, slab, 3);
    CHECK_EQUAL(ring_take(ring, 4, &span, 1), 1);
    CHECK(span.duct != NULL);
    CHECK_EQUAL(span.length, 3);
    memcpy(span.bytes, "ef", 2);
    ring_pulled(ring, 4, 2);
    CHECK(is_behind(ring, 4, "ef"));
    CHECK(is_behind(ring, 5, "f"));
    CHECK_EQUAL(ring_take(ring, 6, &span, 1), 1);
    CHECK(span.duct != NULL);
    CHECK_EQUAL(span.length, 1);
    ring_free(ring);
}

TEST(what_follows_pages_that_are_pulled_in_part_waits_for_the_rest)
{
    struct ring *ring = make(2, 4);
    struct slab *slab = ring_claim(ring);
    struct span spans[2];

    slab->duct = (struct duct *)&tests_first;
    pipe_in(ring, slab, 4);
    CHECK(put(ring, "ef"));
    ring_pulled(ring, 0, 2);
    CHECK_EQUAL(ring_take(ring, 0, spans, 2), 1);
    CHECK_EQUAL(spans[0].length, 2);
    ring_free(ring);
}

TEST(an_open_slab_with_unpublished_bytes_keeps_them)
{
    struct ring *ring = make(1, 4);
    struct slab *slab;

    CHECK(put(ring, "a"));
    slab = ring_claim(ring);
    slab->bytes[slab->filled++] = 'b';
    CHECK(next_is(ring, "a"));
    ring_release(ring, 1);
    CHECK(ring_claim(ring) == slab);
    CHECK_EQUAL(slab->filled, 2);
    ring_publish(ring, slab);
    CHECK(next_is(ring, "b"));
    ring_free(ring);
}

TEST(a_partly_released_span_is_taken_again_from_there)
{
    struct ring *ring = make(1, 8);

    CHECK(put(ring, "abcdefgh"));
    CHECK(next_is(ring, "abcdefgh"));
    CHECK(!ring_release(ring, 3));
    CHECK(next_is(ring, "defgh"));
    CHECK(ring_release(ring, 5));
    ring_free(ring);
}

TEST(a_slab_closed_early_is_free_once_it_is_drained)
{
    struct ring *ring = make(2, 8);
    struct slab *slab;

    CHECK(put(ring, "abc"));
    slab = ring_claim(ring);
    ring_close(ring, slab);
    CHECK(ring_claim(ring) != slab);
    CHECK(put(ring, "defg"));
    CHECK(next_is(ring, "abc"));
    CHECK(ring_release(ring, 3));
    CHECK(next_is(ring, "defg"));
    CHECK(!ring_release(ring, 4));
    /* closing one that is drained already frees it at once */
    slab = ring_claim(ring);
    CHECK_EQUAL(slab->filled, 0);
    ring_close(ring, slab);
    CHECK_EQUAL(ring_depth(ring), 0);
    CHECK(put(ring, "12345678"));
    CHECK(put(ring, "12345678"));
    CHECK(!ring_claim(ring));
    ring_free(ring);
}

TEST(free_slabs_are_reused_most_recently_used_first)
{
    struct ring *ring = make(16, 4);
    unsigned char *first = ring_claim(ring)->bytes;
    int i;

    for (i = 0; i < 100; i++) {
        CHECK(put(ring, "abcd"));
        CHECK(ring_claim(ring)->bytes <
              first + sizeof "twoslab"); /* two slabs are enough for this */
        CHECK(next_is(ring, "abcd"));
        ring_release(ring, 4);
    }
    ring_free(ring);
}

TEST(every_slab_can_be_filled_and_drained_again)
{
    struct ring *ring = make(5, 4);
    int round;
    int i;

    for (round = 0; round < 3; round++) {
        for (i = 0; i < 5; i++)
            CHECK(put(ring, "abcd"));
        CHECK(!put(ring, "e"));
        CHECK_EQUAL(ring_depth(ring), 5);
        for (i = 0; i < 5; i++) {
            CHECK(next_is(ring, "abcd"));
            CHECK(ring_release(ring, 4));
        }
        CHECK_EQUAL(ring_depth(ring), 0);
    }
    ring_free(ring);
}

/* Two threads, odd sizes, and a stream in which each byte follows from its position. */
enum { STREAM = 300000 };

static unsigned char byte_at(size_t position)
{
    return (unsigned char)(position * 31 + position / 251);
}

static void *produce(void *argument)
{
    struct ring *ring = argument;
    size_t position = 0;
    unsigned step = 1;

    while (position < STREAM) {
        struct slab *slab = ring_claim(ring);
        size_t room = slab ? ring_room(ring, slab) : 0;
        size_t part = step++ % 7 + 1;

        if (part > room)
            part = room;
        if (part > STREAM - position)
            part = STREAM - position;
        while (part-- > 0)
            slab->bytes[slab->filled++] = byte_at(position++);
        if (!room)
            sched_yield();
        if (slab && (step % 3 || slab->filled == 13 || position == STREAM))
            ring_publish(ring, slab);
    }
    return NULL;
}

TEST(two_threads_pass_a_stream_through)
{
    struct ring *ring = make(3, 13);
    size_t position = 0;
    size_t wrong = 0;
    pthread_t producer;

    CHECK(pthread_create(&producer, NULL, produce, ring) == 0);
    while (position < STREAM) {
        struct span span;
        size_t part;
        size_t i;

        if (!ring_take(ring, 0, &span, 1)) {
            sched_yield();
            continue;
        }
        part = position % 5 + 1 < span.length ? position % 5 + 1 : span.length;
        for (i = 0; i < part; i++)
            wrong += span.bytes[i] != byte_at(position + i);
        position += part;
        ring_release(ring, part);
    }
    pthread_join(producer, NULL);
    CHECK_EQUAL(wrong, 0);
    ring_free(ring);
}
