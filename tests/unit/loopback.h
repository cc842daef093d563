/* Real connections for the unit tests: both ends in this process, on ports the kernel picks. */
#ifndef SLABCAT_LOOPBACK_H
#define SLABCAT_LOOPBACK_H

#include "sys/clock.h"

#include "slow.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* A test that cannot have a socket has nothing to say. */
static inline int must(int result, const char *what)
{
    if (result < 0) {
        perror(what);
        exit(1);
    }
    return result;
}

/*
 * A socket bound to 127.0.0.1 or [::1]; its port, which nobody else gets and which refuses. -1 where
 * the machine has no such family.
 */
static inline int bind_on(int family, unsigned *port)
{
    union {
        struct sockaddr any;
        struct sockaddr_in in;
        struct sockaddr_in6 in6;
    } address = {.any.sa_family = (sa_family_t)family};
    socklen_t size = family == AF_INET ? sizeof address.in : sizeof address.in6;
    const int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);

    *port = 0;
    if (family == AF_INET)
        address.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    else
        address.in6.sin6_addr = in6addr_loopback;
    if (fd < 0 || bind(fd, &address.any, size) < 0) {
        if (fd >= 0)
            close(fd);
        return -1;
    }
    must(getsockname(fd, &address.any, &size), "getsockname");
    *port = ntohs(family == AF_INET ? address.in.sin_port : address.in6.sin6_port);
    return fd;
}

/* The same, and it listens. */
static inline int listen_on(int family, unsigned *port)
{
    const int fd = bind_on(family, port);

    if (fd >= 0)
        must(listen(fd, 8), "listen");
    return fd;
}

/* Two ends of one TCP connection: ours does not block, the peer's does. */
static inline void tcp_pair(int *ours, int *peer)
{
    unsigned port;
    const int listener = must(listen_on(AF_INET, &port), "listen");
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    *ours = must(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
    must(connect(*ours, (struct sockaddr *)&address, sizeof address), "connect");
    *peer = must(accept4(listener, NULL, NULL, SOCK_CLOEXEC), "accept");
    close(listener);
}

static inline void unix_pair(int *ours, int *peer)
{
    int fds[2];

    must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), "socketpair");
    *ours = fds[0];
    *peer = fds[1];
}

/* As much of SIZE bytes as goes without waiting. */
static inline uint64_t push(int fd, uint64_t size)
{
    static char bytes[1 << 16];
    uint64_t sent = 0;

    while (sent < size) {
        const uint64_t left = size - sent;
        const ssize_t put =
            send(fd, bytes, left < sizeof bytes ? left : sizeof bytes, MSG_DONTWAIT | MSG_NOSIGNAL);

        if (put < 0)
            break;
        sent += (uint64_t)put;
    }
    return sent;
}

/* SIZE bytes, or what there is until the end. */
static inline uint64_t pull(int fd, uint64_t size)
{
    static char bytes[1 << 16];
    uint64_t got = 0;

    while (got < size) {
        const uint64_t left = size - got;
        const ssize_t more = recv(fd, bytes, left < sizeof bytes ? left : sizeof bytes, 0);

        if (more <= 0)
            break;
        got += (uint64_t)more;
    }
    return got;
}

/* Close with a reset, whatever has been read. */
static inline void reset(int fd)
{
    const struct linger at_once = {.l_onoff = 1};

    setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(fd);
}

/* Wait until EVENTS (or an error) are there, for a limited time: whether they are. */
static inline bool comes(int fd, short events)
{
    struct pollfd wanted = {.fd = fd, .events = events};

    return poll(&wanted, 1, (int)(10000 * slow())) > 0;
}

static inline void rest_ms(unsigned ms)
{
    poll(NULL, 0, (int)ms);
}

#endif
