#include "sys/leftover.h"

#include "sys/clock.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DIGITS = 24 }; /* of the process, and of the clock */

/*
 * Lock the file that has just been made. Between the two steps it may have been taken for a leftover:
 * -EEXIST. Where there are no locks nobody removes anything.
 */
static int lock(int fd)
{
    struct stat status;

    if (flock(fd, LOCK_EX | LOCK_NB) < 0)
        return errno == EWOULDBLOCK ? -EEXIST : 0;
    return fstat(fd, &status) == 0 && status.st_nlink == 0 ? -EEXIST : 0;
}

int temporary_make(const char *path, char name[PATH_MAX])
{
    unsigned tries;

    for (tries = 0; tries < 10; tries++) {
        const int length = snprintf(name, PATH_MAX, "%s.%08lx%016" PRIx64 "~", path,
                                    (unsigned long)getpid() & 0xffffffff, clock_now());
        int fd;

        if (length >= PATH_MAX)
            return -ENAMETOOLONG;
        fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
        if (fd < 0 && errno != EEXIST)
            return -errno;
        if (fd >= 0 && lock(fd) == 0)
            return fd;
        if (fd >= 0)
            close(fd);
    }
    return -EEXIST;
}

/* TEXT is what temporary_make makes of NAME. */
static bool is_temporary_of(const char *text, const char *name)
{
    const size_t length = strlen(name);

    return strncmp(text, name, length) == 0 && text[length] == '.' &&
           strspn(text + length + 1, "0123456789abcdef") == DIGITS &&
           strcmp(text + length + 1 + DIGITS, "~") == 0;
}

static bool may_be_removed(int fd, uid_t owner)
{
    struct stat status;

    if (fstat(fd, &status) < 0 || !S_ISREG(status.st_mode) || status.st_nlink != 1)
        return false;
    if (status.st_uid != geteuid() && (geteuid() != 0 || status.st_uid != owner))
        return false;
    return flock(fd, LOCK_EX | LOCK_NB) == 0;
}

/* The lock is ours while it is removed: who has just made it sees that. */
static void remove_leftover(int directory, const char *name, uid_t owner)
{
    const int fd =
        openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

    if (fd < 0)
        return;
    if (may_be_removed(fd, owner))
        unlinkat(directory, name, 0);
    close(fd);
}

void leftovers_remove(const char *path, uid_t owner)
{
    const char *const slash = strrchr(path, '/');
    const char *const name = slash ? slash + 1 : path;
    char directory[PATH_MAX];
    const struct dirent *entry;
    DIR *stream;

    if (snprintf(directory, sizeof directory, "%.*s.", (int)(name - path), path) >=
        (int)sizeof directory)
        return;
    stream = opendir(directory);
    if (!stream)
        return;
    while ((entry = readdir(stream))) {
        if (is_temporary_of(entry->d_name, name))
            remove_leftover(dirfd(stream), entry->d_name, owner);
    }
    closedir(stream);
}
