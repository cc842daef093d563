#include "sys/rename.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef RENAME_NOREPLACE /* older libraries */
#define RENAME_NOREPLACE 1
#endif

int rename_by_link(int directory, const char *from, const char *to)
{
    int error;

    if (linkat(directory, from, directory, to, 0) < 0)
        return -errno;
    if (unlinkat(directory, from, 0) == 0)
        return 0;
    error = -errno;
    unlinkat(directory, to, 0);
    return error;
}

int rename_to_free(int directory, const char *from, const char *to)
{
    /* by number: libraries are younger than kernels */
    if (syscall(SYS_renameat2, (long)directory, from, (long)directory, to,
                (long)RENAME_NOREPLACE) == 0)
        return 0;
    /*
     * Not after EPERM, as it may be meant: in a sticky directory another user's file could get a
     * second name that way, and lose neither.
     */
    if (errno == EINVAL || errno == ENOSYS)
        return rename_by_link(directory, from, to);
    return -errno;
}
