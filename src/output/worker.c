#include "output/worker.h"

#include "sys/clock.h"
#include "sys/threads.h"

#include <errno.h>
#include <stdlib.h>

/* Sleep until there is a job. False: there are no more, or that cannot be waited for. */
static bool await_job(struct worker *worker)
{
    for (;;) {
        int error;

        if (atomic_load(&worker->is_busy))
            return true;
        if (atomic_load(&worker->is_over))
            return false;
        bell_listen(&worker->bell);
        if (atomic_load(&worker->is_busy) || atomic_load(&worker->is_over))
            continue;
        error = wait_for(&worker->bell, NEVER, NULL, 0);
        if (error) {
            atomic_store(&worker->error, error);
            bell_wake(worker->writer_bell); /* it may have a job for us that nobody does */
            return false;
        }
    }
}

static void *worker_thread(void *argument)
{
    struct worker *worker = argument;

    thread_is_called("slabcat-worker");
    while (await_job(worker)) {
        worker->put = endpoint_write(worker->end, worker->parts, worker->count);
        atomic_store(&worker->is_busy, false);
        bell_wake(worker->writer_bell);
    }
    return NULL;
}

int worker_make(struct worker **made, struct endpoint *end, struct bell *writer_bell)
{
    struct worker *worker = calloc(1, sizeof *worker);
    int error = -ENOMEM;

    if (!worker)
        return error;
    worker->end = end;
    worker->writer_bell = writer_bell;
    error = bell_make(&worker->bell);
    if (!error)
        error = thread_start(&worker->thread, worker_thread, worker);
    if (error) {
        bell_free(&worker->bell);
        free(worker);
        return error;
    }
    *made = worker;
    return 0;
}

ssize_t worker_free(struct worker *worker)
{
    ssize_t put = 0;

    atomic_store(&worker->is_over, true);
    bell_wake(&worker->bell);
    pthread_join(worker->thread, NULL);
    worker_result(worker, &put);
    bell_free(&worker->bell);
    free(worker);
    return put;
}

void worker_begin(struct worker *worker, int count)
{
    worker->count = count;
    worker->has_result = true;
    atomic_store(&worker->is_busy, true);
    bell_wake(&worker->bell);
}

bool worker_is_busy(const struct worker *worker)
{
    return atomic_load(&worker->is_busy) && !atomic_load(&worker->error);
}

bool worker_result(struct worker *worker, ssize_t *put)
{
    if (!worker->has_result || worker_is_busy(worker))
        return false;
    worker->has_result = false;
    *put = atomic_load(&worker->is_busy) ? atomic_load(&worker->error) : worker->put;
    return true;
}
