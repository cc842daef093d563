/*
 * The ring: a fixed number of slabs of a fixed size, through which bytes go in order.
 *
 * Two threads meet here. The reader claims a slab, appends bytes to it and publishes them; the
 * writer takes the oldest published bytes and releases them when they are gone. The youngest slab
 * may be in both hands at once, on either side of a mark:
 *
 *     oldest                                       youngest (open)
 *     +--------------------+   +----------------+   +---------------------------------+
 *     |#### taken #########|   |## published ###|   |# published #|.. filled ..|      |
 *     +--------------------+   +----------------+   +---------------------------------+
 *      ^drained                                      ^drained      ^published  ^filled
 *          the writer's            anybody's           the writer's | the reader's
 *
 * So bytes can be handed over early, at a low price, and the slab they are in is still filled to
 * the brim: during a stall the ring holds all of count x size bytes. An open slab whose bytes have
 * all been drained starts again at its beginning.
 *
 * A slab has two stores: its memory, and if the reader gives it one, a duct (a pipe that pages rest
 * in; the ring does not look at it). What is in the duct comes first; once a slab has bytes in
 * memory, all that follow are there too. So a duct that is full before the slab is, because small
 * pages take as much room in it as large ones, costs nothing of the ring's capacity. The writer may
 * move bytes from the duct into the slab's memory, where they have their place:
 *
 *     |. in memory, pulled .|~~~~ in the duct ~~~~|.... in memory ....|
 *      0                     ^pulled               ^piped              ^filled
 *
 * A free slab is handed out most recently used first. A ring of 4096 slabs that needs only two
 * touches only two, and they stay in the cache.
 *
 * Who has to keep lines whole, and may give some up, uses groups.h besides.
 *
 * Nothing here blocks, sleeps, reads a clock or knows a descriptor; every call holds one mutex for
 * a few instructions. The threads wait for slabs and bytes elsewhere (threads/).
 */
#ifndef SLABCAT_RING_H
#define SLABCAT_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct duct;
struct ring;

/* What is missing somewhere in the stream. */
struct gap {
    uint64_t bytes;
    uint64_t lines;
};

struct slab {
    unsigned char *bytes;     /* its memory, fixed */
    struct duct *duct;        /* the reader's to give, once; NULL until then */
    struct slab *next;        /* under the lock: the next younger one, or the next free one */
    uint32_t filled;          /* reader: bytes stored so far, published or not */
    uint32_t piped;           /* reader: so many of them went into the duct */
    uint32_t published;       /* under the lock: what the writer may take */
    uint32_t published_piped; /* under the lock: so many of them went into the duct */
    uint32_t pulled;          /* under the lock: so many of those are in memory by now */
    uint32_t drained;         /* under the lock: what the writer is done with */

    /* All of these are groups.h's, and under the lock. */
    uint32_t lines;  /* that end in it */
    uint32_t marker; /* so many bytes at its beginning are no stream data, but stand for a gap */
    struct gap gap;
    bool continues; /* its last line goes on in the next slab */
    bool
        is_taken; /* the writer has been given something of it, or of what its first line began in */
};

/* What the writer holds between take and release. */
struct span {
    unsigned char *bytes; /* where they are, or with a duct, where they have their place */
    size_t length;
    struct duct *duct; /* where they are, unless NULL */
};

/* A slab's marks are 32 bits wide; 65,536 slabs take 5.5 MiB besides their store. */
#define RING_SLAB_SIZE_MAX  ((size_t)1 << 30)
#define RING_SLAB_COUNT_MAX ((size_t)1 << 16)

/* STORE is count x size bytes of the caller's; it is touched only where a slab is used. */
int ring_make(struct ring **made, size_t count, size_t size, unsigned char *store);
void ring_free(struct ring *ring);

/*
 * Reader: the slab to append to, with at least one byte of room; NULL when none is free. What has
 * been filled to the brim is published before.
 */
struct slab *ring_claim(struct ring *ring);

/* Reader: how many bytes can be stored right now, all free slabs included. */
size_t ring_vacancy(struct ring *ring);

/* Reader: room left in a claimed slab. */
size_t ring_room(const struct ring *ring, const struct slab *slab);

/* Reader: hand over all that the slab has been filled with. A full slab is closed by this. */
void ring_publish(struct ring *ring, struct slab *slab);

/*
 * Reader: the same, and close the slab although it is not full: what comes next needs a fresh one.
 */
void ring_close(struct ring *ring, struct slab *slab);

/*
 * Writer: the oldest published bytes but for the first SKIP that have not been released, in at most
 * MOST spans that follow each other: several only if all of them are in memory. How many spans; 0
 * when nothing is published behind those. What is skipped has been taken before.
 */
size_t ring_take(struct ring *ring, size_t skip, struct span *spans, size_t most);

/* Writer: the first LENGTH of the taken bytes are gone. True when this freed a slab. */
bool ring_release(struct ring *ring, size_t length);

/*
 * Writer: the first LENGTH bytes of the first span that was taken with SKIP have moved from the duct
 * to their memory.
 */
void ring_pulled(struct ring *ring, size_t skip, size_t length);

/* Anybody: how many slabs hold published bytes. */
size_t ring_depth(struct ring *ring);

/* Anybody: a slab is free, besides the open one if there is one. */
bool ring_has_free(struct ring *ring);

/* Anybody: none is, and none is open. */
bool ring_is_full(struct ring *ring);

#endif
