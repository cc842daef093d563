/*
 * The dropper: whatever is dropped, lines come out whole, in order and once, and what is missing is
 * counted and marked where it is missing.
 */
#include "check.h"
#include "input/line_dropper.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { LINES_MAX = 4000, TEXT_MAX = 1 << 21, STORE_MAX = 1 << 16 };

/* What goes in: lines of which each begins with its number, and what has come out of them. */
struct stream {
    char text[TEXT_MAX];
    size_t length;
    size_t starts[LINES_MAX + 1];
    size_t lines;
    char delimiter;

    char out[TEXT_MAX];
    size_t out_length;
};

static struct stream stream;
static unsigned char store[STORE_MAX];

static uint32_t random_state;

static uint32_t any(uint32_t below)
{
    random_state = random_state * 1664525 + 1013904223;
    return (uint32_t)((uint64_t)(random_state >> 8) * below >> 24);
}

static void make_lines(size_t count, uint32_t longest, char delimiter, bool ends)
{
    size_t i;

    stream.length = stream.out_length = 0;
    stream.lines = count;
    stream.delimiter = delimiter;
    for (i = 0; i < count; i++) {
        const uint32_t length = any(8) ? any(20) : any(longest);

        stream.starts[i] = stream.length;
        stream.length += (size_t)sprintf(stream.text + stream.length, "%zu", i);
        memset(stream.text + stream.length, '.', length);
        stream.length += length;
        stream.text[stream.length++] = delimiter;
    }
    if (!ends)
        stream.length--;
    stream.starts[count] = stream.length;
}

static void put_out(const unsigned char *bytes, size_t length)
{
    memcpy(stream.out + stream.out_length, bytes, length);
    stream.out_length += length;
}

/* "1,234" at *TEXT, which goes on behind it. */
static uint64_t read_number(const char **text)
{
    uint64_t number = 0;

    for (; (**text >= '0' && **text <= '9') || **text == ','; ++*text) {
        if (**text != ',')
            number = number * 10 + (uint64_t)(**text - '0');
    }
    return number;
}

/* What came out, as it is read: which line has to be next, what has been found missing. */
struct reading {
    size_t next;
    struct gap marked; /* by the marker before this line */
    struct gap missing;
    uint64_t marks; /* bytes */
    uint64_t lines;
    uint64_t bytes;
    bool has_marks;
    bool is_wrong;
};

/* The next line that is there is line NUMBER: are the missing ones those that were marked? */
static void skip_to(struct reading *reading, size_t number)
{
    struct gap gap;

    if (number < reading->next || number > stream.lines) {
        reading->is_wrong = true;
        return;
    }
    gap =
        (struct gap){stream.starts[number] - stream.starts[reading->next], number - reading->next};
    reading->missing.bytes += gap.bytes;
    reading->missing.lines += gap.lines;
    if (reading->has_marks &&
        (gap.bytes != reading->marked.bytes || gap.lines != reading->marked.lines))
        reading->is_wrong = true;
    reading->marked = (struct gap){0};
    reading->next = number;
}

static void read_line(struct reading *reading, const char *text, size_t length)
{
    size_t number;

    if (length > 9 && memcmp(text, "slabcat: ", 9) == 0) {
        const char *at = text + 9;

        reading->marks += length;
        reading->marked.lines += read_number(&at);
        at = strchr(at, '(') + 1;
        reading->marked.bytes += read_number(&at);
        return;
    }
    number = strtoul(text, NULL, 10);
    skip_to(reading, number);
    if (reading->is_wrong || number >= stream.lines ||
        length != stream.starts[number + 1] - stream.starts[number] ||
        memcmp(text, stream.text + stream.starts[number], length) != 0)
        reading->is_wrong = true;
    reading->next = number + 1;
    reading->lines++;
    reading->bytes += length;
}

static struct reading read_out(bool has_marks)
{
    struct reading reading = {.has_marks = has_marks};
    size_t at = 0;

    while (at < stream.out_length && !reading.is_wrong) {
        const char *const text = stream.out + at;
        const char *const end = memchr(text, stream.delimiter, stream.out_length - at);
        const size_t length = end ? (size_t)(end - text) + 1 : stream.out_length - at;

        stream.out[stream.out_length] = stream.delimiter;
        read_line(&reading, text, length);
        at += length;
    }
    skip_to(&reading, stream.lines);
    return reading;
}

static void check_out(const struct meters *meters, bool has_marks)
{
    const struct reading reading = read_out(has_marks);

    CHECK(!reading.is_wrong);
    CHECK_EQUAL(reading.missing.bytes, counter_look(&meters->dropped));
    CHECK_EQUAL(reading.missing.lines, counter_look(&meters->dropped_lines));
    CHECK_EQUAL(reading.marks, counter_look(&meters->marked));
    CHECK_EQUAL(reading.bytes + reading.missing.bytes, stream.length);
    CHECK_EQUAL(reading.lines + reading.missing.lines, stream.lines);
    CHECK(has_marks || !reading.marks);
}

/* One read of at most MOST bytes from AT on: how many. */
static size_t feed(struct line_dropper *dropper, size_t at, size_t most)
{
    const struct line_dropper_room room = line_dropper_place(dropper, 1);
    size_t part = stream.length - at < room.length ? stream.length - at : room.length;

    CHECK(room.length > 0);
    if (part > most)
        part = most;
    memcpy(room.bytes, stream.text + at, part);
    meters_took(dropper->meters, part);
    line_dropper_took(dropper, part);
    return part;
}

