#include "sys/pipes.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/ioctl.h>

size_t pipe_capacity(int fd)
{
    int size = fcntl(fd, F_GETPIPE_SZ);

    return size > 0 ? (size_t)size : 0;
}

size_t pipe_grow(int fd, size_t wanted)
{
    size_t size = pipe_capacity(fd);

    if (!size)
        return 0;
    for (; wanted > size; wanted /= 2) {
        if (wanted <= INT_MAX && fcntl(fd, F_SETPIPE_SZ, (int)wanted) >= 0)
            break;
    }
    return pipe_capacity(fd);
}

size_t bytes_waiting(int fd)
{
    int waiting = 0;

    return ioctl(fd, FIONREAD, &waiting) == 0 && waiting > 0 ? (size_t)waiting : 0;
}
