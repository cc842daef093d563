/*
 * The calls of the shim: each asks for its fate, and does what it says or what libc does. See
 * fault.h for how it is steered.
 */
#undef _FILE_OFFSET_BITS /* open and open64 are two symbols, and both are wanted */
#undef _FORTIFY_SOURCE   /* its inline functions have the names of ours */
#include "tests/fault/fate.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* what FUNCTION would have been without this library; inside of it only */
#define REAL(function)                                                                             \
    ({                                                                                             \
        static void *slot;                                                                         \
        (__typeof__(&function))fate_real(&slot, #function);                                        \
    })

/* A call that may fail and do nothing: FAILED is what it returns then. */
#define CALL(kind, type, function, fd, path, failed, parameters, arguments)                        \
    CALL_OF(FAULT_##kind, type, function, fd, path, failed, parameters, arguments)
#define CALL_OF(kind, type, function, fd, path, failed, parameters, arguments)                     \
    type function parameters                                                                       \
    {                                                                                              \
        const int fate = fate_of(kind, fd, -1, path);                                              \
                                                                                                   \
        if (fate) {                                                                                \
            errno = fate;                                                                          \
            return failed;                                                                         \
        }                                                                                          \
        return REAL(function) arguments;                                                           \
    }
#define ON_FD(kind, type, function, parameters, arguments)                                         \
    CALL(kind, type, function, fd, NULL, -1, parameters, arguments)
#define ON_PATH(kind, function, parameters, arguments)                                             \
    CALL(kind, int, function, -1, path, -1, parameters, arguments)
#define ON_NOTHING(kind, type, function, failed, parameters, arguments)                            \
    CALL(kind, type, function, -1, NULL, failed, parameters, arguments)

/* A call that moves LENGTH bytes at most, a parameter of its. */
#define TRANSFER(kind, function, fd, other, length, parameters, arguments)                         \
    TRANSFER_OF(FAULT_##kind, function, fd, other, length, parameters, arguments)
#define EITHER(kind, function, parameters, arguments)                                              \
    TRANSFER_OF(is_event(fd) ? FAULT_event_##kind : FAULT_##kind, function, fd, -1, length,        \
                parameters, arguments)
#define TRANSFER_OF(kind, function, fd, other, length, parameters, arguments)                      \
    ssize_t function parameters                                                                    \
    {                                                                                              \
        const int fate = fate_of(kind, fd, other, NULL);                                           \
                                                                                                   \
        if (fate > 0) {                                                                            \
            errno = fate;                                                                          \
            return -1;                                                                             \
        }                                                                                          \
        length = fate_cut(fate, length);                                                           \
        return REAL(function) arguments;                                                           \
    }

/* The same, with PARTS: the first that is not empty, if there are others, or some of it. */
#define VECTOR(kind, function, parameters, arguments)                                              \
    ssize_t function parameters                                                                    \
    {                                                                                              \
        const int fate = fate_of(FAULT_##kind, fd, -1, NULL);                                      \
        struct iovec part;                                                                         \
                                                                                                   \
        if (fate > 0) {                                                                            \
            errno = fate;                                                                          \
            return -1;                                                                             \
        }                                                                                          \
        if (fate && cut_parts(fate, parts, count, &part)) {                                        \
            parts = &part;                                                                         \
            count = 1;                                                                             \
        }                                                                                          \
        return REAL(function) arguments;                                                           \
    }

/* What is left of PARTS, as one; false: nothing was in them. */
static int cut_parts(int fate, const struct iovec *parts, int count, struct iovec *part)
{
    int i = 0;
    int k;

    while (i < count && !parts[i].iov_len)
        i++;
    if (i == count)
        return 0;
    *part = parts[i];
    for (k = i + 1; k < count && !parts[k].iov_len; k++)
        ;
    if (fate == FATE_ONE || k == count)
        part->iov_len = fate_cut(fate, part->iov_len);
    return 1;
}

enum { EVENTS_MAX = 1024 };

/* By number: a descriptor whose reads and writes are events. */
static _Atomic char events[EVENTS_MAX];

static int is_event(int fd)
{
    return fd >= 0 && fd < EVENTS_MAX && atomic_load(&events[fd]);
}

static void set_event(int fd, char is)
{
    if (fd >= 0 && fd < EVENTS_MAX)
        atomic_store(&events[fd], is);
}

/* A thread that waits has a bell among its descriptors; who asks a single other one polls it. */
static enum fault_kind kind_of_poll(const struct pollfd *fds, nfds_t count)
{
    return count == 1 && !is_event(fds->fd) ? FAULT_poll : FAULT_ppoll;
}

/* clang-format off */
EITHER(read, read, (int fd, void *to, size_t length), (fd, to, length))
EITHER(read, __read_chk, (int fd, void *to, size_t length, size_t room), (fd, to, length, room))
TRANSFER(pread, pread, fd, -1, length, (int fd, void *to, size_t length, off_t at),
         (fd, to, length, at))
TRANSFER(pread, pread64, fd, -1, length, (int fd, void *to, size_t length, off64_t at),
         (fd, to, length, at))
TRANSFER(pread, __pread_chk, fd, -1, length,
         (int fd, void *to, size_t length, off_t at, size_t room), (fd, to, length, at, room))
TRANSFER(pread, __pread64_chk, fd, -1, length,
         (int fd, void *to, size_t length, off64_t at, size_t room), (fd, to, length, at, room))
TRANSFER(recv, recv, fd, -1, length, (int fd, void *to, size_t length, int flags),
         (fd, to, length, flags))
TRANSFER(recv, __recv_chk, fd, -1, length,
         (int fd, void *to, size_t length, size_t room, int flags), (fd, to, length, room, flags))
EITHER(write, write, (int fd, const void *from, size_t length), (fd, from, length))
TRANSFER(write, send, fd, -1, length, (int fd, const void *from, size_t length, int flags),
         (fd, from, length, flags))
TRANSFER(pwrite, pwrite, fd, -1, length, (int fd, const void *from, size_t length, off_t at),
         (fd, from, length, at))
TRANSFER(pwrite, pwrite64, fd, -1, length, (int fd, const void *from, size_t length, off64_t at),
         (fd, from, length, at))
VECTOR(readv, readv, (int fd, const struct iovec *parts, int count), (fd, parts, count))
VECTOR(writev, writev, (int fd, const struct iovec *parts, int count), (fd, parts, count))
VECTOR(preadv2, preadv2, (int fd, const struct iovec *parts, int count, off_t at, int flags),
       (fd, parts, count, at, flags))
VECTOR(preadv2, preadv64v2, (int fd, const struct iovec *parts, int count, off64_t at, int flags),
       (fd, parts, count, at, flags))
VECTOR(pwritev2, pwritev2, (int fd, const struct iovec *parts, int count, off_t at, int flags),
       (fd, parts, count, at, flags))
VECTOR(pwritev2, pwritev64v2, (int fd, const struct iovec *parts, int count, off64_t at, int flags),
       (fd, parts, count, at, flags))
TRANSFER(splice, splice, fd, to, length,
         (int fd, off64_t *at, int to, off64_t *to_at, size_t length, unsigned flags),
         (fd, at, to, to_at, length, flags))
TRANSFER(tee, tee, fd, to, length, (int fd, int to, size_t length, unsigned flags),
         (fd, to, length, flags))
TRANSFER(sendfile, sendfile, to, fd, length, (int to, int fd, off_t *at, size_t length),
         (to, fd, at, length))
TRANSFER(sendfile, sendfile64, to, fd, length, (int to, int fd, off64_t *at, size_t length),
         (to, fd, at, length))
TRANSFER(copy_file_range, copy_file_range, fd, to, length,
         (int fd, off64_t *at, int to, off64_t *to_at, size_t length, unsigned flags),
         (fd, at, to, to_at, length, flags))

ON_NOTHING(pipe2, int, pipe2, -1, (int fds[2], int flags), (fds, flags))
ON_FD(dup2, int, dup2, (int fd, int to), (fd, to))
ON_FD(dup2, int, dup3, (int fd, int to, int flags), (fd, to, flags))
ON_FD(flock, int, flock, (int fd, int operation), (fd, operation))
ON_FD(fsync, int, fsync, (int fd), (fd))
ON_FD(fdatasync, int, fdatasync, (int fd), (fd))
ON_FD(syncfs, int, syncfs, (int fd), (fd))
ON_FD(ftruncate, int, ftruncate, (int fd, off_t length), (fd, length))
ON_FD(ftruncate, int, ftruncate64, (int fd, off64_t length), (fd, length))
ON_FD(fallocate, int, fallocate, (int fd, int mode, off_t at, off_t length),
      (fd, mode, at, length))
ON_FD(fallocate, int, fallocate64, (int fd, int mode, off64_t at, off64_t length),
      (fd, mode, at, length))
ON_FD(lseek, off_t, lseek, (int fd, off_t at, int whence), (fd, at, whence))
ON_FD(lseek, off64_t, lseek64, (int fd, off64_t at, int whence), (fd, at, whence))
ON_PATH(stat, stat, (const char *path, struct stat *status), (path, status))
ON_PATH(stat, stat64, (const char *path, struct stat64 *status), (path, status))
ON_PATH(stat, lstat, (const char *path, struct stat *status), (path, status))
ON_PATH(stat, lstat64, (const char *path, struct stat64 *status), (path, status))
ON_PATH(stat, fstatat, (int at, const char *path, struct stat *status, int flags),
        (at, path, status, flags))
ON_PATH(stat, fstatat64, (int at, const char *path, struct stat64 *status, int flags),
        (at, path, status, flags))
ON_FD(fstat, int, fstat, (int fd, struct stat *status), (fd, status))
ON_FD(fstat, int, fstat64, (int fd, struct stat64 *status), (fd, status))
ON_FD(fstat, int, fstatfs, (int fd, struct statfs *status), (fd, status))
ON_FD(fstat, int, fstatfs64, (int fd, struct statfs64 *status), (fd, status))
CALL(stat, ssize_t, readlinkat, -1, path, -1, (int at, const char *path, char *text, size_t room),
     (at, path, text, room))
ON_FD(fchmod, int, fchmod, (int fd, mode_t mode), (fd, mode))
ON_FD(fchown, int, fchown, (int fd, uid_t user, gid_t group), (fd, user, group))
ON_FD(futimens, int, futimens, (int fd, const struct timespec times[2]), (fd, times))
ON_PATH(rename, rename, (const char *path, const char *to), (path, to))
ON_PATH(renameat2, renameat2, (int at, const char *path, int to, const char *name, unsigned flags),
        (at, path, to, name, flags))
ON_PATH(linkat, linkat, (int at, const char *path, int to, const char *name, int flags),
        (at, path, to, name, flags))
ON_PATH(unlink, unlink, (const char *path), (path))
ON_PATH(unlink, unlinkat, (int at, const char *path, int flags), (at, path, flags))
ON_PATH(mkostemp, mkostemp, (char *path, int flags), (path, flags))
ON_PATH(mkostemp, mkostemp64, (char *path, int flags), (path, flags))
CALL(realpath, char *, realpath, -1, path, NULL, (const char *path, char *to), (path, to))
CALL(realpath, char *, __realpath_chk, -1, path, NULL, (const char *path, char *to, size_t room),
     (path, to, room))
CALL(fopen, FILE *, fopen, -1, path, NULL, (const char *path, const char *mode), (path, mode))
CALL(fopen, FILE *, fopen64, -1, path, NULL, (const char *path, const char *mode), (path, mode))
ON_NOTHING(open_memstream, FILE *, open_memstream, NULL, (char **text, size_t *length),
           (text, length))
CALL(fdopendir, DIR *, fdopendir, fd, NULL, NULL, (int fd), (fd))
CALL(fdopendir, DIR *, opendir, -1, path, NULL, (const char *path), (path))
ON_NOTHING(readdir, struct dirent *, readdir, NULL, (DIR *directory), (directory))
ON_NOTHING(readdir, struct dirent64 *, readdir64, NULL, (DIR *directory), (directory))
ON_PATH(open, __open_2, (const char *path, int flags), (path, flags))
ON_PATH(open, __open64_2, (const char *path, int flags), (path, flags))
ON_PATH(openat, __openat_2, (int at, const char *path, int flags), (at, path, flags))
ON_PATH(openat, __openat64_2, (int at, const char *path, int flags), (at, path, flags))

ON_NOTHING(socket, int, socket, -1, (int domain, int type, int protocol), (domain, type, protocol))
ON_FD(connect, int, connect, (int fd, const struct sockaddr *address, socklen_t size),
      (fd, address, size))
ON_FD(shutdown, int, shutdown, (int fd, int how), (fd, how))
ON_FD(getsockopt, int, getsockopt, (int fd, int level, int name, void *value, socklen_t *size),
      (fd, level, name, value, size))
ON_FD(setsockopt, int, setsockopt, (int fd, int level, int name, const void *value, socklen_t size),
      (fd, level, name, value, size))
ON_FD(getsockname, int, getsockname, (int fd, struct sockaddr *address, socklen_t *size),
      (fd, address, size))
ON_FD(getpeername, int, getpeername, (int fd, struct sockaddr *address, socklen_t *size),
      (fd, address, size))

ON_NOTHING(poll, int, poll, -1, (struct pollfd *fds, nfds_t count, int ms), (fds, count, ms))
ON_NOTHING(poll, int, __poll_chk, -1, (struct pollfd *fds, nfds_t count, int ms, size_t room),
           (fds, count, ms, room))
/* libc declares ppoll as a function that only writes to FDS */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
CALL_OF(kind_of_poll(fds, count), int, ppoll, -1, NULL, -1,
        (struct pollfd *fds, nfds_t count, const struct timespec *time, const sigset_t *mask),
        (fds, count, time, mask))
CALL_OF(kind_of_poll(fds, count), int, __ppoll_chk, -1, NULL, -1,
        (struct pollfd *fds, nfds_t count, const struct timespec *time, const sigset_t *mask,
         size_t room),
        (fds, count, time, mask, room))
#pragma GCC diagnostic pop
ON_NOTHING(sigtimedwait, int, sigtimedwait, -1,
           (const sigset_t *mask, siginfo_t *info, const struct timespec *time), (mask, info, time))
ON_NOTHING(sigmask, int, pthread_sigmask, fate, (int how, const sigset_t *mask, sigset_t *before),
           (how, mask, before))

CALL(mmap, void *, mmap, fd, NULL, MAP_FAILED,
     (void *at, size_t length, int access, int flags, int fd, off_t offset),
     (at, length, access, flags, fd, offset))
CALL(mmap, void *, mmap64, fd, NULL, MAP_FAILED,
     (void *at, size_t length, int access, int flags, int fd, off64_t offset),
     (at, length, access, flags, fd, offset))
ON_NOTHING(madvise, int, madvise, -1, (void *at, size_t length, int advice), (at, length, advice))
ON_NOTHING(pthread_create, int, pthread_create, fate,
           (pthread_t *thread, const pthread_attr_t *attributes, void *(*body)(void *), void *with),
           (thread, attributes, body, with))
ON_NOTHING(pthread_mutex_init, int, pthread_mutex_init, fate,
           (pthread_mutex_t *mutex, const pthread_mutexattr_t *attributes), (mutex, attributes))
CALL(posix_spawn, int, posix_spawn, -1, path, fate,
     (pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
      const posix_spawnattr_t *attributes, char *const *argv, char *const *variables),
     (pid, path, actions, attributes, argv, variables))
ON_NOTHING(waitpid, pid_t, waitpid, -1, (pid_t pid, int *status, int flags), (pid, status, flags))
ON_NOTHING(kill, int, kill, -1, (pid_t pid, int number), (pid, number))
ON_NOTHING(getrlimit, int, getrlimit, -1, (__rlimit_resource_t what, struct rlimit *limit),
           (what, limit))
ON_NOTHING(getrlimit, int, getrlimit64, -1, (__rlimit_resource_t what, struct rlimit64 *limit),
           (what, limit))
ON_NOTHING(getrusage, int, getrusage, -1, (__rusage_who_t who, struct rusage *usage), (who, usage))
CALL(dlopen, void *, dlopen, -1, path, NULL, (const char *path, int flags), (path, flags))
/* clang-format on */

/* What is opened may need a mode. */
static mode_t mode_in(int flags, va_list arguments)
{
    return flags & (O_CREAT | O_TMPFILE) ? va_arg(arguments, mode_t) : 0;
}

#define OPEN(kind, function, parameters, arguments)                                                \
    int function parameters                                                                        \
    {                                                                                              \
        const int fate = fate_of(FAULT_##kind, -1, -1, path);                                      \
        va_list more;                                                                              \
        mode_t mode;                                                                               \
                                                                                                   \
        if (fate) {                                                                                \
            errno = fate;                                                                          \
            return -1;                                                                             \
        }                                                                                          \
        va_start(more, flags);                                                                     \
        mode = mode_in(flags, more);                                                               \
        va_end(more);                                                                              \
        return REAL(function) arguments;                                                           \
    }
OPEN(open, open, (const char *path, int flags, ...), (path, flags, mode))
OPEN(open, open64, (const char *path, int flags, ...), (path, flags, mode))
OPEN(openat, openat, (int at, const char *path, int flags, ...), (at, path, flags, mode))
OPEN(openat, openat64, (int at, const char *path, int flags, ...), (at, path, flags, mode))

/* One word is all that any of them takes. */
#define WITH_WORD(kind, function, type)                                                            \
    int function(int fd, type what, ...)                                                           \
    {                                                                                              \
        const int fate = fate_of(FAULT_##kind, fd, -1, NULL);                                      \
        va_list more;                                                                              \
        void *word;                                                                                \
                                                                                                   \
        if (fate) {                                                                                \
            errno = fate;                                                                          \
            return -1;                                                                             \
        }                                                                                          \
        va_start(more, what);                                                                      \
        word = va_arg(more, void *);                                                               \
        va_end(more);                                                                              \
        return REAL(function)(fd, what, word);                                                     \
    }
WITH_WORD(fcntl, fcntl, int)
WITH_WORD(fcntl, fcntl64, int)
WITH_WORD(ioctl, ioctl, unsigned long)

int prctl(int what, ...)
{
    const int fate = fate_of(FAULT_prctl, -1, -1, NULL);
    unsigned long words[4];
    va_list more;
    int i;

    if (fate) {
        errno = fate;
        return -1;
    }
    va_start(more, what);
    for (i = 0; i < 4; i++)
        words[i] = va_arg(more, unsigned long);
    va_end(more);
    return REAL(prctl)(what, words[0], words[1], words[2], words[3]);
}

/* What is called by its number is of the kind of its name, where that is known. */
long syscall(long number, ...)
{
    const enum fault_kind kind = number == SYS_renameat2  ? FAULT_renameat2
                                 : number == SYS_preadv2  ? FAULT_preadv2
                                 : number == SYS_pwritev2 ? FAULT_pwritev2
                                                          : FAULT_syscall;
    const int fate = fate_of(kind, -1, -1, NULL);
    long words[6];
    va_list more;
    int i;

    if (fate > 0) {
        errno = fate;
        return -1;
    }
    va_start(more, number);
    for (i = 0; i < 6; i++)
        words[i] = va_arg(more, long);
    va_end(more);
    return REAL(syscall)(number, words[0], words[1], words[2], words[3], words[4], words[5]);
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
    const int fate = fate_of(FAULT_sendmsg, fd, -1, NULL);
    struct msghdr cut = *message;
    struct iovec part;

    if (fate > 0) {
        errno = fate;
        return -1;
    }
    if (fate && cut_parts(fate, message->msg_iov, (int)message->msg_iovlen, &part)) {
        cut.msg_iov = &part;
        cut.msg_iovlen = 1;
    }
    return REAL(sendmsg)(fd, &cut, flags);
}

int eventfd(unsigned value, int flags)
{
    const int fate = fate_of(FAULT_eventfd, -1, -1, NULL);
    int fd = -1;

    if (fate)
        errno = fate;
    else
        fd = REAL(eventfd)(value, flags);
    set_event(fd, 1);
    return fd;
}

int signalfd(int old, const sigset_t *mask, int flags)
{
    const int fate = fate_of(FAULT_signalfd, old, -1, NULL);
    int fd = -1;

    if (fate)
        errno = fate;
    else
        fd = REAL(signalfd)(old, mask, flags);
    set_event(fd, 1);
    return fd;
}

/* It is closed whatever it says. */
int close(int fd)
{
    const int fate = fate_of(FAULT_close, fd, -1, NULL);
    int result;

    set_event(fd, 0);
    result = REAL(close)(fd);
    if (!fate)
        return result;
    errno = fate;
    return -1;
}

int fclose(FILE *file)
{
    const int fate = fate_of(FAULT_fclose, -1, -1, NULL);
    const int result = REAL(fclose)(file);

    if (!fate)
        return result;
    errno = fate;
    return EOF;
}

int getaddrinfo(const char *host, const char *service, const struct addrinfo *hints,
                struct addrinfo **found)
{
    const int fate = fate_of(FAULT_getaddrinfo, -1, -1, host);

    if (fate > 0)
        errno = fate;
    if (fate)
        return fate > 0 ? EAI_SYSTEM : fate;
    return REAL(getaddrinfo)(host, service, hints, found);
}

/* Only the clock that can be set: a step of it, from the Nth look on, whatever was asked for. */
int clock_gettime(clockid_t clock, struct timespec *now)
{
    const time_t day = 24L * 60 * 60;
    const int fate = clock == CLOCK_REALTIME ? fate_of(FAULT_clock, -1, -1, NULL) : FATE_NONE;
    const int result = REAL(clock_gettime)(clock, now);

    if (fate == FATE_FORTH)
        now->tv_sec += day;
    else if (fate == FATE_BACK)
        now->tv_sec -= day;
    return result;
}

/* By these names, because looking others up may want memory. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *memory, size_t size);

static int lacks_memory(void)
{
    const int fate = fate_of(FAULT_malloc, -1, -1, NULL);

    if (fate)
        errno = fate;
    return fate;
}

void *malloc(size_t size)
{
    return lacks_memory() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return lacks_memory() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size)
{
    return lacks_memory() ? NULL : __libc_realloc(memory, size);
}
