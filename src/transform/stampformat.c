#include "transform/stampformat.h"

#include "transform/stamp.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* No conversion is more than five times as long when it has been written out for strftime. */
enum { WRITTEN_OUT_MAX = 6 * STAMP_TEXT_MAX };

/* A part of a format: a conversion, or the text up to the next one. */
struct part {
    size_t length; /* 0: the end, or it is wrong */
    bool is_wrong;
    bool has_micros;
    char conversion; /* its last character; 0: it is text */
};

static bool is_one_of(char character, const char *set)
{
    return character && strchr(set, character);
}

static struct part next_part(const char *format)
{
    const char *const plain = "aAbBcCdDeFgGhHIjmMnprRsStTuUVwWxXyYzZ%";

    if (format[0] != '%')
        return (struct part){.length = strcspn(format, "%")};
    if (is_one_of(format[1], plain))
        return (struct part){.length = 2, .conversion = format[1]};
    if ((format[1] == 'E' && is_one_of(format[2], "cCxXyY")) ||
        (format[1] == 'O' && is_one_of(format[2], "deHImMSuUVwWy")))
        return (struct part){.length = 3, .conversion = format[2]};
    if (format[1] == '.' && is_one_of(format[2], "SsT"))
        return (struct part){.length = 3, .conversion = format[2], .has_micros = true};
    return (struct part){.is_wrong = true};
}

bool stamp_format_has_micros(const char *format)
{
    struct part part = next_part(format);

    while (part.length && !part.has_micros)
        part = next_part(format += part.length);
    return part.has_micros;
}

/*
 * One part as strftime knows it: its length, or -1: no room. %s is written out here because
 * strftime would take DAY for local time, which it need not be.
 */
static int write_part(const char *format, const struct part *part, uint64_t second, uint32_t micros,
                      char *to, size_t room)
{
    char fraction[8] = "";
    int length;

    if (part->has_micros)
        snprintf(fraction, sizeof fraction, ".%06" PRIu32, micros % 1000000);
    if (part->conversion == 's')
        length = snprintf(to, room, "%" PRIu64 "%s", second, fraction);
    else if (part->has_micros)
        length = snprintf(to, room, "%%%c%s", part->conversion, fraction);
    else
        length = part->length < room ? snprintf(to, room, "%.*s", (int)part->length, format) : -1;
    return length >= 0 && (size_t)length < room ? length : -1;
}

size_t stamp_format_print(const char *format, const struct tm *day, uint64_t second,
                          uint32_t micros, char *text, size_t size)
{
    char known[WRITTEN_OUT_MAX];
    size_t at = 0;
    struct part part;

    for (part = next_part(format); part.length; part = next_part(format += part.length)) {
        const int written =
            write_part(format, &part, second, micros, known + at, sizeof known - at);

        if (written < 0)
            return 0;
        at += (size_t)written;
    }
    if (part.is_wrong)
        return 0;
    known[at] = '\0';
    return strftime(text, size, known, day);
}
