#include "bench/threads/plan.h"

#include "ring/ring.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { PRODUCERS_MAX = 1000, MESSAGE_SIZE_MAX = 1 << 20, DEPTH_MAX = 1 << 20, STORE_MAX = 1 << 30 };

static const uint64_t count_max = 1000000000000U;

/* A number from 1 to MOST at *TEXT, which then points behind it. */
static bool parse_number(const char **text, uint64_t most, uint64_t *number)
{
    char *end;

    if (**text < '0' || **text > '9')
        return false;
    errno = 0;
    *number = strtoull(*text, &end, 10);
    *text = end;
    return errno == 0 && *number > 0 && *number <= most;
}

static bool parse_whole(const char *text, uint64_t most, uint64_t *number)
{
    return parse_number(&text, most, number) && *text == '\0';
}

/* "8x64K", and nothing behind it. */
static bool parse_slabs(const char *text, struct variant *variant)
{
    uint64_t count;
    uint64_t size;

    if (!parse_number(&text, RING_SLAB_COUNT_MAX, &count) || *text++ != 'x')
        return false;
    if (!parse_number(&text, STORE_MAX, &size))
        return false;
    if (*text == 'K' || *text == 'M')
        size <<= *text++ == 'K' ? 10 : 20;
    variant->slab_count = count;
    variant->slab_size = size;
    return *text == '\0' && size <= RING_SLAB_SIZE_MAX && count * size <= STORE_MAX;
}

static const char *behind(const char *text, const char *start)
{
    const size_t length = strlen(start);

    return strncmp(text, start, length) == 0 ? text + length : NULL;
}

static bool parse_variant(const char *text, struct variant *variant)
{
    const char *rest = behind(text, "slab:");
    uint64_t depth;

    *variant = (struct variant){0};
    if (rest)
        return parse_slabs(rest, variant);
    rest = behind(text, "queue:");
    if (!rest || !parse_number(&rest, DEPTH_MAX, &depth))
        return false;
    variant->depth = depth;
    variant->buffered = strcmp(rest, "+64K") == 0;
    if (*rest == '\0' || variant->buffered)
        return true;
    rest = behind(rest, "+slab:");
    return rest && parse_slabs(rest, variant);
}

bool plan_parse(char **words, struct plan *plan)
{
    uint64_t producers;
    uint64_t size;

    if (!parse_variant(words[0], &plan->variant) ||
        !parse_whole(words[1], PRODUCERS_MAX, &producers) ||
        !parse_whole(words[2], count_max, &plan->messages) ||
        !parse_whole(words[3], MESSAGE_SIZE_MAX, &size))
        return false;
    plan->producers = producers;
    plan->size = size;
    return !plan->variant.slab_size || size <= plan->variant.slab_size;
}
