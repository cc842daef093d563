/* Write all of it, however many calls that takes: what write(2) leaves over, and what interrupts it. */
#ifndef SLABCAT_WHOLE_H
#define SLABCAT_WHOLE_H

#include <errno.h>
#include <stddef.h>
#include <unistd.h>

/* 0 or -errno. Where FD does not block it is tried again and again. */
static inline int write_whole(int fd, const char *bytes, size_t length)
{
    while (length > 0) {
        const ssize_t put = write(fd, bytes, length);

        if (put < 0 && errno != EINTR && errno != EAGAIN)
            return -errno;
        if (put == 0) /* for no reason: it would be asked for ever */
            return -EIO;
        if (put > 0) {
            bytes += put;
            length -= (size_t)put;
        }
    }
    return 0;
}

#endif
