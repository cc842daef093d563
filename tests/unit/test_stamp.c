/* Stamp: what stands in front of which line, wherever reads cut the input and room ends. */
#include "transform/stamp.h"

#include "chance.h"
#include "check.h"
#include "slow.h"
#include "sys/clock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 16384 };

/* 2026-11-21T18:32:03.123456789Z */
static const uint64_t some_day = 1795285923123456789;
static const uint64_t start = 1000 * NS_PER_SECOND;

static struct arrival arrival_after(uint64_t ns)
{
    return (struct arrival){some_day + ns, start + ns};
}

static void zone(const char *name)
{
    setenv("TZ", name, 1);
    tzset();
}

/* What one stamp has made of what has been given to it. */
struct stamping {
    struct stamp stamp;
    char out[TEXT_MAX];
    size_t length;
};

static void begin(struct stamping *stamping, struct stamp_settings settings)
{
    if (!settings.delimiter)
        settings.delimiter = '\n';
    stamp_start(&stamping->stamp, &settings, start);
    stamping->length = 0;
}

/*
 * One call, with as much room as that and no byte more; how many bytes were used. Something must go
 * on.
 */
static size_t give_some(struct stamping *stamping, const char *bytes, size_t length, size_t early,
                        const struct arrival *first, const struct arrival *now, size_t room)
{
    unsigned char *in = malloc(length ? length : 1);
    unsigned char *out = malloc(room ? room : 1);
    size_t used = SIZE_MAX;
    size_t made;

    memcpy(in, bytes, length);
    made = stamp_bytes(&stamping->stamp, in, length, early, first, now, out, room, &used);
    CHECK(used <= length && made <= room && (made > 0) == (length > 0 && room > 0));
    memcpy(stamping->out + stamping->length, out, made);
    stamping->length += made;
    stamping->out[stamping->length] = '\0';
    free(in);
    free(out);
    return used;
}

/* All of them, of which the first EARLY came at FIRST, ROOM by ROOM. */
static void give_early(struct stamping *stamping, const char *bytes, size_t length, size_t early,
                       struct arrival first, struct arrival now, size_t room)
{
    while (length && !test_failed) {
        const size_t used = give_some(stamping, bytes, length, early, &first, &now, room);

        bytes += used;
        length -= used;
        early = early > used ? early - used : 0;
    }
}

static void give(struct stamping *stamping, const char *text, struct arrival now)
{
    give_early(stamping, text, strlen(text), 0, now, now, TEXT_MAX / 2);
}

/* TEXT, come as a whole. */
static const char *stamped(struct stamp_settings settings, const char *text)
{
    static struct stamping stamping;

    begin(&stamping, settings);
    give(&stamping, text, arrival_after(2 * NS_PER_SECOND));
    return stamping.out;
}

TEST(each_kind_has_its_text)
{
    static const struct {
        enum stamp_kind kind;
        const char *text;
    } cases[] = {
        {STAMP_ISO, "2026-11-21T18:32:05Z x\n"}, {STAMP_ISO_US, "2026-11-21T18:32:05.123456Z x\n"},
        {STAMP_UNIX, "1795285925.123456 x\n"},   {STAMP_ELAPSED, "2.000000 x\n"},
        {STAMP_DELTA, "2.000000 x\n"},           {STAMP_NONE, "x\n"},
    };
    size_t i;

    for (i = 0; i < sizeof cases / sizeof cases[0]; i++)
        CHECK_TEXT(stamped((struct stamp_settings){.kind = cases[i].kind}, "x\n"), cases[i].text);
}

TEST(local_time_says_how_far_from_utc_it_is)
{
    struct stamp_settings settings = {.kind = STAMP_ISO, .is_local = true};

    zone("EAST-5:30");
    CHECK_TEXT(stamped(settings, "x"), "2026-11-22T00:02:05+05:30 x");
    zone("WEST3:30");
    CHECK_TEXT(stamped(settings, "x"), "2026-11-21T15:02:05-03:30 x");
    settings.kind = STAMP_ISO_US;
    zone("UTC0");
    CHECK_TEXT(stamped(settings, "x"), "2026-11-21T18:32:05.123456+00:00 x");
    settings.kind = STAMP_FORMAT;
    settings.format = "%H:%M %z %Z %s";
    zone("WEST3:30");
    CHECK_TEXT(stamped(settings, "x"), "15:02 -0330 WEST 1795285925 x");
    settings.is_local = false;
    CHECK_TEXT(stamped(settings, "x"), "18:32 +0000 GMT 1795285925 x");
    settings.kind = STAMP_ISO;
    CHECK_TEXT(stamped(settings, "x"), "2026-11-21T18:32:05Z x");
    zone("UTC0");
}

