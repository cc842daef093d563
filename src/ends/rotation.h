/*
 * Rotation: gives a file that is being written another name, so that its own is free for the next one.
 * It renames; nothing is ever copied, truncated or overwritten.
 *
 *     app.log                                 the one that is being written
 *     app.log.20261121T183203.123456Z         others; sorted by name they are sorted by time
 *     app.log.20261121T183203.123456Z.zst     those of app.log.zst; the same with .gz
 *
 * The time is that of the rotation, in UTC; it is never that of one before, or earlier, also if
 * the clock has been set back or another run has been here.
 *
 * Used by one thread at a time; waits for the disk.
 */
#ifndef SLABCAT_ROTATION_H
#define SLABCAT_ROTATION_H

#include <stdint.h>

struct rotation;

/* For the file at PATH, which stays valid; of the older ones the newest KEEP stay, or with 0 all. */
int rotation_make(struct rotation **made, const char *path, uint64_t keep);
void rotation_free(struct rotation *rotation);

/*
 * The file at PATH, open as FD, is complete: on its disk and under its other name, and the name on
 * disk as well, when this returns 0. -errno, and *OPERATION, a constant, says what failed; then it may still be at
 * PATH.
 */
int rotation_away(struct rotation *rotation, int fd, const char **operation);

/* The directory knows of the file that has been created at PATH since, on disk. */
int rotation_sync_directory(const struct rotation *rotation);

/*
 * Delete what is too many. -errno: something could not be deleted; *NAME is its name, until the next
 * call.
 */
int rotation_prune(struct rotation *rotation, const char **name);

#endif
