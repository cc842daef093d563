/*
 * Where all messages end: a descriptor, what went into it, and when the last of it did. One thread
 * writes, the one at the end of the channel; others look when it has ended.
 */
#ifndef SLABCAT_CHANNEL_OUTPUT_H
#define SLABCAT_CHANNEL_OUTPUT_H

#include <stddef.h>
#include <stdint.h>

struct output {
    int fd;
    int error; /* the first one; what comes later is dropped, so that nobody waits forever */
    uint64_t written;
    uint64_t finished_ns; /* set by output_finish */
};

/* All of the bytes, in as many writes as it takes. */
void output_write(struct output *output, const unsigned char *bytes, size_t length);

/* Nothing more will be written: note when that was. */
void output_finish(struct output *output);

#endif
