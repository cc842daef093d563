/* Lines are what ends in a delimiter. Pure functions over bytes in memory. */
#ifndef SLABCAT_LINES_H
#define SLABCAT_LINES_H

#include <stddef.h>
#include <stdint.h>

/* How many end in the LENGTH bytes. */
uint64_t lines_count(const unsigned char *bytes, size_t length, char delimiter);

/* How many bytes the first of them has, its delimiter included; 0: it does not end here. */
size_t lines_first(const unsigned char *bytes, size_t length, char delimiter);

/* How many bytes of whole lines there are, up to the last delimiter. */
size_t lines_whole(const unsigned char *bytes, size_t length, char delimiter);

#endif
