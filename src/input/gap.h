/*
 * The line that says what is missing where it stands, with --mark-gaps. Pure.
 *
 *     slabcat: 1,234 lines (56,789 bytes) dropped here
 */
#ifndef SLABCAT_GAP_H
#define SLABCAT_GAP_H

#include <stddef.h>
#include <stdint.h>

/* No line is longer, its delimiter included. */
#define GAP_LINE_MAX 96

/* The line and its DELIMITER, at LINE: how many bytes. It is never shorter for more. */
size_t gap_write(char line[GAP_LINE_MAX], uint64_t lines, uint64_t bytes, char delimiter);

#endif
