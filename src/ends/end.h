/*
 * An end: a descriptor bytes come from or go to, and the way to use it without ever being held up.
 *
 * end_read and end_write return at once: a count, 0 at end of input, -EAGAIN when there is nothing
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
#ifndef SLABCAT_END_H
#define SLABCAT_END_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

enum end_kind { END_FILE, END_PIPE, END_SOCKET, END_TERMINAL, END_DEVICE };
enum end_way { END_PLAIN, END_NOWAIT, END_MESSAGE, END_OWN, END_LITTLE };
enum end_side { END_INPUT, END_OUTPUT };

struct end {
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
    enum end_kind kind;
    enum end_way way;
    enum end_side side;
};

/* A descriptor somebody gave us. -EBADF when it is closed or open in the wrong direction. */
int end_adopt(struct end *end, enum end_side side, int fd, const char *name);

/* The file at PATH, for reading. Never waits, not even for the writer of a FIFO. */
int end_open_input(struct end *end, const char *path);

ssize_t end_read(struct end *end, void *bytes, size_t room);

/* The bytes of COUNT parts, one behind the other, as one write; less than 1 GiB in all. */
ssize_t end_write(struct end *end, const struct iovec *parts, int count);

/* The room that the next read must have so that no message is cut; 1 where bytes are just bytes. */
size_t end_message_room(const struct end *end);

/*
 * How long the next message of a socket that keeps them is; 0 or -errno as a read would say.
 * -EAGAIN: it is not there yet, and it may be of any length when it comes.
 */
ssize_t end_next_message(const struct end *end);

/* What poll has to say right now: the end can be read, or written, without waiting. */
bool end_is_ready(const struct end *end);

/*
 * The input holds bytes: what a splice that found none asks. A pipe is not polled for it (pace.h).
 */
bool end_has_bytes(const struct end *input);

/* How much may be written without waiting once poll has called the output ready. */
size_t end_write_promised(const struct end *end);

/* Somebody fills this input, and counts on what it could write to arrive: a pipe or a socket. */
bool end_has_producer(const struct end *end);

/* The end is a regular file or the like: poll has nothing to say about it. */
bool end_is_always_ready(const struct end *end);

/* What poll's POLLERR or POLLHUP on an output mean, as -errno; 0 when they mean nothing. */
int end_failure(const struct end *end, short revents);

/*
 * Both are the same regular file and the input has bytes, or will have when PENDING bytes have been
 * written: copying would chase its own tail.
 */
bool end_feeds_itself(const struct end *input, const struct end *output, uint64_t pending);

/*
 * Stop the producer of a pipe and say how many bytes it holds. end_thaw makes them readable again,
 * and lets producers that have not noticed write more; freeze again after reading. A thaw that
 * fails, -errno, leaves the pipe frozen.
 *
 * A pipe is frozen by giving up its reading side while holding its writing side: the bytes stay,
 * whoever writes gets EPIPE, and the count is exact. Where that cannot be done (a socket; no /proc;
 * a pipe that another user made) or does not help (others hold the reading side as well) this only
 * counts. -errno: nobody can tell how many bytes a pipe holds, or a socket that holds some; of what
 * is neither 0 is said then.
 */
ssize_t end_freeze(struct end *end);
int end_thaw(struct end *end);

/* Nobody will read this input any more: freeze it, and say how many bytes are lost with it. */
ssize_t end_abandon(struct end *end);

/* Force what was written onto the disk. 0 as well where there is no disk to speak of. */
int end_sync(const struct end *end);

/* Close it: an output's close can bring the last error of a write. */
int end_close(struct end *end);

#endif
