/*
 * The ring against a queue in which each byte knows where it is: same bytes in the same order, the
 * same room, the same depth, and no slab in two hands. Pages in ducts are played by a shadow of the
 * store, whose bytes come into their place when they are pulled. (Lines and evictions:
 * fuzz_groups.c.)
 *
 * The first bytes choose count and size; each of the others is an operation, some with a number
 * behind them.
 */
#include "fuzz.h"

#include "ring/ring.h"

#include <stdbool.h>
#include <string.h>

enum { COUNT_MAX = 5, SIZE_MAX_HERE = 9, STORE = COUNT_MAX * SIZE_MAX_HERE, SPANS = COUNT_MAX + 1 };
enum { CLAIM, FILL, PIPE, PUBLISH, CLOSE, TAKE, TAKE_BEHIND, RELEASE, PULL, OPERATIONS };

/* A byte that has been stored. */
struct stored {
    unsigned char value;
    bool is_paged;  /* in a duct, not in memory */
    bool is_pulled; /* it was; a span ends behind such bytes */
    size_t at;      /* its place in the store */
};

struct bench {
    const uint8_t *input;
    size_t left;
    struct ring *ring;
    size_t count;
    size_t size;
    unsigned char store[STORE];
    unsigned char pages[STORE]; /* what ducts hold, each byte where its place would be */

    struct stored queue[STORE]; /* published, not released */
    size_t published;
    struct stored unpublished[SIZE_MAX_HERE];
    size_t filled; /* so many of them */
    struct slab *open;
    size_t taken; /* so much of the queue has been */
    unsigned char next;
};

static unsigned char next_input(struct bench *bench)
{
    if (bench->left == 0)
        return 0;
    bench->left--;
    return *bench->input++;
}

/* From 0 to MOST. */
static size_t choose(struct bench *bench, size_t most)
{
    return next_input(bench) % (most + 1);
}

static size_t slab_of(const struct bench *bench, size_t at)
{
    return at / bench->size;
}

/* Slabs that somebody needs: those with bytes and the open one. */
static size_t slabs_in_use(const struct bench *bench, bool with_open)
{
    bool in_use[COUNT_MAX] = {false};
    size_t sum = 0;
    size_t i;

    for (i = 0; i < bench->published; i++)
        in_use[slab_of(bench, bench->queue[i].at)] = true;
    if (with_open && bench->open)
        in_use[slab_of(bench, (size_t)(bench->open->bytes - bench->store))] = true;
    for (i = 0; i < bench->count; i++)
        sum += in_use[i];
    return sum;
}

static void must_agree(struct bench *bench)
{
    const size_t in_use = slabs_in_use(bench, true);
    const size_t open_room = bench->open ? bench->size - bench->open->filled : 0;

    MUST(in_use <= bench->count);
    MUST(ring_depth(bench->ring) == slabs_in_use(bench, false));
    MUST(ring_vacancy(bench->ring) == (bench->count - in_use) * bench->size + open_room);
    MUST(ring_has_free(bench->ring) == (in_use < bench->count));
    MUST(ring_is_full(bench->ring) == (in_use == bench->count && !bench->open));
}

/*
 * What is full has been published before. A slab that is handed out fresh has nobody's bytes in it, and starts
 * at its beginning.
 */
static void claim(struct bench *bench)
{
    const bool had_open = bench->open != NULL;
    const size_t in_use = slabs_in_use(bench, true);
    struct slab *slab;
    bool has_bytes = false;
    size_t i;

    if (had_open && bench->open->filled == bench->size)
        return;
    slab = ring_claim(bench->ring);
    MUST(!slab == (!had_open && in_use == bench->count));
    MUST(!had_open || slab == bench->open);
    if (!slab)
        return;
    for (i = 0; i < bench->published; i++)
        has_bytes = has_bytes || slab_of(bench, bench->queue[i].at) ==
                                     slab_of(bench, (size_t)(slab->bytes - bench->store));
    MUST(slab->bytes >= bench->store && slab->bytes + bench->size <= bench->store + STORE);
    MUST((size_t)(slab->bytes - bench->store) % bench->size == 0);
    MUST(had_open || !has_bytes);
    if (!has_bytes && !bench->filled)
        MUST(slab->filled == 0 && slab->piped == 0);
    MUST(ring_room(bench->ring, slab) == bench->size - slab->filled);
    MUST(slab->filled < bench->size);
    bench->open = slab;
}

/* So many bytes to the open slab: pages, while nothing in it is in memory, or memory. */
static void fill(struct bench *bench, size_t length, bool as_pages)
{
    struct slab *const slab = bench->open;

    if (!slab || (as_pages && slab->piped != slab->filled))
        return;
    for (; length > 0 && slab->filled < bench->size; length--) {
        const size_t at = (size_t)(slab->bytes - bench->store) + slab->filled;
        const unsigned char value = bench->next++;

        (as_pages ? bench->pages : bench->store)[at] = value;
        bench->unpublished[bench->filled++] = (struct stored){value, as_pages, false, at};
        slab->filled++;
        slab->piped += as_pages;
    }
    if (as_pages && !slab->duct)
        slab->duct = (struct duct *)slab->bytes; /* the ring does not look at it */
}

static void publish(struct bench *bench, bool closes)
{
    struct slab *const slab = bench->open;

    if (!slab)
        return;
    memcpy(bench->queue + bench->published, bench->unpublished,
           bench->filled * sizeof bench->queue[0]);
    bench->published += bench->filled;
    bench->filled = 0;
    if (slab->filled == bench->size || (closes && slab->filled))
        bench->open = NULL;
    if (closes)
        ring_close(bench->ring, slab);
    else
        ring_publish(bench->ring, slab);
}

