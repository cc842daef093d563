/*
 * What was given, held against each other: after the last word, before anything is opened.
 *
 * 0, or -EINVAL after having said in one line which of the words go wrong together. The main
 * thread's, before there are others.
 */
#ifndef SLABCAT_CHECK_H
#define SLABCAT_CHECK_H

#include "cli/options.h"

#include <stdbool.h>
#include <stdint.h>

struct given {
    struct config *config;
    bool has[OPTION_COUNT]; /* by option_id; options that have a default, or rule another one out */
    uint64_t slab_size;
    uint64_t slab_count;
    uint64_t memory;
};

/* Fills in the settings that follow from several words. */
int settle(struct given *given);

/* For a plan, in which the ring may be larger than the memory: it may be for another machine. */
int settle_plan(struct given *given);

#endif
