#include "sys/rw.h"

#ifndef __GLIBC__ /* musl before 1.2.5 has no wrappers for these two */
#include <sys/syscall.h>
#include <unistd.h>
#define RWF_NOWAIT 0x00000008

/*
 * The offset goes in two halves; -1, the file's own position, is -1 in both. syscall() takes longs.
 */
#define preadv2(fd, vector, count, at, flags)                                                      \
    syscall(SYS_preadv2, (long)(fd), vector, (long)(count), (long)(at), (long)(at), (long)(flags))
#define pwritev2(fd, vector, count, at, flags)                                                     \
    syscall(SYS_pwritev2, (long)(fd), vector, (long)(count), (long)(at), (long)(at), (long)(flags))
#endif

ssize_t read_nowait(int fd, void *bytes, size_t room)
{
    const struct iovec vector = {.iov_base = bytes, .iov_len = room};

    return preadv2(fd, &vector, 1, -1, RWF_NOWAIT);
}

ssize_t write_nowait(int fd, const struct iovec *parts, int count)
{
    return pwritev2(fd, parts, count, -1, RWF_NOWAIT);
}
