/*
 * The inside of a ring, for the files of this folder only. What is called here is called with the
 * lock held.
 */
#ifndef SLABCAT_INSIDE_H
#define SLABCAT_INSIDE_H

#include "ring/ring.h"

#include <pthread.h>

struct ring {
    size_t count;
    size_t size;
    unsigned char *store;
    struct slab *slabs;

    pthread_mutex_t lock; /* over everything below, and the fields of struct slab that say so */
    size_t untouched;     /* slabs[untouched..count) have never been used */
    struct slab *free;    /* a stack: most recently used on top */
    struct slab *oldest;
    struct slab *youngest;
    struct slab *line; /* where a line begins that is not whole, and goes on in the next; or NULL */
    size_t in_use;
    bool youngest_is_open;
};

/* An empty slab, which counts as used from here on; NULL when none is free. */
struct slab *inside_pop_free(struct ring *ring);
void inside_push_free(struct ring *ring, struct slab *slab);

/* SLAB is the youngest now, and open. */
void inside_append(struct ring *ring, struct slab *slab);

/* Nothing more comes into the youngest. Frees it if it is drained. */
void inside_close_youngest(struct ring *ring);

#endif
