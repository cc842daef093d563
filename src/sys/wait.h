/*
 * Waiting: the only place where a thread that moves bytes sleeps, and where main does.
 *
 * Each thread has one bell and waits for it, for its descriptors and for a moment, all at once. No
 * read or write blocks (io/), so a wake-up is noticed at once.
 *
 * A wake-up costs a system call only when the other thread listens:
 *
 *     waiter                               waker
 *     bell_listen(bell)                    make the condition true
 *     is the condition true? go on         bell_wake(bell)
 *     otherwise wait_for(bell, ...)
 *     look again, from the top
 *
 * No wake-up is lost as long as both look at the condition under one lock, or through sequentially
 * consistent atomics: either the waiter sees the condition, or the waker sees the listener.
 *
 * bell_wake_always rings whoever waits, listening or not: for the main thread when everybody has to look
 * up.
 */
#ifndef SLABCAT_WAIT_H
#define SLABCAT_WAIT_H

#include <poll.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct bell {
    int fd;                /* -1: there is none; readable when it rings */
    int waker;             /* what is written to ring it: the same, or the other side of a pipe */
    atomic_bool listening; /* raised by the waiter, lowered by whoever comes first */
};

/* An eventfd, or a pipe where a filter hides those: 0 or -errno. */
int bell_make(struct bell *bell);
void bell_free(struct bell *bell);
void bell_listen(struct bell *bell);
void bell_wake(struct bell *bell);
void bell_wake_always(struct bell *bell);

/* At most this many descriptors are waited for at once, besides the bell. */
#define WAIT_FDS_MAX 16

/*
 * Sleep until BELL rings, one of FDS is ready (its revents say how), or the clock passes DEADLINE.
 * It may also return early. Afterwards BELL is silent and nobody listens to it. 0 or -errno.
 */
int wait_for(struct bell *bell, uint64_t deadline, struct pollfd *fds, unsigned count);

/*
 * Wait without a bell until FD is ready, for NS at most. Returns 1, and its revents say how; 0 when it
 * is not ready; or -errno. It uses ppoll, as wait_for does, and poll where ppoll fails: the message
 * that ppoll cannot be had waits for stderr in this way.
 */
int poll_one(struct pollfd *fd, uint64_t ns);

#endif
