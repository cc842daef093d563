/*
 * Are these files what slabcat was to make of the lines? Reads them one behind the other, as one
 * stream or as pieces of one, and counts what is missing.
 */
#ifndef SLABCAT_SOAK_VERIFY_H
#define SLABCAT_SOAK_VERIFY_H

#include "tests/soak/lines.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct expectation {
    struct lines lines;
    uint64_t first;     /* the number that the first line must have */
    const char *prefix; /* in front of each line; "": nothing */
    size_t stamp;       /* bytes of a time in front of that, its blank included */
    bool may_have_gaps; /* lines may be missing, */
    bool
        has_markers; /* if a line of slabcat's own says how many, and how many bytes, right there */
    bool is_whole;   /* it goes to the end; what is missing there is missing too */
    bool is_in_pieces; /* each file may begin anywhere: a connection that was made again */
};

struct findings {
    uint64_t bytes; /* of all files */
    uint64_t lines; /* whole ones */
    uint64_t next;  /* the number behind the last line, a cut one not counted */
    uint64_t missing_lines;
    uint64_t missing_bytes;
    uint64_t markers;
    uint64_t marked_bytes;
    size_t cut;        /* bytes of the last line, if its end is missing */
    uint64_t twice;    /* bytes that two pieces have */
    uint64_t lost;     /* bytes between pieces */
    uint64_t unplaced; /* bytes of pieces without the beginning of a line, which may be anywhere */
};

/* True when they are; otherwise says on stderr which line of which file is not. */
bool verify(const struct expectation *expected, char *const *files, struct findings *findings);

#endif
