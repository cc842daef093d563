/*
 * Where files can still be opened, made and deleted: a landlock ruleset. It grows while slabcat is set
 * up, binds nobody before fence_close, and from then on this thread and those it starts.
 *
 * Descriptors that are open stay as they are, and so does what /proc makes of those of pipes without a
 * name. A file is allowed by itself, whatever its name, a directory with everything beneath it, each
 * as what is there now: what is put in its place later is something else.
 *
 * Main thread, before there are others. It knows nothing of what is opened, and why.
 */
#ifndef SLABCAT_FENCE_H
#define SLABCAT_FENCE_H

#include <stdbool.h>
#include <stdint.h>

struct fence {
    int ruleset; /* -1: there is none */
    uint64_t handled;
    bool is_short; /* something could not be allowed: to close it would break that */
};

enum fence_access {
    FENCE_READ = 1,
    FENCE_WRITE = 2,
    FENCE_MAKE = 4,  /* files in a directory; to read and write them has to be asked for as well */
    FENCE_DELETE = 8 /* and to list and rename them */
};

/* Where the kernel has none, all of the following do nothing. */
void fence_make(struct fence *fence, bool reading_is_free);
void fence_free(struct fence *fence);

/* What FD stands for; ACCESS is of enum fence_access. */
void fence_allow(struct fence *fence, int fd, unsigned access);

/* The same for what is at PATH now, if there is anything. */
void fence_allow_path(struct fence *fence, const char *path, unsigned access);

/* And for the directory that has PATH's last name, or would have. */
void fence_allow_beside(struct fence *fence, const char *path, unsigned access);

/* It holds from now on, for good: 0 or -errno. No new privileges are to be had by then. */
int fence_close(struct fence *fence);

#endif
