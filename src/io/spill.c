#include "io/spill.h"

#include "io/duct.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Nobody but us has pages of the file: then a hole may end anywhere. */
static const uint64_t piece_min = (uint64_t)1 << 20;
/* The page cache has no unit larger than so many pages (half of a tree of two levels of 64). */
static const uint64_t unit_pages = 2048;

static const unsigned splice_flags = SPLICE_F_MOVE | SPLICE_F_NONBLOCK;

const char *spill_directory(const char *asked)
{
    if (!asked)
        asked = getenv("TMPDIR");
    return asked && *asked ? asked : "/tmp";
}

/* Where there are no files without a name: this one loses its own at once. */
static int open_named(const char *directory)
{
    char name[PATH_MAX];
    int fd;

    if (snprintf(name, sizeof name, "%s/slabcat.XXXXXX", directory) >= (int)sizeof name)
        return -ENAMETOOLONG;
    fd = mkostemp(name, O_CLOEXEC);
    if (fd < 0)
        return -errno;
    unlink(name);
    return fd;
}

int spill_open(struct spill *spill, const char *directory)
{
    int fd = open(directory, O_TMPFILE | O_RDWR | O_EXCL | O_CLOEXEC, 0600);

    if (fd < 0)
        fd = -errno;
    /*
     * the file system cannot, or a sandbox does not let us; or the kernel is too old to know, and
     * takes it for a plain open
     */
    if (fd == -EOPNOTSUPP || fd == -EISDIR || fd == -ENOENT || fd == -EINVAL || fd == -EPERM ||
        fd == -ENOSYS)
        fd = open_named(directory);
    *spill = (struct spill){.fd = fd};
    return fd < 0 ? fd : 0;
}

void spill_close(struct spill *spill)
{
    if (spill->fd >= 0)
        close(spill->fd);
    spill->fd = -1;
}

uint64_t spill_held(const struct spill *spill)
{
    return spill->tail - spill->head;
}

uint64_t spill_occupied(const struct spill *spill)
{
    return spill->tail - (spill->keeps_space ? spill->freed : spill->head);
}

static uint64_t piece_of(const struct spill *spill)
{
    const long page = sysconf(_SC_PAGESIZE);

    return spill->has_lent ? (uint64_t)page * unit_pages : piece_min;
}

static void begin_again(struct spill *spill)
{
    /* if it cannot be done, the file just goes on growing */
    if (ftruncate(spill->fd, 0) == 0)
        *spill = (struct spill){.fd = spill->fd, .returns = spill->returns + 1};
}

static void punch(struct spill *spill)
{
    const uint64_t piece = piece_of(spill);
    /* when pieces have become larger, a part of the first one is a hole already */
    const uint64_t from = spill->freed / piece * piece;
    const uint64_t upto = spill->head / piece * piece;

    if (spill->keeps_space || upto <= spill->freed)
        return;
    if (fallocate(spill->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)from,
                  (off_t)(upto - from)) < 0) {
        spill->keeps_space = true;
        return;
    }
    spill->freed = upto;
    spill->returns++;
}

static void took(struct spill *spill, size_t bytes)
{
    spill->head += bytes;
    if (spill->head == spill->tail)
        begin_again(spill);
    else
        punch(spill);
}

static size_t at_most(uint64_t wanted, uint64_t limit)
{
    return (size_t)(wanted < limit ? wanted : limit);
}

ssize_t spill_put(struct spill *spill, const unsigned char *bytes, size_t length)
{
    ssize_t put;

    do
        put = pwrite(spill->fd, bytes, length, (off_t)spill->tail);
    while (put < 0 && errno == EINTR);
    if (put < 0)
        return -errno;
    spill->tail += (uint64_t)put;
    /* a disk that takes nothing and gives no reason would be asked for ever */
    return put ? put : -EIO;
}

ssize_t spill_put_pages(struct spill *spill, struct duct *duct, size_t length)
{
    off_t at = (off_t)spill->tail;
    ssize_t put;

    do
        put = splice(duct->out, NULL, spill->fd, &at, length, splice_flags);
    while (put < 0 && errno == EINTR);
    if (put < 0)
        return -errno;
    spill->tail += (uint64_t)put;
    return put;
}

ssize_t spill_take(struct spill *spill, unsigned char *bytes, size_t room)
{
    const size_t wanted = at_most(room, spill_held(spill));
    ssize_t got;

    assert(wanted > 0);
    do
        got = pread(spill->fd, bytes, wanted, (off_t)spill->head);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return -errno;
    if (got == 0) /* somebody has cut our file */
        return -EIO;
    took(spill, (size_t)got);
    return got;
}

ssize_t spill_take_pages(struct spill *spill, struct duct *duct, size_t room)
{
    const size_t wanted = at_most(room, spill_held(spill));
    off_t at = (off_t)spill->head;
    ssize_t got;

    assert(wanted > 0);
    spill->has_lent = true;
    do
        got = splice(spill->fd, &at, duct->in, NULL, wanted, splice_flags);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return -errno;
    if (got > 0)
        took(spill, (size_t)got);
    return got;
}
