/*
 * Replace a file as a whole: whoever reads it sees the old content or the new one, never a part.
 */
#ifndef SLABCAT_REPLACE_H
#define SLABCAT_REPLACE_H

#include <stddef.h>

/*
 * PATH gets TEXT: 0 or -errno. What is there and is no regular file (a terminal, a FIFO with a
 * reader, /dev/null) cannot be replaced; it is written to, and never waited for.
 */
int file_replace(const char *path, const char *text, size_t length);

#endif
