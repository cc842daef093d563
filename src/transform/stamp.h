/*
 * Stamp: puts the time at which a line began to arrive, and a text, in front of it. The first byte
 * of a line is stamped when it comes, not when the line is whole; empty lines too.
 *
 * The texts, each followed by a space, in UTC or in local time:
 *     iso       2026-11-21T18:32:03Z             (+01:00 in place of Z where it is local)
 *     iso-us    2026-11-21T18:32:03.123456Z
 *     unix      1795285923.123456
 *     elapsed   12.345678                        seconds since stamp_start
 *     delta     0.000123                         since the line before; the first one: as elapsed
 *     else      strftime(3)'s format; besides, %.S %.s %.T are those with microseconds
 *
 * The prefix stands behind that as it is. All parts of a second are cut off, not rounded. What
 * comes out depends on the bytes and on when they arrived, not on how they were cut. The reader's;
 * it reads no clock.
 */
#ifndef SLABCAT_STAMP_H
#define SLABCAT_STAMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

enum stamp_kind {
    STAMP_NONE,
    STAMP_ISO,
    STAMP_ISO_US,
    STAMP_UNIX,
    STAMP_ELAPSED,
    STAMP_DELTA,
    STAMP_FORMAT
};

/* The time's text, without the space; a prefix may be as long, and what is longer is cut. */
#define STAMP_TEXT_MAX 256

struct stamp_settings {
    enum stamp_kind kind;
    const char *format; /* with STAMP_FORMAT; it has been checked */
    bool is_local;      /* time, not UTC */
    const char *prefix; /* behind the time; NULL: none */
    char delimiter;     /* what ends a line */
};

struct arrival {
    uint64_t real;  /* ns since the epoch */
    uint64_t clock; /* ns, as clock_now tells */
};

struct stamp {
    struct stamp_settings settings;
    uint64_t began;  /* for elapsed */
    uint64_t last;   /* when the line before came; for delta */
    bool has_micros; /* the time is told in microseconds, not in seconds */
    bool is_in_line; /* the stamp of the current line has been written, or a part of it */
    bool has_text;   /* for the moment below */
    uint64_t moment; /* what is told, in its unit */
    struct tm day;   /* a second's date and time, so that lines of the same one share it */
    uint64_t second; /* which one */
    bool has_day;
    char text[2 * STAMP_TEXT_MAX + 2]; /* what stands in front of lines that came at that moment */
    size_t text_length;
    size_t text_gone; /* so much of it has been written in front of the current line */
};

/* Can FORMAT be printed, and is its text never longer than STAMP_TEXT_MAX? 0 or -EINVAL. */
int stamp_check_format(const char *format);

void stamp_start(struct stamp *stamp, const struct stamp_settings *settings, uint64_t now);

/* The next byte is a line's first one, and nothing has been written in front of it. */
bool stamp_is_between_lines(const struct stamp *stamp);

/*
 * From LENGTH bytes to OUT, as far as its ROOM goes: how many bytes are in OUT now; *USED of LENGTH
 * went there. Lines that begin in the first EARLY bytes arrived at *FIRST, the others at *NOW.
 * Something goes on if there is a byte and room for one. A line whose stamp has been begun keeps
 * it, whatever the next call says.
 */
size_t stamp_bytes(struct stamp *stamp, const unsigned char *bytes, size_t length, size_t early,
                   const struct arrival *first, const struct arrival *now, unsigned char *out,
                   size_t room, size_t *used);

#endif
