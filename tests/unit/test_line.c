/* The progress line: it fits, it keeps what matters, and it says what is. */
#include "check.h"
#include "sys/clock.h"
#include "watch/line.h"

#include <string.h>

#define MIB (UINT64_C(1) << 20)

static const struct line_view busy = {
    .name = "build",
    .bytes = 1178 * MIB,
    .in_rate = 98 * MIB,
    .out_rate = 97 * MIB,
    .has_ring = true,
    .held = 50,
    .high_water = 100,
    .stalls = 3,
    .elapsed = 3723 * NS_PER_SECOND,
    .expected = 2356 * MIB,
};

TEST(everything_is_there_where_there_is_room)
{
    char line[LINE_ROOM];

    line_compose(&busy, 200, line);
    CHECK_TEXT(line, "build:  1.15GiB    98MiB/s in    97MiB/s out [##########.........|] 3 stalls "
                     "1:02:03 50% ETA "
                     "1:02:03");
}

TEST(what_is_spilled_stands_behind_the_bar_and_goes_after_it)
{
    struct line_view view = busy;
    char line[LINE_ROOM];

    view.spilled = 1536 * MIB;
    line_compose(&view, 200, line);
    CHECK(strstr(line, "|] + 1.5GiB 3 stalls "));
    line_compose(&view, 64, line);
    CHECK(!strstr(line, "["));
    CHECK(strstr(line, "+ 1.5GiB"));
    CHECK(strstr(line, "ETA"));
}

TEST(it_never_exceeds_the_width_while_it_can_be_cut)
{
    char line[LINE_ROOM];
    unsigned width;

    for (width = 0; width < 200; width++) {
        const size_t length = line_compose(&busy, width, line);

        CHECK_EQUAL(length, strlen(line));
        CHECK(length <= width);
        CHECK(width < 8 || strstr(line, "1.15GiB"));
        CHECK(width < 30 || strstr(line, "97MiB/s out"));
    }
}

TEST(what_matters_least_goes_first)
{
    char line[LINE_ROOM];

    line_compose(&busy, 80, line);
    CHECK(!strstr(line, "stalls"));
    CHECK(strstr(line, "ETA"));
    CHECK(strstr(line, "["));
    line_compose(&busy, 60, line);
    CHECK(!strstr(line, " in "));
    CHECK(strstr(line, "ETA"));
}

TEST(what_is_unknown_is_not_said)
{
    const struct line_view start = {.elapsed = NS_PER_SECOND};
    char line[LINE_ROOM];

    line_compose(&start, 80, line);
    CHECK_TEXT(line, "      0B       0B/s in       0B/s out 0:00:01");
}

TEST(an_estimate_that_cannot_be_made_is_not_made)
{
    const struct line_view late = {.bytes = 200, .expected = 100, .elapsed = NS_PER_SECOND};
    const struct line_view slow = {
        .bytes = 1, .expected = UINT64_C(1) << 50, .elapsed = NS_PER_SECOND};
    const struct line_view done = {.bytes = 100, .expected = 100, .elapsed = NS_PER_SECOND};
    const struct line_view nothing = {.expected = 100, .elapsed = NS_PER_SECOND};
    char line[LINE_ROOM];

    line_compose(&late, 80, line);
    CHECK(strstr(line, " 200%"));
    CHECK(!strstr(line, "ETA"));
    line_compose(&done, 80, line);
    CHECK(strstr(line, " 100% ETA 0:00:00"));
    line_compose(&nothing, 80, line);
    CHECK(strstr(line, "0% ETA -:--:--"));
    line_compose(&slow, 80, line);
    CHECK(strstr(line, "0% ETA -:--:--"));
}

TEST(an_output_that_stands_still_is_named)
{
    struct line_view view = busy;
    char line[LINE_ROOM];

    view.stalled = 3250 * NS_PER_MS;
    line_compose(&view, 200, line);
    CHECK(strstr(line, "stalled 3.2s"));
    CHECK(!strstr(line, "3 stalls"));
}

TEST(a_full_ring_is_red_where_colours_are_wanted)
{
    struct line_view view = busy;
    char line[LINE_ROOM];

    view.held = 100;
    line_compose(&view, 80, line);
    CHECK(!strstr(line, "\033"));
    view.has_color = true;
    CHECK(line_compose(&view, 80, line) <= 80 + strlen("\033[31m\033[0m"));
    CHECK(strstr(line, "\033[31m["));
    CHECK(strstr(line, "]\033[0m"));
    view.held = 50;
    line_compose(&view, 80, line);
    CHECK(!strstr(line, "\033"));
}

TEST(a_long_name_is_cut_between_characters)
{
    struct line_view view = busy;
    char line[LINE_ROOM];

    view.name = "äöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöü";
    line_compose(&view, 200, line);
    CHECK(strncmp(line, "äöüäöüäöüäöüäöüäöüäö: ", strlen("äöüäöüäöüäöüäöüäöüäö: ")) == 0);
    view.name = "好好好好好好好好好好好好好好好好好好好好"; /* two columns each */
    line_compose(&view, 200, line);
    CHECK(strncmp(line, "好好好好好好好好好好: ", strlen("好好好好好好好好好好: ")) == 0);
}

TEST(extremes_do_not_overflow_anything)
{
    const struct line_view extreme = {
        .name = "x",
        .bytes = UINT64_MAX,
        .in_rate = UINT64_MAX,
        .out_rate = UINT64_MAX,
        .has_ring = true,
        .held = 100,
        .high_water = 100,
        .stalls = UINT64_MAX,
        .stalled = UINT64_MAX,
        .elapsed = UINT64_MAX,
        .expected = UINT64_MAX,
        .has_color = true,
    };
    char line[LINE_ROOM];
    unsigned width;

    for (width = 1; width < 400; width++)
        CHECK(line_compose(&extreme, width, line) < LINE_ROOM);
}
