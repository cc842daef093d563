/*
 * Temporary files beside the file that they are to replace: NAME.0123456789abcdef01234567~. One that a
 * killed process has left is removed by whoever is going to replace the same file next. It is known by
 * its lock: the kernel lets go of that when its process has gone.
 */
#ifndef SLABCAT_LEFTOVER_H
#define SLABCAT_LEFTOVER_H

#include <limits.h>
#include <sys/types.h>

/*
 * A new file, whose NAME nobody can have guessed, beside PATH: its descriptor, or -errno. It is locked
 * as long as the descriptor is open.
 */
int temporary_make(const char *path, char name[PATH_MAX]);

/*
 * Remove such files beside PATH that nobody has locked: regular ones of ours, or, if we are root, of
 * OWNER, whom they have been given to. What cannot be removed stays.
 */
void leftovers_remove(const char *path, uid_t owner);

#endif
