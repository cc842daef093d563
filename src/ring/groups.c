#include "ring/groups.h"

#include "ring/inside.h"

#include <assert.h>
#include <string.h>

void ring_publish_lines(struct ring *ring, struct slab *slab, size_t upto, size_t lines)
{
    struct slab *part;

    pthread_mutex_lock(&ring->lock);
    assert(slab == ring->youngest && ring->youngest_is_open && !slab->piped);
    assert(slab->published <= upto && upto <= slab->filled);
    for (part = ring->line; part && part != slab; part = part->next)
        part->published = part->filled;
    ring->line = NULL;
    slab->published = (uint32_t)upto;
    slab->lines += (uint32_t)lines;
    if (upto == ring->size)
        inside_close_youngest(ring);
    pthread_mutex_unlock(&ring->lock);
}

/* The bytes behind what is published of SLAB go to FRESH, which nobody else knows yet. */
static void carry(struct slab *slab, struct slab *fresh)
{
    fresh->filled = slab->filled - slab->published;
    memcpy(fresh->bytes, slab->bytes + slab->published, fresh->filled);
}

struct slab *ring_extend(struct ring *ring, struct slab *slab)
{
    struct slab *fresh;

    pthread_mutex_lock(&ring->lock);
    assert(slab == ring->youngest && ring->youngest_is_open && slab->filled > 0);
    fresh = inside_pop_free(ring);
    pthread_mutex_unlock(&ring->lock);
    if (!fresh)
        return NULL;
    if (slab->published)
        carry(slab, fresh);
    pthread_mutex_lock(&ring->lock);
    if (slab->published) {
        slab->filled = slab->published;
        inside_close_youngest(ring);
    } else {
        slab->continues = true;
        if (!ring->line)
            ring->line = slab;
    }
    inside_append(ring, fresh);
    pthread_mutex_unlock(&ring->lock);
    return fresh;
}

size_t ring_retract(struct ring *ring)
{
    struct slab *first;
    struct slab *part;
    size_t bytes = 0;

    pthread_mutex_lock(&ring->lock);
    first = ring->line ? ring->line : ring->youngest;
    if (ring->youngest_is_open) {
        bytes = first->filled - first->published;
        first->filled = first->published;
        first->continues = false;
        ring->youngest = first;
        ring->line = NULL;
        while ((part = first->next)) {
            first->next = part->next;
            bytes += part->filled;
            inside_push_free(ring, part);
        }
    }
    pthread_mutex_unlock(&ring->lock);
    return bytes;
}

/* Where a group is in the ring. */
struct group {
    struct slab *before; /* the slab before it; NULL: it is the oldest */
    struct slab *marker; /* that slab, if all it holds is a marker that can still be rewritten */
    struct slab *first;
    struct slab *last;
};

static bool is_marker(const struct slab *slab)
{
    return slab->marker && slab->published == slab->marker && !slab->is_taken;
}

/* The oldest group of stream data that the writer has been given nothing of. */
static bool find_evictable(const struct ring *ring, struct group *group)
{
    *group = (struct group){.first = ring->oldest};
    while (group->first) {
        struct slab *last = group->first;

        while (last->continues)
            last = last->next;
        group->last = last;
        if (group->first->published > group->first->marker && !group->first->is_taken)
            return true;
        group->marker = is_marker(group->first) ? group->first : NULL;
        group->before = last;
        group->first = last->next;
    }
    return false;
}

/* What is published in GROUP, and what the markers stand for that go or are rewritten with it. */
static struct gap sum_up(const struct group *group, struct evicted *evicted)
{
    const struct slab *slab = group->first;
    struct gap gap = slab->gap;

    *evicted =
        (struct evicted){.gap.bytes = slab->published - slab->marker, .gap.lines = slab->lines};
    while (slab != group->last) {
        slab = slab->next;
        evicted->gap.bytes += slab->published;
        evicted->gap.lines += slab->lines;
    }
    if (group->marker) {
        gap.bytes += group->marker->gap.bytes;
        gap.lines += group->marker->gap.lines;
    }
    return (struct gap){gap.bytes + evicted->gap.bytes, gap.lines + evicted->gap.lines};
}

