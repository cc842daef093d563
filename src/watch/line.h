/*
 * The progress line: what a stream is doing, in one line that fits. Pure: numbers and a width in,
 * text out.
 *
 *     build: 1.15GiB 98.2MiB/s in 97.9MiB/s out [###....|...] 3 stalls 0:00:12 45% ETA 0:00:14
 *
 * The bar is the ring: # is held now, | is the most that was. Behind it "+ 1.2GiB" are in the
 * spill, if any are, and "1.2K dropped" are lines that were given up. Where the width does not do,
 * what matters least goes first: the stalls, the rate of the input, the bar, the spill, the time;
 * the bytes at last.
 */
#ifndef SLABCAT_LINE_H
#define SLABCAT_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct line_view {
    const char *name; /* NULL: none */
    uint64_t bytes;   /* delivered */
    uint64_t in_rate; /* bytes a second, lately */
    uint64_t out_rate;
    bool has_ring;
    unsigned held; /* % of the ring */
    unsigned high_water;
    uint64_t spilled; /* bytes that are beyond the ring now */
    uint64_t dropped; /* lines */
    uint64_t stalls;
    uint64_t stalled;  /* ns for which the output has taken nothing, if that is now */
    uint64_t elapsed;  /* ns */
    uint64_t expected; /* bytes in all; 0: nobody knows */
    bool has_color;
};

enum { LINE_ROOM = 1024 };

/* WIDTH columns at most, colours not counted; what LINE then holds. */
size_t line_compose(const struct line_view *view, unsigned width, char line[LINE_ROOM]);

#endif
