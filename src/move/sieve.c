#include "move/sieve.h"

#include "move/gap.h"
#include "watch/lines.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(GAP_LINE_MAX <= RING_MARKER_MAX, "a marker holds the line");

static size_t write_marker(void *context, struct gap gap, size_t before, unsigned char *text)
{
    const struct sieve *sieve = context;
    const size_t length = gap_write((char *)text, gap.lines, gap.bytes, sieve->delimiter);

    meters_marked(sieve->meters, length, before);
    return length;
}

int sieve_start(struct sieve *sieve, const struct settings *settings, struct ring *ring,
                struct meters *meters)
{
    const size_t slab_size = settings->slab_size;

    *sieve = (struct sieve){
        .ring = ring,
        .meters = meters,
        .slab_size = slab_size,
        .delimiter = settings->delimiter,
        .evicts = settings->on_full == ON_FULL_DROP_OLDEST,
        .marks = settings->mark_gaps && slab_size >= MARKED_SLAB_MIN,
        .marker = {.write = write_marker, .context = sieve},
        .scratch = malloc(slab_size > SIEVE_SCRATCH ? slab_size : SIEVE_SCRATCH),
    };
    meters->hands_on_lines = true;
    return sieve->scratch ? 0 : -ENOMEM;
}

void sieve_free(struct sieve *sieve)
{
    free(sieve->scratch);
}

/* What comes in is given up. */
static void drop(struct sieve *sieve, size_t bytes, uint64_t lines)
{
    meters_dropped(sieve->meters, bytes, lines, false);
    if (sieve->marks) {
        sieve->gap.bytes += bytes;
        sieve->gap.lines += lines;
    }
}

/* Make room by giving up the oldest lines. False: that is not to be, or cannot be. */
static bool make_room(struct sieve *sieve)
{
    struct evicted evicted;

    sieve->is_full = true;
    if (!sieve->evicts || !ring_evict(sieve->ring, sieve->marks ? &sieve->marker : NULL, &evicted))
        return false;
    meters_dropped(sieve->meters, evicted.gap.bytes, evicted.gap.lines, true);
    meters_marked(sieve->meters, 0, evicted.markers);
    sieve->has_handed_on = sieve->has_handed_on || sieve->marks;
    return true;
}

/* Say in SLAB, the open one, what is missing before it. False: that has to be another slab. */
static bool mark(struct sieve *sieve, struct slab *slab)
{
    const size_t before = slab->marker;

    if (slab->filled > slab->marker || !ring_mark(sieve->ring, slab, &sieve->marker, sieve->gap))
        return false;
    meters_hand_on(sieve->meters, slab->filled - before);
    sieve->gap = (struct gap){0};
    sieve->has_handed_on = true;
    return true;
}

/* SLAB is open, and the next line can begin in it. */
static bool can_begin_in(struct sieve *sieve, struct slab *slab)
{
    /* what a line has been too long for is not filled up with shorter ones, by tiny reads */
    if (slab->filled > slab->marker)
        return false;
    return sieve->is_headless || !sieve->gap.lines || mark(sieve, slab);
}

/* The slab that the next line can begin in; NULL when there is none. */
static struct slab *next_slab(struct sieve *sieve)
{
    for (;;) {
        struct slab *slab = ring_claim(sieve->ring);

        if (!slab || can_begin_in(sieve, slab))
            return slab;
        ring_close(sieve->ring, slab);
    }
}

static void use(struct sieve *sieve, struct slab *slab)
{
    sieve->slab = slab;
    sieve->whole = slab ? slab->published : 0;
}

static void find_slab(struct sieve *sieve)
{
    struct slab *slab = next_slab(sieve);

    if (slab)
        sieve->is_full = false;
    while (!slab && make_room(sieve))
        slab = next_slab(sieve);
    use(sieve, slab);
}

/* The line that is coming in has found no room. */
static void drop_line(struct sieve *sieve)
{
    const size_t bytes = ring_retract(sieve->ring);

    assert(bytes == sieve->stored);
    sieve->stored = 0;
    sieve->is_headless = true;
    drop(sieve, bytes, 0);
    use(sieve, NULL);
}

static size_t room_in(const struct sieve *sieve)
{
    return sieve->slab_size - sieve->slab->filled;
}

/* More room for the line that is coming in, LEAST bytes; if there is none it is dropped. */
static void extend(struct sieve *sieve, size_t least)
{
    bool is_full = false;

    while (sieve->slab && room_in(sieve) < least && sieve->slab->filled > 0) {
        struct slab *const slab = ring_extend(sieve->ring, sieve->slab);

        is_full = is_full || !slab;
        if (slab || make_room(sieve))
            use(sieve, slab ? slab : sieve->slab);
        else
            drop_line(sieve);
    }
    sieve->is_full = is_full;
}