/* What is left of SLAB: a marker of LENGTH bytes (or 0) for GAP, and REST bytes from AT on. */
static void remake(struct slab *slab, const unsigned char *text, size_t length, struct gap gap,
                   uint32_t at, uint32_t rest)
{
    memmove(slab->bytes + length, slab->bytes + at, rest);
    memcpy(slab->bytes, text, length);
    slab->filled = (uint32_t)length + rest;
    slab->published = slab->marker = (uint32_t)length;
    slab->gap = length ? gap : (struct gap){0};
    slab->lines = 0;
    slab->continues = false;
}

/* Take GROUP out of the ring but for KEPT and OPEN, two of its slabs, one, or NULL. */
static void unlink_group(struct ring *ring, const struct group *group, const struct slab *kept,
                         const struct slab *open)
{
    const bool is_youngest = group->last == ring->youngest;
    struct slab *const behind = group->last->next;
    struct slab *before = group->before;
    struct slab *slab = group->first;

    while (slab != behind) {
        struct slab *const next = slab->next;

        if (slab != kept && slab != open) {
            inside_push_free(ring, slab);
        } else {
            if (before)
                before->next = slab;
            else
                ring->oldest = slab;
            before = slab;
        }
        slab = next;
    }
    if (before)
        before->next = behind;
    else
        ring->oldest = behind;
    if (is_youngest) {
        ring->youngest = before;
        /* a marker alone leaves room for lines */
        ring->youngest_is_open = open || (kept && kept->filled < ring->size);
    }
}

static bool evict(struct ring *ring, const struct group *group, const struct marker *marker,
                  struct evicted *evicted)
{
    const bool is_open = group->last == ring->youngest && ring->youngest_is_open;
    const uint32_t at = group->last->published;
    const uint32_t rest = is_open ? group->last->filled - at : 0;
    const struct gap gap = sum_up(group, evicted);
    struct slab *const home = group->marker ? group->marker : group->first;
    const size_t before = home->marker;
    unsigned char text[RING_MARKER_MAX];
    size_t length = 0;

    if (marker && home == group->last && rest && rest + RING_MARKER_MAX > ring->size)
        return false;
    if (marker)
        length = marker->write(marker->context, gap, before, text);
    if (home != group->first)
        evicted->markers = group->first->marker;
    if (marker && home == group->last) {
        remake(home, text, length, gap, at, rest);
    } else {
        if (marker)
            remake(home, text, length, gap, 0, 0);
        if (is_open)
            remake(group->last, text, 0, gap, at, rest);
    }
    unlink_group(ring, group, marker && home == group->first ? home : NULL,
                 is_open ? group->last : NULL);
    return true;
}

bool ring_evict(struct ring *ring, const struct marker *marker, struct evicted *evicted)
{
    struct group group;
    bool is_done;

    pthread_mutex_lock(&ring->lock);
    is_done = find_evictable(ring, &group) && evict(ring, &group, marker, evicted);
    pthread_mutex_unlock(&ring->lock);
    return is_done;
}

bool ring_mark(struct ring *ring, struct slab *slab, const struct marker *marker, struct gap gap)
{
    unsigned char text[RING_MARKER_MAX];
    bool is_done;

    pthread_mutex_lock(&ring->lock);
    assert(slab == ring->youngest && ring->youngest_is_open && slab->filled == slab->marker);
    is_done = !slab->marker || is_marker(slab);
    if (is_done) {
        const struct gap sum = {slab->gap.bytes + gap.bytes, slab->gap.lines + gap.lines};
        const size_t length = marker->write(marker->context, sum, slab->marker, text);

        remake(slab, text, length, sum, 0, 0);
    }
    pthread_mutex_unlock(&ring->lock);
    return is_done;
}
