#include "file/rotation.h"

#include "file/rotated_name.h"
#include "sys/clock.h"
#include "sys/rename.h"
#include "sys/sync.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* So many names that others have taken, one behind the other, are no accident. */
static const unsigned tries_max = 1000;

struct rotation {
    const char *path;
    struct rotated names;
    uint64_t keep;
    uint64_t last; /* no name has a later time; us */
    int directory;
    char name[NAME_MAX + 1];
};

/* The rotated files that are there: their times say it all. */
struct times {
    uint64_t *list;
    size_t count;
    size_t room;
};

static int add_time(struct times *times, uint64_t time)
{
    if (times->count == times->room) {
        const size_t room = times->room ? 2 * times->room : 64;
        uint64_t *list = reallocarray(times->list, room, sizeof *list);

        if (!list)
            return -ENOMEM;
        times->list = list;
        times->room = room;
    }
    times->list[times->count++] = time;
    return 0;
}

static bool is_regular(int directory, const struct dirent *entry)
{
    struct stat status;

    if (entry->d_type != DT_UNKNOWN)
        return entry->d_type == DT_REG;
    return fstatat(directory, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
           S_ISREG(status.st_mode);
}

static int add_times(const struct rotation *rotation, DIR *stream, struct times *times)
{
    int error = 0;

    while (!error) {
        const struct dirent *entry;
        uint64_t time;

        errno = 0;
        entry = readdir(stream);
        if (!entry)
            return -errno;
        if (rotated_time(&rotation->names, entry->d_name, &time) &&
            is_regular(rotation->directory, entry))
            error = add_time(times, time);
    }
    return error;
}

static int by_time(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a;
    const uint64_t y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

/* Oldest first. free(times->list) in any case. */
static int find_rotated(struct rotation *rotation, struct times *times)
{
    /* a description of its own: the place in the directory belongs to it */
    const int fd = openat(rotation->directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *stream = fd >= 0 ? fdopendir(fd) : NULL;
    int error;

    if (!stream) {
        error = -errno;
        if (fd >= 0)
            close(fd);
        return error;
    }
    error = add_times(rotation, stream, times);
    closedir(stream);
    if (times->count == 0)
        return error;
    qsort(times->list, times->count, sizeof *times->list, by_time);
    if (times->list[times->count - 1] > rotation->last)
        rotation->last = times->list[times->count - 1];
    return error;
}

static int open_directory(const char *path, size_t length)
{
    char *directory;
    int fd;

    if (length == 0)
        return open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    directory = strndup(path, length);
    if (!directory)
        return -1;
    fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    free(directory);
    return fd;
}

/* Is there something at PATH that can have no other name? */
static int check_file(const struct rotation *rotation)
{
    struct stat status;

    if (fstatat(rotation->directory, rotation->names.name, &status, AT_SYMLINK_NOFOLLOW) < 0)
        return errno == ENOENT ? 0 : -errno;
    if (S_ISLNK(status.st_mode))
        return -ELOOP;
    if (S_ISDIR(status.st_mode))
        return -EISDIR;
    return S_ISREG(status.st_mode) ? 0 : -EINVAL;
}

static int check_length(const struct rotation *rotation)
{
    const long longest = fpathconf(rotation->directory, _PC_NAME_MAX);
    const size_t limit = longest > 0 && longest < NAME_MAX ? (size_t)longest : NAME_MAX;

    if (strlen(rotation->names.name) + ROTATED_MORE > limit ||
        strlen(rotation->path) + ROTATED_MORE >= PATH_MAX)
        return -ENAMETOOLONG;
    return 0;
}

int rotation_make(struct rotation **made, const char *path, uint64_t keep)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    struct rotation *rotation;
    struct times times = {0};
    int error;

    if (*path == '\0')
        return -ENOENT;
    if (*name == '\0' || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return -EISDIR;
    rotation = calloc(1, sizeof *rotation);
    if (!rotation)
        return -ENOMEM;
    rotation->path = path;
    rotation->keep = keep;
    rotated_of(&rotation->names, name);
    rotation->directory = open_directory(path, (size_t)(name - path));
    error = rotation->directory < 0 ? -errno : check_length(rotation);
    if (!error)
        error = check_file(rotation);
    if (!error)
        error = find_rotated(rotation, &times);
    free(times.list);
    if (error)
        rotation_free(rotation);
    else
        *made = rotation;
    return error;
}

void rotation_free(struct rotation *rotation)
{
    if (rotation && rotation->directory >= 0)
        close(rotation->directory);
    free(rotation);
}

int rotation_leftover(const struct rotation *rotation)
{
    const int flags = O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    struct stat status;
    int error;
    int fd = openat(rotation->directory, rotation->names.name, O_RDONLY | flags);

    /* who may write it only can still have it synced */
    if (fd < 0 && errno == EACCES)
        fd = openat(rotation->directory, rotation->names.name, O_WRONLY | flags);
    if (fd < 0)
        return -errno;
    if (fstat(fd, &status) < 0)
        error = -errno;
    else if (!S_ISREG(status.st_mode))
        error = -EINVAL;
    else if (status.st_size == 0)
        error = -ENOENT;
    else
        return fd;
    close(fd);
    return error;
}

/* FD is the file at PATH? */
static int check_identity(const struct rotation *rotation, int fd)
{
    struct stat file;
    struct stat there;

    if (fstat(fd, &file) < 0 ||
        fstatat(rotation->directory, rotation->names.name, &there, AT_SYMLINK_NOFOLLOW) < 0)
        return -errno;
    if (file.st_dev != there.st_dev || file.st_ino != there.st_ino)
        return -ESTALE;
    return S_ISREG(file.st_mode) ? 0 : -EINVAL;
}

static int rename_at(struct rotation *rotation, uint64_t now)
{
    int error = -EEXIST;
    unsigned tries;

    for (tries = 0; tries < tries_max && error == -EEXIST; tries++) {
        if (rotation->last >= ROTATED_LAST)
            return -EOVERFLOW;
        rotation->last = now > rotation->last ? now : rotation->last + 1;
        rotated_name(&rotation->names, rotation->last, rotation->name, sizeof rotation->name);
        error = rename_to_free(rotation->directory, rotation->names.name, rotation->name);
    }
    return error;
}

int rotation_away_at(struct rotation *rotation, int fd, uint64_t now, const char **operation)
{
    int error;

    *operation = "sync";
    error = sync_to_disk(fd);
    if (!error) {
        *operation = "rename";
        error = check_identity(rotation, fd);
    }
    if (!error)
        error = rename_at(rotation, now < ROTATED_LAST ? now : ROTATED_LAST);
    return error;
}

int rotation_away(struct rotation *rotation, int fd, const char **operation)
{
    struct timespec now = {0};

    clock_gettime(CLOCK_REALTIME, &now);
    if (now.tv_sec < 0)
        now.tv_sec = 0;
    return rotation_away_at(rotation, fd, clock_ns(now) / NS_PER_US, operation);
}

int rotation_back(struct rotation *rotation)
{
    rotated_name(&rotation->names, rotation->last, rotation->name, sizeof rotation->name);
    return rename_to_free(rotation->directory, rotation->name, rotation->names.name);
}

void rotation_name(const struct rotation *rotation, char *text, size_t room)
{
    char name[NAME_MAX + 1];

    rotated_name(&rotation->names, rotation->last, name, sizeof name);
    snprintf(text, room, "%.*s%s", (int)(rotation->names.name - rotation->path), rotation->path,
             name);
}

int rotation_sync_directory(const struct rotation *rotation)
{
    return sync_to_disk(rotation->directory);
}

/* Somebody else may have been faster. */
static int delete_at(struct rotation *rotation, uint64_t time)
{
    rotated_name(&rotation->names, time, rotation->name, sizeof rotation->name);
    return unlinkat(rotation->directory, rotation->name, 0) == 0 || errno == ENOENT ? 0 : -errno;
}

int rotation_prune(struct rotation *rotation, const char **name)
{
    struct times times = {0};
    uint64_t failed = 0;
    size_t i;
    int error;

    if (rotation->keep == 0)
        return 0;
    *name = rotation->path;
    error = find_rotated(rotation, &times);
    if (error)
        goto out;
    for (i = 0; times.count - i > rotation->keep && i < times.count; i++) {
        const int now = delete_at(rotation, times.list[i]);

        if (now && !error) {
            error = now;
            failed = times.list[i];
        }
    }
    if (error) {
        rotated_name(&rotation->names, failed, rotation->name, sizeof rotation->name);
        *name = rotation->name;
    }
out:
    free(times.list);
    return error;
}
