/*
 * Press: compresses a stream with zstd or gzip, by their own libraries. What has been fed and not
 * come out yet is inside; a flush brings it out, so that whoever decodes it has every byte that was
 * fed; an end does as well, and finishes the frame. The next byte begins another one: frames behind
 * each other are a whole file for the tools.
 *
 * What comes out waits in a buffer of the press's own until it has been written. One thread uses a
 * press: the writer's. No descriptor, no clock.
 */
#ifndef SLABCAT_PRESS_H
#define SLABCAT_PRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum press_kind { PRESS_NONE, PRESS_ZSTD, PRESS_GZIP };

/* The level that PRESS_LEVEL_DEFAULT stands for is the tool's own: 3 and 6. */
#define PRESS_LEVEL_DEFAULT 0

struct press;

/* Has it been built in? And the range of its levels, then. */
bool press_is_there(enum press_kind kind);
void press_levels(enum press_kind kind, int *least, int *most);

/* Its library's version, as that says; NULL: it has not been built in. */
const char *press_version(enum press_kind kind);

/* 0 or -errno: -ENOMEM mostly, -ENOTSUP without the library, -EINVAL for a level out of range. */
int press_make(struct press **made, enum press_kind kind, int level);
void press_free(struct press *press); /* NULL is nothing to do */

/*
 * How many of LENGTH bytes have been taken; less, also 0, when what waits has to go first; -errno.
 * An end that is under way is ended first.
 */
ssize_t press_feed(struct press *press, const unsigned char *bytes, size_t length);

/*
 * 1: done, all of it waits to be written or has been. 0: what waits has to go first, then again.
 * -errno. Nothing fed since the last: done.
 */
int press_flush(struct press *press);

/*
 * The same, and the frame is finished. One with nothing in it is made only if none has been made
 * before, since the last press_begin if there was one.
 */
int press_end(struct press *press);

/* After an end: as if no frame had been made before. */
void press_begin(struct press *press);

/* Bytes were fed that no flush and no end has brought out. */
bool press_has_inside(const struct press *press);

/* What waits to be written, and that so much of it has been. */
size_t press_waiting(struct press *press, unsigned char **bytes);
void press_wrote(struct press *press, size_t bytes);

#endif
