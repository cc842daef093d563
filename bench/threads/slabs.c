#include "bench/threads/slabs.h"

#include "ring/ring.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { SPANS_MAX = 8 }; /* taken at once */

int slabs_make(struct slabs *slabs, size_t count, size_t size, struct output *output)
{
    int error;

    *slabs = (struct slabs){.low = count / LOW_PART,
                            .output = output,
                            .producers = {.wake = PTHREAD_COND_INITIALIZER},
                            .writer = {.wake = PTHREAD_COND_INITIALIZER}};
    error = lock_make(&slabs->lock);
    if (error)
        return error;
    slabs->store = malloc(count * size);
    if (!slabs->store)
        return -ENOMEM;
    memset(slabs->store, 0, count * size); /* so that no page is touched for the first time later */
    return ring_make(&slabs->ring, count, size, slabs->store);
}

void slabs_free(struct slabs *slabs)
{
    ring_free(slabs->ring);
    free(slabs->store);
}

/*
 * With the lock held: close the open slab, and wake the writer if it sleeps. The signal is given at
 * once and not behind the lock, because who closes a slab may have to sleep for the next one.
 */
static void hand_over(struct slabs *slabs)
{
    ring_close(slabs->ring, slabs->open);
    slabs->open = NULL;
    if (sleepers_pick(&slabs->writer))
        pthread_cond_signal(&slabs->writer.wake);
}

/*
 * With the lock held: a slab with room for LENGTH bytes is open when this returns. True when the
 * caller has to wake the next producer, because it slept itself and now there is room.
 */
static bool make_room(struct slabs *slabs, size_t length)
{
    bool slept = false;

    for (;;) {
        if (slabs->open && ring_room(slabs->ring, slabs->open) < length)
            hand_over(slabs);
        if (!slabs->open)
            slabs->open = ring_claim(slabs->ring);
        if (slabs->open)
            return slept && sleepers_pick(&slabs->producers);
        sleepers_join(&slabs->producers, &slabs->lock);
        slept = true;
    }
}

void slabs_put(struct slabs *slabs, const unsigned char *bytes, size_t length)
{
    struct slab *slab;
    bool wake;

    pthread_mutex_lock(&slabs->lock);
    wake = make_room(slabs, length);
    slab = slabs->open;
    memcpy(slab->bytes + slab->filled, bytes, length);
    slab->filled += (uint32_t)length;
    if (ring_room(slabs->ring, slab) == 0)
        hand_over(slabs);
    pthread_mutex_unlock(&slabs->lock);
    if (wake)
        pthread_cond_signal(&slabs->producers.wake);
}

void slabs_close(struct slabs *slabs)
{
    pthread_mutex_lock(&slabs->lock);
    if (slabs->open)
        hand_over(slabs);
    slabs->closed = true;
    pthread_mutex_unlock(&slabs->lock);
    pthread_cond_signal(&slabs->writer.wake);
}

/* Wait for published slabs; 0 when there will be none any more. */
static size_t take(struct slabs *slabs, struct span *spans, size_t most)
{
    size_t count = ring_take(slabs->ring, 0, spans, most);

    if (count > 0)
        return count;
    pthread_mutex_lock(&slabs->lock);
    for (;;) {
        count = ring_take(slabs->ring, 0, spans, most);
        if (count > 0 || slabs->closed)
            break;
        sleepers_join(&slabs->writer, &slabs->lock);
    }
    pthread_mutex_unlock(&slabs->lock);
    return count;
}

static void release(struct slabs *slabs, size_t length)
{
    bool wake;

    ring_release(slabs->ring, length);
    if (ring_depth(slabs->ring) > slabs->low)
        return;
    pthread_mutex_lock(&slabs->lock);
    wake = sleepers_pick(&slabs->producers);
    pthread_mutex_unlock(&slabs->lock);
    if (wake)
        pthread_cond_signal(&slabs->producers.wake);
}

void *slabs_write(void *argument)
{
    struct slabs *slabs = argument;
    struct span spans[SPANS_MAX];
    size_t count;
    size_t i;

    while ((count = take(slabs, spans, SPANS_MAX)) > 0) {
        for (i = 0; i < count; i++) {
            output_write(slabs->output, spans[i].bytes, spans[i].length);
            release(slabs, spans[i].length);
        }
    }
    output_finish(slabs->output);
    return NULL;
}
