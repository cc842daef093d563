#include "sys/threads.h"

#include <assert.h>
#include <stddef.h>
#include <sys/prctl.h>

enum { THREADS_TRIED_MAX = 2 };

static const size_t stack_size = (size_t)256 << 10;

int thread_start(pthread_t *thread, void *(*body)(void *), void *argument)
{
    pthread_attr_t attributes;
    int error = pthread_attr_init(&attributes);

    if (error)
        return -error;
    /* the default of 8 MiB each counts against a tight limit, although it is never used */
    pthread_attr_setstacksize(&attributes, stack_size);
    error = pthread_create(thread, &attributes, body, argument);
    pthread_attr_destroy(&attributes);
    return -error;
}

/* The body of a thread that ends when the mutex *ARGUMENT is unlocked. */
static void *wait_at_gate(void *argument)
{
    pthread_mutex_t *const gate = argument;

    pthread_mutex_lock(gate);
    pthread_mutex_unlock(gate);
    return NULL;
}

int threads_try(int count)
{
    pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
    pthread_t threads[THREADS_TRIED_MAX] = {0};
    int error = 0;
    int made = 0;

    assert(count <= THREADS_TRIED_MAX);
    pthread_mutex_lock(&gate);
    while (!error && made < count) {
        error = thread_start(&threads[made], wait_at_gate, &gate);
        made += !error;
    }
    pthread_mutex_unlock(&gate);
    while (made > 0)
        pthread_join(threads[--made], NULL);
    pthread_mutex_destroy(&gate);
    return error;
}

void thread_is_called(const char *name)
{
    /* from outside libc would go through a file of /proc, which may be beyond reach */
    prctl(PR_SET_NAME, name, 0UL, 0UL, 0UL);
}
