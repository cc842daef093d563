/*
 * The messages chatter writes and sink reads: a number, a blank, the time of the write() where there
 * is room and reason for it, dots, and a newline.
 */
#ifndef SLABCAT_MESSAGE_H
#define SLABCAT_MESSAGE_H

#include <stdint.h>

enum {
    NUMBER_DIGITS = 10,
    NUMBERED_MIN = NUMBER_DIGITS + 2, /* what is shorter has no number */
    STAMP_AT = NUMBER_DIGITS + 1,
    STAMP_DIGITS = 19, /* ns of the monotonic clock */
    STAMPED_MIN = STAMP_AT + STAMP_DIGITS + 2
};

/* The last DIGITS of the number in decimal, without the cost of printf. */
static inline void put_number(char *place, int digits, uint64_t number)
{
    while (digits-- > 0) {
        place[digits] = (char)('0' + number % 10);
        number /= 10;
    }
}

/* For qsort, over times in ns. */
static inline int by_size(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a;
    const uint32_t y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

#endif
