/*
 * A duct: a pipe of our own in which pages rest on their way from an input to an output. They are
 * moved by splice(2) and never seen.
 *
 * duct_fill, duct_drain and duct_pull return at once: a count; 0 when the kernel has moved nothing
 * and gives no reason; -EAGAIN when the end is not ready; or another -errno, of which
 * transfer_is_refused (transfer.h) tells those that call for copying.
 *
 * A splice that waits would hold the lock of the pipe, and everyone else who uses the pipe would
 * hang with it. So pipes are spliced with SPLICE_F_NONBLOCK; sockets, for which that is no promise,
 * are asked through poll first, and given no more than poll's word covers.
 *
 * Two threads may use a duct, one at each end, as long as no splice out of it waits: one into a
 * file holds its lock while the disk takes its time, and a thread that filled it would hang as well
 * (duct_is_shared). It knows nothing of slabs.
 */
#ifndef SLABCAT_DUCT_H
#define SLABCAT_DUCT_H

#include "io/endpoint.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct duct {
    int in;             /* we fill it here */
    int out;            /* and drain it here */
    size_t capacity;    /* what the kernel has granted */
    struct duct *older; /* the list it is in, for who closes them all */
};

/*
 * What to ask for to hold SIZE bytes: each page or part of a page takes a slot, whatever is in it,
 * so twice as many slots as SIZE bytes need.
 */
size_t duct_capacity_for(size_t size);

/*
 * A duct for SIZE bytes; the kernel may grant less. -errno: none can be had, or no more without
 * taking the last descriptors.
 */
int duct_open(struct duct **opened, size_t size);
void duct_close(struct duct *duct);

/* At most ROOM bytes of INPUT into the duct; -EXFULL when all its slots are taken. */
ssize_t duct_fill(struct duct *duct, struct endpoint *input, size_t room);

/* At most LENGTH of the bytes in the duct into OUTPUT. */
ssize_t duct_drain(struct duct *duct, struct endpoint *output, size_t length);

/*
 * The first LENGTH bytes of FROM, all of which are there, to the empty duct TO: how many the kernel
 * has moved, or with tee only shared.
 */
size_t duct_move(struct duct *from, struct duct *to, size_t length);
size_t duct_tee(struct duct *from, struct duct *to, size_t length);

/* A duct that is being drained to OUTPUT can be filled at the same time. */
bool duct_is_shared(const struct endpoint *output);

/* LENGTH bytes, all of which are in the duct, into memory: 0 or -errno. */
int duct_pull(struct duct *duct, unsigned char *bytes, size_t length);

#endif
