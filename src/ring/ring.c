#include "ring/inside.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

int ring_make(struct ring **made, size_t count, size_t size, unsigned char *store)
{
    struct ring *ring = calloc(1, sizeof *ring);
    int error = -ENOMEM;

    assert(size <= RING_SLAB_SIZE_MAX && count <= RING_SLAB_COUNT_MAX);
    if (!ring)
        return error;
    ring->count = count;
    ring->size = size;
    ring->store = store;
    /* calloc: zero pages of a large array are not touched until their slab is used */
    ring->slabs = calloc(count, sizeof *ring->slabs);
    if (!ring->slabs)
        goto cleanup;
    error = -pthread_mutex_init(&ring->lock, NULL);
    if (error)
        goto cleanup;
    *made = ring;
    return 0;
cleanup:
    free(ring->slabs);
    free(ring);
    return error;
}

void ring_free(struct ring *ring)
{
    if (!ring)
        return;
    pthread_mutex_destroy(&ring->lock);
    free(ring->slabs);
    free(ring);
}

static bool is_drained(const struct slab *slab)
{
    return slab->drained == slab->published;
}

static void empty(struct slab *slab)
{
    *slab = (struct slab){.bytes = slab->bytes, .duct = slab->duct, .next = slab->next};
}

struct slab *inside_pop_free(struct ring *ring)
{
    struct slab *slab = ring->free;

    if (slab) {
        ring->free = slab->next;
    } else if (ring->untouched < ring->count) {
        slab = &ring->slabs[ring->untouched];
        slab->bytes = ring->store + ring->untouched * ring->size;
        ring->untouched++;
    }
    if (!slab)
        return NULL;
    ring->in_use++;
    slab->next = NULL;
    empty(slab);
    return slab;
}

void inside_push_free(struct ring *ring, struct slab *slab)
{
    slab->next = ring->free;
    ring->free = slab;
    ring->in_use--;
}

void inside_append(struct ring *ring, struct slab *slab)
{
    if (ring->youngest)
        ring->youngest->next = slab;
    else
        ring->oldest = slab;
    ring->youngest = slab;
    ring->youngest_is_open = true;
}

struct slab *ring_claim(struct ring *ring)
{
    struct slab *slab;

    pthread_mutex_lock(&ring->lock);
    if (ring->youngest_is_open) {
        slab = ring->youngest;
        /* nothing in it belongs to the writer or waits for publication: start it again */
        if (is_drained(slab) && slab->published == slab->filled)
            empty(slab);
    } else {
        slab = inside_pop_free(ring);
        if (slab)
            inside_append(ring, slab);
    }
    pthread_mutex_unlock(&ring->lock);
    return slab;
}

size_t ring_vacancy(struct ring *ring)
{
    size_t vacancy;

    pthread_mutex_lock(&ring->lock);
    vacancy = (ring->count - ring->in_use) * ring->size;
    if (ring->youngest_is_open)
        vacancy += ring->size - ring->youngest->filled;
    pthread_mutex_unlock(&ring->lock);
    return vacancy;
}

size_t ring_room(const struct ring *ring, const struct slab *slab)
{
    return ring->size - slab->filled;
}

/* The oldest slab is closed and drained: it is free again. */
static void free_oldest(struct ring *ring)
{
    struct slab *slab = ring->oldest;

    ring->oldest = slab->next;
    if (!ring->oldest)
        ring->youngest = NULL;
    else if (slab->continues)
        ring->oldest->is_taken = true; /* what it begins with is the rest of a line */
    inside_push_free(ring, slab);
}

void inside_close_youngest(struct ring *ring)
{
    ring->youngest_is_open = false;
    /* with all of it drained already it is the oldest, and no release will come for it */
    if (is_drained(ring->youngest))
        free_oldest(ring);
}

static void publish(struct ring *ring, struct slab *slab, bool close)
{
    pthread_mutex_lock(&ring->lock);
    assert(slab == ring->youngest && ring->youngest_is_open && !ring->line);
    assert(slab->published <= slab->filled && slab->filled <= ring->size);
    assert(slab->piped <= slab->filled);
    slab->published = slab->filled;
    slab->published_piped = slab->piped;
    /* an empty slab is as fresh as the next one would be */
    if (slab->filled > 0 && (close || slab->filled == ring->size))
        inside_close_youngest(ring);
    pthread_mutex_unlock(&ring->lock);
}

