/*
 * Staging: a pipe of our own to which everything that waits in an input pipe is moved in one go, as
 * pages, before it is looked at or stored. The producer of that pipe is held up once, for as long
 * as it takes to move some hundred references, instead of again and again while we splice or copy
 * slab by slab; and one that waited for room has all of it at once.
 *
 * What is staged has been taken from the input. It belongs to the thread that reads.
 */
#ifndef SLABCAT_STAGING_H
#define SLABCAT_STAGING_H

#include "io/endpoint.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct duct;

struct staging {
    struct duct *duct;   /* NULL until the first use */
    struct endpoint end; /* to take from it what it holds */
    size_t held;         /* how much that is */
    bool is_refused;     /* it cannot be had, or the input's pages cannot be moved */
    bool emptied;        /* the last move left nothing in the input */
};

/*
 * Move at most ROOM bytes of INPUT, a pipe, to the empty staging pipe: how many; -EAGAIN when there are
 * none; another -errno when the input fails; 0 when it has ended, or is to be read without staging.
 */
ssize_t staging_fill(struct staging *staging, struct endpoint *input, size_t room);

/* GOT bytes of what it held have been taken. */
void staging_took(struct staging *staging, size_t got);

/*
 * It seems to be empty before its time: how much does it hold? Less than was put there if a packet
 * (of a pipe with O_DIRECT) was cut by a read; what is missing has been taken, and will not be
 * delivered.
 */
size_t staging_recount(struct staging *staging);

void staging_close(struct staging *staging);

#endif
