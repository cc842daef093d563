/*
 * Making a connection to a destination, TCP or unix: one address after another, without waiting.
 *
 *     error = dial_start(&dial, &dest, 0);
 *     while (!error && (error = dial_step(&dial, clock_now())) == -EAGAIN)
 *         wait for POLLOUT on dial.fd, which may be -1: for nothing; at most until dial.look_again;
 *         error = 0;
 *     fd = error ? -1 : dial_take(&dial);
 *     dial_stop(&dial);
 *
 * A dial belongs to one thread. It knows nothing of trying again later: see backoff.h.
 */
#ifndef SLABCAT_DIAL_H
#define SLABCAT_DIAL_H

#include "sink/dest.h"

#include <netdb.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/un.h>

struct dial {
    int fd;              /* being connected; -1: there is nothing to poll */
    uint64_t look_again; /* dial_step wants to be called by then, whatever poll says */
    const char *why;     /* a name could not be looked up: the reason in words; otherwise NULL */
    bool hopeless;       /* and trying again cannot help: there is no such name, or no service */

    /* the dial's own */
    struct addrinfo *found;      /* what the name stands for; NULL for a unix socket */
    const struct addrinfo *next; /* the address to try after this one */
    struct addrinfo unix_info;
    struct sockaddr_un unix_address;
    uint64_t give_up; /* on this address; NEVER before the first one */
    int error;        /* the most telling failure so far */
    size_t send_buffer;
};

/*
 * Look DEST's name up. This may take the resolver's time, tens of seconds, and nothing interrupts
 * it; addresses and unix paths take none. The next thing to do is dial_step. SEND_BUFFER is the
 * socket's SO_SNDBUF, 0 for the kernel's choice, which grows with the connection.
 *
 * -errno: then `why` has better words where it is not NULL, and `hopeless` says what another try
 * is worth.
 */
int dial_start(struct dial *dial, const struct dest *dest, size_t send_buffer);

/*
 * 0: connected, dial_take has it. -EAGAIN: not yet. Another -errno: all addresses have failed, with
 * this as the most telling reason: the last but for those that only say that this machine has no
 * way to such addresses.
 *
 * An address that does not answer in 5 s is given up, -ETIMEDOUT. A unix socket whose queue of
 * connections is full cannot be polled for room: it is tried again every 20 ms for as long.
 */
int dial_step(struct dial *dial, uint64_t now);

/*
 * The connection, the caller's to close: close-on-exec, and O_NONBLOCK, since nobody shares it.
 * Over TCP it sends at once what it is given. Watch it with liveness.h: a peer that dies is not
 * noticed otherwise.
 */
int dial_take(struct dial *dial);

/* Whatever there is of it is given up. Any number of times, also after a dial_start that failed. */
void dial_stop(struct dial *dial);

#endif
