/*
 * What the user can ask of a pour, in numbers. Filled by cli/, read by move/, never changed after.
 */
#ifndef SLABCAT_SETTINGS_H
#define SLABCAT_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum pipe_size_policy { PIPE_SIZE_AUTO, PIPE_SIZE_KEEP, PIPE_SIZE_SET };

/* Whether bytes may move as pages: where it pays, or not at all unless they do, or never. */
enum zero_copy { ZERO_COPY_AUTO, ZERO_COPY_ALWAYS, ZERO_COPY_NEVER };

struct settings {
    size_t slab_size;
    size_t slab_count;       /* 0: no ring, each read is written at once */
    uint64_t flush_interval; /* ns, or PACE_AUTO */
    uint64_t drain_timeout;  /* ns */
    enum pipe_size_policy pipe_size_policy;
    size_t pipe_size; /* with PIPE_SIZE_SET */
    enum zero_copy zero_copy;
    bool explain; /* say which way the bytes take, and why */
    bool sync;    /* fsync the output at the end */
};

#endif
