/*
 * Rotation: gives a file that is being written another name, so that its own is free for the next
 * one. It renames; nothing is ever copied, truncated or overwritten.
 *
 *     app.log                                 the one that is being written
 *     app.log.20261121T183203.123456Z         others; sorted by name they are sorted by time
 *     app.log.20261121T183203.123456Z.zst     those of app.log.zst; the same with .gz
 *
 * The time is that of the rotation, in UTC; it is never that of one before, or earlier, also if
 * the clock has been set back or another run has been here: what lies there at rotation_make and at
 * each rotation_prune counts.
 *
 * PATH is a regular file or nothing yet; its directory is the one that was there at rotation_make,
 * wherever it is moved to. A symbolic link is refused: renaming it would leave the bytes under the
 * old name, renaming what it leads to would put them where nobody looks, and prune there. Links to
 * directories on the way are followed.
 *
 * Used by one thread at a time; waits for the disk. Knows nothing of who writes the file, or
 * creates the next one.
 */
#ifndef SLABCAT_ROTATION_H
#define SLABCAT_ROTATION_H

#include <stddef.h>
#include <stdint.h>

struct rotation;

/*
 * For the file at PATH, which stays valid; of the older ones the newest KEEP stay, or with 0 all.
 * Changes nothing, and creates nothing. -ELOOP: PATH is a symbolic link; -EISDIR: a directory;
 * -EINVAL: a FIFO, a device or the like; -ENAMETOOLONG: the other names would be too long.
 */
int rotation_make(struct rotation **made, const char *path, uint64_t keep);
void rotation_free(struct rotation *rotation); /* NULL: nothing to do */

/*
 * What an earlier run has left at PATH: a descriptor, to be given to rotation_away and closed, of a
 * regular file with something in it; -ENOENT when there is none; or another -errno. To be asked
 * before anything is truncated.
 */
int rotation_leftover(const struct rotation *rotation);

/*
 * The file at PATH, open as FD for reading or writing, is complete: on its disk, and under its other
 * name when this returns 0; rotation_sync_directory sees to that being on disk as well. -errno, and
 * *OPERATION, a constant, says what failed; nothing has been renamed then.
 *
 * -ENOENT, -ESTALE: FD is not what is at PATH, because somebody else has taken it away, or the
 * directory is gone; opening PATH again is all that is left to do.
 * -EOVERFLOW: a file from the end of the year 9999 is there, and none can be later.
 */
int rotation_away(struct rotation *rotation, int fd, const char **operation);

/*
 * Give the file that rotation_away has just renamed its old name back. 0 or -errno: -EEXIST when there is
 * another file of that name.
 */
int rotation_back(struct rotation *rotation);

/* What rotation_away has called the file, the last time it went well: a path that begins as PATH. */
void rotation_name(const struct rotation *rotation, char *text, size_t room);

/* The directory knows, on disk, of the other name and of the file that has been created at PATH. */
int rotation_sync_directory(const struct rotation *rotation);

/*
 * Delete what is too many: regular files, and of those only the ones whose name is exactly one that
 * rotation_away gives. What cannot be deleted does not save the rest. -errno: the first failure;
 * *NAME is the name, without its directory, that it happened to, until the next call; or PATH, when
 * its directory could not be read.
 */
int rotation_prune(struct rotation *rotation, const char **name);

/* rotation_away for tests: at NOW, in us since 1970. */
int rotation_away_at(struct rotation *rotation, int fd, uint64_t now, const char **operation);

#endif
