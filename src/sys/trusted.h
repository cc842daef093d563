/*
 * Open files for writing where others can write as well, such as in /tmp, and be led nowhere by them.
 */
#ifndef SLABCAT_TRUSTED_H
#define SLABCAT_TRUSTED_H

#include <sys/types.h>

/*
 * As open(2) with FLAGS and MODE: a descriptor or -errno. But a symbolic link at PATH, or one that it
 * leads to, is followed only if it is ours, root's or the directory's owner's, or if nobody else can
 * put one there; otherwise -EACCES, which is what the kernel says where it looks after this itself.
 * Nobody can exchange it between the look and the open. Directories on the way are the user's choice.
 */
int open_trusted(const char *path, int flags, mode_t mode);

#endif
