/*
 * A pour: bytes from the source through the ring to the output, until the end of one of them.
 *
 * Who does what:
 *     the reader thread  fills slabs from the source, at its pace; alone touches source and pace
 *     the writer thread  drains slabs to the outputs; alone touches them
 *     the main thread    raises the ending's level and waits for both to end
 * With no slabs at all a single thread does both, read by read ("direct"). Of several outputs that
 * are files each has a hand besides, a thread that writes for the writer (hand.h).
 *
 * Who waits for whom: the reader for input, or with all slabs full for the writer to free one; the
 * writer for the output, or with no bytes published for the reader to publish some. Each waits in
 * wait_for, with its own bell, which the other rings. Neither waits while it holds the ring's lock,
 * and the main thread's toll reaches both wherever they wait; so there is no way to be stuck but in
 * a system call that does not return (a disk that does not answer). The main thread leaves without them then,
 * once it has seen that they are in such a call (leaving.h).
 */
#ifndef SLABCAT_POUR_H
#define SLABCAT_POUR_H

#include "config/settings.h"
#include "flow/method.h"
#include "flow/notes.h"
#include "flow/shutdown.h"
#include "input/slab_pipes.h"
#include "input/source.h"
#include "input/staging.h"
#include "io/endpoint.h"
#include "output/output.h"
#include "sys/task.h"
#include "sys/wait.h"
#include "watch/checksums.h"
#include "watch/meters.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct chain;
struct reader_spill;
struct ring;

enum mover_role { MOVER_READER, MOVER_WRITER, MOVER_DIRECT, MOVER_WORKER };

/* A thread that moves bytes, as the main thread looks at it. */
struct mover {
    enum mover_role role;
    const struct output *output; /* a hand's */
    struct task task;
};

enum { MOVERS_MAX = 2 + DESTS_MAX };

/* What is left of a stream when nothing moves any more. */
struct remains {
    uint64_t out;         /* bytes that have been delivered for certain */
    uint64_t undelivered; /* bytes that were accepted, and not delivered for certain */
    uint64_t uncertain;   /* of those: a call that has not returned may have delivered them */
    uint64_t unread;      /* of those: never read */
    bool has_uncounted;   /* the input holds more, and nobody can tell how much */
};

struct pour {
    const struct settings *settings;
    struct source source;             /* the reader's, while it runs */
    bool reads_command;               /* stdin is, or is going to be, what a command writes */
    struct output outputs[DESTS_MAX]; /* the writer's, while it runs, but for `first` */
    int output_count;
    bool ducts_are_shared; /* whatever drains them never waits */
    struct ring *ring;     /* NULL in direct mode */
    unsigned char *store;
    size_t store_size;
    struct slab_pipes slab_pipes; /* the reader's, while it runs */
    struct staging staging;       /* the reader's, while it runs */
    struct reader_spill *spiller; /* the reader's, while it runs; NULL: a full ring blocks */

    struct chain
        *chain;        /* the reader's, as all of these: what it does to the bytes; NULL: nothing */
    uint64_t chain_ns; /* spent in it, if somebody wants to know */
    uint64_t given;    /* bytes that it has given so far */
    size_t chain_read; /* what it was fed and has not been told to the pace */
    bool chain_emptied;   /* that left the input empty */
    bool chain_has_ended; /* nothing more is fed */

    struct bell reader_bell;
    struct bell writer_bell;
    struct bell main_bell; /* the input or the output has ended, or there is trouble to print */

    _Atomic int level;                 /* enum shutdown_level; main raises it */
    atomic_bool input_has_ended;       /* the reader: everything is published that ever will be */
    atomic_bool reader_needs_room;     /* the reader: it goes on when a slab is free, not before */
    atomic_bool writer_has_ended;      /* the writer: nothing more will be written */
    atomic_bool output_has_ended;      /* the writer: all outputs are closed */
    atomic_bool wants_reopen;          /* main raises it: files have been rotated away */
    atomic_bool has_producer;          /* the reader: the input is filled by somebody else */
    struct choice choice;              /* the reader's: the way of the open input */
    atomic_bool output_refuses_splice; /* the writer: copy from now on */
    uint64_t unread;    /* the reader, until input_has_ended: what it left in the input */
    bool has_uncounted; /* likewise: it left more there, which cannot be counted */

    struct meters meters;
    struct checksums checksums; /* the writer adds to them */
    struct notes notes;

    pthread_t threads[2];
    int thread_count;
    int tasks; /* main's: the directory of their files, to open some in; -1: there is none */
    struct mover movers[MOVERS_MAX]; /* main's: what it knows of them */
    int mover_count;
    pthread_mutex_t gate; /* main holds it until the threads may begin */
    bool has_begun;       /* main's: it does not any more */
    bool is_called_off;   /* by whoever holds the gate: nothing is to be moved */
};

/*
 * The outputs are open and the source is set up; make the ring and the bells, and see that threads can
 * be had: all that may be refused, before a command is started and anything is changed. READS_COMMAND:
 * stdin will be what a command writes. 0 or -errno, which has been said, and then everything is freed.
 */
int pour_prepare(struct pour *pour, const struct settings *settings, bool reads_command);

/*
 * Start the threads. Nothing moves before pour_begin, so that no output need be emptied for nothing. 0
 * or -errno, which has been said, and then everything is freed.
 */
int pour_start(struct pour *pour);

/* Move: from now on the outputs are the writer's. */
void pour_begin(struct pour *pour);

/* The main thread: from now on the movers act on LEVEL. */
void pour_set_level(struct pour *pour, enum shutdown_level level);

/* The main thread: path outputs are to be opened again. False: there are none. */
bool pour_reopen(struct pour *pour);

/* Has every mover ended? And the output, which is what the user waits for? */
bool pour_has_ended(struct pour *pour);
bool pour_output_has_ended(struct pour *pour);

/*
 * What is left: exact when every mover has ended, or sits in a call that does not return and has not been
 * left since. Otherwise what has been delivered is at least `out`.
 */
struct remains pour_remains(struct pour *pour);

/* Wait for the threads and free everything: after pour_has_ended, or instead of pour_begin. */
void pour_finish(struct pour *pour);

#endif
