#include "transform/stamp.h"

#include "sys/clock.h"
#include "transform/stampformat.h"

#include <errno.h>
#include <string.h>

static const uint64_t us_per_second = NS_PER_SECOND / NS_PER_US;

int stamp_check_format(const char *format)
{
    /* the last second that an arrival can tell, on a day with a long name in a month with one */
    const time_t late = (time_t)(UINT64_MAX / NS_PER_SECOND);
    char text[STAMP_TEXT_MAX + 1];
    struct tm days[2];
    size_t i;

    if (!gmtime_r(&late, &days[0]) || !localtime_r(&late, &days[1]))
        return -EINVAL;
    for (i = 0; i < 2; i++) {
        days[i].tm_wday = 3; /* Wednesday */
        days[i].tm_mon = 8;  /* September */
        if (!stamp_format_print(format, &days[i], (uint64_t)late, 0, text, sizeof text))
            return -EINVAL;
    }
    return 0;
}

static bool tells_micros(const struct stamp_settings *settings)
{
    switch (settings->kind) {
    case STAMP_ISO_US:
    case STAMP_UNIX:
    case STAMP_ELAPSED:
    case STAMP_DELTA: return true;
    case STAMP_FORMAT: return stamp_format_has_micros(settings->format);
    case STAMP_NONE:
    case STAMP_ISO: break;
    }
    return false;
}

void stamp_start(struct stamp *stamp, const struct stamp_settings *settings, uint64_t now)
{
    *stamp = (struct stamp){
        .settings = *settings, .has_micros = tells_micros(settings), .began = now, .last = now};
    /* localtime_r alone need not look at TZ */
    if (settings->is_local)
        tzset();
}

bool stamp_is_between_lines(const struct stamp *stamp)
{
    return !stamp->is_in_line;
}

static uint64_t time_between(uint64_t from, uint64_t until)
{
    return until > from ? until - from : 0;
}

/* What the text for a line that arrived at AT tells, in the text's unit. */
static uint64_t moment_of(const struct stamp *stamp, const struct arrival *at)
{
    uint64_t ns = at->real;

    if (stamp->settings.kind == STAMP_NONE)
        return 0;
    if (stamp->settings.kind == STAMP_ELAPSED)
        ns = time_between(stamp->began, at->clock);
    else if (stamp->settings.kind == STAMP_DELTA)
        ns = time_between(stamp->last, at->clock);
    return stamp->has_micros ? ns / NS_PER_US : ns / NS_PER_SECOND;
}

static void find_day(struct stamp *stamp, uint64_t second)
{
    const time_t time = (time_t)second;

    if (stamp->has_day && stamp->second == second)
        return;
    if (!(stamp->settings.is_local ? localtime_r : gmtime_r)(&time, &stamp->day))
        stamp->day = (struct tm){.tm_mday = 1};
    stamp->second = second;
    stamp->has_day = true;
}

static void put(struct stamp *stamp, const char *text, size_t length)
{
    memcpy(stamp->text + stamp->text_length, text, length);
    stamp->text_length += length;
}

