#include "sys/threads.h"

#include <stddef.h>

static const size_t stack_size = (size_t)256 << 10;

int thread_start(pthread_t *thread, void *(*body)(void *), void *argument, const char *name)
{
    pthread_attr_t attributes;
    int error = pthread_attr_init(&attributes);

    if (error)
        return -error;
    /* the default of 8 MiB each counts against a tight limit, although it is never used */
    pthread_attr_setstacksize(&attributes, stack_size);
    error = pthread_create(thread, &attributes, body, argument);
    pthread_attr_destroy(&attributes);
    if (error)
        return -error;
    pthread_setname_np(*thread, name);
    return 0;
}
