/* Numbers that look random and are the same in each run: splitmix64. */
#ifndef SLABCAT_CHANCE_H
#define SLABCAT_CHANCE_H

#include <stddef.h>
#include <stdint.h>

static inline uint64_t chance(uint64_t *seed)
{
    uint64_t number = *seed += UINT64_C(0x9e3779b97f4a7c15);

    number = (number ^ number >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    number = (number ^ number >> 27) * UINT64_C(0x94d049bb133111eb);
    return number ^ number >> 31;
}

/* 0 to BELOW - 1. */
static inline size_t any(uint64_t *seed, size_t below)
{
    return (size_t)(chance(seed) % below);
}

#endif
