/*
 * A buffer of 64 KiB in front of an output, as stdio's: small messages are collected, and a large
 * one goes past it. One thread's.
 */
#ifndef SLABCAT_CHANNEL_BUFFER_H
#define SLABCAT_CHANNEL_BUFFER_H

#include "bench/threads/output.h"

#include <stddef.h>

enum { BUFFER_SIZE = 64 << 10 };

/* All zero: empty. */
struct buffer {
    unsigned char bytes[BUFFER_SIZE];
    size_t filled;
};

void buffer_put(struct buffer *buffer, struct output *output, const unsigned char *bytes,
                size_t length);

/* Write what was put and is not written yet. */
void buffer_flush(struct buffer *buffer, struct output *output);

#endif
