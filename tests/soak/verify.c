#include "tests/soak/verify.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char marker_head[] = "slabcat: ";

struct reading {
    const struct expectation *expected;
    struct findings *found;
    const char *file;
    uint64_t line; /* of the file, from 1 on */
    char *text;    /* that line, as it is */
    size_t length;
    size_t room;
    char *fragment; /* the rest of a line that a piece begins with */
    size_t fragment_length;
    uint64_t marked_lines; /* that a marker has said to be missing here */
    uint64_t marked_of_bytes;
    uint64_t
        known_number; /* where a line begins in the stream, so that it is not always summed up */
    uint64_t known_place;
    uint64_t end; /* where the piece before has ended */
    bool is_placed;
};

__attribute__((format(printf, 2, 3))) static bool wrong(const struct reading *reading,
                                                        const char *format, ...)
{
    va_list arguments;

    fprintf(stderr, "flow: %s, line %" PRIu64 ": ", reading->file, reading->line);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    return false;
}

/* What slabcat puts in front of a line. */
static size_t front(const struct expectation *expected)
{
    return expected->stamp + strlen(expected->prefix);
}

static size_t delivered_length(const struct expectation *expected, uint64_t number)
{
    return front(expected) + lines_length(&expected->lines, number, true);
}

/* Where line NUMBER begins, in bytes of what is delivered. */
static uint64_t place_of(struct reading *reading, uint64_t number)
{
    if (number < reading->known_number) {
        reading->known_number = reading->expected->first;
        reading->known_place = 0;
    }
    for (; reading->known_number < number; reading->known_number++)
        reading->known_place += delivered_length(reading->expected, reading->known_number);
    return reading->known_place;
}

/* A number with commas in it. TEXT goes on behind it. */
static uint64_t number_in(const char **text)
{
    uint64_t number = 0;

    for (; (**text >= '0' && **text <= '9') || **text == ','; (*text)++) {
        if (**text != ',')
            number = number * 10 + (uint64_t)(**text - '0');
    }
    return number;
}

static bool is_marker(const struct reading *reading)
{
    return reading->length > strlen(marker_head) &&
           memcmp(reading->text, marker_head, strlen(marker_head)) == 0;
}

/* "slabcat: 1,234 lines (56,789 bytes) dropped here" */
static bool take_marker(struct reading *reading)
{
    static const char tail[] = ") dropped here";
    const char *text = reading->text + strlen(marker_head);
    const size_t length = reading->length - 1;
    struct findings *found = reading->found;

    if (!reading->expected->has_markers)
        return wrong(reading, "a marker that nobody has asked for");
    if (reading->text[length] != reading->expected->lines.ender || length < strlen(tail) ||
        memcmp(reading->text + length - strlen(tail), tail, strlen(tail)) != 0)
        return wrong(reading, "half a marker");
    found->markers++;
    found->marked_bytes += reading->length;
    reading->marked_lines += number_in(&text);
    text += strcspn(text, "(") + 1;
    reading->marked_of_bytes += number_in(&text);
    return true;
}

/* Lines up to NUMBER are missing here. */
static bool take_gap(struct reading *reading, uint64_t number)
{
    const struct expectation *expected = reading->expected;
    struct findings *found = reading->found;
    uint64_t bytes = 0;
    uint64_t lines = 0;

    if (number < found->next)
        return wrong(reading, "%" PRIu64 " where %" PRIu64 " is next", number, found->next);
    if (number > found->next && !expected->may_have_gaps)
        return wrong(reading, "%" PRIu64 " lines are missing before %" PRIu64, number - found->next,
                     number);
    for (; found->next < number; found->next++, lines++)
        bytes += delivered_length(expected, found->next);
    found->missing_lines += lines;
    found->missing_bytes += bytes;
    if (expected->has_markers &&
        (lines != reading->marked_lines || bytes != reading->marked_of_bytes))
        return wrong(reading,
                     "%" PRIu64 " lines (%" PRIu64 " bytes) are missing, where %" PRIu64
                     " (%" PRIu64 ") are said to be",
                     lines, bytes, reading->marked_lines, reading->marked_of_bytes);
    reading->marked_lines = 0;
    reading->marked_of_bytes = 0;
    return true;
}

/* A piece goes on with line NUMBER: does the rest that it begins with fit, and where is that? */
static bool place_piece(struct reading *reading, uint64_t number)
{
    const struct expectation *expected = reading->expected;
    struct findings *found = reading->found;
    const size_t fragment = reading->fragment_length;
    char line[LINE_ROOM];
    uint64_t begin;
    size_t length;

    reading->is_placed = true;
    found->next = number;
    if (fragment > 0) {
        if (number == 0)
            return wrong(reading, "something in front of the first line");
        length = lines_make(&expected->lines, number - 1, true, line);
        /* a time cannot be foretold, so what is as long as a line with its front need not match */
        if (fragment > length ? fragment > length + front(expected)
                              : memcmp(line + length - fragment, reading->fragment, fragment) != 0)
            return wrong(reading, "the rest of a line is not that of the one before %" PRIu64,
                         number);
    }
    begin = place_of(reading, number) - fragment;
    if (begin < reading->end)
        found->twice += reading->end - begin;
    else
        found->lost += begin - reading->end;
    return true;
}