void ring_publish(struct ring *ring, struct slab *slab)
{
    publish(ring, slab, false);
}

void ring_close(struct ring *ring, struct slab *slab)
{
    publish(ring, slab, true);
}

/*
 * The slab with the first published byte behind SKIP others, and where it is AT; NULL when there is
 * no such byte yet.
 */
static struct slab *find(const struct ring *ring, size_t skip, uint32_t *at)
{
    struct slab *slab;

    for (slab = ring->oldest; slab; slab = slab->next) {
        const size_t there = slab->published - slab->drained;

        if (skip < there)
            break;
        skip -= there;
    }
    assert(slab || !skip); /* what is skipped has been taken before */
    if (slab)
        *at = slab->drained + (uint32_t)skip;
    return slab;
}

/* The published bytes from AT on, up to where their store ends. */
static struct span span_at(const struct slab *slab, uint32_t at)
{
    struct span span = {.bytes = slab->bytes + at};

    if (at < slab->pulled) {
        span.length = slab->pulled - at;
    } else if (at < slab->published_piped) {
        span.length = slab->published_piped - at;
        span.duct = slab->duct;
    } else {
        span.length = slab->published - at;
    }
    return span;
}

size_t ring_take(struct ring *ring, size_t skip, struct span *spans, size_t most)
{
    struct slab *slab;
    size_t count = 0;
    uint32_t at = 0;

    pthread_mutex_lock(&ring->lock);
    /* one without published bytes is open, or holds a part of a line that is not whole yet */
    for (slab = find(ring, skip, &at); slab && at < slab->published && count < most;
         slab = slab->next, at = 0) {
        spans[count] = span_at(slab, at);
        if (count > 0 && spans[count].duct)
            break;
        slab->is_taken = true;
        count++;
        if (spans[count - 1].duct || at + spans[count - 1].length < slab->published)
            break;
    }
    pthread_mutex_unlock(&ring->lock);
    return count;
}

/* Take LENGTH bytes at most from the oldest slab, and say how many. It is freed when it is done. */
static size_t drain_oldest(struct ring *ring, size_t length)
{
    struct slab *slab = ring->oldest;
    size_t part;

    assert(slab && !is_drained(slab));
    part = slab->published - slab->drained;
    if (part > length)
        part = length;
    slab->drained += (uint32_t)part;
    if (is_drained(slab) && !(slab == ring->youngest && ring->youngest_is_open))
        free_oldest(ring);
    return part;
}

bool ring_release(struct ring *ring, size_t length)
{
    size_t before;
    bool freed;

    pthread_mutex_lock(&ring->lock);
    before = ring->in_use;
    while (length > 0)
        length -= drain_oldest(ring, length);
    freed = ring->in_use < before;
    pthread_mutex_unlock(&ring->lock);
    return freed;
}

void ring_pulled(struct ring *ring, size_t skip, size_t length)
{
    struct slab *slab;
    uint32_t at = 0;

    pthread_mutex_lock(&ring->lock);
    slab = find(ring, skip, &at);
    assert(slab && slab->pulled <= at);
    slab->pulled = at + (uint32_t)length;
    assert(slab->pulled <= slab->published_piped);
    pthread_mutex_unlock(&ring->lock);
}

size_t ring_depth(struct ring *ring)
{
    const struct slab *slab;
    size_t depth;

    pthread_mutex_lock(&ring->lock);
    depth = ring->in_use;
    for (slab = ring->line; slab && slab != ring->youngest; slab = slab->next)
        depth--;
    if (ring->youngest_is_open && is_drained(ring->youngest))
        depth--;
    pthread_mutex_unlock(&ring->lock);
    return depth;
}

bool ring_has_free(struct ring *ring)
{
    bool has_free;

    pthread_mutex_lock(&ring->lock);
    has_free = ring->in_use < ring->count;
    pthread_mutex_unlock(&ring->lock);
    return has_free;
}

bool ring_is_full(struct ring *ring)
{
    bool is_full;

    pthread_mutex_lock(&ring->lock);
    is_full = ring->in_use == ring->count && !ring->youngest_is_open;
    pthread_mutex_unlock(&ring->lock);
    return is_full;
}
