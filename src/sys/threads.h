/* Threads of ours: small stacks, and a name. */
#ifndef SLABCAT_THREADS_H
#define SLABCAT_THREADS_H

#include <pthread.h>

/* NAME has at most 15 bytes. -errno: there is none to be had. */
int thread_start(pthread_t *thread, void *(*body)(void *), void *argument, const char *name);

#endif
