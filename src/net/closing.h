/*
 * The end of a connection, such that a clean exit means that the peer's side has taken everything:
 * say that nothing more will come, go on until the peer has closed as well, close. A close alone
 * returns while bytes are on their way, and one with input unread destroys them.
 *
 * For outputs that are stream sockets, and the thread that uses them. It knows no clock: how long
 * to be patient is the caller's business.
 */
#ifndef SLABCAT_CLOSING_H
#define SLABCAT_CLOSING_H

#include "io/endpoint.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * While the connection is in use: read and forget what the peer says, so that none of it lies
 * unread when we close. Call it whenever poll has seen POLLIN.
 *
 * -EAGAIN: nothing (more) just now. 0: the peer has closed its side, or has ended its process; do
 * not poll for POLLIN any more. It may still read: what we write then tells (EPIPE, ECONNRESET).
 * Another -errno: the connection is broken.
 */
int closing_overhear(struct endpoint *end);

/* Nothing more will be written: the peer reads to the end. 0, or -errno of a connection that broke. */
int closing_begin(struct endpoint *end);

/*
 * After closing_begin, and whenever poll has something to say:
 *
 *     0              the peer has closed too, and its kernel has all that was sent. Where the peer
 *                    closed after it had read to the end, as is the custom, it has read everything.
 *     -EAGAIN        wait for POLLIN
 *     -EINPROGRESS   the peer has closed, but not everything is confirmed, and poll cannot say
 *                    when it is (it reports POLLIN and POLLHUP all the time): do not poll, step
 *                    again after CLOSING_REST
 *     other -errno   the connection broke: ECONNRESET also when the peer closed without having read
 *                    everything
 */
int closing_step(struct endpoint *end);

#define CLOSING_REST (2 * NS_PER_MS)

/*
 * How many of the bytes sent the peer may not have. Still there after the connection has broken,
 * until the socket is closed.
 *
 *     TCP    bytes that the peer's kernel has not confirmed; exact. See below for what that means.
 *     unix   what memory the unread bytes take in the peer's queue, overhead and bytes of a partly
 *            read message included: at least as many as are unread. 0 while the peer is there means
 *            that the peer itself has read everything; after it has gone it is always 0.
 *     other  0
 *
 * What (sent - unacknowledged) says of a TCP peer that has gone, found out by test_closing:
 *
 *     it closed, having read all there was (we saw the end of its stream before any error): exactly
 *         what it has read. What was sent after that is all unacknowledged.
 *     it only ended its side (shutdown): what its kernel has taken so far
 *     it reset (it was killed or closed with input unread, or rebooted): what its kernel had taken
 *         and confirmed. It may have read much less: what lay in its receive buffer, megabytes of
 *         it, is gone. It may have read a little more: a confirmation can be late (by 40 ms), and
 *         the one that a reset carries is not looked at.
 *     ETIMEDOUT: the same as reset
 *
 * The end of our stream counts as one byte until it is confirmed. It is not in the result, except
 * when the connection broke in between.
 */
uint64_t endpoint_unacknowledged(const struct endpoint *end);

/*
 * The peer has closed, or its process has ended. Of a unix peer this is so before what it has not
 * read is thrown away. After closing_begin also when it has only ended its side.
 */
bool closing_peer_has_gone(const struct endpoint *end);

#endif
