#include "file/outfile.h"

#include "sys/reopen.h"
#include "sys/trusted.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static int open_and_adopt(struct endpoint *end, const char *path, int flags, mode_t mode)
{
    const int fd = open_trusted(path, O_WRONLY | O_NOCTTY | O_CLOEXEC | flags, mode);
    int error;

    if (fd < 0)
        return fd;
    error = endpoint_adopt(end, ENDPOINT_OUTPUT, fd, path);
    if (error)
        close(fd);
    return error;
}

int outfile_open(struct endpoint *end, const char *path, bool append, bool *is_new)
{
    const int flags = append ? O_APPEND : 0;
    int error = open_and_adopt(end, path, flags, 0);

    *is_new = false;
    if (error != -ENOENT)
        return error;
    error = open_and_adopt(end, path, flags | O_CREAT | O_EXCL, 0666);
    *is_new = !error;
    /* a link that leads to nothing yet, or somebody has been faster */
    return error == -EEXIST ? open_and_adopt(end, path, flags | O_CREAT, 0666) : error;
}

/*
 * True when another program has the file open as well, and may be about to write to it: then the kernel does
 * not grant a write lease. Where there are no leases, or the sandbox is closed, nobody is known of.
 */
static bool is_open_elsewhere(const struct endpoint *end)
{
    if (fcntl(end->fd, F_SETLEASE, F_WRLCK) < 0)
        return errno == EAGAIN;
    fcntl(end->fd, F_SETLEASE, F_UNLCK);
    return false;
}

void outfile_discard(const struct endpoint *end, const char *path)
{
    struct stat status;
    struct stat there;

    if (end->fd >= 0 && fstat(end->fd, &status) == 0 && lstat(path, &there) == 0 &&
        status.st_dev == there.st_dev && status.st_ino == there.st_ino && S_ISREG(status.st_mode) &&
        status.st_size == 0 && status.st_nlink == 1 && !is_open_elsewhere(end))
        unlink(path);
}

static bool is_regular(const struct endpoint *end, struct stat *status)
{
    return fstat(end->fd, status) == 0 && S_ISREG(status->st_mode);
}

int outfile_try_truncate(const struct endpoint *end)
{
    struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}};
    struct stat status;

    if (!is_regular(end, &status) || status.st_size == 0)
        return 0;
    if (ftruncate(end->fd, status.st_size) < 0)
        return -errno;
    /* ftruncate sets the modification time also when the size stays the same */
    times[1] = status.st_mtim;
    futimens(end->fd, times);
    return 0;
}

int outfile_truncate(const struct endpoint *end)
{
    struct stat status;

    if (!is_regular(end, &status))
        return 0;
    return ftruncate(end->fd, 0) < 0 ? -errno : 0;
}

bool outfile_can_reopen(const struct endpoint *end)
{
    struct stat status;

    return is_regular(end, &status);
}

mode_t outfile_mode(const struct endpoint *end)
{
    struct stat status;

    return is_regular(end, &status) ? (status.st_mode & 0066) | 0600 : 0666;
}

int outfile_reopen(struct endpoint *fresh, const struct endpoint *old, const char *path,
                   mode_t mode)
{
    /* a FIFO that has taken the file's place must not hold us up */
    const int flags = O_CREAT | O_NONBLOCK | (old->appends ? O_APPEND : 0);
    const int error = open_and_adopt(fresh, path, flags, mode);

    if (error)
        return error;
    if (fresh->device == old->device && fresh->inode == old->inode) {
        endpoint_close(fresh);
        return 0;
    }
    lseek(fresh->fd, 0, SEEK_END); /* fails where there is no such thing as a position */
    return 1;
}

int outfile_is_between_lines(const struct endpoint *end, char delimiter)
{
    struct stat status;
    ssize_t got;
    off_t at;
    char last;
    int error;
    int fd;

    if (!is_regular(end, &status))
        return -ESPIPE;
    at = end->appends ? status.st_size : lseek(end->fd, 0, SEEK_CUR);
    if (at <= 0)
        return 1;
    fd = fd_reopen(end->fd, O_RDONLY);
    if (fd < 0)
        return -errno;
    got = pread(fd, &last, 1, at - 1);
    error = got < 0 ? -errno : -EIO;
    close(fd);
    return got == 1 ? last == delimiter : error;
}