TEST(a_format_is_strftimes_and_has_microseconds_besides)
{
    static const char *const cases[][2] = {
        {"[%F %T]", "[2026-11-21 18:32:05] x"},
        {"%a %d %b %Y, %e", "Sat 21 Nov 2026, 21 x"},
        {"%.S", "05.123456 x"},
        {"%H:%M:%.S|%.T|%.s", "18:32:05.123456|18:32:05.123456|1795285925.123456 x"},
        {"%s %Ey %OS 100%% %n%t", "1795285925 26 05 100% \n\t x"},
        {"%%.S%%s", "%.S%s x"},
    };
    size_t i;

    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct stamp_settings settings = {.kind = STAMP_FORMAT, .format = cases[i][0]};

        CHECK_EQUAL(stamp_check_format(cases[i][0]), 0);
        CHECK_TEXT(stamped(settings, "x"), cases[i][1]);
    }
}

TEST(formats_that_cannot_be_printed_are_refused)
{
    static const char *const wrong[] = {"",    "%",   "x%",  "%T%",  "%q",  "%E",   "%O",   "%Ed",
                                        "%OY", "%EE", "%.",  "%.H",  "%5d", "%-d",  "%+",   "%N",
                                        "%k",  "%P",  "%_d", "%E.S", "%..", "%.ES", "%% %", "%\n"};
    size_t i;

    for (i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        CHECK_EQUAL(-stamp_check_format(wrong[i]), EINVAL);
        if (test_failed)
            printf("# %s\n", wrong[i]);
    }
    CHECK_EQUAL(stamp_check_format("%a%A%b%B%c%C%d%D%e%F%g%G%h%H%I%j%m%M%n%p"), 0);
    CHECK_EQUAL(stamp_check_format("%r%R%s%S%t%T%u%U%V%w%W%x%X%y%Y%z%Z%%"), 0);
    CHECK_EQUAL(stamp_check_format("%Ec%EC%Ex%EX%Ey%EY%Od%Oe%OH%OI%Om%OM%OS%Ou%OU%OV%Ow%OW%Oy"), 0);
}

TEST(the_text_of_a_format_has_a_longest_length)
{
    char format[4 * STAMP_TEXT_MAX];
    char expected[STAMP_TEXT_MAX + 3];
    size_t i;

    memset(format, '.', sizeof format);
    format[STAMP_TEXT_MAX] = '\0';
    CHECK_EQUAL(stamp_check_format(format), 0);
    memcpy(expected, format, STAMP_TEXT_MAX);
    memcpy(expected + STAMP_TEXT_MAX, " x", 3);
    CHECK_TEXT(stamped((struct stamp_settings){.kind = STAMP_FORMAT, .format = format}, "x"),
               expected);
    memcpy(format + STAMP_TEXT_MAX, ".", 2);
    CHECK_EQUAL(-stamp_check_format(format), EINVAL);
    /* the longest day and month decide, not those of some day: 14 times 18, and 4 more fit */
    for (i = 0; i < 14; i++)
        memcpy(format + 4 * i, "%A%B", 4);
    memcpy(format + 4 * i, "12345", 6);
    CHECK_EQUAL(-stamp_check_format(format), EINVAL);
    format[4 * i + 4] = '\0';
    CHECK_EQUAL(stamp_check_format(format), 0);
    /* long as a format, and as what strftime is given */
    for (i = 0; i < sizeof format / 2 - 1; i++)
        memcpy(format + 2 * i, "%s", 3);
    CHECK_EQUAL(-stamp_check_format(format), EINVAL);
}

TEST(a_zone_whose_name_grows_overwrites_nothing)
{
    char name[2 * STAMP_TEXT_MAX];
    const struct stamp_settings settings = {.kind = STAMP_FORMAT, .format = "%Z", .is_local = true};

    memset(name, 'A', sizeof name);
    name[0] = '<';
    memcpy(name + sizeof name - 3, ">0", 3);
    zone(name);
    CHECK_EQUAL(-stamp_check_format("%Z"), EINVAL);
    CHECK_TEXT(stamped(settings, "x"), "2026-11-21T18:32:05+00:00 x");
    zone("UTC0");
}

