#include "watch/line.h"

#include "sys/clock.h"
#include "sys/units.h"
#include "watch/snapshot.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { BAR_MIN = 5, BAR_MAX = 20, NAME_MAX_COLUMNS = 20 };
enum { FULL_PERCENT = 95 };

/* Seconds; a guess at more is none. */
static const uint64_t eta_max = UINT64_C(100) * 24 * 3600;

/* In the order in which they are shown. */
enum part { NAME, BYTES, IN_RATE, OUT_RATE, BAR, SPILL, DROPPED, STALLS, TIME, ETA, PARTS };

/* The first to go is the first here. The bytes stay. */
static const enum part dispensable[] = {STALLS, IN_RATE,  BAR,     SPILL, TIME,
                                        ETA,    OUT_RATE, DROPPED, NAME};

struct parts {
    char text[PARTS][64];
    unsigned width[PARTS]; /* in columns; 0: not shown */
};

/* The columns of a character of UTF-8, by its first byte: those of three bytes and more may be wide. */
static unsigned columns_of_byte(char byte)
{
    const unsigned char value = (unsigned char)byte;

    if ((value & 0xc0) == 0x80)
        return 0;
    return value >= 0xe0 ? 2 : 1;
}

static unsigned columns_of(const char *text)
{
    unsigned columns = 0;

    for (; *text; text++)
        columns += columns_of_byte(*text);
    return columns;
}

static void cut_name(char *text, size_t room, const char *name)
{
    unsigned columns = 0;
    size_t length = 0;

    while (name[length] && length + 4 < room - 1) {
        columns += columns_of_byte(name[length]);
        if (columns > NAME_MAX_COLUMNS)
            break;
        length++;
    }
    while (length > 0 && !columns_of_byte(name[length]))
        length--;
    memcpy(text, name, length);
    memcpy(text + length, ":", 2);
}

/* "0:00:12" */
static void print_clock(char *text, size_t room, uint64_t seconds)
{
    snprintf(text, room, "%" PRIu64 ":%02u:%02u", seconds / 3600, (unsigned)(seconds / 60 % 60),
             (unsigned)(seconds % 60));
}

static void print_eta(char *text, size_t room, const struct line_view *view)
{
    const uint64_t percent = snapshot_part(view->bytes, 100, view->expected);
    const uint64_t rate = snapshot_rate(view->bytes, view->elapsed);
    char left[32] = "-:--:--";

    if (view->bytes > view->expected) { /* nobody knows how much more there will be */
        snprintf(text, room, "%" PRIu64 "%%", percent);
        return;
    }
    if (rate && (view->expected - view->bytes) / rate < eta_max)
        print_clock(left, sizeof left, (view->expected - view->bytes) / rate);
    snprintf(text, room, "%" PRIu64 "%% ETA %s", percent, left);
}

static void print_stalls(char *text, size_t room, const struct line_view *view)
{
    if (view->stalled >= NS_PER_SECOND / 10)
        snprintf(text, room, "stalled %s",
                 print_about_time(view->stalled / NS_PER_MS / 100 * NS_PER_MS * 100).text);
    else if (view->stalls)
        snprintf(text, room, "%" PRIu64 " stall%s", view->stalls, view->stalls == 1 ? "" : "s");
}

static void fill_parts(struct parts *parts, const struct line_view *view)
{
    size_t i;

    *parts = (struct parts){0};
    if (view->name)
        cut_name(parts->text[NAME], sizeof parts->text[NAME], view->name);
    /* padded, so that the line does not tremble */
    snprintf(parts->text[BYTES], sizeof parts->text[BYTES], "%8s",
             print_about_size(view->bytes).text);
    snprintf(parts->text[IN_RATE], sizeof parts->text[IN_RATE], "%8s/s in",
             print_about_size(view->in_rate).text);
    snprintf(parts->text[OUT_RATE], sizeof parts->text[OUT_RATE], "%8s/s out",
             print_about_size(view->out_rate).text);
    if (view->spilled)
        snprintf(parts->text[SPILL], sizeof parts->text[SPILL], "+ %s",
                 print_about_size(view->spilled).text);
    if (view->dropped)
        snprintf(parts->text[DROPPED], sizeof parts->text[DROPPED], "%s dropped",
                 print_about_count(view->dropped).text);
    print_stalls(parts->text[STALLS], sizeof parts->text[STALLS], view);
    print_clock(parts->text[TIME], sizeof parts->text[TIME], view->elapsed / NS_PER_SECOND);
    if (view->expected)
        print_eta(parts->text[ETA], sizeof parts->text[ETA], view);
    for (i = 0; i < PARTS; i++)
        parts->width[i] = columns_of(parts->text[i]);
    if (view->has_ring)
        parts->width[BAR] = BAR_MIN + 2;
}

static unsigned total_width(const struct parts *parts)
{
    unsigned total = 0;
    size_t i;

    for (i = 0; i < PARTS; i++) {
        if (parts->width[i])
            total += parts->width[i] + (total ? 1 : 0);
    }
    return total;
}

static void fit(struct parts *parts, unsigned width)
{
    size_t i;
    unsigned total;

    for (i = 0; i < sizeof dispensable / sizeof dispensable[0]; i++) {
        if (total_width(parts) <= width)
            break;
        parts->width[dispensable[i]] = 0;
    }
    total = total_width(parts);
    if (parts->width[BAR] && total < width) {
        parts->width[BAR] += width - total;
        if (parts->width[BAR] > BAR_MAX + 2)
            parts->width[BAR] = BAR_MAX + 2;
    }
}

/* "[###....|...]", WIDTH columns */
static void print_bar(char *text, const struct line_view *view, unsigned width)
{
    const unsigned inside = width - 2;
    const unsigned held = (view->held * inside + 50) / 100;
    const unsigned mark = view->high_water * (inside - 1) / 100;

    *text++ = '[';
    memset(text, '.', inside);
    memset(text, '#', held);
    if (view->high_water)
        text[mark] = '|';
    text[inside] = ']';
    text[inside + 1] = '\0';
}

size_t line_compose(const struct line_view *view, unsigned width, char line[LINE_ROOM])
{
    const bool alarms = view->has_color && view->held >= FULL_PERCENT;
    struct parts parts;
    size_t length = 0;
    size_t i;

    line[0] = '\0';
    fill_parts(&parts, view);
    fit(&parts, width);
    if (total_width(&parts) > width)
        return 0;
    if (parts.width[BAR])
        print_bar(parts.text[BAR], view, parts.width[BAR]);
    for (i = 0; i < PARTS; i++) {
        const bool is_red = i == BAR && alarms;

        if (parts.width[i])
            length +=
                (size_t)snprintf(line + length, LINE_ROOM - length, "%s%s%s%s", length ? " " : "",
                                 is_red ? "\033[31m" : "", parts.text[i], is_red ? "\033[0m" : "");
    }
    return length;
}
