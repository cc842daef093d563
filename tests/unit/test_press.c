/* The press against the libraries' own decoders, fed with what has come out of it so far. */
#include "check.h"
#include "decoder.h"
#include "transform/press.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define MIB ((size_t)1 << 20)
enum { SAMPLE = 4 << 20, ROUNDS = 30 };

static unsigned char noise[SAMPLE];
static unsigned char text[SAMPLE];
static const unsigned char *sample; /* one of them */
static unsigned char
    decoded[SAMPLE + 1]; /* room for one more, so that a decoder never has to wait */
static struct press *press;
static struct decoder decoder;
static size_t fed;
static uint32_t seed;

static uint32_t chance(uint32_t below)
{
    seed = seed * 1664525 + 1013904223;
    return (uint32_t)(((uint64_t)seed * below) >> 32);
}

/* Bytes that cannot be made smaller; and what a build says: lines that are much the same. */
static void fill_once(void)
{
    static const char *const words[] = {"cc",     "-O2", "warning:", "src/ring/ring.c",
                                        "unused", "ok",  "linking",  "in 3.12 s"};
    size_t i = 0;

    if (text[0] != 0)
        return;
    seed = 7;
    while (i < SAMPLE) {
        char line[128];
        const int length =
            snprintf(line, sizeof line, "%u %s %s %u %s\n", chance(100000), words[chance(8)],
                     words[chance(8)], chance(1000), words[chance(8)]);
        const size_t part = (size_t)length < SAMPLE - i ? (size_t)length : SAMPLE - i;

        memcpy(text + i, line, part);
        i += part;
    }
    for (i = 0; i < SAMPLE; i++)
        noise[i] = (unsigned char)chance(256);
}

static void use(const unsigned char *bytes)
{
    fill_once();
    sample = bytes;
}

static void start(enum press_kind kind, int level)
{
    fed = 0;
    press = NULL;
    CHECK_EQUAL(press_make(&press, kind, level), 0);
    decoder_open(&decoder, kind, decoded, sizeof decoded);
}

static void stop(void)
{
    decoder_close(&decoder);
    press_free(press);
}

/* At most so many of the bytes that wait are taken; are they good? */
static bool take(size_t most)
{
    unsigned char *bytes;
    size_t length = press_waiting(press, &bytes);
    bool is_good;

    if (length > most)
        length = most;
    is_good = decode(&decoder, bytes, length);
    press_wrote(press, length);
    return is_good;
}

static bool take_all(void)
{
    return take(SIZE_MAX);
}

static bool is_empty(void)
{
    unsigned char *bytes;

    return press_waiting(press, &bytes) == 0;
}

/* Feeds the sample's next bytes, the taker as fast as it has to be. */
static bool feed(size_t length)
{
    while (length > 0) {
        const ssize_t took = press_feed(press, sample + fed, length);

        if (took < 0 || (size_t)took > length)
            return false;
        fed += (size_t)took;
        length -= (size_t)took;
        if (length > 0 && (is_empty() || !take_all()))
            return false;
    }
    return true;
}

/* A flush or an end, all the way out. */
static bool bring(int (*out)(struct press *press))
{
    int result;

    while ((result = out(press)) == 0) {
        if (is_empty() || !take_all())
            return false;
    }
    return result == 1 && take_all();
}

/* The taker has all that was fed. */
static bool has_arrived(void)
{
    return decoder.length == fed && memcmp(decoded, sample, fed) == 0;
}

