#include "io/transfer.h"

#include <errno.h>
#include <limits.h>
#include <sys/sendfile.h>
#include <unistd.h>

/* Between two looks at the signals: a tenth of a second on a slow disk. */
static const size_t range_max = (size_t)16 << 20;

bool transfer_is_refused(ssize_t result)
{
    switch (result) {
    case -EINVAL: /* opened for appending; a file system or a device without splice */
    case -ENOSYS: /* a kernel without the call, or a filter that hides it */
    case -EPERM:  /* what seccomp filters of containers answer for calls they do not know */
    case -EOPNOTSUPP:
    case -EXDEV: /* copy_file_range between file systems */
    case -EBADF: /* copy_file_range to a file that has been opened for appending */ return true;
    default: return false;
    }
}

size_t transfer_promised(const struct endpoint *socket, size_t capacity)
{
    const size_t promised = endpoint_write_promised(socket);
    /* each 16 pages, however small, take a kilobyte or so of the socket's buffer besides */
    const size_t overhead = capacity / 32;

    return promised > overhead + PIPE_BUF ? promised - overhead : 0;
}

ssize_t transfer_send(struct endpoint *input, struct endpoint *output, size_t most)
{
    /* sendfile has a pipe of 64 KiB of its own, and fills it with whole pages */
    const size_t promised = transfer_promised(output, endpoint_write_promised(output));
    ssize_t moved;

    if (!promised)
        return -EOPNOTSUPP;
    if (!endpoint_is_ready(output))
        return -EAGAIN;
    do
        moved = sendfile(output->fd, input->fd, NULL, promised < most ? promised : most);
    while (moved < 0 && errno == EINTR);
    return moved < 0 ? -errno : moved;
}

ssize_t transfer_range(struct endpoint *input, struct endpoint *output, size_t most)
{
    const size_t length = most < range_max ? most : range_max;
    ssize_t moved;

    do
        moved = copy_file_range(input->fd, NULL, output->fd, NULL, length, 0);
    while (moved < 0 && errno == EINTR);
    return moved < 0 ? -errno : moved;
}
