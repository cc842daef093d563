/*
 * An end: a descriptor bytes come from or go to, and the way to use it without ever being held up.
 *
 * endpoint_read and endpoint_write return at once: a count, 0 at end of input, -EAGAIN when there is nothing
 * to do until poll says so, or another -errno. O_NONBLOCK is never set on a descriptor that came
 * from outside, because it belongs to everyone who shares it; each call asks for itself:
 *
 *     PLAIN     regular files and block devices: read and write; they wait for a disk at most
 *     NOWAIT    everything else: preadv2 and pwritev2 with RWF_NOWAIT
 *   where the kernel has no such call for this kind of file:
 *     MESSAGE   sockets: recv and send with MSG_DONTWAIT
 *     OWN       pipes, terminals: a non-blocking description of our own of the same one
 *     LITTLE    the rest: ask poll, then move no more than poll's word covers
 *
 * An end belongs to one thread at a time. It knows nothing of slabs, of pace or of stopping.
 */
#ifndef SLABCAT_ENDPOINT_H
#define SLABCAT_ENDPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

enum endpoint_kind {
    ENDPOINT_FILE,
    ENDPOINT_PIPE,
    ENDPOINT_SOCKET,
    ENDPOINT_TERMINAL,
    ENDPOINT_DEVICE
};
enum endpoint_way {
    ENDPOINT_PLAIN,
    ENDPOINT_NOWAIT,
    ENDPOINT_MESSAGE,
    ENDPOINT_OWN,
    ENDPOINT_LITTLE
};
enum endpoint_side { ENDPOINT_INPUT, ENDPOINT_OUTPUT };

struct endpoint {
    const char *name; /* for messages; not ours to free */
    int fd;
    int own_fd;    /* way OWN: our own description, the same as fd after a thaw; otherwise -1 */
    int frozen_fd; /* an input that is frozen: the writing side of its pipe; otherwise -1 */
    bool awaits_writer;  /* a FIFO we opened: until poll has seen a writer, 0 is not end of input */
    bool keeps_messages; /* bytes come or go in messages: an input's must not be cut by a read */
    bool appends;        /* an output that is open with O_APPEND */
    bool takes_pages;    /* false: a socket of a family whose poll promises no room for them */
    bool refuses_splice; /* it has said so: use it by read or write from now on */
    dev_t device;        /* with inode: which file it is; both may be read by other threads */
    ino_t inode;
    enum endpoint_kind kind;
    enum endpoint_way way;
    enum endpoint_side side;
};

/* A descriptor somebody gave us. -EBADF when it is closed or open in the wrong direction. */
int endpoint_adopt(struct endpoint *end, enum endpoint_side side, int fd, const char *name);

/* The file at PATH, for reading. Never waits, not even for the writer of a FIFO. */
int endpoint_open_input(struct endpoint *end, const char *path);

ssize_t endpoint_read(struct endpoint *end, void *bytes, size_t room);

/* The bytes of COUNT parts, one behind the other, as one write; less than 1 GiB in all. */
ssize_t endpoint_write(struct endpoint *end, const struct iovec *parts, int count);

/* The room that the next read must have so that no message is cut; 1 where bytes are just bytes. */
size_t endpoint_message_room(const struct endpoint *end);

/*
 * How long the next message of a socket that keeps them is; 0 or -errno as a read would say.
 * -EAGAIN: it is not there yet, and it may be of any length when it comes.
 */
ssize_t endpoint_next_message(const struct endpoint *end);

/* What poll has to say right now: the end can be read, or written, without waiting. */
bool endpoint_is_ready(const struct endpoint *end);

/*
 * The input holds bytes: what a splice that found none asks. A pipe is not polled for it (pace.h).
 */
bool endpoint_has_bytes(const struct endpoint *input);

/* How much may be written without waiting once poll has called the output ready. */
size_t endpoint_write_promised(const struct endpoint *end);

/* Somebody fills this input, and counts on what it could write to arrive: a pipe or a socket. */
bool endpoint_has_producer(const struct endpoint *end);

/* The end is a regular file or the like: poll has nothing to say about it. */
bool endpoint_is_always_ready(const struct endpoint *end);

/* What poll's POLLERR or POLLHUP on an output mean, as -errno; 0 when they mean nothing. */
int endpoint_failure(const struct endpoint *end, short revents);

/*
 * Both are the same regular file and the input has bytes, or will have when PENDING bytes have been
 * written: copying would chase its own tail.
 */
bool endpoint_feeds_itself(const struct endpoint *input, const struct endpoint *output,
                           uint64_t pending);

/*
 * Stop the producer of a pipe and say how many bytes it holds. endpoint_thaw makes them readable again,
 * and lets producers that have not noticed write more; freeze again after reading. A thaw that
 * fails, -errno, leaves the pipe frozen.
 *
 * A pipe is frozen by giving up its reading side while holding its writing side: the bytes stay,
 * whoever writes gets EPIPE, and the count is exact. Where that cannot be done (a socket; no /proc;
 * a pipe that another user made) or does not help (others hold the reading side as well) this only
 * counts. -errno: nobody can tell how many bytes a pipe holds, or a socket that holds some; of what
 * is neither 0 is said then.
 */
ssize_t endpoint_freeze(struct endpoint *end);
int endpoint_thaw(struct endpoint *end);

/* Nobody will read this input any more: freeze it, and say how many bytes are lost with it. */
ssize_t endpoint_abandon(struct endpoint *end);

/* Force what was written onto the disk. 0 as well where there is no disk to speak of. */
int endpoint_sync(const struct endpoint *end);

/* Close it: an output's close can bring the last error of a write. */
int endpoint_close(struct endpoint *end);

#endif