TEST(a_prefix_stands_behind_the_time_as_it_is)
{
    char prefix[STAMP_TEXT_MAX + 2];
    char expected[sizeof prefix + 20];
    struct stamp_settings settings = {.kind = STAMP_ELAPSED, .prefix = "web: "};

    CHECK_TEXT(stamped(settings, "a\nb\n"), "2.000000 web: a\n2.000000 web: b\n");
    settings.kind = STAMP_NONE;
    CHECK_TEXT(stamped(settings, "a\n\nb"), "web: a\nweb: \nweb: b");
    memset(prefix, 'p', sizeof prefix);
    prefix[STAMP_TEXT_MAX] = '\0';
    snprintf(expected, sizeof expected, "2.000000 %s\n", prefix);
    prefix[STAMP_TEXT_MAX] = 'p';
    prefix[STAMP_TEXT_MAX + 1] = '\0';
    settings.kind = STAMP_ELAPSED;
    settings.prefix = prefix;
    CHECK_TEXT(stamped(settings, "\n"), expected);
}

TEST(each_line_is_stamped_with_the_time_of_its_first_byte)
{
    static struct stamping stamping;

    begin(&stamping, (struct stamp_settings){.kind = STAMP_ISO});
    CHECK(stamp_is_between_lines(&stamping.stamp));
    give(&stamping, "a", arrival_after(0));
    CHECK(!stamp_is_between_lines(&stamping.stamp));
    give(&stamping, "b\n", arrival_after(NS_PER_SECOND));
    CHECK(stamp_is_between_lines(&stamping.stamp));
    give(&stamping, "\nc", arrival_after(60 * NS_PER_SECOND));
    give(&stamping, "\n", arrival_after(3600 * NS_PER_SECOND));
    CHECK_TEXT(stamping.out, "2026-11-21T18:32:03Z ab\n2026-11-21T18:33:03Z \n"
                             "2026-11-21T18:33:03Z c\n");
}

TEST(lines_that_begin_in_the_early_bytes_came_earlier)
{
    static const struct {
        size_t early;
        const char *out;
    } cases[] = {
        {0, "4.000000 a\n4.000000 \n4.000000 c"}, {1, "1.000000 a\n4.000000 \n4.000000 c"},
        {2, "1.000000 a\n4.000000 \n4.000000 c"}, {3, "1.000000 a\n1.000000 \n4.000000 c"},
        {4, "1.000000 a\n1.000000 \n1.000000 c"},
    };
    const struct arrival first = arrival_after(NS_PER_SECOND);
    const struct arrival now = arrival_after(4 * NS_PER_SECOND);
    static struct stamping stamping;
    size_t room;
    size_t i;

    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (room = 1; room < 40; room++) {
            begin(&stamping, (struct stamp_settings){.kind = STAMP_ELAPSED});
            give_early(&stamping, "a\n\nc", 4, cases[i].early, first, now, room);
            CHECK_TEXT(stamping.out, cases[i].out);
        }
    }
}

TEST(a_delta_is_the_time_since_the_line_before)
{
    static struct stamping stamping;

    begin(&stamping, (struct stamp_settings){.kind = STAMP_DELTA});
    give(&stamping, "a\nb", arrival_after(1500 * NS_PER_MS));
    give(&stamping, "b\n", arrival_after(2000 * NS_PER_MS));
    give(&stamping, "c\n", arrival_after(2500 * NS_PER_MS));
    give(&stamping, "d\ne\n", arrival_after(2500 * NS_PER_MS));
    give(&stamping, "f\n", arrival_after(4500 * NS_PER_MS + 7999));
    CHECK_TEXT(stamping.out, "1.500000 a\n0.000000 bb\n1.000000 c\n0.000000 d\n0.000000 e\n"
                             "2.000007 f\n");
}

TEST(a_wall_clock_that_is_set_back_is_nothing_to_delta_and_elapsed)
{
    const struct arrival set_back = {5, start + NS_PER_SECOND};
    const struct arrival before_start = {5, start - 1};
    static struct stamping stamping;

    begin(&stamping, (struct stamp_settings){.kind = STAMP_DELTA});
    give(&stamping, "a\n", arrival_after(NS_PER_MS));
    give(&stamping, "b\n", set_back);
    give(&stamping, "c\n", before_start);
    CHECK_TEXT(stamping.out, "0.001000 a\n0.999000 b\n0.000000 c\n");
    begin(&stamping, (struct stamp_settings){.kind = STAMP_ELAPSED});
    give(&stamping, "a\n", set_back);
    give(&stamping, "b\n", before_start);
    CHECK_TEXT(stamping.out, "1.000000 a\n0.000000 b\n");
    begin(&stamping, (struct stamp_settings){.kind = STAMP_ISO_US});
    give(&stamping, "a\n", set_back);
    give(&stamping, "b\n", (struct arrival){UINT64_MAX, UINT64_MAX});
    CHECK_TEXT(stamping.out, "1970-01-01T00:00:00.000000Z a\n2554-07-21T23:34:33.709551Z b\n");
}

