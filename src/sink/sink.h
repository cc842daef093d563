/*
 * A sink: where the bytes of one output leave slabcat. It has the endpoint, how far the output has come in the
 * stream, its rate limit and its checksum. sink_write and sink_splice are the only places that write to an output's
 * endpoint, but for a worker, which reports what it has written to sink_took, and the kernel's transfers of files.
 *
 * The writer's (or the direct thread's) while there is one; before and after, the main thread's. Nothing here waits
 * but the disk.
 */
#ifndef SLABCAT_SINK_H
#define SLABCAT_SINK_H

#include "config/settings.h"
#include "io/endpoint.h"
#include "sink/dest.h"
#include "sink/rate_limit.h"
#include "transform/digest.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

struct duct;

/*
 * What the main thread reads of a sink when it has to leave without the writer. The writer alone stores; arrived and
 * asked are positions in the stream.
 */
struct claim {
    _Atomic uint64_t arrived; /* as confirmed; UINT64_MAX: the output has failed and is left out */
    _Atomic uint64_t asked;   /* where the write that is under way would bring it to, or 0 */
    _Atomic uint64_t since;   /* when the call that is under way began; 0: there is none */
};

/* The checksum of what the endpoint has been given. */
struct summing {
    struct digest *digest; /* NULL: nobody wants it */
    uint64_t bytes;        /* that went into it, ever */
    uint64_t ns;           /* spent on them, with is_timed */
    bool is_timed;
};

struct sink {
    const struct dest *dest;
    const char *name; /* for messages */
    struct endpoint end;
    uint64_t written;   /* this much of the stream has been written */
    uint64_t confirmed; /* and this much has arrived, as far as the kernel tells; at most written */
    bool resends;       /* what is not confirmed stays in the ring, to be written again */
    struct claim claim; /* the same for the main thread, with the call that is under way */
    struct rate_limit rate_limit;
    struct summing sum;
    bool is_compressed; /* what is written is not the bytes of the stream */
    bool has_inside; /* with is_compressed: some of the stream has not come out of the compressor */
    uint64_t file_size;  /* how much its file has, as far as that is ours */
    uint64_t file_since; /* when the first of that was written */
    bool ends_line;      /* the last byte that was written is the end of a line */
};

/* A sink for DEST with nothing open yet, under the rate limit of SETTINGS. */
void sink_init(struct sink *sink, const struct dest *dest, const struct settings *settings);

/* This much of the stream has arrived. */
void sink_confirm(struct sink *sink, uint64_t position);

/*
 * At the time NOW a call is about to be made that may not return: one that takes the sink BYTES further in the
 * stream, or another one. sink_answered: it has returned, and what came of it has been counted.
 */
void sink_calls(struct sink *sink, uint64_t now);
void sink_ask(struct sink *sink, size_t bytes, uint64_t now);
void sink_answered(struct sink *sink);

/*
 * Returns how many of LENGTH bytes the rate limit lets pass now: FEWEST or more, if it ever lets that many pass at
 * once. 0: none before rate_limit_due.
 */
size_t sink_room(struct sink *sink, size_t fewest, size_t length);

/*
 * Write the COUNT parts, or LENGTH bytes of DUCT: not more than sink_room allows. TAKES: how much further in the
 * stream that takes the sink, 0 for compressed bytes. BEGAN: when the caller looked at the clock. Returns as
 * endpoint_write and duct_drain do; call sink_answered when the result has been counted.
 */
ssize_t sink_write(struct sink *sink, const struct iovec *parts, int count, size_t takes,
                   uint64_t began);
ssize_t sink_splice(struct sink *sink, struct duct *duct, size_t length, uint64_t began);

/* The first LENGTH bytes of the COUNT parts have been written to the endpoint by somebody else. */
void sink_took(struct sink *sink, const struct iovec *parts, int count, size_t length);

#endif