/* One write that takes a part of what there is, or nothing; some of it may be kept for a while. */
static bool drain(struct ring *ring, struct meters *meters, size_t most, size_t *kept)
{
    struct span spans[2];
    const size_t count = ring_take(ring, *kept, spans, 1 + any(2));
    size_t length;

    if (!count)
        return false;
    length = spans[0].length < most ? spans[0].length : most;
    put_out(spans[0].bytes, length);
    counters_count(&meters->out, length);
    *kept += length;
    if (any(3)) {
        ring_release(ring, *kept);
        *kept = 0;
    }
    return true;
}

static void drain_all(struct ring *ring, struct meters *meters, size_t *kept)
{
    while (drain(ring, meters, SIZE_MAX, kept))
        ;
    ring_release(ring, *kept);
    *kept = 0;
}

static void end(struct line_dropper *dropper, struct ring *ring, struct meters *meters,
                size_t *kept)
{
    line_dropper_end(dropper, true);
    while (drain_all(ring, meters, kept), line_dropper_owes_marker(dropper))
        line_dropper_settle(dropper);
    drain_all(ring, meters, kept);
}

static struct ring *make(const struct settings *settings)
{
    struct ring *ring = NULL;

    CHECK(settings->slab_size * settings->slab_count <= STORE_MAX);
    CHECK(ring_make(&ring, settings->slab_count, settings->slab_size, store) == 0);
    return ring;
}

static struct settings any_settings(uint32_t seed)
{
    random_state = seed * 2654435761U + 1;
    return (struct settings){
        .slab_size = seed % 2 ? 256 + any(seed % 4 < 2 ? 20 : 4000) : 1 + any(100),
        .slab_count = 2 + any(8),
        .on_full = seed % 3 ? ON_FULL_DROP_OLDEST : ON_FULL_DROP_NEWEST,
        .mark_gaps = seed % 2,
        .delimiter = seed % 5 ? '\n' : '\0',
    };
}

/* Whatever reader and writer do in turn. */
static void pass(uint32_t seed)
{
    const struct settings settings = any_settings(seed);
    static struct meters meters;
    struct ring *ring = make(&settings);
    const uint32_t haste = 1 + any(6);
    struct line_dropper dropper;
    size_t kept = 0;
    size_t at = 0;

    memset(&meters, 0, sizeof meters);
    make_lines(200 + any(400), (uint32_t)settings.slab_size * (1 + any(12)), settings.delimiter,
               any(2));
    CHECK(line_dropper_start(&dropper, &settings, ring, &meters) == 0);
    while (at < stream.length) {
        at += feed(&dropper, at, 1 + any(any(2) ? 30 : 6000));
        if (any(2))
            line_dropper_publish(&dropper);
        while (any(haste) > 1 && drain(ring, &meters, 1 + any(3000), &kept))
            ;
        CHECK(meters_inside(&meters) <= settings.slab_size * settings.slab_count);
    }
    end(&dropper, ring, &meters, &kept);
    CHECK_EQUAL(meters_inside(&meters), 0);
    CHECK_EQUAL(ring_depth(ring), 0);
    ring_claim(ring); /* what is drained starts again */
    CHECK_EQUAL(ring_vacancy(ring), settings.slab_size * settings.slab_count);
    check_out(&meters, settings.mark_gaps);
    if (test_failed)
        printf("# seed %u\n", seed);
    line_dropper_free(&dropper);
    ring_free(ring);
}

TEST(lines_come_out_whole_in_order_and_are_counted)
{
#ifdef __SANITIZE_THREAD__ /* there is one thread, and it is slow */
    const uint32_t passes = 300;
#else
    const uint32_t passes = 3000;
#endif
    uint32_t seed;

    for (seed = 0; seed < passes && !test_failed; seed++)
        pass(seed);
}

struct taking {
    struct ring *ring;
    struct meters *meters;
    atomic_bool is_over;
};

static void *take_all(void *argument)
{
    struct taking *taking = argument;
    struct span span;
    unsigned turn = 0;

    for (;;) {
        const bool is_over = atomic_load(&taking->is_over);
        size_t length;

        if (!ring_take(taking->ring, 0, &span, 1)) {
            if (is_over)
                return NULL;
            continue;
        }
        turn++;
        length = turn % 3 ? span.length : span.length / 2 + 1;
        put_out(span.bytes, length);
        counters_count(&taking->meters->out, length);
        ring_release(taking->ring, length);
    }
}

static void race(uint32_t seed)
{
    const struct settings settings = any_settings(seed);
    static struct meters meters;
    struct ring *ring = make(&settings);
    struct taking taking = {ring, &meters, false};
    struct line_dropper dropper;
    pthread_t taker;
    size_t at = 0;

    memset(&meters, 0, sizeof meters);
    make_lines(LINES_MAX, 30 + (uint32_t)settings.slab_size * (seed % 2 ? 0 : 3),
               settings.delimiter, true);
    CHECK(line_dropper_start(&dropper, &settings, ring, &meters) == 0);
    CHECK(pthread_create(&taker, NULL, take_all, &taking) == 0);
    while (at < stream.length) {
        at += feed(&dropper, at, 1 + any(300));
        line_dropper_publish(&dropper);
    }
    line_dropper_end(&dropper, true);
    while (line_dropper_owes_marker(&dropper))
        line_dropper_settle(&dropper);
    atomic_store(&taking.is_over, true);
    pthread_join(taker, NULL);
    check_out(&meters, settings.mark_gaps);
    line_dropper_free(&dropper);
    ring_free(ring);
}

TEST(a_writer_takes_while_lines_are_evicted)
{
    uint32_t seed;

    for (seed = 0; seed < 24 && !test_failed; seed++)
        race(seed);
}
