#include "sys/replace.h"

#include "sys/leftover.h"
#include "sys/terminal.h"
#include "sys/trusted.h"
#include "sys/wait.h"
#include "sys/whole.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool path_is_descriptor(const char *path)
{
    static const char *const places[] = {"/dev/fd/", "/dev/std", "/proc/self/fd/"};
    size_t i;

    for (i = 0; i < sizeof places / sizeof places[0]; i++) {
        if (strncmp(path, places[i], strlen(places[i])) == 0)
            return true;
    }
    return false;
}

/* Owner and mode of what was there. The owner is for root to give. */
static int take_after(int fd, const struct stat *old)
{
    if (fchown(fd, old->st_uid, old->st_gid) < 0 && errno != EPERM)
        return -errno;
    return fchmod(fd, old->st_mode & 0777) < 0 ? -errno : 0;
}

static const char *last_part(const char *path)
{
    const char *const slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

/* The directory that PATH is in: 0 or -errno. */
static int stat_directory(const char *path, struct stat *status)
{
    const int length = (int)(last_part(path) - path);
    char directory[PATH_MAX];

    if (snprintf(directory, sizeof directory, "%.*s.", length, path) >= (int)sizeof directory)
        return -ENAMETOOLONG;
    return stat(directory, status) < 0 ? -errno : 0;
}

static bool is_one_inode(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

bool file_is_one(const char *a, const char *b)
{
    struct stat first;
    struct stat second;
    const bool is_first = stat(a, &first) == 0;
    const bool is_second = stat(b, &second) == 0;

    if (is_first && is_second)
        return S_ISREG(first.st_mode) && is_one_inode(&first, &second);
    return !is_first && !is_second && strcmp(last_part(a), last_part(b)) == 0 &&
           stat_directory(a, &first) == 0 && stat_directory(b, &second) == 0 &&
           is_one_inode(&first, &second);
}

/* What a rename would say: in a sticky directory the file of another user cannot be replaced. */
static int check_sticky(const char *path, const struct stat *old)
{
    struct stat status;
    const int error = stat_directory(path, &status);

    if (error)
        return error;
    if (!(status.st_mode & S_ISVTX) || geteuid() == 0 || old->st_uid == geteuid() ||
        status.st_uid == geteuid())
        return 0;
    return -EPERM;
}

/* What a close would say, and the file stays open. */
static int flush(int fd)
{
    const int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);

    return copy < 0 || close(copy) < 0 ? -errno : 0;
}

/*
 * OLD is NULL where nothing was. IS_TRIAL: all of it but the last step, which is a rename, and which a
 * sticky directory refuses for the files of others.
 */
static int replace(const char *path, const struct stat *old, const char *text, size_t length,
                   bool is_trial)
{
    char name[PATH_MAX];
    int error = 0;
    int fd;

    if (is_trial)
        leftovers_remove(path, old ? old->st_uid : geteuid());
    fd = temporary_make(path, name);
    if (fd < 0)
        return fd;
    if (old)
        error = take_after(fd, old);
    if (!error)
        error = write_whole(fd, text, length);
    if (!error)
        error = flush(fd);
    if (!error && is_trial)
        error = old ? check_sticky(path, old) : 0;
    else if (!error && rename(name, path) < 0)
        error = -errno;
    if (error || is_trial)
        unlink(name);
    close(fd); /* its lock has kept others from removing it */
    return error;
}

static int replace_target(const char *path, const struct stat *old, const char *text, size_t length,
                          bool is_trial)
{
    struct stat there;
    char *target;
    int error = 0;

    if (lstat(path, &there) < 0 || !S_ISLNK(there.st_mode))
        return replace(path, old, text, length, is_trial);
    target = realpath(path, NULL); /* a symbolic link stays one */
    if (!target)
        return -errno;
    /* it may lead elsewhere by now */
    if (lstat(target, &there) < 0)
        error = -errno;
    else if (there.st_dev != old->st_dev || there.st_ino != old->st_ino)
        error = -ESTALE;
    if (!error)
        error = replace(target, old, text, length, is_trial);
    free(target);
    return error;
}

/* What cannot be replaced: nothing at all, or all of it. */
static int append(int fd, const char *text, size_t length)
{
    struct pollfd ready = {.fd = fd, .events = POLLOUT};

    if (poll_one(&ready, 0) <= 0)
        return 0;
    return terminal_write(fd, text, length, STUCK_AFTER_MS) ? 0 : -EAGAIN;
}

static int put(const char *path, const char *text, size_t length, bool is_trial)
{
    /* opened for its own sake: may we write it? */
    const int fd = open_trusted(path, O_WRONLY | O_APPEND | O_NONBLOCK | O_CLOEXEC | O_NOCTTY, 0);
    struct stat status;
    int error = 0;

    if (fd == -ENXIO)
        return 0;
    if (fd == -ENOENT && lstat(path, &status) < 0)
        return replace(path, NULL, text, length, is_trial);
    if (fd < 0)
        return fd;
    if (fstat(fd, &status) < 0)
        error = -errno;
    else if (S_ISREG(status.st_mode) && !path_is_descriptor(path))
        error = replace_target(path, &status, text, length, is_trial);
    else if (!is_trial)
        error = append(fd, text, length);
    close(fd);
    return error;
}

int file_replace(const char *path, const char *text, size_t length)
{
    return put(path, text, length, false);
}

int file_try_replace(const char *path, const char *text, size_t length)
{
    return put(path, text, length, true);
}