/* A test for each kind, which is skipped where that is not built in. */
#define TEST_EACH(title)                                                                           \
    static void title(enum press_kind kind);                                                       \
    TEST(zstd_##title)                                                                             \
    {                                                                                              \
        if (!press_is_there(PRESS_ZSTD))                                                           \
            SKIP("built without zstd");                                                            \
        title(PRESS_ZSTD);                                                                         \
    }                                                                                              \
    TEST(gzip_##title)                                                                             \
    {                                                                                              \
        if (!press_is_there(PRESS_GZIP))                                                           \
            SKIP("built without zlib");                                                            \
        title(PRESS_GZIP);                                                                         \
    }                                                                                              \
    static void title(enum press_kind kind)

TEST(what_is_not_there_cannot_be_made)
{
    enum press_kind kind;

    CHECK(!press_is_there(PRESS_NONE));
    for (kind = PRESS_NONE; kind <= PRESS_GZIP; kind++) {
        CHECK((press_version(kind) != NULL) == press_is_there(kind));
        if (!press_is_there(kind))
            CHECK_EQUAL(press_make(&press, kind, 1), -ENOTSUP);
    }
    press_free(NULL);
}

TEST_EACH(works_from_its_least_level_to_its_most_and_at_no_other)
{
    int least = 0;
    int most = 0;
    int levels[4];
    size_t i;

    press_levels(kind, &least, &most);
    CHECK(least == 1 && most >= 9);
    CHECK_EQUAL(press_make(&press, kind, least - 2), -EINVAL);
    CHECK_EQUAL(press_make(&press, kind, most + 1), -EINVAL);
    use(text);
    levels[0] = PRESS_LEVEL_DEFAULT;
    levels[1] = least;
    levels[2] = most / 2;
    levels[3] = most;
    for (i = 0; i < sizeof levels / sizeof *levels; i++) {
        start(kind, levels[i]);
        CHECK(feed(100000));
        CHECK(bring(press_end));
        CHECK(has_arrived());
        CHECK_EQUAL(decoder.frames, 1);
        stop();
    }
}

TEST_EACH(gives_a_higher_level_for_the_same_bytes_less)
{
    size_t quick;

    use(text);
    start(kind, 1);
    CHECK(feed(MIB) && bring(press_end));
    quick = decoder.encoded;
    stop();
    start(kind, 9);
    CHECK(feed(MIB) && bring(press_end));
    CHECK(decoder.encoded < quick);
    stop();
}

/* Anything in any order, and a taker that takes anything from nothing to all. */
static void pour_at_random(enum press_kind kind, uint32_t round)
{
    start(kind, PRESS_LEVEL_DEFAULT);
    seed = round;
    while (fed < SAMPLE / 6) {
        const size_t least = chance(4) ? 0 : 200000;
        size_t length = least + chance(chance(2) ? 100 : 70000);
        ssize_t took;
        int result;

        took = press_feed(press, sample + fed, length);
        CHECK(took >= 0 && (size_t)took <= length);
        CHECK((size_t)took == length || !is_empty());
        fed += took > 0 ? (size_t)took : 0;
        if (chance(3) == 0)
            CHECK(take(chance(2) ? chance(100) : chance(200000)));
        if (chance(10) == 0) {
            result = press_flush(press);
            CHECK(result == 1 || (result == 0 && !is_empty()));
        }
        if (chance(40) == 0) {
            result = press_end(press);
            CHECK(result == 1 || (result == 0 && !is_empty()));
        }
        if (chance(20) == 0) {
            CHECK(bring(press_flush));
            CHECK(!press_has_inside(press));
            CHECK(has_arrived());
        }
        if (test_failed)
            break;
    }
    CHECK(bring(press_end));
    CHECK(has_arrived() && decoder.is_between_frames);
    stop();
}

TEST_EACH(brings_all_that_went_in_back_however_it_is_fed_and_taken)
{
    uint32_t round;

    use(text);
    for (round = 0; round < ROUNDS && !test_failed; round++)
        pour_at_random(kind, round);
    use(noise);
    for (; round < 2 * ROUNDS && !test_failed; round++)
        pour_at_random(kind, round);
}

TEST_EACH(flushed_reaches_who_decodes)
{
    size_t length;

    use(text);
    start(kind, PRESS_LEVEL_DEFAULT);
    CHECK(!press_has_inside(press));
    for (length = 1; fed + length < SAMPLE / 2; length += length / 2 + 1) {
        CHECK(feed(length));
        CHECK(press_has_inside(press));
        CHECK(bring(press_flush));
        CHECK(!press_has_inside(press));
        CHECK(has_arrived());
        CHECK(!decoder.is_between_frames);
    }
    stop();
}

/* What is to come out is more than there is room for, by anything. */
TEST_EACH(flushed_and_ended_in_parts_brings_all)
{
    size_t length;

    use(noise);
    for (length = 90000; length < 140000; length += 700) {
        start(kind, PRESS_LEVEL_DEFAULT);
        CHECK(feed(length));
        CHECK(bring(press_flush));
        CHECK(has_arrived());
        CHECK(feed(length));
        CHECK(bring(press_end));
        CHECK(has_arrived() && decoder.frames == 1);
        stop();
    }
}

TEST_EACH(flushed_while_an_end_has_no_room_ends_first)
{
    unsigned ends_without_room = 0;
    size_t length;

    use(noise);
    for (length = 90000; length < 140000; length += 700) {
        start(kind, PRESS_LEVEL_DEFAULT);
        CHECK(feed(length));
        if (press_end(press) == 0) {
            ends_without_room++;
            CHECK(take_all() && bring(press_flush));
            CHECK(has_arrived() && decoder.frames == 1 && decoder.is_between_frames);
        }
        stop();
    }
    CHECK(ends_without_room > 0);
}

TEST_EACH(with_nothing_new_in_it_has_nothing_to_flush)
{
    use(text);
    start(kind, PRESS_LEVEL_DEFAULT);
    CHECK_EQUAL(press_feed(press, sample, 0), 0);
    CHECK_EQUAL(press_flush(press), 1);
    CHECK(is_empty());
    CHECK(feed(10) && bring(press_flush));
    CHECK_EQUAL(press_flush(press), 1);
    CHECK(is_empty());
    CHECK(bring(press_end));
    CHECK_EQUAL(press_flush(press), 1);
    CHECK(is_empty());
    stop();
}

TEST_EACH(ended_twice_is_one_frame)
{
    use(text);
    start(kind, PRESS_LEVEL_DEFAULT);
    CHECK(feed(5000));
    CHECK(press_has_inside(press));
    CHECK(bring(press_end));
    CHECK(!press_has_inside(press));
    CHECK_EQUAL(press_end(press), 1);
    CHECK(is_empty());
    CHECK(has_arrived());
    CHECK_EQUAL(decoder.frames, 1);
    stop();
}

TEST_EACH(ended_behind_a_flush_is_a_whole_frame)
{
    use(text);
    start(kind, PRESS_LEVEL_DEFAULT);
    CHECK(feed(5000) && bring(press_flush) && !decoder.is_between_frames);
    CHECK(bring(press_end));
    CHECK(has_arrived() && decoder.is_between_frames);
    stop();
}

TEST_EACH(makes_frames_behind_each_other)
{
    size_t frames;

    use(text);
    start(kind, PRESS_LEVEL_DEFAULT);
    for (frames = 1; frames <= 20; frames++) {
        CHECK(feed(frames * 3000));
        CHECK(bring(press_end));
        CHECK(has_arrived());
        CHECK_EQUAL(decoder.frames, frames);
        CHECK(decoder.is_between_frames);
    }
    stop();
}

TEST_EACH(makes_of_an_empty_stream_one_empty_frame)
{
    start(kind, PRESS_LEVEL_DEFAULT);
    CHECK(bring(press_end));
    CHECK_EQUAL(decoder.frames, 1);
    CHECK_EQUAL(decoder.length, 0);
    CHECK(decoder.encoded > 0);
    CHECK_EQUAL(press_end(press), 1);
    CHECK(is_empty());
    /* and it can be followed */
    use(text);
    CHECK(feed(10) && bring(press_end) && has_arrived());
    CHECK_EQUAL(decoder.frames, 2);
    stop();
}

/* An end that could not finish goes on with whatever is called next. */
TEST_EACH(lets_nothing_into_a_frame_that_is_being_ended)
{
    unsigned char *bytes;
    ssize_t took;

    use(noise);
    start(kind, PRESS_LEVEL_DEFAULT);
    while ((took = press_feed(press, sample + fed, 1000)) > 0)
        fed += (size_t)took;
    CHECK_EQUAL(took, 0);
    CHECK_EQUAL(press_end(press), 0);
    CHECK_EQUAL(press_feed(press, sample + fed, 1000), 0);
    CHECK_EQUAL(press_flush(press), 0);
    /* a part of it is not enough */
    CHECK(take(press_waiting(press, &bytes) / 2));
    CHECK_EQUAL(press_feed(press, sample + fed, 1000), 0);
    CHECK(take_all());
    CHECK(feed(1000));
    CHECK(bring(press_end));
    CHECK(has_arrived());
    CHECK_EQUAL(decoder.frames, 2);
    stop();
}

/* How large the sample comes out, flushed every so many bytes. */
static size_t size_flushed_every(enum press_kind kind, size_t every)
{
    size_t size;

    start(kind, PRESS_LEVEL_DEFAULT);
    while (fed < SAMPLE && !test_failed) {
        CHECK(feed(every < SAMPLE - fed ? every : SAMPLE - fed));
        CHECK(bring(press_flush));
    }
    CHECK(bring(press_end));
    CHECK(has_arrived());
    size = decoder.encoded;
    stop();
    return size;
}

TEST_EACH(loses_less_than_2_percent_by_a_flush_every_MiB)
{
    size_t whole;

    use(text);
    whole = size_flushed_every(kind, SAMPLE);
    CHECK(whole < SAMPLE / 2);
    CHECK(size_flushed_every(kind, MIB) <= whole + whole / 50);
}
