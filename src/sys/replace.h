/*
 * Replace a file as a whole: whoever reads it sees the old content or the new one, never a part.
 */
#ifndef SLABCAT_REPLACE_H
#define SLABCAT_REPLACE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * PATH gets TEXT: 0 or -errno. What is no regular file (a terminal, a FIFO, /dev/null), or is a
 * descriptor of ours, cannot be replaced: TEXT is appended, and nobody is waited for. A FIFO that
 * nobody reads, or that is full, gets nothing.
 */
int file_replace(const char *path, const char *text, size_t length);

/*
 * Find out whether file_replace would do it: the same steps on a temporary file, which is removed
 * again. PATH stays as it is. 0 or -errno.
 */
int file_try_replace(const char *path, const char *text, size_t length);

/*
 * True when A and B are the same regular file, or would be, because there is none of this name in the
 * same directory: each would replace what has been put into the other.
 */
bool file_is_one(const char *a, const char *b);

/* PATH is another name of one of our descriptors, such as /dev/stderr. */
bool path_is_descriptor(const char *path);

#endif
