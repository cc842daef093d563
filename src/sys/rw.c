#include "sys/rw.h"

#include <sys/uio.h>

#ifndef __GLIBC__ /* musl before 1.2.5 has no wrappers for these two */
#include <sys/syscall.h>
#include <unistd.h>
#define RWF_NOWAIT                            0x00000008
#define preadv2(fd, vector, count, at, flags) syscall(SYS_preadv2, fd, vector, count, at, at, flags)
#define pwritev2(fd, vector, count, at, flags)                                                     \
    syscall(SYS_pwritev2, fd, vector, count, at, at, flags)
#endif

ssize_t read_nowait(int fd, void *bytes, size_t room)
{
    const struct iovec vector = {.iov_base = bytes, .iov_len = room};

    return preadv2(fd, &vector, 1, -1, RWF_NOWAIT);
}

ssize_t write_nowait(int fd, const void *bytes, size_t length)
{
    const struct iovec vector = {.iov_base = (void *)bytes, .iov_len = length};

    return pwritev2(fd, &vector, 1, -1, RWF_NOWAIT);
}
