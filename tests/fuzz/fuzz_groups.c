/*
 * Lines in the ring, and how some are given up, against a list of lines and markers: what the writer
 * takes is that list, only whole lines are handed over, and an eviction takes out the oldest group
 * that nobody has been given anything of, and says so. (Pages: fuzz_ring.c.)
 *
 * The first bytes choose count, size and whether there are markers; each of the others is an
 * operation, some with a number behind them.
 */
#include "fuzz.h"

#include "entries.h"
#include "ring/groups.h"

#include <stdbool.h>
#include <string.h>

/* With markers a slab has room for one and a little more. */
enum { COUNT_MAX = 5, SMALL_MAX = 9, LARGE_MIN = RING_MARKER_MAX + 1, LARGE_MAX = 150 };
enum { ROOM = COUNT_MAX * LARGE_MAX, SPANS = COUNT_MAX + 1 };
_Static_assert((int)ROOM <= (int)ENTRIES_MAX, "all of a ring");
enum { CLAIM, STORE, STORE_MUCH, END_LINE, PUBLISH, EXTEND, RETRACT, MARK, EVICT, TAKE, RELEASE };
enum { OPERATIONS = RELEASE + 1 };

/* What the ring has asked of who writes markers. */
struct request {
    struct gap gap;
    size_t before;
    unsigned char text[RING_MARKER_MAX];
    size_t length; /* 0: nothing */
};

struct bench {
    const uint8_t *input;
    size_t left;
    struct ring *ring;
    size_t count;
    size_t size;
    bool has_markers;
    struct marker marker;
    struct request request;
    unsigned char store[ROOM];

    struct entries list; /* published, not released */
    size_t taken;        /* so many bytes of it have been */

    struct slab *open; /* NULL: none is */
    unsigned group;    /* the open slab's */
    bool group_is_taken;
    size_t group_slabs;
    unsigned char part[ROOM]; /* stored, not published */
    size_t part_length;
    size_t lines[ROOM]; /* of it: whole lines, their lengths */
    size_t line_count;
    size_t tail; /* of it: what is behind those */
    unsigned char next;
};

static size_t choose(struct bench *bench, size_t most)
{
    if (bench->left == 0)
        return 0;
    bench->left--;
    return *bench->input++ % (most + 1);
}

static size_t write_marker(void *context, struct gap gap, size_t before, unsigned char *text)
{
    struct request *const request = context;
    int length;

    MUST(request->length == 0); /* once for each call */
    *request = (struct request){.gap = gap, .before = before};
    length = snprintf((char *)request->text, sizeof request->text, "-%llu/%llu%.*s\n",
                      (unsigned long long)gap.lines, (unsigned long long)gap.bytes,
                      (int)(gap.bytes % 90),
                      "..................................................."
                      "........................................");
    MUST(length > 0 && length < RING_MARKER_MAX);
    request->length = (size_t)length;
    memcpy(text, request->text, request->length);
    return request->length;
}

static void begin_group(struct bench *bench)
{
    bench->group++;
    bench->group_is_taken = false;
    bench->group_slabs = 1;
}

static void must_agree(struct bench *bench)
{
    const bool has_free = ring_has_free(bench->ring);
    const size_t all = bench->count * bench->size;

    MUST(bench->list.length + bench->part_length + ring_vacancy(bench->ring) <= all);
    MUST(ring_is_full(bench->ring) == (!has_free && !bench->open));
    MUST(!ring_depth(bench->ring) == !bench->list.length);
    MUST(ring_depth(bench->ring) <= bench->count);
}

static void claim(struct bench *bench)
{
    struct slab *slab;
    const bool has_free = ring_has_free(bench->ring);

    if (bench->open && bench->open->filled == bench->size)
        return;
    slab = ring_claim(bench->ring);
    MUST(!slab == (!bench->open && !has_free));
    MUST(!bench->open || slab == bench->open);
    if (slab &&
        (!bench->open || (!bench->part_length && !entries_end_with(&bench->list, bench->group))))
        begin_group(bench);
    if (slab && !bench->part_length && !entries_end_with(&bench->list, bench->group))
        MUST(slab->filled == 0);
    bench->open = slab;
}

static void store(struct bench *bench, size_t length)
{
    struct slab *const slab = bench->open;

    for (; slab && length > 0 && slab->filled < bench->size; length--) {
        bench->part[bench->part_length++] = bench->next;
        slab->bytes[slab->filled++] = bench->next++;
        bench->tail++;
    }
}

/* The byte that ends it is in the open slab. */
static void end_line(struct bench *bench)
{
    if (!bench->tail || !bench->open->filled)
        return;
    bench->lines[bench->line_count++] = bench->part_length;
    bench->tail = 0;
}

