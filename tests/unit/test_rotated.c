/* The names of rotated files: what is printed is what is parsed, and nothing else is. */
#include "check.h"
#include "file/rotated_name.h"

#include <stdlib.h>
#include <string.h>

#define MOMENT UINT64_C(1795285923123456) /* 2026-11-21T18:32:03.123456Z */

static char text[400];

static const char *named(const char *name, uint64_t time)
{
    struct rotated rotated;

    rotated_of(&rotated, name);
    rotated_name(&rotated, time, text, sizeof text);
    return text;
}

static bool is_rotated(const char *name, const char *other)
{
    struct rotated rotated;
    uint64_t time;

    rotated_of(&rotated, name);
    return rotated_time(&rotated, other, &time);
}

TEST(the_time_is_behind_the_name_but_in_front_of_gz_and_zst)
{
    CHECK_TEXT(named("app.log", MOMENT), "app.log.20261121T183203.123456Z");
    CHECK_TEXT(named("app.log.zst", MOMENT), "app.log.20261121T183203.123456Z.zst");
    CHECK_TEXT(named("a.gz", MOMENT), "a.20261121T183203.123456Z.gz");
    CHECK_TEXT(named("a.gz.zst", MOMENT), "a.gz.20261121T183203.123456Z.zst");
    CHECK_TEXT(named("agz", MOMENT), "agz.20261121T183203.123456Z");
    CHECK_TEXT(named(".gz", MOMENT), ".gz.20261121T183203.123456Z");
    CHECK_TEXT(named("%s\n\xff", MOMENT), "%s\n\xff.20261121T183203.123456Z");
    CHECK_TEXT(named("a", 0), "a.19700101T000000.000000Z");
    CHECK_TEXT(named("a", ROTATED_LAST), "a.99991231T235959.999999Z");
}

TEST(what_is_printed_is_parsed_and_later_names_are_greater)
{
    static const char *const names[] = {"app.log", "app.log.zst", "x.gz", ".", "%n"};
    struct rotated rotated;
    char before[400];
    uint64_t time;
    uint64_t at;
    size_t i;

    for (i = 0; i < sizeof names / sizeof names[0]; i++) {
        rotated_of(&rotated, names[i]);
        before[0] = '\0';
        for (at = i; at <= ROTATED_LAST; at += at / 40 + 1) {
            rotated_name(&rotated, at, text, sizeof text);
            CHECK_EQUAL(strlen(text), strlen(names[i]) + ROTATED_MORE);
            CHECK(rotated_time(&rotated, text, &time) && time == at);
            CHECK(strcmp(text, before) > 0);
            snprintf(before, sizeof before, "%s", text);
        }
    }
}

TEST(nothing_else_is_ours)
{
    static const char *const foreign[] = {
        "",
        "app.log",
        "app.log.",
        "app.log.1",
        "app.log.zst",
        "app.log.20261121T183203.123456Z.zst",
        "app.log.20261121T183203.123456Z.bak",
        "app.log.20261121T183203.123456",
        "app.log.20261121T183203.123456z",
        "app.log.20261121t183203.123456Z",
        "app.log.20261121T183203,123456Z",
        "app.log.20261121T183203.12345Z",
        "app.log.20261121T183203.1234567Z",
        "app.log.2026112 T183203.123456Z",
        "app.log.+2026112T183203.123456Z",
        "app.log.20261121T183203.-23456Z",
        "app.log.20261321T183203.123456Z", /* no such month, day, hour, minute, second */
        "app.log.20260021T183203.123456Z",
        "app.log.20260631T183203.123456Z",
        "app.log.20260600T183203.123456Z",
        "app.log.20270229T183203.123456Z",
        "app.log.20261121T243203.123456Z",
        "app.log.20261121T186003.123456Z",
        "app.log.20261121T183260.123456Z",
        "app.log.19691231T235959.999999Z",
        "app.log.00000000T000000.000000Z",
        "app.log_20261121T183203.123456Z",
        "app.lox.20261121T183203.123456Z",
        "App.log.20261121T183203.123456Z",
        "xapp.log.20261121T183203.123456Z",
        "app.log.20261121T183203.123456Z.20261121T183203.123456Z",
    };
    size_t i;

    CHECK(is_rotated("app.log", "app.log.20261121T183203.123456Z"));
    for (i = 0; i < sizeof foreign / sizeof foreign[0]; i++) {
        if (is_rotated("app.log", foreign[i]))
            printf("# taken for one of ours: %s\n", foreign[i]);
        CHECK(!is_rotated("app.log", foreign[i]));
    }
    CHECK(is_rotated("app.log.zst", "app.log.20261121T183203.123456Z.zst"));
    CHECK(!is_rotated("app.log.zst", "app.log.20261121T183203.123456Z.zsu"));
    CHECK(!is_rotated("app.log.zst", "app.log.zst.20261121T183203.123456Z"));
    CHECK(!is_rotated("app.log.zst", "app.log.20261121T183203.123456Z"));
    CHECK(!is_rotated("app.log.gz", "app.log.20261121T183203.123456Z.zst"));
}

TEST(any_changed_byte_makes_it_foreign_or_another_time)
{
    struct rotated rotated;
    char good[400];
    uint64_t time;
    size_t i;
    int byte;

    rotated_of(&rotated, "a.gz");
    snprintf(good, sizeof good, "%s", named("a.gz", MOMENT));
    for (i = 0; i < strlen(good); i++) {
        for (byte = 0; byte < 256; byte++) {
            snprintf(text, sizeof text, "%s", good);
            text[i] = (char)byte;
            if (!rotated_time(&rotated, text, &time) || text[i] == good[i])
                continue;
            CHECK(time != MOMENT);
            rotated_name(&rotated, time, text, sizeof text);
            CHECK_EQUAL((unsigned char)text[i], byte);
        }
    }
}
