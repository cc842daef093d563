/*
 * Draining: the next bytes of the ring into one of the outputs, as pages or copied. The writer's.
 *
 * Bytes in memory are written to each output from where it stands, so a fast one may be ahead of a
 * slow one by all the ring holds. Pages can be taken from a duct once: with several outputs they
 * are given to all of them together (tee), each has a relay that holds them until its output has
 * taken them, and nobody gets the next ones before.
 */
#ifndef SLABCAT_DRAIN_H
#define SLABCAT_DRAIN_H

#include "output/batch.h"
#include "output/output.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct drain {
    struct flow *flow;
    struct outputs *outputs;
    uint64_t base;  /* how far the stream has been released */
    uint64_t seen;  /* how far it has been counted, as pages or in lines */
    uint64_t began; /* since when there have been bytes to write */
    struct span
        shared; /* pages that are in the relays, and begin at base; length 0: there are none */
    struct batch batch; /* what is being written, and has not been released */
    bool is_filling;    /* nothing is taken before the ring is as full as --start-fill says */
};

/*
 * Write what OUTPUT takes now: how many bytes, or another -errno when it has failed; 0 when nothing
 * goes, and output->wants says why.
 */
ssize_t drain_some(struct drain *drain, struct output *output);

/* There is something for OUTPUT, which has had all there was a moment ago. */
bool drain_has_more(struct drain *drain, const struct output *output);

/* All before POSITION is not needed any more. True when a slab has become free. */
bool drain_release(struct drain *drain, uint64_t position);

#endif
