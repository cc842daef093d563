/*
 * The slabs' pipes (io/duct.h): made one by one for slabs that need them, closed all together. The reader's
 * while it runs.
 *
 * Unless pages have been asked for, they are modest: descriptors are few, and the kernel lets all
 * pipes of a user share 64 MiB and then makes everybody's new ones tiny. Slabs beyond that are
 * needed in a stall only, when speed does not matter, and live in memory.
 */
#ifndef SLABCAT_SLAB_PIPES_H
#define SLABCAT_SLAB_PIPES_H

#include "config/settings.h"

#include <stddef.h>

struct duct;

struct slab_pipes {
    struct duct *newest; /* with those older than it, all there are */
    struct duct *spare;  /* as long as not all have been given: the next one to give */
    size_t count;
    size_t given;
    size_t capacity; /* of all of them */
    int error;       /* there are no more to be had: why; see slab_pipes_why */
};

/*
 * One more, for a slab; or NULL, and pipes->error is set. It is not tried again then. When nothing
 * but pages will do, the first call makes a duct for every slab.
 */
struct duct *slab_pipes_open(struct slab_pipes *pipes, const struct settings *settings);

/* Why there are no more, for people. */
const char *slab_pipes_why(const struct slab_pipes *pipes);

void slab_pipes_close(struct slab_pipes *pipes);

#endif
