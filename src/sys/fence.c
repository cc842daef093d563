#include "sys/fence.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__has_include) && __has_include(<linux/landlock.h>)
#include <linux/landlock.h>
#endif

#if defined(LANDLOCK_CREATE_RULESET_VERSION) && defined(SYS_landlock_create_ruleset)

#ifndef LANDLOCK_ACCESS_FS_REFER /* headers may be older than the kernel */
#define LANDLOCK_ACCESS_FS_REFER (1ULL << 13)
#endif
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ULL << 14)
#endif

static const uint64_t of_files =
    LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE;
static const uint64_t reading = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
static const uint64_t changing =
    LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |
    LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR |
    LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |
    LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM;

/* Which of those rights that came later the kernel can keep back. */
static uint64_t later_rights(long version)
{
    uint64_t rights = 0;

    if (version >= 2)
        rights |= LANDLOCK_ACCESS_FS_REFER;
    if (version >= 3)
        rights |= LANDLOCK_ACCESS_FS_TRUNCATE;
    return rights;
}

void fence_make(struct fence *fence, bool reading_is_free)
{
    const long version =
        syscall(SYS_landlock_create_ruleset, NULL, 0L, (long)LANDLOCK_CREATE_RULESET_VERSION);
    struct landlock_ruleset_attr attributes = {0};

    *fence = (struct fence){.ruleset = -1};
    if (version < 1)
        return;
    fence->handled = changing | later_rights(version) | (reading_is_free ? 0 : reading);
    attributes.handled_access_fs = fence->handled;
    /* it is close-on-exec */
    fence->ruleset =
        (int)syscall(SYS_landlock_create_ruleset, &attributes, (long)sizeof attributes, 0L);
}

static uint64_t rights_of(unsigned access)
{
    uint64_t rights = 0;

    if (access & FENCE_READ)
        rights |= LANDLOCK_ACCESS_FS_READ_FILE;
    if (access & FENCE_WRITE)
        rights |= LANDLOCK_ACCESS_FS_WRITE_FILE;
    if (access & FENCE_MAKE)
        rights |= LANDLOCK_ACCESS_FS_MAKE_REG;
    if (access & FENCE_DELETE)
        rights |= LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
    return rights;
}

void fence_allow(struct fence *fence, int fd, unsigned access)
{
    struct landlock_path_beneath_attr rule = {.parent_fd = fd};
    struct stat status;

    if (fence->ruleset < 0 || fd < 0 || fstat(fd, &status) < 0)
        return;
    rule.allowed_access = rights_of(access) & fence->handled;
    if (!S_ISDIR(status.st_mode))
        rule.allowed_access &= of_files;
    if (!rule.allowed_access)
        return;
    if (syscall(SYS_landlock_add_rule, (long)fence->ruleset, (long)LANDLOCK_RULE_PATH_BENEATH,
                &rule, 0L) == 0)
        return;
    /* a pipe or a socket without a name: no rule is for it, and none against it */
    if (errno != EBADFD)
        fence->is_short = true;
}

void fence_allow_path(struct fence *fence, const char *path, unsigned access)
{
    int fd;

    if (fence->ruleset < 0)
        return;
    fd = open(path, O_PATH | O_CLOEXEC);
    if (fd < 0) {
        /* what is there, but cannot be had just now, may be had later */
        if (errno == EMFILE || errno == ENFILE || errno == ENOMEM)
            fence->is_short = true;
        return;
    }
    fence_allow(fence, fd, access);
    close(fd);
}

void fence_allow_beside(struct fence *fence, const char *path, unsigned access)
{
    const char *const slash = strrchr(path, '/');
    const size_t length = slash ? (size_t)(slash - path) + 1 : 0;
    char directory[PATH_MAX];

    if (length >= sizeof directory)
        return;
    memcpy(directory, path, length);
    directory[length] = '\0';
    fence_allow_path(fence, length ? directory : ".", access);
}

int fence_close(struct fence *fence)
{
    if (fence->ruleset < 0)
        return -ENOSYS;
    if (fence->is_short)
        return -ENOMEM;
    return syscall(SYS_landlock_restrict_self, (long)fence->ruleset, 0L) < 0 ? -errno : 0;
}

#else

void fence_make(struct fence *fence, bool reading_is_free)
{
    (void)reading_is_free;
    *fence = (struct fence){.ruleset = -1};
}

void fence_allow(struct fence *fence, int fd, unsigned access)
{
    (void)fence;
    (void)fd;
    (void)access;
}

void fence_allow_path(struct fence *fence, const char *path, unsigned access)
{
    (void)path;
    fence_allow(fence, -1, access);
}

void fence_allow_beside(struct fence *fence, const char *path, unsigned access)
{
    (void)path;
    fence_allow(fence, -1, access);
}

int fence_close(struct fence *fence)
{
    (void)fence;
    return -ENOSYS;
}

#endif

void fence_free(struct fence *fence)
{
    if (fence->ruleset >= 0)
        close(fence->ruleset);
    fence->ruleset = -1;
}
