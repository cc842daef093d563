#include "input/line_dropper.h"

#include "input/gap.h"
#include "watch/lines.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(GAP_LINE_MAX <= RING_MARKER_MAX, "a marker holds the line");

static size_t write_marker(void *context, struct gap gap, size_t before, unsigned char *text)
{
    const struct line_dropper *dropper = context;
    const size_t length = gap_write((char *)text, gap.lines, gap.bytes, dropper->delimiter);

    meters_marked(dropper->meters, length, before);
    return length;
}

int line_dropper_start(struct line_dropper *dropper, const struct settings *settings,
                       struct ring *ring, struct meters *meters)
{
    const size_t slab_size = settings->slab_size;

    *dropper = (struct line_dropper){
        .ring = ring,
        .meters = meters,
        .slab_size = slab_size,
        .delimiter = settings->delimiter,
        .evicts = settings->on_full == ON_FULL_DROP_OLDEST,
        .marks = settings->mark_gaps && slab_size >= MARKED_SLAB_MIN,
        .marker = {.write = write_marker, .context = dropper},
        .scratch = malloc(slab_size > LINE_DROPPER_SCRATCH ? slab_size : LINE_DROPPER_SCRATCH),
    };
    meters->hands_on_lines = true;
    return dropper->scratch ? 0 : -ENOMEM;
}

void line_dropper_free(struct line_dropper *dropper)
{
    free(dropper->scratch);
}

/* What comes in is given up. */
static void drop(struct line_dropper *dropper, size_t bytes, uint64_t lines)
{
    meters_dropped(dropper->meters, bytes, lines, false);
    if (dropper->marks) {
        dropper->gap.bytes += bytes;
        dropper->gap.lines += lines;
    }
}

/* Make room by giving up the oldest lines. False: that is not to be, or cannot be. */
static bool make_room(struct line_dropper *dropper)
{
    struct evicted evicted;

    dropper->is_full = true;
    if (!dropper->evicts ||
        !ring_evict(dropper->ring, dropper->marks ? &dropper->marker : NULL, &evicted))
        return false;
    meters_dropped(dropper->meters, evicted.gap.bytes, evicted.gap.lines, true);
    meters_marked(dropper->meters, 0, evicted.markers);
    dropper->has_handed_on = dropper->has_handed_on || dropper->marks;
    return true;
}

/* Say in SLAB, the open one, what is missing before it. False: that has to be another slab. */
static bool mark(struct line_dropper *dropper, struct slab *slab)
{
    const size_t before = slab->marker;

    if (slab->filled > slab->marker ||
        !ring_mark(dropper->ring, slab, &dropper->marker, dropper->gap))
        return false;
    meters_hand_on(dropper->meters, slab->filled - before);
    dropper->gap = (struct gap){0};
    dropper->has_handed_on = true;
    return true;
}

/* SLAB is open, and the next line can begin in it. */
static bool can_begin_in(struct line_dropper *dropper, struct slab *slab)
{
    /* what a line has been too long for is not filled up with shorter ones, by tiny reads */
    if (slab->filled > slab->marker)
        return false;
    return dropper->is_headless || !dropper->gap.lines || mark(dropper, slab);
}

/* The slab that the next line can begin in; NULL when there is none. */
static struct slab *next_slab(struct line_dropper *dropper)
{
    for (;;) {
        struct slab *slab = ring_claim(dropper->ring);

        if (!slab || can_begin_in(dropper, slab))
            return slab;
        ring_close(dropper->ring, slab);
    }
}

static void use(struct line_dropper *dropper, struct slab *slab)
{
    dropper->slab = slab;
    dropper->whole = slab ? slab->published : 0;
}

static void find_slab(struct line_dropper *dropper)
{
    struct slab *slab = next_slab(dropper);

    if (slab)
        dropper->is_full = false;
    while (!slab && make_room(dropper))
        slab = next_slab(dropper);
    use(dropper, slab);
}

/* The line that is coming in has found no room. */
static void drop_line(struct line_dropper *dropper)
{
    const size_t bytes = ring_retract(dropper->ring);

    assert(bytes == dropper->stored);
    dropper->stored = 0;
    dropper->is_headless = true;
    drop(dropper, bytes, 0);
    use(dropper, NULL);
}

static size_t room_in(const struct line_dropper *dropper)
{
    return dropper->slab_size - dropper->slab->filled;
}

/* More room for the line that is coming in, LEAST bytes; if there is none it is dropped. */
static void extend(struct line_dropper *dropper, size_t least)
{
    bool is_full = false;

    while (dropper->slab && room_in(dropper) < least && dropper->slab->filled > 0) {
        struct slab *const slab = ring_extend(dropper->ring, dropper->slab);

        is_full = is_full || !slab;
        if (slab || make_room(dropper))
            use(dropper, slab ? slab : dropper->slab);
        else
            drop_line(dropper);
    }
    dropper->is_full = is_full;
}

