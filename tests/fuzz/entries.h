/*
 * What should be in a ring that keeps lines whole: lines and markers, in their order, with their
 * bytes. For fuzz_groups.c.
 */
#ifndef SLABCAT_FUZZ_ENTRIES_H
#define SLABCAT_FUZZ_ENTRIES_H

#include "fuzz.h"

#include "ring/ring.h"

#include <string.h>

enum { ENTRIES_MAX = 750 };

/* A line or a marker that is published, and which group it stands in. */
struct entry {
    bool is_marker;
    bool is_taken; /* its group is */
    unsigned group;
    size_t length;
    struct gap gap;
};

struct entries {
    struct entry at[ENTRIES_MAX]; /* the first one may have begun to go */
    size_t count;
    unsigned char bytes[ENTRIES_MAX];
    size_t length;
};

/* Where in BYTES the entry is. */
static inline size_t entries_place(const struct entries *list, size_t entry)
{
    size_t at = 0;
    size_t i;

    for (i = 0; i < entry; i++)
        at += list->at[i].length;
    return at;
}

static inline void entries_replace(struct entries *list, size_t at, size_t length,
                                   const unsigned char *by, size_t by_length)
{
    MUST(list->length - length + by_length <= ENTRIES_MAX);
    memmove(list->bytes + at + by_length, list->bytes + at + length, list->length - at - length);
    if (by_length)
        memcpy(list->bytes + at, by, by_length);
    list->length += by_length - length;
}

/* Before the one that is AT now. */
static inline void entries_insert(struct entries *list, size_t at, struct entry entry,
                                  const unsigned char *bytes)
{
    MUST(list->count < ENTRIES_MAX);
    entries_replace(list, entries_place(list, at), 0, bytes, entry.length);
    memmove(list->at + at + 1, list->at + at, (list->count - at) * sizeof entry);
    list->at[at] = entry;
    list->count++;
}

static inline void entries_take_out(struct entries *list, size_t at)
{
    entries_replace(list, entries_place(list, at), list->at[at].length, NULL, 0);
    list->count--;
    memmove(list->at + at, list->at + at + 1, (list->count - at) * sizeof list->at[0]);
}

/* The first LENGTH bytes are gone. */
static inline void entries_release(struct entries *list, size_t length)
{
    while (length > 0) {
        struct entry *const first = &list->at[0];
        const size_t part = first->length < length ? first->length : length;

        entries_replace(list, 0, part, NULL, 0);
        first->length -= part;
        length -= part;
        if (!first->length)
            entries_take_out(list, 0);
    }
}

/* The last one stands in GROUP. */
static inline bool entries_end_with(const struct entries *list, unsigned group)
{
    return list->count > 0 && list->at[list->count - 1].group == group;
}

#endif
