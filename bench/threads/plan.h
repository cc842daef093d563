/*
 * What to measure, as the user says it: "slab:8x64K 10 2000000 256" is a variant of the channel,
 * how many producers, how many messages in all, and how many bytes each has. The variants are told
 * in main.c. A plan that was parsed can be carried out as it is: no size overflows, every message
 * fits into a slab.
 */
#ifndef SLABCAT_CHANNEL_PLAN_H
#define SLABCAT_CHANNEL_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PLAN_WORDS = 4 };

struct variant {
    size_t depth; /* 0: no queue */
    size_t slab_count;
    size_t slab_size; /* 0: no slabs */
    bool buffered;
};

struct plan {
    struct variant variant;
    size_t producers;
    uint64_t messages;
    size_t size;
};

/* PLAN_WORDS words. False when they make no sense; PLAN is unfinished then. */
bool plan_parse(char **words, struct plan *plan);

#endif
