/* end_freeze and end_thaw: stop producers, keep what they have written, and count it. */
#include "ends/end.h"
#include "sys/pipes.h"
#include "sys/reopen.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

/* A unix socket's peer is told; TCP has no way to. */
static void stop_peer(const struct end *end)
{
    int domain = 0;
    socklen_t size = sizeof domain;

    if (getsockopt(end->fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 && domain == AF_UNIX)
        shutdown(end->fd, SHUT_RD);
}

size_t end_freeze(struct end *end)
{
    if (end->frozen_fd >= 0)
        return bytes_waiting(end->frozen_fd);
    if (end->kind == END_SOCKET)
        stop_peer(end);
    if (end->kind == END_PIPE)
        end->frozen_fd = fd_reopen(end->fd, O_WRONLY);
    if (end->frozen_fd < 0)
        return bytes_waiting(end->fd);
    if (end->own_fd >= 0 && end->own_fd != end->fd)
        close(end->own_fd);
    close(end->fd);
    end->own_fd = end->fd = -1;
    return bytes_waiting(end->frozen_fd);
}

int end_thaw(struct end *end)
{
    if (end->frozen_fd < 0)
        return 0;
    end->fd = fd_reopen(end->frozen_fd, O_RDONLY);
    if (end->fd < 0)
        return -errno;
    /* as long as we hold the writing side there is no end of input */
    close(end->frozen_fd);
    end->frozen_fd = -1;
    /* the descriptor is ours now, and non-blocking by itself */
    end->own_fd = end->fd;
    end->way = END_OWN;
    return 0;
}
