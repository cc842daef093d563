/*
 * An output: its sink, its state, and what else belongs to it. Opened by the main thread before there are others
 * (output_start.h); the writer's (or the direct thread's) from then on (lifecycle.h).
 *
 *                         +------ breaks, with --reconnect ------+
 *                         v                                      |
 *     (opened) ----> DISCONNECTED ----> READY ----> CLOSING -----+--> DONE
 *         |                               ^            |
 *         +-------------------------------+            +--> FAILED, from everywhere: reported,
 *                                                           and the output is left out
 *
 * What is no connection (net/connection.h) is READY, and DONE once it has been closed. One that is DISCONNECTED is
 * DONE as well when nothing is left to send. Nothing here waits: output_fd, output_events and output_due tell what an
 * output waits for.
 */
#ifndef SLABCAT_OUTPUT_H
#define SLABCAT_OUTPUT_H

#include "config/settings.h"
#include "flow/flow.h"
#include "net/connection.h"
#include "output/compressor.h"
#include "sink/sink.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct duct;
struct outputs;
struct worker;
struct rotation;

enum output_state {
    OUTPUT_DISCONNECTED, /* there is no connection; one is or will be tried (connection.h) */
    OUTPUT_READY,        /* takes bytes */
    OUTPUT_CLOSING,      /* has been given all there is; the peer is to close as well */
    OUTPUT_DONE,
    OUTPUT_FAILED
};

/* Why nothing could be written the last time. */
enum output_wants {
    WANTS_BYTES,  /* there are none for it */
    WANTS_ROOM,   /* it takes none */
    WANTS_TIME,   /* the rate limit */
    WANTS_WORKER, /* what is being written for it */
    WANTS_OTHERS, /* the next bytes are pages, which all outputs have to take together */
    WANTS_LINE,   /* the end of a line whose beginning is in the ring */
};

/* For a file that other programs may append to as well (whole_lines.h). */
struct whole_lines {
    uint64_t hold;   /* how long the beginning of a line may wait for its end; ns */
    bool is_holding; /* the beginning of a line waits */
    uint64_t due;    /* with is_holding: when it is written without its end */
    size_t held;     /* with is_holding: how many bytes of the line there are */
    bool is_long;    /* the current line is longer than a slab, and written without waiting */
};

/* Help for an output that is a pipe or a file. */
struct pages {
    unsigned quick;        /* times in a row the pipe was full, and soon no more */
    bool may_grow;         /* a pipe that has not been asked for more */
    struct worker *worker; /* a file among several outputs: who writes it */
    struct duct *relay;    /* of several outputs: pages on their way, already its own */
    size_t relayed;
};

/* When the file ends and another begins. */
struct cut {
    bool is_wanted;    /* the file is to be opened again as soon as the stream is between lines */
    bool rotates;      /* with is_wanted: and renamed before that */
    uint64_t uncut;    /* bytes written since that was asked for */
    uint64_t began;    /* where in the stream the file begins */
    uint64_t size_max; /* bytes; 0: there is no limit */
    uint64_t age_max;  /* ns; likewise */
};

/* The file behind a path. */
struct named_file {
    struct rotation *rotation; /* it is renamed now and then; NULL: never */
    bool is_renamed;           /* it has the other name already, and there is no next one yet */
    bool is_new;               /* it has been created for the output, and nothing has begun yet */
};

struct output {
    struct flow *flow;
    const struct outputs *all; /* it is one of these */
    struct target *target;     /* what the reader knows of it */
    struct sink sink;
    enum output_state state;
    enum output_wants wants;
    int error; /* with FAILED: why, -errno; 0: it has not been in time */
    struct pages pages;
    struct whole_lines lines;
    struct compressor compressor;
    struct cut cut;
    struct named_file file;
    struct connection connection;
};

struct outputs {
    struct output list[OUTPUTS_MAX];
    int count;
};

/* It is neither done nor left out. */
bool output_is_in_use(const struct output *output);

/* A connection that there is none of right now. */
bool output_is_disconnected(const struct output *output);

/* How much of the stream it will not ask for again. */
uint64_t output_settled(const struct output *output);

/*
 * How many of LENGTH bytes the rate limit lets pass now: FEWEST or more, if it ever lets so many pass
 * at once. 0: none now, and the output wants time.
 */
size_t output_allowed(struct output *output, size_t fewest, size_t length);

/* What its end has been given is complete; of its files the newest KEEP are remembered, or all. */
void output_sum_up(struct output *output, uint64_t keep);

/* Sync its end, if that is asked for, and close it; what fails is reported. */
void output_close_end(struct output *output);

#endif
