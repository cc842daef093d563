/*
 * A worker: a thread that writes to one of several outputs for the writer. A file that waits for its
 * disk holds up nobody but itself then, and several are written at the same time.
 *
 * The writer gives it one job at a time and goes on; when the job is done, it rings the writer's
 * bell. What is written must stay where it is until then. The end belongs to the worker meanwhile.
 */
#ifndef SLABCAT_WORKER_H
#define SLABCAT_WORKER_H

#include "io/endpoint.h"
#include "sys/wait.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

enum { WORKER_PARTS_MAX = 16 };

struct worker {
    struct endpoint *end;
    struct bell bell;
    struct bell *writer_bell;
    pthread_t thread;
    atomic_bool is_busy; /* the job and its result are the worker's */
    atomic_bool is_over; /* there are no more jobs */
    atomic_int error;    /* -errno: it does no jobs any more, because it cannot wait for them */

    struct iovec parts[WORKER_PARTS_MAX];
    int count;
    bool has_result; /* the writer has not taken it yet */
    ssize_t put;
};

/* A worker for END, which stays where it is. -errno: there is none to be had. */
int worker_make(struct worker **made, struct endpoint *end, struct bell *writer_bell);

/* Waits for the job, if there is one: its result, unless that has been taken; then 0. */
ssize_t worker_free(struct worker *worker);

/* Write the COUNT parts that have been put into worker->parts. It has no job. */
void worker_begin(struct worker *worker, int count);

/* It has a job, and has not done it yet. */
bool worker_is_busy(const struct worker *worker);

/* The result of the job: true once, when it is done; as of endpoint_write, or why it is not done. */
bool worker_result(struct worker *worker, ssize_t *put);

#endif
