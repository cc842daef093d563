/* What of the stream has come out: comparisons of bytes, which know nothing of how they came. */
#ifndef SLABCAT_PIECES_H
#define SLABCAT_PIECES_H

#include "tests/fault/trial.h"

bool is_prefix(const struct bytes *some, const struct bytes *whole);
bool is_same(const struct bytes *a, const struct bytes *b);

/* Lines of the stream in their order, and markers, and nothing else. */
bool are_lines_of(const struct bytes *some, const struct bytes *whole);

/* Parts of WHOLE from its beginning, one behind the other: a file is read as far as it goes. */
bool are_beginnings_of(const struct bytes *some, const struct bytes *whole);

/* How much of WHOLE the outputs cover together; SIZE_MAX: they are not pieces that meet. */
size_t covered(const struct outcome *outcome, const struct bytes *whole);

/* What TOOL, gzip or zstd, makes of PACKED; all that can be had of it if its end is missing. */
struct bytes unpacked(const struct bytes *packed, const char *tool);

#endif
