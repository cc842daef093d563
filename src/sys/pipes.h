/* Pipes and what the kernel says about them. None of this changes what flows through. */
#ifndef SLABCAT_PIPES_H
#define SLABCAT_PIPES_H

#include <stddef.h>
#include <sys/types.h>

/* How many bytes the pipe behind FD can hold; 0 when it is no pipe. */
size_t pipe_capacity(int fd);

/* The most that is taken without being asked for, of what all pipes of a user share (64 MiB). */
#define PIPE_GROW_MAX ((size_t)1 << 20)

/*
 * Ask for WANTED bytes of capacity, or for half, a quarter, ... of it, down to more than it has:
 * the limit is shared by all pipes of a user. Returns the capacity that there is afterwards.
 */
size_t pipe_grow(int fd, size_t wanted);

/*
 * A pipe of our own, never waiting: FDS[0] to read from, FDS[1] to write to. -EMFILE already when
 * hardly a descriptor would be left for anything else.
 */
int pipe_open(int fds[2]);

/* Bytes that wait in the pipe, socket or terminal behind FD to be read; -errno: nobody can tell. */
ssize_t bytes_waiting(int fd);

#endif