static void renew(struct sieve *sieve, size_t least)
{
    if (!sieve->slab)
        return;
    if (sieve->stored == 0) { /* one that is drained starts again */
        use(sieve, ring_claim(sieve->ring));
        if (room_in(sieve) >= least)
            return;
        if (sieve->slab->filled > 0)
            ring_close(sieve->ring, sieve->slab);
        use(sieve, NULL);
    } else if (room_in(sieve) < least) {
        sieve_publish(sieve);
        if (sieve->stored > 0)
            extend(sieve, least);
        else
            renew(sieve, least);
    }
}

struct sieve_room sieve_place(struct sieve *sieve, size_t least)
{
    const size_t need = least < sieve->slab_size ? least : sieve->slab_size;
    struct slab *slab;

    sieve->is_full = sieve_is_full(sieve);
    renew(sieve, need);
    if (!sieve->slab)
        find_slab(sieve);
    slab = sieve->slab;
    sieve->ahead = 0;
    if (slab && sieve->is_headless && sieve->marks) {
        sieve->ahead = RING_MARKER_MAX - slab->filled;
        if (room_in(sieve) - sieve->ahead < need) /* a message, longer than what is left */
            slab = sieve->slab = NULL;
    }
    if (!slab)
        return (struct sieve_room){sieve->scratch, need > SIEVE_SCRATCH ? need : SIEVE_SCRATCH};
    return (struct sieve_room){slab->bytes + slab->filled + sieve->ahead,
                               room_in(sieve) - sieve->ahead};
}

bool sieve_is_full(const struct sieve *sieve)
{
    return sieve->is_full && !ring_has_free(sieve->ring);
}

static void drop_all(struct sieve *sieve, const unsigned char *bytes, size_t length)
{
    if (!length)
        return;
    drop(sieve, length, lines_count(bytes, length, sieve->delimiter));
    sieve->is_headless = bytes[length - 1] != (unsigned char)sieve->delimiter;
}

/*
 * Of the GOT bytes that have been put behind the slab's others leave out the rest of the line that
 * has been dropped: how many are left, if any, right behind what the slab in use holds then.
 */
static size_t behead(struct sieve *sieve, size_t got)
{
    struct slab *slab = sieve->slab;
    const unsigned char *const bytes = slab->bytes + slab->filled + sieve->ahead;
    const size_t head = lines_first(bytes, got, sieve->delimiter);
    const size_t rest = head ? got - head : 0;

    drop_all(sieve, bytes, got - rest);
    if (!head)
        return 0;
    if (sieve->marks && !mark(sieve, slab)) {
        ring_close(sieve->ring, slab); /* its memory stays as it is until it is claimed again */
        slab = next_slab(sieve);
    }
    use(sieve, slab);
    if (slab)
        memmove(slab->bytes + slab->filled, bytes + head, rest);
    else
        drop_all(sieve, bytes + head, rest);
    return slab ? rest : 0;
}

void sieve_took(struct sieve *sieve, size_t got)
{
    const unsigned char *bytes;
    struct slab *slab;
    size_t whole;

    if (!sieve->slab) {
        drop_all(sieve, sieve->scratch, got);
        return;
    }
    if (sieve->is_headless)
        got = behead(sieve, got);
    if (!got)
        return;
    slab = sieve->slab;
    bytes = slab->bytes + slab->filled;
    whole = lines_whole(bytes, got, sieve->delimiter);
    if (whole) {
        sieve->whole = slab->filled + whole;
        sieve->lines += lines_count(bytes, whole, sieve->delimiter);
    }
    slab->filled += (uint32_t)got;
    sieve->stored += got;
}

void sieve_publish(struct sieve *sieve)
{
    size_t rest;

    if (!sieve->lines)
        return;
    rest = sieve->slab->filled - sieve->whole;
    meters_hand_on(sieve->meters, sieve->stored - rest);
    ring_publish_lines(sieve->ring, sieve->slab, sieve->whole, sieve->lines);
    sieve->stored = rest;
    sieve->lines = 0;
    sieve->has_handed_on = true;
    if (sieve->whole == sieve->slab_size)
        use(sieve, NULL);
}

void sieve_end(struct sieve *sieve, bool is_whole)
{
    if (is_whole && sieve->stored > 0 && sieve->slab->filled > sieve->whole) {
        sieve->whole = sieve->slab->filled;
        sieve->lines++;
    }
    sieve_publish(sieve);
    if (sieve->is_headless)
        drop(sieve, 0, 1);
    sieve->is_headless = false;
}

bool sieve_owes_marker(const struct sieve *sieve)
{
    return sieve->gap.lines > 0;
}

void sieve_settle(struct sieve *sieve)
{
    use(sieve, next_slab(sieve));
}
