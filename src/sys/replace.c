#include "sys/replace.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static int write_whole(int fd, const char *text, size_t length)
{
    while (length > 0) {
        const ssize_t put = write(fd, text, length);

        if (put < 0 && errno != EINTR)
            return -errno;
        if (put > 0) {
            text += put;
            length -= (size_t)put;
        }
    }
    return 0;
}

static int write_to(const char *path, int flags, const char *text, size_t length)
{
    const int fd = open(path, flags | O_WRONLY | O_CLOEXEC | O_NOCTTY, 0666);
    int error;

    if (fd < 0)
        return -errno;
    error = write_whole(fd, text, length);
    if (close(fd) < 0 && !error)
        error = -errno;
    return error;
}

/* By way of a file next to it, which is ours alone. */
static int replace(const char *path, const char *text, size_t length)
{
    char name[PATH_MAX];
    int error;

    if (snprintf(name, sizeof name, "%s.%ld~", path, (long)getpid()) >= (int)sizeof name)
        return -ENAMETOOLONG;
    error = write_to(name, O_CREAT | O_EXCL | O_NOFOLLOW, text, length);
    if (error == -EEXIST)
        return error; /* not ours: we remove what we leave */
    if (!error && rename(name, path) < 0)
        error = -errno;
    if (error)
        unlink(name);
    return error;
}

int file_replace(const char *path, const char *text, size_t length)
{
    struct stat status;
    char *target;
    int error;

    if (stat(path, &status) < 0)
        return errno == ENOENT ? replace(path, text, length) : -errno;
    if (!S_ISREG(status.st_mode))
        return write_to(path, O_NONBLOCK, text, length);
    target = realpath(path, NULL); /* a symbolic link stays one */
    if (!target)
        return -errno;
    error = replace(target, text, length);
    free(target);
    return error;
}
