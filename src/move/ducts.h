/*
 * The ducts of a pour: made one by one for slabs that need them, closed all together. The reader's
 * while it runs.
 *
 * Unless pages have been asked for, they are modest: descriptors are few, and the kernel lets all
 * pipes of a user share 64 MiB and then makes everybody's new ones tiny. Slabs beyond that are
 * needed in a stall only, when speed does not matter, and live in memory.
 */
#ifndef SLABCAT_DUCTS_H
#define SLABCAT_DUCTS_H

#include "config/settings.h"

#include <stddef.h>

struct duct;

struct ducts {
    struct duct *newest; /* with those older than it, all there are */
    struct duct *spare;  /* as long as not all have been given: the next one to give */
    size_t count;
    size_t given;
    size_t capacity; /* of all of them */
    int error;       /* there are no more to be had: why; see ducts_why */
};

/*
 * One more, for a slab; or NULL, and ducts->error is set. It is not tried again then. When nothing
 * but pages will do, the first call makes a duct for every slab.
 */
struct duct *ducts_open(struct ducts *ducts, const struct settings *settings);

/* Why there are no more, for people. */
const char *ducts_why(const struct ducts *ducts);

void ducts_close(struct ducts *ducts);

#endif
