/* The modes of the torture, and the ways in which each kind of call can plausibly fail. */
#ifndef SLABCAT_MODES_H
#define SLABCAT_MODES_H

#include "tests/fault/trial.h"

/* The last one has no name. */
extern const struct mode modes[];

/* HOWS are words; one that ends in + lasts from the Nth call on. */
struct failing {
    const char *call;
    const char *hows;
};

extern const struct failing failings[];

#endif
