/* Threads of ours: small stacks, and a name. */
#ifndef SLABCAT_THREADS_H
#define SLABCAT_THREADS_H

#include <pthread.h>

/* -errno: there is none to be had. */
int thread_start(pthread_t *thread, void *(*body)(void *), void *argument);

/*
 * Find out whether COUNT threads can be had at once: make them, and let them end. 0 or -errno. The
 * main thread's, while there are no others.
 */
int threads_try(int count);

/* The thread that calls it; at most 15 bytes. */
void thread_is_called(const char *name);

#endif
