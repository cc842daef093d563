/* Onto the disk, and wait for it. 0 as well where there is no disk to speak of; or -errno. */
#ifndef SLABCAT_SYNC_H
#define SLABCAT_SYNC_H

#include <errno.h>
#include <unistd.h>

static inline int sync_to_disk(int fd)
{
    /* EINVAL, ENOTSUP: a pipe, a socket or a device that has no such thing as a disk */
    if (fsync(fd) == 0 || errno == EINVAL || errno == ENOTSUP)
        return 0;
    return -errno;
}

#endif
