#include "file/rotated_name.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { US_PER_SECOND = 1000000, TIME_LENGTH = ROTATED_MORE - 1 };

static const char time_form[] = "ddddddddTdddddd.ddddddZ"; /* d: a digit */
_Static_assert(sizeof time_form - 1 == TIME_LENGTH, "the form is that of the whole time");

static const char *suffix_of(const char *name)
{
    static const char *const suffixes[] = {".gz", ".zst"};
    const size_t length = strlen(name);
    size_t i;

    for (i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        const size_t tail = strlen(suffixes[i]);

        if (length > tail && strcmp(name + length - tail, suffixes[i]) == 0)
            return suffixes[i];
    }
    return "";
}

void rotated_of(struct rotated *rotated, const char *name)
{
    const char *suffix = suffix_of(name);

    *rotated =
        (struct rotated){.name = name, .stem = strlen(name) - strlen(suffix), .suffix = suffix};
}

static void print_time(uint64_t time, char text[TIME_LENGTH + 1])
{
    const time_t seconds = (time_t)(time / US_PER_SECOND);
    struct tm parts;
    size_t length;

    assert(time <= ROTATED_LAST);
    gmtime_r(&seconds, &parts);
    length = strftime(text, TIME_LENGTH + 1, "%Y%m%dT%H%M%S", &parts);
    snprintf(text + length, TIME_LENGTH + 1 - length, ".%06" PRIu32 "Z",
             (uint32_t)(time % US_PER_SECOND));
}

void rotated_name(const struct rotated *rotated, uint64_t time, char *text, size_t room)
{
    char middle[TIME_LENGTH + 1];
    int length;

    print_time(time, middle);
    length = snprintf(text, room, "%.*s.%s%s", (int)rotated->stem, rotated->name, middle,
                      rotated->suffix);
    assert(length > 0 && (size_t)length < room);
    (void)length;
}

static bool has_form(const char text[TIME_LENGTH])
{
    size_t i;

    for (i = 0; i < TIME_LENGTH; i++) {
        const bool is_digit = text[i] >= '0' && text[i] <= '9';

        if (time_form[i] == 'd' ? !is_digit : text[i] != time_form[i])
            return false;
    }
    return true;
}

static int number(const char *digits, size_t count)
{
    int value = 0;

    while (count-- > 0)
        value = value * 10 + (*digits++ - '0');
    return value;
}

/* Only what is printed again as it was: there is no 31st of June. */
static bool parse_time(const char text[TIME_LENGTH], uint64_t *time)
{
    char again[TIME_LENGTH + 1];
    struct tm parts = {0};
    time_t seconds;

    if (!has_form(text))
        return false;
    parts.tm_year = number(text, 4) - 1900;
    parts.tm_mon = number(text + 4, 2) - 1;
    parts.tm_mday = number(text + 6, 2);
    parts.tm_hour = number(text + 9, 2);
    parts.tm_min = number(text + 11, 2);
    parts.tm_sec = number(text + 13, 2);
    seconds = timegm(&parts);
    if (seconds < 0 || (uint64_t)seconds > ROTATED_LAST / US_PER_SECOND)
        return false;
    *time = (uint64_t)seconds * US_PER_SECOND + (uint64_t)number(text + 16, 6);
    print_time(*time, again);
    return memcmp(again, text, TIME_LENGTH) == 0;
}

bool rotated_time(const struct rotated *rotated, const char *text, uint64_t *time)
{
    const size_t stem = rotated->stem;

    return strlen(text) == strlen(rotated->name) + ROTATED_MORE &&
           memcmp(text, rotated->name, stem) == 0 && text[stem] == '.' &&
           parse_time(text + stem + 1, time) &&
           strcmp(text + stem + ROTATED_MORE, rotated->suffix) == 0;
}