/* BEFORE, then the number, with so many digits at least; '\0': the number alone. */
static void put_number(struct stamp *stamp, char before, uint64_t number, size_t digits)
{
    char text[24];
    size_t at = sizeof text;

    do {
        text[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number || sizeof text - at < digits);
    if (before)
        text[--at] = before;
    put(stamp, text + at, sizeof text - at);
}

static void put_iso(struct stamp *stamp, uint32_t micros)
{
    const struct tm *day = &stamp->day;
    const long east = day->tm_gmtoff / 60;
    const uint64_t minutes = (uint64_t)(east < 0 ? -east : east);

    put_number(stamp, '\0', (uint64_t)day->tm_year + 1900, 4);
    put_number(stamp, '-', (uint64_t)day->tm_mon + 1, 2);
    put_number(stamp, '-', (uint64_t)day->tm_mday, 2);
    put_number(stamp, 'T', (uint64_t)day->tm_hour, 2);
    put_number(stamp, ':', (uint64_t)day->tm_min, 2);
    put_number(stamp, ':', (uint64_t)day->tm_sec, 2);
    if (stamp->has_micros)
        put_number(stamp, '.', micros, 6);
    if (!stamp->settings.is_local) {
        put(stamp, "Z", 1);
        return;
    }
    put_number(stamp, east < 0 ? '-' : '+', minutes / 60, 2);
    put_number(stamp, ':', minutes % 60, 2);
}

static void put_format(struct stamp *stamp, uint32_t micros)
{
    stamp->text_length = stamp_format_print(stamp->settings.format, &stamp->day, stamp->second,
                                            micros, stamp->text, STAMP_TEXT_MAX + 1);
    /* it was not too long when it was checked, but the name of a time zone may grow in summer */
    if (!stamp->text_length)
        put_iso(stamp, micros);
}

/* What stands in front of lines that came at MOMENT. */
static void make_text(struct stamp *stamp, uint64_t moment)
{
    const uint64_t second = stamp->has_micros ? moment / us_per_second : moment;
    const uint32_t micros = stamp->has_micros ? (uint32_t)(moment % us_per_second) : 0;
    const char *prefix = stamp->settings.prefix;

    stamp->text_length = 0;
    switch (stamp->settings.kind) {
    case STAMP_NONE: break;
    case STAMP_ISO:
    case STAMP_ISO_US:
        find_day(stamp, second);
        put_iso(stamp, micros);
        break;
    case STAMP_UNIX:
    case STAMP_ELAPSED:
    case STAMP_DELTA:
        put_number(stamp, '\0', second, 1);
        put_number(stamp, '.', micros, 6);
        break;
    case STAMP_FORMAT:
        find_day(stamp, second);
        put_format(stamp, micros);
        break;
    }
    if (stamp->settings.kind != STAMP_NONE)
        put(stamp, " ", 1);
    if (prefix)
        put(stamp, prefix, strnlen(prefix, STAMP_TEXT_MAX));
    stamp->moment = moment;
    stamp->has_text = true;
}

static void begin_line(struct stamp *stamp, const struct arrival *at)
{
    const uint64_t moment = moment_of(stamp, at);

    if (!stamp->has_text || moment != stamp->moment)
        make_text(stamp, moment);
    stamp->last = at->clock;
    stamp->text_gone = 0;
    stamp->is_in_line = true;
}

static size_t least(size_t one, size_t other)
{
    return one < other ? one : other;
}

/* What is left of the text, as far as ROOM goes. */
static size_t write_text(struct stamp *stamp, unsigned char *out, size_t room)
{
    const size_t length = least(stamp->text_length - stamp->text_gone, room);

    memcpy(out, stamp->text + stamp->text_gone, length);
    stamp->text_gone += length;
    return length;
}

/* What there is of the line, to its delimiter. */
static size_t write_line(struct stamp *stamp, const unsigned char *bytes, size_t length,
                         unsigned char *out)
{
    const unsigned char *end = memchr(bytes, stamp->settings.delimiter, length);

    if (end) {
        length = (size_t)(end - bytes) + 1;
        stamp->is_in_line = false;
    }
    memcpy(out, bytes, length);
    return length;
}

size_t stamp_bytes(struct stamp *stamp, const unsigned char *bytes, size_t length, size_t early,
                   const struct arrival *first, const struct arrival *now, unsigned char *out,
                   size_t room, size_t *used)
{
    size_t made = 0;
    size_t at = 0;
    size_t written;

    while (at < length && made < room) {
        if (!stamp->is_in_line)
            begin_line(stamp, at < early ? first : now);
        made += write_text(stamp, out + made, room - made);
        written = write_line(stamp, bytes + at, least(length - at, room - made), out + made);
        made += written;
        at += written;
    }
    *used = at;
    return made;
}
