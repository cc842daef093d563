/*
 * The compressor: an output whose bytes are compressed has a press (transform/press.h) between the ring
 * and its end. Here is when that is fed, when what is inside is brought out, and when a frame ends.
 *
 *     ring --> feed |press| --> waits --> end
 *
 * What is in the press or waits has left the ring, but has not arrived: output->sink.confirmed says how
 * much has. Bytes are inside for half the flush interval at most (100 ms if that is auto), and a
 * lone line for 5 ms; but in a stream that never rests they are brought out no more often than
 * that, because each time costs some of the ratio.
 *
 * For drain.c, lifecycle.c, next_file.c and output_start.c; nothing here waits. The writer's.
 */
#ifndef SLABCAT_COMPRESSOR_H
#define SLABCAT_COMPRESSOR_H

#include "config/settings.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct output;
struct press;
struct span;

struct compressor {
    struct press *press; /* NULL: the output's bytes are written as they are */
    uint64_t hold;       /* ns that bytes may be inside */
    uint64_t since;      /* with something inside: since when */
    uint64_t emptied;    /* when the press was empty the last time */
    uint64_t ns;         /* spent in the press, if somebody wants to know */
    bool is_timed;       /* they do */
    bool is_to_flush;    /* what is inside is on its way out */
    bool is_to_end;      /* and the frame's end behind it */
};

/* The output's bytes are to be compressed. IS_ONLY_ONE: there is no other output. */
bool compressor_is_wanted(const struct output *output, const struct settings *settings,
                          bool is_only_one);

/* 0 or -errno. Nothing to do for an output that is not compressed. */
int compressor_start(struct output *output, const struct settings *settings, bool is_only_one);
void compressor_stop(struct output *output);

/* Is there a press? */
bool compressor_is_used(const struct output *output);

/*
 * Write what waits, and what is due: 1 when more can be fed; 0 or -EAGAIN when there is no time or
 * no room for it; or another -errno.
 */
int compressor_push(struct output *output);

/* Some of the LENGTH bytes: how many have been taken, or -errno. */
ssize_t compressor_feed(struct output *output, const unsigned char *bytes, size_t length);

/* The frame is to end here. True when it has, and all of it has been written. */
bool compressor_end(struct output *output);

/*
 * What comes now goes to another file, which the frame before is not in: if nothing comes, that has
 * a frame with nothing in it, because the tools do not take an empty file.
 */
void compressor_begin_file(struct output *output);

/* It is on its way to that. */
bool compressor_is_ending(const struct output *output);

/* Nothing is inside, and nothing waits. */
bool compressor_is_empty(const struct output *output);

/* When to look again; NEVER. */
uint64_t compressor_due(const struct output *output);

#endif
