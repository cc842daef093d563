/*
 * The automaton of Aho and Corasick over some patterns: for each state, which is the longest
 * beginning of a pattern that what has been seen ends with, and each next byte, the next state. And
 * a filter, which finds the places of a text where no pattern can begin faster than state by state.
 *
 * It knows neither streams nor masks. All of it lies in sealed memory. Made once, then only read.
 *
 * Its table is dense, so that a step is one look; bytes that are in no pattern share a column. A
 * state is the place of its row, which has a next state for each column, and behind them what is
 * known of the state itself. Next states that somebody should look at carry AUTOMATON_STOP.
 */
#ifndef SLABCAT_AUTOMATON_H
#define SLABCAT_AUTOMATON_H

#include <stddef.h>
#include <stdint.h>

/* Patterns have as many bytes at least: the filter looks at so many at once. */
#define AUTOMATON_GRAM ((size_t)4)

/* A pattern ends here, or the state is less than AUTOMATON_GRAM bytes deep. */
#define AUTOMATON_STOP (UINT32_C(1) << 31)

#define AUTOMATON_ROOT UINT32_C(0)

/* What a row has behind its next states. */
enum automaton_fact {
    AUTOMATON_DEPTH,   /* so many bytes seen last are the beginning of a pattern */
    AUTOMATON_LONGEST, /* of them so many are a whole pattern, the longest; 0: there is none */
    AUTOMATON_PATH,    /* where in the texts they can be read */
    AUTOMATON_FAIL,    /* the state of the longest shorter beginning */
    AUTOMATON_FACTS
};

struct automaton {
    uint32_t *rows;
    const unsigned char *texts;
    size_t rows_size;
    uint32_t columns;
    uint16_t column_of[256];
    size_t longest;       /* pattern */
    size_t filter_step;   /* the filter looks at every so many-th byte, */
    unsigned filter_bits; /* and has two to the power of so many bits */
    unsigned char *filter;
    size_t filter_size;
};

/*
 * COUNT patterns of the LENGTHS stand in TEXTS one behind the other; TEXTS must stay. 0 or -ENOMEM.
 * What could not be made can be freed all the same.
 */
int automaton_make(struct automaton *automaton, const unsigned char *texts, const size_t *lengths,
                   size_t count);
void automaton_free(struct automaton *automaton);

/* The state after BYTE, with AUTOMATON_STOP or without. */
static inline uint32_t automaton_step(const struct automaton *automaton, uint32_t state,
                                      unsigned char byte)
{
    return automaton->rows[state + automaton->column_of[byte]];
}

static inline uint32_t automaton_fact(const struct automaton *automaton, uint32_t state,
                                      enum automaton_fact fact)
{
    return automaton->rows[state + automaton->columns + fact];
}

/*
 * From which of LENGTH bytes on, beginning with FROM, a pattern may begin: there the states have to
 * be gone through again, from the root, at least until no pattern can begin before *UNTIL any more.
 */
size_t automaton_skip(const struct automaton *automaton, const unsigned char *bytes, size_t from,
                      size_t length, size_t *until);

#endif