/* One span is what the queue has from FROM on: as far as it goes in one store. */
static size_t must_be_span(const struct bench *bench, size_t from, const struct span *span)
{
    const struct stored *const first = &bench->queue[from];
    size_t length = 0;

    while (from + length < bench->published && first[length].is_paged == first->is_paged &&
           first[length].is_pulled == first->is_pulled && first[length].at == first->at + length &&
           slab_of(bench, first[length].at) == slab_of(bench, first->at))
        length++;
    MUST(span->length == length && span->length > 0);
    MUST(span->bytes == bench->store + first->at);
    MUST(!span->duct == !first->is_paged);
    MUST(!span->duct ||
         (unsigned char *)span->duct == bench->store + slab_of(bench, first->at) * bench->size);
    return length;
}

static void must_be_bytes(const struct bench *bench, size_t from, const struct span *span)
{
    const unsigned char *const bytes =
        span->duct ? bench->pages + (span->bytes - bench->store) : span->bytes;
    size_t i;

    for (i = 0; i < span->length; i++)
        MUST(bytes[i] == bench->queue[from + i].value);
}

static void take(struct bench *bench, size_t skip, size_t most)
{
    struct span spans[SPANS];
    size_t at = skip;
    size_t count;
    size_t i;

    if (skip > bench->taken)
        return;
    count = ring_take(bench->ring, skip, spans, most);
    MUST(count <= most);
    MUST(count > 0 || at == bench->published);
    for (i = 0; i < count; i++) {
        MUST(at < bench->published);
        MUST(i == 0 || !spans[i].duct);
        must_be_span(bench, at, &spans[i]);
        must_be_bytes(bench, at, &spans[i]);
        at += spans[i].length;
    }
    /* it stops early only at pages, and behind what has been pulled */
    MUST(count == 0 || count == most || at == bench->published || spans[0].duct ||
         bench->queue[at].is_paged || bench->queue[at - 1].is_pulled);
    if (at > bench->taken)
        bench->taken = at;
}

static void release(struct bench *bench, size_t length)
{
    const size_t in_use = slabs_in_use(bench, true);
    const bool freed = ring_release(bench->ring, length);

    bench->published -= length;
    bench->taken -= length;
    memmove(bench->queue, bench->queue + length, bench->published * sizeof bench->queue[0]);
    MUST(freed == (slabs_in_use(bench, true) < in_use));
}

/* The first span behind SKIP leaves its duct, or a part of it does. */
static void pull(struct bench *bench, size_t skip, size_t most)
{
    struct span span;
    size_t length;
    size_t i;

    if (skip > bench->taken || !ring_take(bench->ring, skip, &span, 1) || !span.duct)
        return;
    length = most % span.length + 1;
    memcpy(span.bytes, bench->pages + (span.bytes - bench->store), length);
    memset(bench->pages + (span.bytes - bench->store), 0xee, length);
    ring_pulled(bench->ring, skip, length);
    for (i = 0; i < length; i++) {
        bench->queue[skip + i].is_paged = false;
        bench->queue[skip + i].is_pulled = true;
    }
    if (skip + span.length > bench->taken)
        bench->taken = skip + span.length;
}

/* Pages leave a duct in their order: of those that are skipped none may be left in it. */
static size_t pages_before(const struct bench *bench, size_t skip)
{
    size_t i;

    for (i = 0; i < skip && i < bench->published; i++) {
        if (bench->queue[i].is_paged)
            return i;
    }
    return skip;
}

static void operate(struct bench *bench)
{
    switch (choose(bench, OPERATIONS - 1)) {
    case CLAIM: claim(bench); break;
    case FILL: fill(bench, choose(bench, SIZE_MAX_HERE), false); break;
    case PIPE: fill(bench, choose(bench, SIZE_MAX_HERE), true); break;
    case PUBLISH: publish(bench, false); break;
    case CLOSE: publish(bench, true); break;
    case TAKE: take(bench, 0, 1 + choose(bench, SPANS - 1)); break;
    case TAKE_BEHIND: take(bench, choose(bench, bench->taken), 1 + choose(bench, SPANS - 1)); break;
    case RELEASE: release(bench, choose(bench, bench->taken)); break;
    case PULL:
        pull(bench, pages_before(bench, choose(bench, bench->taken)), choose(bench, SIZE_MAX_HERE));
        break;
    }
}

/* All that is in it comes out, and then all of it is free. */
static void drain(struct bench *bench)
{
    publish(bench, true);
    while (bench->published > 0) {
        take(bench, 0, SPANS);
        MUST(bench->taken > 0);
        release(bench, bench->taken);
        must_agree(bench);
    }
    MUST(ring_vacancy(bench->ring) == bench->count * bench->size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bench bench = {.input = data, .left = size};

    bench.count = 1 + choose(&bench, COUNT_MAX - 1);
    bench.size = 1 + choose(&bench, SIZE_MAX_HERE - 1);
    memset(bench.store, 0xee, sizeof bench.store);
    MUST(ring_make(&bench.ring, bench.count, bench.size, bench.store) == 0);
    while (bench.left > 0) {
        operate(&bench);
        must_agree(&bench);
    }
    drain(&bench);
    ring_free(bench.ring);
    return 0;
}
