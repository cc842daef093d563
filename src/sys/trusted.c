#include "sys/trusted.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

/* PROC_SUPER_MAGIC of linux/magic.h, which not every C library comes with. */
static const long proc_magic = 0x9fa0;

/* As many as the kernel follows. */
static const unsigned links_max = 40;

/* Where a path has led so far: NAME, as seen from DIRECTORY. */
struct place {
    int directory;
    char name[PATH_MAX];
};

static bool is_trusted(const struct stat *link, const struct stat *directory)
{
    if (!(directory->st_mode & (S_IWGRP | S_IWOTH)))
        return true;
    return link->st_uid == geteuid() || link->st_uid == 0 || link->st_uid == directory->st_uid;
}

static void go_to(struct place *place, int directory)
{
    if (place->directory >= 0)
        close(place->directory);
    place->directory = directory;
}

/* PLACE's name is seen from the directory that it is in, from now on. */
static int enter(struct place *place)
{
    char *const slash = strrchr(place->name, '/');
    const char *const way = !slash ? "." : slash == place->name ? "/" : place->name;
    int directory;

    if (slash && slash != place->name)
        *slash = '\0';
    directory = openat(place->directory, way, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0)
        return -errno;
    go_to(place, directory);
    if (slash)
        memmove(place->name, slash + 1, strlen(slash + 1) + 1);
    return 0;
}

/* 1: a link of /proc, which leads to what is open, and its text to nothing. */
static int read_link(struct place *place, int link)
{
    struct statfs system;
    ssize_t length;

    if (fstatfs(link, &system) < 0)
        return -errno;
    if ((long)system.f_type == proc_magic)
        return 1;
    length = readlinkat(link, "", place->name, sizeof place->name);
    if (length < 0)
        return -errno;
    if ((size_t)length >= sizeof place->name)
        return -ENAMETOOLONG;
    place->name[length] = '\0';
    return 0;
}

/* What was at PLACE is a link: to where it leads, if it may be trusted; 1: only the kernel knows. */
static int follow(struct place *place)
{
    struct stat directory;
    struct stat status;
    int result = enter(place);
    int link;

    if (result)
        return result;
    link = openat(place->directory, place->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (link < 0)
        return -errno;
    if (fstat(link, &status) < 0 || fstat(place->directory, &directory) < 0)
        result = -errno;
    else if (!is_trusted(&status, &directory))
        result = -EACCES;
    else if (S_ISLNK(status.st_mode)) /* otherwise it has just been replaced */
        result = read_link(place, link);
    close(link);
    return result;
}

static int open_at(const struct place *place, int flags, mode_t mode)
{
    const int fd = openat(place->directory, place->name, flags, mode);

    return fd < 0 ? -errno : fd;
}

int open_trusted(const char *path, int flags, mode_t mode)
{
    struct place place = {.directory = AT_FDCWD};
    unsigned links = 0;
    int fd;

    if (snprintf(place.name, sizeof place.name, "%s", path) >= (int)sizeof place.name)
        return -ENAMETOOLONG;
    while ((fd = open_at(&place, flags | O_NOFOLLOW, mode)) == -ELOOP && links++ < links_max) {
        const int end = follow(&place);

        if (end == 0)
            continue;
        fd = end < 0 ? end : open_at(&place, flags, mode);
        break;
    }
    go_to(&place, AT_FDCWD);
    return fd;
}
