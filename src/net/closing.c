#include "net/closing.h"

#include "sys/wait.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

/* A peer that never stops talking must not keep us from everything else. */
enum { READS_AT_ONCE = 64, READ_SIZE = 1 << 14 };

/* The state of a TCP connection; 0 of any other socket. */
static unsigned tcp_state(int fd)
{
    struct tcp_info info = {0};
    socklen_t size = sizeof info;

    return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 ? info.tcpi_state : 0;
}

/* Why the connection broke, where the kernel has not told yet; otherwise 0. */
static int pending_error(int fd)
{
    int error = 0;
    socklen_t size = sizeof error;

    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0 ? -errno : -error;
}

int closing_overhear(struct endpoint *end)
{
    char forgotten[READ_SIZE];
    unsigned i;

    for (i = 0; i < READS_AT_ONCE; i++) {
        const ssize_t got = recv(end->fd, forgotten, sizeof forgotten, MSG_DONTWAIT);

        if (got == 0)
            return 0;
        if (got < 0 && errno != EINTR)
            return -errno;
    }
    return -EAGAIN;
}

int closing_begin(struct endpoint *end)
{
    int broken;

    if (shutdown(end->fd, SHUT_WR) == 0)
        return 0;
    broken = errno == ENOTCONN ? pending_error(end->fd) : 0;
    return broken ? broken : -errno;
}

/*
 * The peer has closed. A read no longer tells of a reset that follows, so it is asked for, and after
 * the count: a unix peer that goes with bytes unread leaves the error first and the count 0 then.
 */
static int confirmation(const struct endpoint *end)
{
    const unsigned state = tcp_state(end->fd);
    const uint64_t left = endpoint_unacknowledged(end);
    const int broken = pending_error(end->fd);

    if (broken)
        return broken;
    /* somebody has asked for the error before us */
    if (left > 0 && state == TCP_CLOSE)
        return -ECONNRESET;
    return left > 0 || state == TCP_LAST_ACK || state == TCP_CLOSING ? -EINPROGRESS : 0;
}

int closing_step(struct endpoint *end)
{
    const int error = closing_overhear(end);

    return error ? error : confirmation(end);
}

bool closing_peer_has_gone(const struct endpoint *end)
{
    struct pollfd fd = {.fd = end->fd};

    return poll_one(&fd, 0) > 0 && fd.revents & POLLHUP;
}

uint64_t endpoint_unacknowledged(const struct endpoint *end)
{
    const unsigned state = tcp_state(end->fd);
    const bool end_is_open =
        state == TCP_FIN_WAIT1 || state == TCP_CLOSING || state == TCP_LAST_ACK;
    int count = 0;

    if (end->kind != ENDPOINT_SOCKET || ioctl(end->fd, TIOCOUTQ, &count) < 0 || count <= 0)
        return 0;
    return (uint64_t)count - (end_is_open ? 1 : 0);
}
