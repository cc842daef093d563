#include "transform/automaton.h"

#include "sys/sealed.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

/* The filter: at least so many bits for each gram, so that few others hit; from 4 to 128 KiB. */
enum { BITS_A_GRAM = 128, FILTER_BITS_LEAST = 15, FILTER_BITS_MOST = 20 };

/* More grams a pattern would make the filter as much fuller as it looks at fewer places. */
enum { FILTER_STEP_MAX = 4 };

static uint32_t *fact_of(struct automaton *automaton, uint32_t state, enum automaton_fact fact)
{
    return &automaton->rows[state + automaton->columns + fact];
}

static uint32_t stride_of(const struct automaton *automaton)
{
    return automaton->columns + AUTOMATON_FACTS;
}

/* The first column is that of all bytes that are in no pattern, even if there is none. */
static void give_columns(struct automaton *automaton, const unsigned char *texts, size_t size)
{
    size_t i;

    automaton->columns = 1;
    for (i = 0; i < size; i++) {
        if (automaton->column_of[texts[i]] == 0)
            automaton->column_of[texts[i]] = (uint16_t)automaton->columns++;
    }
}

/* A new row behind the last one, *USED, when there is no way from STATE by BYTE yet. */
static uint32_t go_or_grow(struct automaton *automaton, uint32_t state, const unsigned char *byte,
                           uint32_t *used)
{
    uint32_t *next = &automaton->rows[state + automaton->column_of[*byte]];

    if (*next == AUTOMATON_ROOT) {
        const uint32_t depth = *fact_of(automaton, state, AUTOMATON_DEPTH) + 1;

        *next = *used;
        *used += stride_of(automaton);
        *fact_of(automaton, *next, AUTOMATON_DEPTH) = depth;
        *fact_of(automaton, *next, AUTOMATON_PATH) =
            (uint32_t)((size_t)(byte - automaton->texts) + 1 - depth);
    }
    return *next;
}

/* The patterns as a tree; 0, the root, stands for: no way. How many states. */
static size_t grow_tree(struct automaton *automaton, const size_t *lengths, size_t count)
{
    const unsigned char *byte = automaton->texts;
    uint32_t used = stride_of(automaton);
    size_t i;

    for (i = 0; i < count; i++) {
        const unsigned char *end = byte + lengths[i];
        uint32_t state = AUTOMATON_ROOT;

        while (byte < end)
            state = go_or_grow(automaton, state, byte++, &used);
        *fact_of(automaton, state, AUTOMATON_LONGEST) = (uint32_t)lengths[i];
    }
    return used / stride_of(automaton);
}

static uint32_t with_stop(struct automaton *automaton, uint32_t state)
{
    const bool is_stop = *fact_of(automaton, state, AUTOMATON_LONGEST) > 0 ||
                         *fact_of(automaton, state, AUTOMATON_DEPTH) < AUTOMATON_GRAM;

    return is_stop ? state | AUTOMATON_STOP : state;
}

/* STATE has a way into CHILD; what CHILD falls back to is where STATE's own fallback goes from. */
static void join(struct automaton *automaton, uint32_t state, uint32_t column, uint32_t child)
{
    uint32_t fail = AUTOMATON_ROOT;
    uint32_t *longest = fact_of(automaton, child, AUTOMATON_LONGEST);

    if (state != AUTOMATON_ROOT)
        fail =
            automaton->rows[*fact_of(automaton, state, AUTOMATON_FAIL) + column] & ~AUTOMATON_STOP;
    *fact_of(automaton, child, AUTOMATON_FAIL) = fail;
    if (*longest == 0)
        *longest = *fact_of(automaton, fail, AUTOMATON_LONGEST);
}

/* Level by level, so that a fallback, which is less deep, has all of its ways already. */
static void close_tree(struct automaton *automaton, uint32_t *queue)
{
    size_t head = 0;
    size_t tail = 0;

    queue[tail++] = AUTOMATON_ROOT;
    while (head < tail) {
        const uint32_t state = queue[head++];
        const uint32_t fail = *fact_of(automaton, state, AUTOMATON_FAIL);
        uint32_t column;

        for (column = 0; column < automaton->columns; column++) {
            uint32_t *next = &automaton->rows[state + column];

            if (*next != AUTOMATON_ROOT) {
                queue[tail++] = *next;
                join(automaton, state, column, *next);
                *next = with_stop(automaton, *next);
            } else {
                *next = state == AUTOMATON_ROOT ? AUTOMATON_ROOT | AUTOMATON_STOP
                                                : automaton->rows[fail + column];
            }
        }
    }
}

