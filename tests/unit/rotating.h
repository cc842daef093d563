/*
 * For the unit tests of the rotation: app.log in a directory of the test's own, which it goes to,
 * as tests run side by side; how it is written and rotated away, and what is there then.
 */
#ifndef SLABCAT_ROTATING_H
#define SLABCAT_ROTATING_H

#include "check.h"
#include "file/rotation.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MOMENT UINT64_C(1795285923123456) /* 2026-11-21T18:32:03.123456Z */
#define FIRST  "app.log.20261121T183203.123456Z"
#define SECOND "app.log.20261121T183203.123457Z"
#define THIRD  "app.log.20261121T183203.123458Z"
#define LATER  "app.log.20261121T183204.123456Z"

static char place[64];            /* where the test is */
static char path[PATH_MAX];       /* app.log in it */
static struct rotation *rotation; /* of that */
static const char *operation;

static inline void enter(void)
{
    snprintf(place, sizeof place, "/tmp/test_rotation.XXXXXX");
    CHECK(mkdtemp(place) != NULL);
    CHECK_EQUAL(chdir(place), 0);
    snprintf(path, sizeof path, "%s/app.log", place);
}

static inline void start(uint64_t keep)
{
    enter();
    CHECK_EQUAL(-rotation_make(&rotation, path, keep), 0);
}

static inline void empty(const char *directory)
{
    DIR *stream = opendir(directory);
    struct dirent *entry;

    while (stream && (entry = readdir(stream))) {
        if (unlinkat(dirfd(stream), entry->d_name, 0) < 0)
            unlinkat(dirfd(stream), entry->d_name, AT_REMOVEDIR);
    }
    if (stream)
        closedir(stream);
}

static inline void leave(void)
{
    empty(place);
    CHECK_EQUAL(chdir("/"), 0);
    CHECK_EQUAL(rmdir(place), 0);
}

static inline void stop(void)
{
    rotation_free(rotation);
    rotation = NULL;
    leave();
}

/* As another run would. */
static inline void again(uint64_t keep)
{
    rotation_free(rotation);
    CHECK_EQUAL(-rotation_make(&rotation, path, keep), 0);
}

static inline int create(const char *name, const char *content)
{
    const int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);

    CHECK(fd >= 0);
    CHECK_EQUAL(write(fd, content, strlen(content)), strlen(content));
    return fd;
}

static inline void put(const char *name, const char *content)
{
    close(create(name, content));
}

static inline bool holds(const char *name, const char *content)
{
    char got[64] = "";
    const int fd = open(name, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return false;
    CHECK(read(fd, got, sizeof got - 1) >= 0);
    close(fd);
    return strcmp(got, content) == 0;
}

static inline bool is_there(const char *name)
{
    struct stat status;

    return lstat(name, &status) == 0;
}

static inline unsigned entries(void)
{
    DIR *stream = opendir(place);
    unsigned count = 0;

    CHECK(stream != NULL);
    if (!stream)
        return 0;
    while (readdir(stream))
        count++;
    closedir(stream);
    return count - 2; /* . and .. */
}

/* Write CONTENT at PATH and rotate it away at NOW: 0 or an errno. */
static inline int rotate(const char *content, uint64_t now)
{
    const int fd = create("app.log", content);
    const int error = rotation_away_at(rotation, fd, now, &operation);

    close(fd);
    return -error;
}

/* Rotate away what lies at NAME: 0 or an errno. */
static inline int away(const char *name)
{
    const int fd = open(name, O_RDONLY | O_CLOEXEC);
    const int error = rotation_away_at(rotation, fd, MOMENT, &operation);

    close(fd);
    return -error;
}

/* As a user who is root no more: run TRY with a directory of that MODE. */
static inline void without_permission(mode_t mode, void (*try)(void))
{
    const bool is_root = geteuid() == 0;

    CHECK_EQUAL(chmod(place, mode), 0);
    if (is_root)
        CHECK_EQUAL(seteuid(65534), 0);
    try();
    if (is_root)
        CHECK_EQUAL(seteuid(0), 0);
    CHECK_EQUAL(chmod(place, 0777), 0);
}

#endif