static void renew(struct line_dropper *dropper, size_t least)
{
    if (!dropper->slab)
        return;
    if (dropper->stored == 0) { /* one that is drained starts again */
        use(dropper, ring_claim(dropper->ring));
        if (room_in(dropper) >= least)
            return;
        if (dropper->slab->filled > 0)
            ring_close(dropper->ring, dropper->slab);
        use(dropper, NULL);
    } else if (room_in(dropper) < least) {
        line_dropper_publish(dropper);
        if (dropper->stored > 0)
            extend(dropper, least);
        else
            renew(dropper, least);
    }
}

struct line_dropper_room line_dropper_place(struct line_dropper *dropper, size_t least)
{
    const size_t need = least < dropper->slab_size ? least : dropper->slab_size;
    struct slab *slab;

    dropper->is_full = line_dropper_is_full(dropper);
    renew(dropper, need);
    if (!dropper->slab)
        find_slab(dropper);
    slab = dropper->slab;
    dropper->ahead = 0;
    if (slab && dropper->is_headless && dropper->marks) {
        dropper->ahead = RING_MARKER_MAX - slab->filled;
        if (room_in(dropper) - dropper->ahead < need) /* a message, longer than what is left */
            slab = dropper->slab = NULL;
    }
    if (!slab)
        return (struct line_dropper_room){
            dropper->scratch, need > LINE_DROPPER_SCRATCH ? need : LINE_DROPPER_SCRATCH};
    return (struct line_dropper_room){slab->bytes + slab->filled + dropper->ahead,
                                      room_in(dropper) - dropper->ahead};
}

bool line_dropper_is_full(const struct line_dropper *dropper)
{
    return dropper->is_full && !ring_has_free(dropper->ring);
}

static void drop_all(struct line_dropper *dropper, const unsigned char *bytes, size_t length)
{
    if (!length)
        return;
    drop(dropper, length, lines_count(bytes, length, dropper->delimiter));
    dropper->is_headless = bytes[length - 1] != (unsigned char)dropper->delimiter;
}

/*
 * Of the GOT bytes that have been put behind the slab's others leave out the rest of the line that
 * has been dropped: how many are left, if any, right behind what the slab in use holds then.
 */
static size_t behead(struct line_dropper *dropper, size_t got)
{
    struct slab *slab = dropper->slab;
    const unsigned char *const bytes = slab->bytes + slab->filled + dropper->ahead;
    const size_t head = lines_first(bytes, got, dropper->delimiter);
    const size_t rest = head ? got - head : 0;

    drop_all(dropper, bytes, got - rest);
    if (!head)
        return 0;
    if (dropper->marks && !mark(dropper, slab)) {
        ring_close(dropper->ring, slab); /* its memory stays as it is until it is claimed again */
        slab = next_slab(dropper);
    }
    use(dropper, slab);
    if (slab)
        memmove(slab->bytes + slab->filled, bytes + head, rest);
    else
        drop_all(dropper, bytes + head, rest);
    return slab ? rest : 0;
}

void line_dropper_took(struct line_dropper *dropper, size_t got)
{
    const unsigned char *bytes;
    struct slab *slab;
    size_t whole;

    if (!dropper->slab) {
        drop_all(dropper, dropper->scratch, got);
        return;
    }
    if (dropper->is_headless)
        got = behead(dropper, got);
    if (!got)
        return;
    slab = dropper->slab;
    bytes = slab->bytes + slab->filled;
    whole = lines_whole(bytes, got, dropper->delimiter);
    if (whole) {
        dropper->whole = slab->filled + whole;
        dropper->lines += lines_count(bytes, whole, dropper->delimiter);
    }
    slab->filled += (uint32_t)got;
    dropper->stored += got;
}

void line_dropper_publish(struct line_dropper *dropper)
{
    size_t rest;

    if (!dropper->lines)
        return;
    rest = dropper->slab->filled - dropper->whole;
    meters_hand_on(dropper->meters, dropper->stored - rest);
    ring_publish_lines(dropper->ring, dropper->slab, dropper->whole, dropper->lines);
    dropper->stored = rest;
    dropper->lines = 0;
    dropper->has_handed_on = true;
    if (dropper->whole == dropper->slab_size)
        use(dropper, NULL);
}

void line_dropper_end(struct line_dropper *dropper, bool is_whole)
{
    if (is_whole && dropper->stored > 0 && dropper->slab->filled > dropper->whole) {
        dropper->whole = dropper->slab->filled;
        dropper->lines++;
    }
    line_dropper_publish(dropper);
    if (dropper->is_headless)
        drop(dropper, 0, 1);
    dropper->is_headless = false;
}

bool line_dropper_owes_marker(const struct line_dropper *dropper)
{
    return dropper->gap.lines > 0;
}

void line_dropper_settle(struct line_dropper *dropper)
{
    use(dropper, next_slab(dropper));
}