static int make_rows(struct automaton *automaton, const size_t *lengths, size_t count, size_t size)
{
    const size_t rows_max = size + 1;
    uint32_t *queue = NULL;
    size_t queue_size;
    size_t states;

    give_columns(automaton, automaton->texts, size);
    assert(rows_max * stride_of(automaton) < AUTOMATON_STOP);
    automaton->rows_size = rows_max * stride_of(automaton) * sizeof *automaton->rows;
    automaton->rows = sealed_make(automaton->rows_size);
    if (!automaton->rows)
        return -ENOMEM;
    states = grow_tree(automaton, lengths, count);
    queue_size = states * sizeof *queue;
    queue = sealed_make(queue_size);
    if (!queue)
        return -ENOMEM;
    close_tree(automaton, queue);
    sealed_free(queue, queue_size);
    return 0;
}

/* Where in the filter the gram at BYTES stands. */
static inline uint32_t bit_of(const unsigned char *bytes, unsigned filter_bits)
{
    uint32_t gram;

    memcpy(&gram, bytes, sizeof gram);
    return (gram * UINT32_C(0x9e3779b1)) >> (32 - filter_bits);
}

static inline unsigned is_in(const unsigned char *filter, uint32_t bit)
{
    return (unsigned)filter[bit / 8] >> (bit % 8) & 1U;
}

/*
 * With every STEP-th place looked at, one of a pattern's first STEP grams stands at one of them;
 * so the shortest pattern must have as many.
 */
static int make_filter(struct automaton *automaton, const size_t *lengths, size_t count)
{
    const unsigned char *text = automaton->texts;
    unsigned bits = FILTER_BITS_LEAST;
    size_t step = FILTER_STEP_MAX;
    size_t i;
    size_t k;

    for (i = 0; i < count; i++) {
        assert(lengths[i] >= AUTOMATON_GRAM);
        if (lengths[i] - AUTOMATON_GRAM + 1 < step)
            step = lengths[i] - AUTOMATON_GRAM + 1;
    }
    while (bits < FILTER_BITS_MOST && (size_t)1 << bits < count * step * BITS_A_GRAM)
        bits++;
    automaton->filter_step = step;
    automaton->filter_bits = bits;
    automaton->filter_size = ((size_t)1 << bits) / 8;
    automaton->filter = sealed_make(automaton->filter_size);
    if (!automaton->filter)
        return -ENOMEM;
    for (i = 0; i < count; text += lengths[i++]) {
        for (k = 0; k < step; k++) {
            const uint32_t bit = bit_of(text + k, bits);

            automaton->filter[bit / 8] |= (unsigned char)(1U << (bit % 8));
        }
    }
    return 0;
}

int automaton_make(struct automaton *automaton, const unsigned char *texts, const size_t *lengths,
                   size_t count)
{
    size_t size = 0;
    size_t i;
    int error;

    memset(automaton, 0, sizeof *automaton);
    automaton->texts = texts;
    for (i = 0; i < count; i++) {
        size += lengths[i];
        if (lengths[i] > automaton->longest)
            automaton->longest = lengths[i];
    }
    error = make_rows(automaton, lengths, count, size);
    return error ? error : make_filter(automaton, lengths, count);
}

void automaton_free(struct automaton *automaton)
{
    sealed_free(automaton->rows, automaton->rows_size);
    sealed_free(automaton->filter, automaton->filter_size);
    sealed_wipe(automaton, sizeof *automaton);
}

size_t automaton_skip(const struct automaton *automaton, const unsigned char *bytes, size_t from,
                      size_t length, size_t *until)
{
    const unsigned char *filter = automaton->filter;
    const unsigned bits = automaton->filter_bits;
    const size_t step = automaton->filter_step;
    size_t at = from + step - 1;

    /* four places at once, as long as none of them hits */
    while (at + 3 * step + AUTOMATON_GRAM <= length) {
        const unsigned hits = is_in(filter, bit_of(bytes + at, bits)) |
                              is_in(filter, bit_of(bytes + at + step, bits)) |
                              is_in(filter, bit_of(bytes + at + 2 * step, bits)) |
                              is_in(filter, bit_of(bytes + at + 3 * step, bits));

        if (hits)
            break;
        at += 4 * step;
    }
    while (at + AUTOMATON_GRAM <= length && !is_in(filter, bit_of(bytes + at, bits)))
        at += step;
    *until = at + 1;
    return at + 1 - step;
}
