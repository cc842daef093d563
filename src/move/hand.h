/*
 * A hand: a thread that writes to one of several outputs for the writer. A file that waits for its
 * disk holds up nobody but itself then, and several are written at the same time.
 *
 * The writer gives it one job at a time and goes on; when the job is done, it rings the writer's
 * bell. What is written must stay where it is until then. The end belongs to the hand meanwhile.
 */
#ifndef SLABCAT_HAND_H
#define SLABCAT_HAND_H

#include "ends/end.h"
#include "sys/wait.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

enum { HAND_PARTS_MAX = 16 };

struct hand {
    struct end *end;
    struct bell bell;
    struct bell *writer_bell;
    pthread_t thread;
    atomic_bool is_busy; /* the job and its result are the hand's */
    atomic_bool is_over; /* there are no more jobs */
    atomic_int error;    /* -errno: it does no jobs any more, because it cannot wait for them */

    struct iovec parts[HAND_PARTS_MAX];
    int count;
    bool has_result; /* the writer has not taken it yet */
    ssize_t put;
};

/* A hand for END, which stays where it is. -errno: there is none to be had. */
int hand_make(struct hand **made, struct end *end, struct bell *writer_bell);

/* Waits for the job, if there is one: its result, unless that has been taken; then 0. */
ssize_t hand_free(struct hand *hand);

/* Write the COUNT parts that have been put into hand->parts. It has no job. */
void hand_begin(struct hand *hand, int count);

/* It has a job, and has not done it yet. */
bool hand_is_busy(const struct hand *hand);

/* The result of the job: true once, when it is done; as of end_write, or why it is not done. */
bool hand_result(struct hand *hand, ssize_t *put);

#endif
