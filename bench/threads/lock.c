#include "bench/threads/lock.h"

int lock_make(pthread_mutex_t *lock)
{
    pthread_mutexattr_t kind;
    int error = pthread_mutexattr_init(&kind);

    if (error)
        return -error;
    error = pthread_mutexattr_settype(&kind, PTHREAD_MUTEX_ADAPTIVE_NP);
    if (!error)
        error = pthread_mutex_init(lock, &kind);
    pthread_mutexattr_destroy(&kind);
    return -error;
}

void sleepers_join(struct sleepers *sleepers, pthread_mutex_t *lock)
{
    sleepers->count++;
    pthread_cond_wait(&sleepers->wake, lock);
}
