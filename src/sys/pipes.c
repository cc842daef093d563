#include "sys/pipes.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <unistd.h>

/* For the next input, and for freezing it. */
static const rlim_t descriptors_spared = 8;

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

int pipe_open(int fds[2])
{
    struct rlimit limit;

    if (pipe2(fds, O_NONBLOCK | O_CLOEXEC) < 0)
        return -errno;
    /* the lowest free numbers are taken first, so the last ones tell how many are left */
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 &&
        (rlim_t)fds[1] + descriptors_spared >= limit.rlim_cur) {
        close(fds[0]);
        close(fds[1]);
        return -EMFILE;
    }
    return 0;
}

ssize_t bytes_waiting(int fd)
{
    int waiting = 0;

    if (ioctl(fd, FIONREAD, &waiting) < 0)
        return -errno;
    return waiting > 0 ? waiting : 0;
}
