/*
 * Moving the bytes of a regular file to an output inside the kernel, without a store of our own.
 *
 * Both calls use and move the shared file positions, and return at once, but for a disk: a count; 0
 * when the kernel has moved nothing and gives no reason, as at the end of the input, but also where
 * only read can tell; -EAGAIN when the output is not ready; or another -errno.
 */
#ifndef SLABCAT_TRANSFER_H
#define SLABCAT_TRANSFER_H

#include "io/endpoint.h"

#include <stdbool.h>
#include <sys/types.h>

/* File to socket: sendfile(2), as much as the socket takes without waiting, and at most MOST. */
ssize_t transfer_send(struct endpoint *input, struct endpoint *output, size_t most);

/* File to file: copy_file_range(2), at most MOST. */
ssize_t transfer_range(struct endpoint *input, struct endpoint *output, size_t most);

/*
 * How many bytes of a pipe of CAPACITY may be spliced to a socket without waiting, once poll has
 * called it ready; 0: too little to be sure.
 */
size_t transfer_promised(const struct endpoint *socket, size_t capacity);

/*
 * RESULT of a call that moves pages (also of duct.h) says "not with this file, not on this system":
 * nothing has been moved, and endpoint_read and endpoint_write will do it, or say what is really wrong.
 */
bool transfer_is_refused(ssize_t result);

#endif