static void publish(struct bench *bench)
{
    struct slab *const slab = bench->open;
    const size_t whole = bench->part_length - bench->tail;
    size_t at = 0;
    size_t i;

    if (!bench->line_count)
        return;
    for (i = 0; i < bench->line_count; i++) {
        const struct entry line = {.group = bench->group,
                                   .is_taken = bench->group_is_taken,
                                   .length = bench->lines[i] - at};

        entries_insert(&bench->list, bench->list.count, line, bench->part + at);
        at = bench->lines[i];
    }
    if (slab->filled - bench->tail == bench->size)
        bench->open = NULL;
    ring_publish_lines(bench->ring, slab, slab->filled - bench->tail, bench->line_count);
    memmove(bench->part, bench->part + whole, bench->tail);
    bench->part_length = bench->tail;
    bench->line_count = 0;
}

static void extend(struct bench *bench)
{
    const bool has_free = ring_has_free(bench->ring);
    struct slab *slab;
    bool moves;

    publish(bench);
    if (!bench->open || !bench->open->filled || !bench->tail)
        return;
    moves = bench->open->published > 0;
    slab = ring_extend(bench->ring, bench->open);
    MUST(!slab == !has_free);
    if (!slab)
        return;
    MUST(slab != bench->open && slab->filled == (moves ? bench->tail : 0));
    MUST(!moves || memcmp(slab->bytes, bench->part, bench->tail) == 0);
    if (moves)
        begin_group(bench);
    else
        bench->group_slabs++;
    bench->open = slab;
}

static void retract(struct bench *bench)
{
    MUST(ring_retract(bench->ring) == bench->part_length);
    bench->part_length = bench->tail = bench->line_count = 0;
    if (!bench->open)
        return;
    bench->open = ring_claim(bench->ring); /* where the line began */
    MUST(bench->open);
    if (!entries_end_with(&bench->list, bench->group))
        begin_group(bench);
}

/* What a marker for GAP is, as it was asked for just now: in place of one of BEFORE bytes. */
static struct entry new_marker(struct bench *bench, struct gap gap, size_t before)
{
    const struct request *const request = &bench->request;

    MUST(request->length > 0 && request->before == before);
    MUST(request->gap.bytes == gap.bytes && request->gap.lines == gap.lines);
    return (struct entry){.is_marker = true, .length = request->length, .gap = gap};
}

static void mark(struct bench *bench, struct gap gap)
{
    struct entry marker;
    size_t at;
    bool is_there;

    claim(bench);
    if (!bench->has_markers || !bench->open || bench->part_length)
        return;
    is_there = entries_end_with(&bench->list, bench->group);
    at = bench->list.count - is_there;
    if (is_there && (!bench->list.at[at].is_marker || bench->open->filled > bench->open->marker))
        return;
    MUST(ring_mark(bench->ring, bench->open, &bench->marker, gap) ==
         !(is_there && bench->group_is_taken));
    if (is_there && bench->group_is_taken)
        return;
    if (is_there)
        gap = (struct gap){gap.bytes + bench->list.at[at].gap.bytes,
                           gap.lines + bench->list.at[at].gap.lines};
    marker = new_marker(bench, gap, is_there ? bench->list.at[at].length : 0);
    marker.group = bench->group;
    if (is_there)
        entries_take_out(&bench->list, at);
    entries_insert(&bench->list, at, marker, bench->request.text);
}

/* A group that can be given up: its entries from FIRST on, END is behind them. */
struct candidate {
    size_t first;
    size_t end;
    bool is_open;
    bool has_own;    /* marker */
    bool is_merging; /* the marker before it takes its gap over */
    struct evicted evicted;
};

static bool find_candidate(const struct bench *bench, struct candidate *found)
{
    size_t i;

    *found = (struct candidate){0};
    for (i = 0; i < bench->list.count; i = found->end) {
        const struct entry *const first = &bench->list.at[i];
        struct gap gap = {0};

        found->first = i;
        for (found->end = i;
             found->end < bench->list.count && bench->list.at[found->end].group == first->group;
             found->end++) {
            if (bench->list.at[found->end].is_marker)
                continue;
            gap.bytes += bench->list.at[found->end].length;
            gap.lines++;
        }
        found->evicted.gap = gap;
        if (!first->is_taken && gap.lines)
            break;
    }
    if (i == bench->list.count)
        return false;
    found->is_open = bench->open && bench->list.at[i].group == bench->group;
    found->has_own = bench->list.at[i].is_marker;
    found->is_merging = i > 0 && bench->list.at[i - 1].is_marker && !bench->list.at[i - 1].is_taken;
    if (found->is_merging && found->has_own)
        found->evicted.markers = bench->list.at[i].length;
    return true;
}

/* The list without the candidate's lines, and with a marker for them. */
static void give_up(struct bench *bench, const struct candidate *candidate)
{
    const size_t at = candidate->is_merging ? candidate->first - 1 : candidate->first;
    const struct entry old = bench->list.at[at]; /* it may be a line */
    const bool has_old = candidate->is_merging || candidate->has_own;
    struct gap gap = candidate->evicted.gap;
    struct entry marker;
    size_t i;

    for (i = at; i < candidate->end; i++) {
        if (bench->list.at[i].is_marker) {
            gap.bytes += bench->list.at[i].gap.bytes;
            gap.lines += bench->list.at[i].gap.lines;
        }
    }
    if (bench->has_markers)
        marker = new_marker(bench, gap, has_old ? old.length : 0);
    for (i = at; i < candidate->end; i++)
        entries_take_out(&bench->list, at);
    if (!bench->has_markers)
        return;
    marker.group = old.group;
    entries_insert(&bench->list, at, marker, bench->request.text);
}

