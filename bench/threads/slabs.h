/*
 * Slabs that many threads put messages into: they copy into the open slab of a ring under one
 * mutex, and a thread of its own writes the slabs that are full. The ring knows one reader; whoever
 * holds the mutex is the reader.
 *
 * Messages are copied under the mutex. To reserve their place under it and copy outside, with a
 * count of those who still copy, gains little with 8 slabs and 10 producers, and costs half as much
 * again with 2 of either: for 256 bytes the count costs as much as the copy.
 */
#ifndef SLABCAT_CHANNEL_SLABS_H
#define SLABCAT_CHANNEL_SLABS_H

#include "bench/threads/lock.h"
#include "bench/threads/output.h"

#include <pthread.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>

struct ring;
struct slab;

struct slabs {
    struct ring *ring;
    size_t low; /* wake producers when so many slabs are in use, or fewer */
    unsigned char *store;
    struct output *output;

    alignas(CACHE_LINE) pthread_mutex_t lock; /* over everything below */
    struct slab *open;                        /* claimed and not full, or NULL */
    bool closed;
    struct sleepers producers; /* until a slab is free */
    struct sleepers writer;    /* until a slab is published */
};

/*
 * COUNT slabs of SIZE bytes, in front of OUTPUT. 0 or -errno; to be freed in either case. Slabs
 * that are all zero can be freed too.
 */
int slabs_make(struct slabs *slabs, size_t count, size_t size, struct output *output);
void slabs_free(struct slabs *slabs);

/* A producer: a message of no more than a slab's size. Waits for room. */
void slabs_put(struct slabs *slabs, const unsigned char *bytes, size_t length);

/* Nothing more will be put: hand over the last slab. */
void slabs_close(struct slabs *slabs);

/* The writer's thread, with the slabs as its ARGUMENT: ends when they are closed and written. */
void *slabs_write(void *argument);

#endif
