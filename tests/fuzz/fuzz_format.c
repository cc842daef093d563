/*
 * The formats of --timestamp: one that is accepted is printed as strftime prints its parts one by
 * one, never more than is promised, in any time zone and for any moment.
 *
 * The first byte chooses the time zone, the next eight the moment; the others are the format.
 */
#include "fuzz.h"

#include "sys/clock.h"
#include "transform/stamp.h"
#include "transform/stampformat.h"

#include <stdbool.h>
#include <string.h>

enum { HEAD = 9, FORMAT_MAX = 512, TEXT_ROOM = 4096 };

static const char *const zones[] = {"UTC0", "CET-1CEST,M3.5.0,M10.5.0/3", "A0000000001A-14",
                                    "<-12>12<+0123456789>-12,J1,J365",
                                    "AAA24AAAAAAAAAAAAAAAAAAAAAAAAAAA-24,M3.2.0,M11.1.0"};

/* What a part of FORMAT, of LENGTH bytes, becomes at that time. */
static size_t print_part(const char *format, size_t length, const struct tm *day, uint64_t second,
                         unsigned micros, char *text, size_t room)
{
    const bool is_ours = length == 3 && format[1] == '.';
    char one[FORMAT_MAX + 2] = "";

    if (format[0] != '%') {
        memcpy(text, format, length);
        return length;
    }
    if (format[length - 1] == 's') {
        snprintf(text, room, "%llu", (unsigned long long)second);
    } else {
        one[0] = '%';
        memcpy(one + 1, format + 1 + is_ours, length - 1 - is_ours);
        if (!strftime(text, room, one, day))
            text[0] = '\0'; /* it is empty */
    }
    if (is_ours)
        snprintf(text + strlen(text), room - strlen(text), ".%06u", micros);
    return strlen(text);
}

static size_t length_of_part(const char *format)
{
    if (format[0] != '%')
        return strcspn(format, "%");
    return format[1] && strchr("EO.", format[1]) ? 3 : 2;
}

static void must_print(const char *format, const struct tm *day, uint64_t second, unsigned micros)
{
    char expected[TEXT_ROOM];
    char text[STAMP_TEXT_MAX + 1];
    size_t length = 0;
    const size_t printed = stamp_format_print(format, day, second, micros, text, sizeof text);
    const char *at = format;

    while (*at && length < TEXT_ROOM / 2) {
        const size_t part = length_of_part(at);

        length += print_part(at, part, day, second, micros, expected + length, TEXT_ROOM / 2);
        at += part;
    }
    if (length > STAMP_TEXT_MAX) { /* in summer the name of a time zone may be longer */
        MUST(printed == 0);
        return;
    }
    MUST(printed == length && memcmp(text, expected, length) == 0);
}

/* A line behind a stamp of that format is as it was. */
static void must_stamp(const char *format, uint64_t real, bool is_local)
{
    static const unsigned char line[] = "a line\n";
    const struct stamp_settings settings = {
        .kind = STAMP_FORMAT, .format = format, .is_local = is_local, .delimiter = '\n'};
    const struct arrival now = {.real = real};
    unsigned char out[2 * STAMP_TEXT_MAX];
    struct stamp stamp;
    size_t used;
    size_t made;

    stamp_start(&stamp, &settings, 0);
    made = stamp_bytes(&stamp, line, sizeof line - 1, 0, &now, &now, out, sizeof out, &used);
    MUST(used == sizeof line - 1 && made > used && made <= used + STAMP_TEXT_MAX + 1);
    MUST(memcmp(out + made - used, line, used) == 0 && out[made - used - 1] == ' ');
}

static void check(const char *format, uint64_t real)
{
    const uint64_t second = real / NS_PER_SECOND;
    const unsigned micros = (unsigned)(real % NS_PER_SECOND / NS_PER_US);
    const time_t time = (time_t)second;
    struct tm day;

    if (stamp_check_format(format) != 0)
        return;
    MUST(gmtime_r(&time, &day));
    must_print(format, &day, second, micros);
    MUST(localtime_r(&time, &day));
    must_print(format, &day, second, micros);
    must_stamp(format, real, false);
    must_stamp(format, real, true);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char format[FORMAT_MAX + 1] = "";
    uint64_t real;

    if (size < HEAD)
        return 0;
    memcpy(&real, data + 1, sizeof real);
    memcpy(format, data + HEAD, size - HEAD < FORMAT_MAX ? size - HEAD : FORMAT_MAX);
    setenv("TZ", zones[data[0] % (sizeof zones / sizeof zones[0])], 1);
    tzset();
    check(format, real);
    return 0;
}
