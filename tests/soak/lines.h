/*
 * The lines of a soak: an endless sequence that follows from a seed, so that whoever has the seed
 * can tell of any bytes whether they are what was sent. Each line begins with its number, no two
 * are the same, most are short and some are long.
 *
 * A line has two forms: as it is sent, and as slabcat delivers it after the transforms that it was
 * given. Pure; knows nothing of files.
 */
#ifndef SLABCAT_SOAK_LINES_H
#define SLABCAT_SOAK_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LINE_MAX_LENGTH = 1 << 18, LINE_ROOM = LINE_MAX_LENGTH + 64, LINE_DIGITS = 10 };

/*
 * What the lines with a secret have, and what slabcat makes of it. No letter of a body begins one:
 * where a stream is cut, what may be the beginning of a secret is masked too.
 */
#define LINE_SECRET "zz-secret-of-the-soak"
#define LINE_MASK   "***"

struct lines {
    uint64_t seed;
    uint64_t count;  /* UINT64_MAX: no end */
    size_t longest;  /* bytes of a body, LINE_MAX_LENGTH at most */
    char ender;      /* what a line ends with */
    bool is_open;    /* but not the last one */
    bool is_colored; /* some have colours, which are not delivered */
    bool has_secrets;
};

/* Put line NUMBER into LINE, which has LINE_ROOM bytes, as sent or DELIVERED; its length. */
size_t lines_make(const struct lines *lines, uint64_t number, bool delivered, char *line);

/* How long it would be. */
size_t lines_length(const struct lines *lines, uint64_t number, bool delivered);

#endif
