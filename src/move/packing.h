/*
 * Packing: an outlet whose bytes are compressed has a press (transform/press.h) between the ring
 * and its end. Here is when that is fed, when what is inside is brought out, and when a frame ends.
 *
 *     ring --> feed |press| --> waits --> end
 *
 * What is in the press or waits has left the ring, but has not arrived: outlet->confirmed says how
 * much has. Bytes are inside for half the flush interval at most (100 ms if that is auto), and a
 * lone line for 5 ms; but in a stream that never rests they are brought out no more often than
 * that, because each time costs some of the ratio.
 *
 * For drain.c and outlet.c; nothing here waits. The writer's.
 */
#ifndef SLABCAT_PACKING_H
#define SLABCAT_PACKING_H

#include "config/settings.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct outlet;
struct pour;
struct press;
struct span;

struct packing {
    struct press *press; /* NULL: the outlet's bytes are written as they are */
    uint64_t hold;       /* ns that bytes may be inside */
    uint64_t since;      /* with something inside: since when */
    uint64_t emptied;    /* when the press was empty the last time */
    uint64_t ns;         /* spent in the press, if somebody wants to know */
    bool is_timed;       /* they do */
    bool is_to_flush;    /* what is inside is on its way out; at */
    bool is_to_end;      /* and the frame's end behind it */
};

/* The outlet's bytes are to be compressed. IS_ONLY_ONE: there is no other outlet. */
bool packing_is_wanted(const struct outlet *outlet, const struct settings *settings,
                       bool is_only_one);

/* 0 or -errno. Nothing to do for an outlet that is not compressed. */
int packing_start(struct outlet *outlet, const struct settings *settings, bool is_only_one);
void packing_stop(struct outlet *outlet);

/* Is there a press? */
bool packing_is_used(const struct outlet *outlet);

/*
 * Write what waits, and what is due: 1 when more can be fed; 0 or -EAGAIN when there is no time or
 * no room for it; or another -errno.
 */
int packing_push(struct pour *pour, struct outlet *outlet);

/* Some of the LENGTH bytes: how many have been taken, or -errno. */
ssize_t packing_feed(struct outlet *outlet, const unsigned char *bytes, size_t length);

/* The frame is to end here. True when it has, and all of it has been written. */
bool packing_end(struct outlet *outlet);

/*
 * What comes now goes to another file, which the frame before is not in: if nothing comes, that has
 * a frame with nothing in it, because the tools do not take an empty file.
 */
void packing_begin_file(struct outlet *outlet);

/* It is on its way to that. */
bool packing_is_ending(const struct outlet *outlet);

/* Nothing is inside, and nothing waits. */
bool packing_is_empty(const struct outlet *outlet);

/* When to look again; NEVER. */
uint64_t packing_due(const struct outlet *outlet);

#endif