/* The line's number, if all of its digits are there. */
static bool has_number(const struct reading *reading, uint64_t *number)
{
    const size_t at = front(reading->expected);
    size_t digit;

    *number = 0;
    if (reading->length < at + LINE_DIGITS)
        return false;
    for (digit = at; digit < at + LINE_DIGITS; digit++) {
        if (reading->text[digit] < '0' || reading->text[digit] > '9')
            return false;
        *number = *number * 10 + (uint64_t)(reading->text[digit] - '0');
    }
    return true;
}

/* What is in front of the line, and the line itself, as far as there is any. */
static bool is_line(const struct reading *reading, uint64_t number, size_t *whole)
{
    const struct expectation *expected = reading->expected;
    const size_t prefix = strlen(expected->prefix);
    char line[LINE_ROOM];
    const size_t length = lines_make(&expected->lines, number, true, line);
    const char *text = reading->text;
    size_t left = reading->length;
    size_t part = left < expected->stamp ? left : expected->stamp;

    *whole = front(expected) + length;
    if (left > *whole || (part > 0 && part == expected->stamp && text[part - 1] != ' '))
        return false;
    text += part;
    left -= part;
    part = left < prefix ? left : prefix;
    if (memcmp(text, expected->prefix, part) != 0)
        return false;
    return memcmp(text + part, line, left - part) == 0;
}

/* A line that is numbered, or the beginning of one. */
static bool take_line(struct reading *reading)
{
    const struct expectation *expected = reading->expected;
    struct findings *found = reading->found;
    uint64_t number;
    size_t whole;

    if (has_number(reading, &number)) {
        if (expected->is_in_pieces && !reading->is_placed && !place_piece(reading, number))
            return false;
        if (!take_gap(reading, number))
            return false;
    } else if (expected->may_have_gaps) {
        found->cut = reading->length; /* whatever it was going to be */
        return true;
    }
    if (!is_line(reading, found->next, &whole))
        return wrong(reading, "not line %" PRIu64 " of the stream: %.*s", found->next,
                     (int)(reading->length < 60 ? reading->length : 60), reading->text);
    if (reading->length < whole) {
        found->cut = reading->length;
        return true;
    }
    found->lines++;
    found->next++;
    return true;
}

/* The beginning of a piece that is not the beginning of a line. */
static bool keep_fragment(struct reading *reading)
{
    if (reading->fragment_length + reading->length > LINE_ROOM)
        return wrong(reading, "no line at all");
    memcpy(reading->fragment + reading->fragment_length, reading->text, reading->length);
    reading->fragment_length += reading->length;
    return true;
}

static bool take(struct reading *reading)
{
    const bool begins_piece = reading->expected->is_in_pieces && !reading->is_placed;
    uint64_t number;

    if (reading->found->cut > 0)
        return wrong(reading, "something behind a line that has no end");
    reading->found->bytes += reading->length;
    if (is_marker(reading))
        return take_marker(reading);
    if (begins_piece && reading->line == 1 && !has_number(reading, &number))
        return keep_fragment(reading);
    return take_line(reading);
}

static bool take_file(struct reading *reading, const char *path)
{
    const bool is_first = reading->end == 0 && reading->found->lines == 0;
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "r");
    bool good = true;
    ssize_t got;

    reading->file = path;
    reading->line = 0;
    if (!file)
        return wrong(reading, "%s", strerror(errno));
    if (reading->expected->is_in_pieces) {
        reading->is_placed = is_first;
        reading->fragment_length = 0;
        reading->found->cut = 0;
    }
    while (good && (got = getdelim(&reading->text, &reading->room, reading->expected->lines.ender,
                                   file)) > 0) {
        reading->line++;
        reading->length = (size_t)got;
        good = take(reading);
    }
    if (good && ferror(file))
        good = wrong(reading, "%s", strerror(errno));
    if (file != stdin)
        fclose(file);
    if (reading->expected->is_in_pieces && !reading->is_placed)
        reading->found->unplaced += reading->fragment_length;
    else if (good)
        reading->end = place_of(reading, reading->found->next) + reading->found->cut;
    return good;
}

/* Behind the last file: what is marked at the very end is missing too, if only a part of a line. */
static bool take_end(struct reading *reading)
{
    const struct expectation *expected = reading->expected;
    struct findings *found = reading->found;

    if (!expected->is_whole) {
        found->missing_lines += reading->marked_lines;
        found->missing_bytes += reading->marked_of_bytes;
        return true;
    }
    if (found->cut > 0)
        return wrong(reading, "the end of line %" PRIu64 " is missing", found->next);
    return take_gap(reading, expected->first + expected->lines.count);
}

bool verify(const struct expectation *expected, char *const *files, struct findings *findings)
{
    struct reading reading = {.expected = expected, .found = findings};
    bool good = true;

    *findings = (struct findings){.next = expected->first};
    reading.known_number = expected->first;
    reading.fragment = malloc(LINE_ROOM);
    if (!reading.fragment)
        return false;
    for (; *files && good; files++)
        good = take_file(&reading, *files);
    if (good)
        good = take_end(&reading);
    free(reading.fragment);
    free(reading.text);
    return good;
}
