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

/* PATH is another name of one of our descriptors, such as /dev/stderr. */
bool path_is_descriptor(const char *path);

#endif
