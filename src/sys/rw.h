/* read and write that return EAGAIN instead of waiting, whatever the descriptor's flags are. */
#ifndef SLABCAT_RW_H
#define SLABCAT_RW_H

#include <stddef.h>
#include <sys/types.h>
#include <sys/uio.h>

/* -1 and errno as read(2) and write(2); EOPNOTSUPP or ENOSYS where the kernel cannot do it. */
ssize_t read_nowait(int fd, void *bytes, size_t room);
ssize_t write_nowait(int fd, const struct iovec *parts, int count);

#endif
