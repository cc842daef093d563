/*
 * The threads that move bytes, as the main thread sees them.
 *
 *     the reader  fills slabs from the input, at its pace; alone touches struct reader
 *     the writer  drains slabs to the outputs; alone touches struct writer
 *     main        raises the level and waits for both to end
 *
 * With no slabs a single thread does both, read by read (direct.h). Of several outputs each that is a file has
 * a worker besides, a thread that writes for the writer (worker.h).
 *
 * The reader waits for input, or with all slabs full for the writer to free one; the writer waits for the output,
 * or with no bytes published for the reader to publish some. Each waits in wait_for, with its own bell, which the
 * other wakes. Neither waits while it holds the ring's lock, and flow_set_level reaches both wherever they wait; so
 * there is no way to be stuck but in a system call that does not return (a disk that does not answer). The main
 * thread leaves without them then, once it has seen that they are in such a call (leaving.h).
 */
#ifndef SLABCAT_MOVERS_H
#define SLABCAT_MOVERS_H

#include "sys/task.h"
#include "threads/reader.h"
#include "threads/writer.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

enum mover_role { MOVER_READER, MOVER_WRITER, MOVER_DIRECT, MOVER_WORKER };

/* A thread that moves bytes, as the main thread looks at it. */
struct mover {
    enum mover_role role;
    const struct output *output; /* a worker's */
    struct task task;
};

enum { MOVERS_MAX = 2 + OUTPUTS_MAX };

/* What is left of a stream when nothing moves any more. */
struct remains {
    uint64_t out;         /* bytes that have been delivered for certain */
    uint64_t undelivered; /* bytes that were accepted, and not delivered for certain */
    uint64_t uncertain;   /* of those: a call that has not returned may have delivered them */
    uint64_t unread;      /* of those: never read */
    bool has_uncounted;   /* the input holds more, and nobody can tell how much */
};

struct movers {
    struct flow *flow;
    struct reader *reader;
    struct writer *writer;
    pthread_t threads[2];
    int thread_count;
    int tasks; /* the directory of the threads' files in /proc, to open some in; -1: there is none */
    struct mover list[MOVERS_MAX];
    int count;
    pthread_mutex_t gate; /* main holds it until the threads may begin */
    bool has_begun;       /* main does not hold it any more */
    bool is_called_off;   /* nothing is to be moved; stored by whoever holds the gate */
};

/*
 * The outputs are open and the source is set up; make the ring and the bells, and see that threads can be had: all
 * that may be refused, before a command is started and anything is changed. READS_COMMAND: stdin will be what a
 * command writes. 0, or -errno after having reported it, and then everything is freed.
 */
int movers_prepare(struct movers *movers, struct flow *flow, struct reader *reader,
                   struct writer *writer, bool reads_command);

/*
 * Start the threads. Nothing moves before movers_begin, so that no output need be emptied for nothing. 0, or -errno
 * after having reported it, and then everything is freed.
 */
int movers_start(struct movers *movers);

/* Move: from now on the outputs are the writer's. */
void movers_begin(struct movers *movers);

/* Path outputs are to be opened again. False: there are none. */
bool movers_reopen(struct movers *movers);

/* True when every mover has ended; and when the output has, which is what the user waits for. */
bool movers_have_ended(const struct movers *movers);
bool movers_output_has_ended(const struct movers *movers);

/*
 * What is left: exact when every mover has ended, or sits in a call that does not return and has not been
 * left since. Otherwise what has been delivered is at least `out`.
 */
struct remains movers_remains(const struct movers *movers);

/* Wait for the threads and free everything: after movers_have_ended, or instead of movers_begin. */
void movers_finish(struct movers *movers);

#endif
