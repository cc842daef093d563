/*
 * What all threads of a stream share: constants, which are set before the movers begin; atomics and counters,
 * each stored by one thread; and what has a lock of its own. What only one thread may touch is in struct reader
 * and struct writer, and what only the main thread may touch in struct movers and struct session.
 */
#ifndef SLABCAT_FLOW_H
#define SLABCAT_FLOW_H

#include "config/settings.h"
#include "flow/notes.h"
#include "flow/shutdown.h"
#include "io/endpoint.h"
#include "sys/wait.h"
#include "watch/checksums.h"
#include "watch/meters.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

struct ring;

#define DESCRIPTION_ROOM 64

/* An output as it was when it was opened: what the reader may know of it. */
struct target {
    const char *name;
    struct endpoint end;
    char description[DESCRIPTION_ROOM]; /* for --explain: "a pipe of 64K" */
};

struct bells {
    struct bell reader;
    struct bell writer;
    struct bell main; /* the input or the output has ended, or there is something to report */
};

struct flags {
    _Atomic int level; /* enum shutdown_level; main raises it */
    atomic_bool
        wants_reopen; /* main: files have been renamed, path outputs are to be opened again */
    atomic_bool input_has_ended;       /* the reader: everything is published that ever will be */
    atomic_bool reader_needs_room;     /* the reader: it goes on when a slab is free, not before */
    atomic_bool has_producer;          /* the reader: another process fills the input */
    atomic_bool writer_has_ended;      /* the writer: nothing more will be written */
    atomic_bool output_has_ended;      /* the writer: all outputs are closed */
    atomic_bool output_refuses_splice; /* the writer: copy from now on */
};

/* What the reader left in the input; valid when input_has_ended. */
struct unread {
    uint64_t bytes;
    bool has_uncounted; /* it left more, which cannot be counted */
};

struct flow {
    const struct settings *settings;
    struct target targets[OUTPUTS_MAX];
    int target_count;
    struct ring *ring; /* NULL in direct mode */
    unsigned char *store;
    size_t store_size;
    bool ducts_are_shared;  /* whatever drains the ducts never waits */
    clockid_t writer_clock; /* the CPU time of the writer's thread */
    struct bells bells;
    struct flags flags;
    struct unread unread;
    struct meters meters;
    struct checksums checksums; /* the writer adds to them */
    struct notes notes;
};

/* Returns the level that the main thread has set. */
enum shutdown_level flow_level(struct flow *flow);

/* The main thread: from now on the movers act on LEVEL. */
void flow_set_level(struct flow *flow, enum shutdown_level level);

/* True when the reader is to leave: it has been told to, or nobody takes what it reads. */
bool flow_reader_has_to_leave(struct flow *flow);

/* Returns what failed with ERROR, for a message: NAME, or that only pages would do. */
const char *flow_operation(const struct flow *flow, const char *name, int error);

/*
 * A call that moves pages returned RESULT. True: try the same by copying, which works or tells what is wrong. False
 * where only pages will do.
 */
bool flow_may_copy_instead(const struct flow *flow, ssize_t result);

/* Report that waiting itself failed with ERROR: nothing can go on from here. */
void flow_wait_failed(struct flow *flow, int error);

#endif
