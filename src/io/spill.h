/*
 * A spill: a file on disk as a queue of bytes, first in first out, for what a full ring cannot hold.
 *
 * The file is made in the directory asked for, or else in $TMPDIR, or else in /tmp. It has no name
 * (O_TMPFILE, mode 0600), so whatever becomes of the process nothing is left behind; where the file
 * system has no such files it is made under a random name, which is taken away at once. Nothing is
 * ever synced: what is in it is worth nothing to anybody else.
 *
 * Its space is given back as it is taken from: in whole pieces, by punching holes, where the file
 * system can; and all of it whenever the spill is empty. So a little more may be on disk than is
 * held.
 *
 * Pages of the file that have gone into a duct must never change, however long they rest there and
 * in the pipes behind it. So nothing is written twice at the same place while the spill holds
 * bytes, and the borders of holes are multiples of the largest unit the kernel keeps pages in: if
 * a hole ended in the middle of one, it would be filled with zeroes up to there, under the pages
 * that are on their way. An emptied file may begin again, because it does so with new pages.
 *
 * Belongs to one thread. All calls wait for the disk, and for nothing else: a count, which may be
 * less than was asked for, or -errno, and then nothing has been moved. Those that move pages may
 * also come to 0 or to an error that transfer_is_refused (transfer.h) knows: then the same is to be
 * done by copying. It knows nothing of limits, slabs or rings.
 */
#ifndef SLABCAT_SPILL_H
#define SLABCAT_SPILL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct duct;

struct spill {
    int fd;
    uint64_t head;    /* where in the file the oldest byte is */
    uint64_t tail;    /* and where the next one goes */
    uint64_t freed;   /* the file's space has been given back up to here */
    uint64_t returns; /* how often space has been given back */
    bool has_lent;    /* pages have gone into a duct since the file was empty */
    bool keeps_space; /* holes are refused: space is given back when the spill is empty */
};

/* Where the file is made when ASKED is what the user wants, or NULL. */
const char *spill_directory(const char *asked);

int spill_open(struct spill *spill, const char *directory);
void spill_close(struct spill *spill);

/* So many bytes are in it. */
uint64_t spill_held(const struct spill *spill);

/*
 * And so many of the disk's are for them: those that it holds, but for the rest of a piece; or where
 * pieces cannot be given back, all that it has held since it was empty.
 */
uint64_t spill_occupied(const struct spill *spill);

/* Append: bytes, or LENGTH of those that are in DUCT. */
ssize_t spill_put(struct spill *spill, const unsigned char *bytes, size_t length);
ssize_t spill_put_pages(struct spill *spill, struct duct *duct, size_t length);

/*
 * Take the oldest bytes, ROOM at most; the spill is not empty. -EAGAIN: the duct takes no more.
 */
ssize_t spill_take(struct spill *spill, unsigned char *bytes, size_t room);
ssize_t spill_take_pages(struct spill *spill, struct duct *duct, size_t room);

#endif
