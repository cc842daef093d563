/* endpoint_freeze, endpoint_thaw, endpoint_abandon: stop producers, keep what they have written, and count it. */
#include "io/endpoint.h"
#include "sys/pipes.h"
#include "sys/reopen.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

/* Has a socket nothing to be read, or the end alone? */
static bool is_empty(int fd)
{
    char byte;
    const ssize_t got = recv(fd, &byte, sizeof byte, MSG_PEEK | MSG_DONTWAIT);

    return got == 0 || (got < 0 && errno == EAGAIN);
}

/* What END holds; -errno: some, and nobody can tell how much. */
static ssize_t held_by(const struct endpoint *end)
{
    const ssize_t waiting = bytes_waiting(end->frozen_fd >= 0 ? end->frozen_fd : end->fd);

    if (waiting >= 0 || end->kind == ENDPOINT_PIPE)
        return waiting;
    return end->kind == ENDPOINT_SOCKET && !is_empty(end->fd) ? waiting : 0;
}

ssize_t endpoint_freeze(struct endpoint *end)
{
    if (end->frozen_fd < 0 && end->kind == ENDPOINT_PIPE) {
        end->frozen_fd = fd_reopen(end->fd, O_WRONLY);
        if (end->frozen_fd >= 0) {
            if (end->own_fd >= 0 && end->own_fd != end->fd)
                close(end->own_fd);
            close(end->fd);
            end->own_fd = end->fd = -1;
        }
    }
    return held_by(end);
}

int endpoint_thaw(struct endpoint *end)
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
    end->way = ENDPOINT_OWN;
    return 0;
}

/* The kernel tells the length of the first message only. */
static ssize_t discard_messages(const struct endpoint *end)
{
    ssize_t sum = 0;
    ssize_t length;

    while ((length = recv(end->fd, NULL, 0, MSG_TRUNC | MSG_DONTWAIT)) > 0)
        sum += length;
    return sum;
}

ssize_t endpoint_abandon(struct endpoint *end)
{
    if (end->kind == ENDPOINT_SOCKET && end->keeps_messages)
        return discard_messages(end);
    return endpoint_freeze(end);
}
