/* Threads of ours: small stacks, and a name. */
#ifndef SLABCAT_THREADS_H
#define SLABCAT_THREADS_H

#include <pthread.h>

/* -errno: there is none to be had. */
int thread_start(pthread_t *thread, void *(*body)(void *), void *argument);

/* The thread that calls it; at most 15 bytes. */
void thread_is_called(const char *name);

#endif