TEST(lines_may_end_with_something_else)
{
    const char in[] = "a\n\0\0b";
    const char expected[] = "> a\n\0> \0> b";
    static struct stamping stamping;
    const struct stamp_settings settings = {.prefix = "> ", .delimiter = '\0'};

    stamp_start(&stamping.stamp, &settings, start);
    stamping.length = 0;
    give_early(&stamping, in, sizeof in - 1, 0, arrival_after(0), arrival_after(0), 100);
    CHECK_EQUAL(stamping.length, sizeof expected - 1);
    CHECK(memcmp(stamping.out, expected, sizeof expected - 1) == 0);
}

static const char nasty[] = "one\n\n\ntwo and more\r\nth\xff ree\n\n x\nand no end";

TEST(it_does_not_matter_where_reads_cut)
{
    const struct stamp_settings settings = {.kind = STAMP_ISO_US, .prefix = "p "};
    const struct arrival now = arrival_after(0);
    const size_t length = sizeof nasty - 1;
    static struct stamping stamping;
    static char whole[TEXT_MAX];
    size_t cut;
    size_t next;

    snprintf(whole, sizeof whole, "%s", stamped(settings, nasty));
    for (cut = 0; cut <= length; cut++) {
        for (next = cut; next <= length; next++) {
            const struct arrival then = arrival_after(2 * NS_PER_SECOND);

            begin(&stamping, settings);
            give_early(&stamping, nasty, cut, 0, now, then, 7);
            give_early(&stamping, nasty + cut, next - cut, 0, now, then, TEXT_MAX / 2);
            give_early(&stamping, nasty + next, length - next, length, then, now, 1);
            CHECK_TEXT(stamping.out, whole);
        }
    }
}

/* What should come: each line's text, made by hand from when its first byte came. */
static size_t expect_delta(const char *in, size_t length, const uint64_t *came, char *out)
{
    uint64_t last = 0;
    size_t made = 0;
    size_t i;

    for (i = 0; i < length; i++) {
        if (i == 0 || in[i - 1] == '\n') {
            made += (size_t)sprintf(out + made, "%.6f ", (double)(came[i] - last) / 1e6);
            last = came[i];
        }
        out[made++] = in[i];
    }
    return made;
}

TEST(random_reads_and_rooms_come_out_as_told_by_hand)
{
    uint64_t seed = 11;
    int round;

    for (round = 0; round < 2000 && !test_failed; round++) {
        static struct stamping stamping;
        static char expected[TEXT_MAX];
        char in[300];
        uint64_t came[sizeof in];
        const size_t length = any(&seed, sizeof in) + 1;
        uint64_t now = 0; /* in us */
        size_t at = 0;
        size_t i;

        begin(&stamping, (struct stamp_settings){.kind = STAMP_DELTA});
        for (i = 0; i < length; i++)
            in[i] = (char)(any(&seed, 4) ? 'a' + any(&seed, 26) : '\n');
        while (at < length && !test_failed) {
            /* the first of them may have been held since some time ago */
            const uint64_t then = now;
            const size_t count = 1 + any(&seed, length - at);
            const size_t early = any(&seed, 2) ? any(&seed, count + 1) : 0;

            now += any(&seed, 3000000);
            for (i = 0; i < count; i++)
                came[at + i] = i < early ? then : now;
            give_early(&stamping, in + at, count, early, arrival_after(then * NS_PER_US),
                       arrival_after(now * NS_PER_US), 1 + any(&seed, 60));
            at += count;
        }
        CHECK_EQUAL(stamping.length, expect_delta(in, length, came, expected));
        CHECK(memcmp(stamping.out, expected, stamping.length) == 0);
    }
}

/* 10 MB of one byte with so much ROOM for each call: the seconds of CPU time that takes. */
static double seconds_for(char byte, size_t room)
{
    enum { LENGTH = 10 << 20 };
    const struct stamp_settings settings = {.kind = STAMP_ISO, .delimiter = '\n'};
    const struct arrival now = arrival_after(0);
    const clock_t before = clock();
    unsigned char *in = malloc(LENGTH);
    unsigned char *out = malloc(room);
    struct stamp stamp;
    size_t at = 0;
    size_t used;

    memset(in, byte, LENGTH);
    stamp_start(&stamp, &settings, start);
    for (; at < LENGTH; at += used)
        stamp_bytes(&stamp, in + at, LENGTH - at, 0, &now, &now, out, room, &used);
    free(in);
    free(out);
    return (double)(clock() - before) / CLOCKS_PER_SEC;
}

TEST(time_is_linear_whatever_comes)
{
    CHECK(seconds_for('x', 1 << 16) < 2 * slow());
    CHECK(seconds_for('x', 64) < 2 * slow());
    CHECK(seconds_for('\n', 1 << 16) < 5 * slow());
}
