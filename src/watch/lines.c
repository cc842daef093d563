#include "watch/lines.h"

#include <string.h>

/*
 * In groups that the compiler turns into one vector: memchr from line to line took as long for lines
 * of 256 bytes, and ten times as long for short ones.
 */
uint64_t lines_count(const unsigned char *bytes, size_t length, char delimiter)
{
    enum { LANES = 16, ROUNDS_MAX = 255 };
    const unsigned char end = (unsigned char)delimiter;
    uint64_t lines = 0;

    while (length > 0) {
        unsigned char found[LANES] = {0};
        const size_t rounds = length / LANES < ROUNDS_MAX ? length / LANES : ROUNDS_MAX;
        size_t i;
        size_t k;

        for (i = 0; i < rounds; i++, bytes += LANES) {
            for (k = 0; k < LANES; k++)
                found[k] = (unsigned char)(found[k] + (bytes[k] == end));
        }
        length -= rounds * LANES;
        for (k = 0; k < LANES; k++)
            lines += found[k];
        for (; length > 0 && length < LANES; length--)
            lines += *bytes++ == end;
    }
    return lines;
}

size_t lines_first(const unsigned char *bytes, size_t length, char delimiter)
{
    const unsigned char *const end = memchr(bytes, delimiter, length);

    return end ? (size_t)(end - bytes) + 1 : 0;
}

size_t lines_whole(const unsigned char *bytes, size_t length, char delimiter)
{
    const unsigned char *const end = memrchr(bytes, delimiter, length);

    return end ? (size_t)(end - bytes) + 1 : 0;
}
