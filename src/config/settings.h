/*
 * What the user can ask for, in numbers. Filled by cli/, read by all threads, never changed after.
 */
#ifndef SLABCAT_SETTINGS_H
#define SLABCAT_SETTINGS_H

#include "transform/press.h"
#include "transform/stamp.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How many outputs there may be. */
#define OUTPUTS_MAX 16

/* A flush interval: bytes after a quiet spell leave at once, in a hot stream after 1 ms at most. */
#define FLUSH_AUTO UINT64_MAX

/* With --mark-gaps the smallest slab size: room for a marker and for something besides. */
#define MARKED_SLAB_MIN 256

enum pipe_size_policy { PIPE_SIZE_AUTO, PIPE_SIZE_KEEP, PIPE_SIZE_SET };

/* Whether bytes may move as pages: where it pays, or not at all unless they do, or never. */
enum zero_copy { ZERO_COPY_AUTO, ZERO_COPY_ALWAYS, ZERO_COPY_NEVER };

/* What gives way when all slabs are full: the producer, or the stream, or the disk's free space. */
enum on_full { ON_FULL_BLOCK, ON_FULL_DROP_NEWEST, ON_FULL_DROP_OLDEST, ON_FULL_SPILL };

/* What a broken connection may have swallowed is sent again, or counted as at risk. */
enum on_reconnect { ON_RECONNECT_RESEND, ON_RECONNECT_SKIP };

struct secrets;

struct settings {
    size_t slab_size;
    size_t slab_count;       /* 0: no ring, each read is written at once */
    uint64_t flush_interval; /* ns, or FLUSH_AUTO */
    uint64_t drain_timeout;  /* ns */
    enum pipe_size_policy pipe_size_policy;
    size_t pipe_size; /* with PIPE_SIZE_SET */
    enum zero_copy zero_copy;
    bool explain; /* say which way the bytes take, and why */
    bool sync;    /* fsync the output at the end */

    enum on_full on_full;
    bool mark_gaps;        /* a line of our own where lines have been dropped */
    char delimiter;        /* what ends a line: a newline, or NUL with -0 */
    const char *spill_dir; /* with ON_FULL_SPILL; NULL: $TMPDIR, or /tmp */
    uint64_t spill_limit;  /* bytes on disk at a time, with ON_FULL_SPILL */

    struct secrets *secrets; /* to be masked; NULL: none */
    bool strip_ansi;
    struct stamp_settings stamp;
    const char *digest; /* its algorithm; NULL: none */
    enum press_kind compress;
    int compress_level;

    bool append;          /* path outputs are not truncated */
    uint64_t rotate_size; /* bytes of a path output; 0: no limit */
    uint64_t rotate_time; /* ns since its first byte; 0: no limit */
    uint64_t rotate_keep; /* how many old files stay; 0: all */
    bool reconnect;       /* a connection that breaks, or cannot be had yet, is made again */
    enum on_reconnect on_reconnect;

    uint64_t rate_limit; /* bytes a second that may leave; 0: no limit */
    uint64_t burst;      /* bytes that may leave at once under that limit; 0: what suits it */
    unsigned start_fill; /* percent of the ring that are held before writing begins; 0: none */
    uint64_t stop_at;    /* bytes of input to take; 0: all there are */
};

/* Lines are given up when the ring is full. So somebody has to look at the bytes. */
static inline bool settings_drop_lines(const struct settings *settings)
{
    return settings->on_full == ON_FULL_DROP_NEWEST || settings->on_full == ON_FULL_DROP_OLDEST;
}

static inline bool settings_stamp(const struct settings *settings)
{
    return settings->stamp.kind != STAMP_NONE || settings->stamp.prefix;
}

/* What comes out is not what came in. So somebody has to look at the bytes. */
static inline bool settings_change_bytes(const struct settings *settings)
{
    return settings->secrets || settings->strip_ansi || settings_stamp(settings);
}

static inline bool settings_rotate(const struct settings *settings)
{
    return settings->rotate_size || settings->rotate_time;
}

/* Nothing can move as pages. */
static inline bool settings_look_at_bytes(const struct settings *settings)
{
    return settings_drop_lines(settings) || settings_change_bytes(settings) || settings->digest ||
           settings->compress != PRESS_NONE || settings_rotate(settings);
}

#endif