static void evict(struct bench *bench)
{
    const bool had_open = bench->open != NULL;
    struct evicted evicted;
    struct candidate candidate;
    const bool can = find_candidate(bench, &candidate);
    const bool is_done =
        ring_evict(bench->ring, bench->has_markers ? &bench->marker : NULL, &evicted);
    const bool stays = candidate.is_open && !candidate.is_merging && bench->group_slabs == 1;

    if (can && bench->has_markers && stays && bench->part_length &&
        bench->part_length + RING_MARKER_MAX > bench->size) {
        MUST(!is_done); /* no room for both in that slab */
        return;
    }
    MUST(is_done == can);
    if (!can)
        return;
    MUST(evicted.gap.bytes == candidate.evicted.gap.bytes);
    MUST(evicted.gap.lines == candidate.evicted.gap.lines);
    MUST(evicted.markers == candidate.evicted.markers);
    give_up(bench, &candidate);
    if (candidate.is_open) {
        if (!bench->has_markers || !stays)
            begin_group(bench); /* what is left of the open slab stands alone */
        MUST(bench->open->filled >= bench->part_length);
    } else if (!had_open && candidate.first + 1 >= bench->list.count && bench->has_markers) {
        /* behind a marker alone in the youngest slab there is room again */
        const unsigned group = bench->list.at[bench->list.count - 1].group;

        bench->open = ring_claim(bench->ring);
        MUST(bench->open);
        if (bench->open->filled == bench->request.length) {
            bench->group = group;
            bench->group_is_taken = false;
            bench->group_slabs = 1;
        } else {
            MUST(bench->open->filled == 0);
            begin_group(bench);
        }
    }
}

static void take(struct bench *bench, size_t most)
{
    struct span spans[SPANS];
    const size_t count = ring_take(bench->ring, 0, spans, most);
    size_t at = 0;
    size_t end = 0;
    size_t i;
    size_t k;

    MUST(count <= most && (count > 0) == (bench->list.length > 0));
    for (i = 0; i < count; i++) {
        MUST(spans[i].length > 0 && spans[i].length <= bench->list.length - at && !spans[i].duct);
        MUST(memcmp(spans[i].bytes, bench->list.bytes + at, spans[i].length) == 0);
        at += spans[i].length;
    }
    MUST(count == most || at == bench->list.length);
    bench->taken = at > bench->taken ? at : bench->taken;
    for (i = 0; i < bench->list.count && end < at; i++) {
        end += bench->list.at[i].length;
        for (k = 0; k < bench->list.count; k++)
            bench->list.at[k].is_taken =
                bench->list.at[k].is_taken || bench->list.at[k].group == bench->list.at[i].group;
        if (bench->list.at[i].group == bench->group)
            bench->group_is_taken = true;
    }
}

static void release(struct bench *bench, size_t length)
{
    ring_release(bench->ring, length);
    bench->taken -= length;
    entries_release(&bench->list, length);
}

static void operate(struct bench *bench)
{
    bench->request.length = 0;
    switch (choose(bench, OPERATIONS - 1)) {
    case CLAIM: claim(bench); break;
    case STORE: store(bench, 1 + choose(bench, SMALL_MAX)); break;
    case STORE_MUCH: store(bench, choose(bench, LARGE_MAX)); break;
    case END_LINE: end_line(bench); break;
    case PUBLISH: publish(bench); break;
    case EXTEND: extend(bench); break;
    case RETRACT: retract(bench); break;
    case MARK: mark(bench, (struct gap){choose(bench, 200), choose(bench, 20)}); break;
    case EVICT: evict(bench); break;
    case TAKE: take(bench, 1 + choose(bench, SPANS - 1)); break;
    case RELEASE: release(bench, bench->taken * choose(bench, 4) / 4); break;
    }
}

/* All that is in it comes out, and then all of it is free. */
static void drain(struct bench *bench)
{
    retract(bench);
    while (bench->list.length > 0) {
        take(bench, SPANS);
        release(bench, bench->taken);
        must_agree(bench);
    }
    claim(bench);
    MUST(ring_vacancy(bench->ring) == bench->count * bench->size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct bench bench;
    size_t chosen;

    memset(&bench, 0, sizeof bench);
    bench.input = data;
    bench.left = size;
    bench.marker = (struct marker){write_marker, &bench.request};
    bench.count = 1 + choose(&bench, COUNT_MAX - 1);
    chosen = choose(&bench, UINT8_MAX);
    bench.has_markers = chosen & 1;
    chosen /= 2;
    bench.size = bench.has_markers ? LARGE_MIN + chosen % (LARGE_MAX - LARGE_MIN + 1)
                                   : 1 + chosen % SMALL_MAX;
    MUST(ring_make(&bench.ring, bench.count, bench.size, bench.store) == 0);
    while (bench.left > 0) {
        operate(&bench);
        must_agree(&bench);
    }
    drain(&bench);
    ring_free(bench.ring);
    return 0;
}
