/*
 * victim KIND [COUNT [THREADS]]: make COUNT calls of a kind (5) in each of THREADS threads (1), and
 * print on a line each what came of it: a number, or E and the errno. It is what the shim's own
 * tests let fail. LENGTH of the environment is how many bytes are moved, 8 or so: not a constant,
 * so that a fortified build calls what checks it.
 */
#include "tests/fault/fault.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { COUNT = 5, MOST_THREADS = 8, ROOM = 64 };

/* What the calls are made on; each thread has its own. */
struct tools {
    int file;
    int other;
    int pipe[2];
    int more[2];
    int sockets[2];
    int event;
    int directory;
    size_t length;
    char bytes[ROOM];
};

static long failed(int is)
{
    return is ? -errno : 0;
}

static long moved(ssize_t count)
{
    return count < 0 ? -errno : count;
}

/* A descriptor, which is not wanted. */
static long opened(int fd)
{
    if (fd < 0)
        return -errno;
    close(fd);
    return 0;
}

static long use_file(FILE *file)
{
    if (!file)
        return -errno;
    fclose(file);
    return 0;
}

static long move(struct tools *t, enum fault_kind kind)
{
    char *const bytes = t->bytes;
    const size_t length = t->length;
    struct iovec parts[] = {{bytes, length / 2}, {bytes + length / 2, length - length / 2}};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
    off64_t at = 0;
    off64_t to = 0;

    lseek(t->file, 0, SEEK_SET);
    lseek(t->other, 0, SEEK_SET);
    switch (kind) {
    case FAULT_read: return moved(read(t->file, bytes, length));
    case FAULT_readv: return moved(readv(t->file, parts, 2));
    case FAULT_pread: return moved(pread(t->file, bytes, length, 0));
    case FAULT_preadv2: return moved(preadv2(t->file, parts, 2, 0, 0));
    case FAULT_recv: return moved(recv(t->sockets[0], bytes, length, MSG_PEEK));
    case FAULT_write: return moved(write(t->other, bytes, length));
    case FAULT_writev: return moved(writev(t->other, parts, 2));
    case FAULT_pwrite: return moved(pwrite(t->other, bytes, length, 0));
    case FAULT_pwritev2: return moved(pwritev2(t->other, parts, 2, 0, 0));
    case FAULT_sendmsg: return moved(sendmsg(t->sockets[0], &message, 0));
    case FAULT_splice: return moved(splice(t->file, &at, t->more[1], NULL, length, 0));
    case FAULT_tee: return moved(tee(t->pipe[0], t->more[1], length, 0));
    case FAULT_sendfile: return moved(sendfile(t->other, t->file, &at, length));
    case FAULT_copy_file_range:
        return moved(copy_file_range(t->file, &at, t->other, &to, length, 0));
    default: return -ENOTSUP;
    }
}

static long call_file(struct tools *t, enum fault_kind kind)
{
    struct stat status;
    char name[] = "name-XXXXXX";
    char path[4096];
    int value;
    DIR *directory;
    long result;

    switch (kind) {
    case FAULT_fcntl: return failed(fcntl(t->file, F_GETFD) < 0);
    case FAULT_ioctl: return failed(ioctl(t->file, FIONREAD, &value) < 0);
    case FAULT_open: return opened(open("data", O_RDONLY));
    case FAULT_openat: return opened(openat(AT_FDCWD, "data", O_RDONLY));
    case FAULT_mkostemp: return opened(mkostemp(name, O_CLOEXEC));
    case FAULT_fopen: return use_file(fopen("data", "re"));
    case FAULT_fclose: return failed(fclose(fdopen(dup(t->file), "r")) != 0);
    case FAULT_fdopendir:
        directory = fdopendir(dup(t->directory));
        result = failed(!directory);
        if (directory)
            closedir(directory);
        return result;
    case FAULT_readdir:
        directory = fdopendir(dup(t->directory));
        rewinddir(directory);
        result = failed(!readdir(directory));
        closedir(directory);
        return result;
    case FAULT_close: return failed(close(dup(t->file)) < 0);
    case FAULT_dup2: return failed(dup2(t->file, t->other) < 0);
    case FAULT_fsync: return failed(fsync(t->file) < 0);
    case FAULT_fdatasync: return failed(fdatasync(t->file) < 0);
    case FAULT_syncfs: return failed(syncfs(t->file) < 0);
    case FAULT_ftruncate: return failed(ftruncate(t->other, 0) < 0);
    case FAULT_fallocate: return failed(fallocate(t->other, 0, 0, ROOM) < 0);
    case FAULT_flock: return failed(flock(t->file, LOCK_SH | LOCK_NB) < 0);
    case FAULT_lseek: return failed(lseek(t->file, 0, SEEK_SET) < 0);
    case FAULT_stat: return failed(stat("data", &status) < 0);
    case FAULT_fstat: return failed(fstat(t->file, &status) < 0);
    case FAULT_fchmod: return failed(fchmod(t->file, 0600) < 0);
    case FAULT_fchown: return failed(fchown(t->file, geteuid(), getegid()) < 0);
    case FAULT_futimens: return failed(futimens(t->file, NULL) < 0);
    case FAULT_rename: return failed(rename("data", "data") < 0);
    case FAULT_renameat2:
        return failed(syscall(SYS_renameat2, (long)AT_FDCWD, "data", (long)AT_FDCWD, "free", 1L) <
                          0 ||
                      rename("free", "data") < 0);
    case FAULT_linkat:
        result = failed(linkat(AT_FDCWD, "data", AT_FDCWD, "link", 0) < 0);
        unlink("link");
        return result;
    case FAULT_unlink: return failed(unlink("nothing") < 0 && errno != ENOENT);
    case FAULT_realpath: return failed(!realpath("data", path));
    default: return -ENOTSUP;
    }
}

static long call_socket(struct tools *t, enum fault_kind kind)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = 9};
    socklen_t size = sizeof address;
    struct addrinfo *found = NULL;
    int value = 0;
    int fd;
    long result;

    switch (kind) {
    case FAULT_socket: return opened(socket(AF_UNIX, SOCK_STREAM, 0));
    case FAULT_connect:
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        fd = socket(AF_INET, SOCK_DGRAM, 0); /* nothing is sent */
        result = failed(connect(fd, (struct sockaddr *)&address, size) < 0);
        close(fd);
        return result;
    case FAULT_shutdown: return failed(shutdown(t->sockets[1], SHUT_WR) < 0);
    case FAULT_getsockopt:
        size = sizeof value;
        return failed(getsockopt(t->sockets[0], SOL_SOCKET, SO_TYPE, &value, &size) < 0);
    case FAULT_setsockopt:
        return failed(setsockopt(t->sockets[0], SOL_SOCKET, SO_PASSCRED, &value, sizeof value) < 0);
    case FAULT_getsockname:
        return failed(getsockname(t->sockets[0], (struct sockaddr *)&address, &size) < 0);
    case FAULT_getpeername:
        return failed(getpeername(t->sockets[0], (struct sockaddr *)&address, &size) < 0);
    case FAULT_getaddrinfo:
        value = getaddrinfo("127.0.0.1", "9", NULL, &found);
        if (found)
            freeaddrinfo(found);
        return value == EAI_SYSTEM ? -errno : value;
    default: return -ENOTSUP;
    }
}

static void *nothing(void *argument)
{
    return argument;
}

static long call_process(enum fault_kind kind)
{
    static char true_path[] = "/bin/true";
    char *const argv[] = {true_path, NULL};
    pthread_mutex_t mutex;
    pthread_t thread;
    pid_t pid;
    long result;

    switch (kind) {
    case FAULT_pthread_create:
        result = -pthread_create(&thread, NULL, nothing, NULL);
        if (!result)
            pthread_join(thread, NULL);
        return result;
    case FAULT_pthread_mutex_init: return -pthread_mutex_init(&mutex, NULL);
    case FAULT_posix_spawn:
        result = -posix_spawn(&pid, true_path, NULL, NULL, argv, environ);
        if (!result)
            waitpid(pid, NULL, 0);
        return result;
    case FAULT_waitpid: return failed(waitpid(-1, NULL, WNOHANG) < 0 && errno != ECHILD);
    case FAULT_kill: return failed(kill(getpid(), 0) < 0);
    case FAULT_prctl: return failed(prctl(PR_GET_DUMPABLE, 0L, 0L, 0L, 0L) < 0);
    case FAULT_dlopen: return failed(!dlopen(NULL, RTLD_NOW));
    case FAULT_syscall: return failed(syscall(SYS_getpid) < 0);
    default: return -ENOTSUP;
    }
}

static long call_memory(enum fault_kind kind)
{
    struct rlimit limit;
    struct rusage usage;
    char *text = NULL;
    size_t length = 0;
    void *memory;
    long result;

    switch (kind) {
    case FAULT_open_memstream:
        result = use_file(open_memstream(&text, &length));
        free(text);
        return result;
    case FAULT_mmap:
        memory = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        return failed(memory == MAP_FAILED);
    case FAULT_madvise: return failed(madvise(NULL, 0, MADV_NORMAL) < 0);
    case FAULT_malloc:
        memory = malloc(ROOM);
        result = failed(!memory);
        free(memory);
        return result;
    case FAULT_getrlimit: return failed(getrlimit(RLIMIT_NOFILE, &limit) < 0);
    case FAULT_getrusage: return failed(getrusage(RUSAGE_SELF, &usage) < 0);
    default: return -ENOTSUP;
    }
}

static long call_wait(struct tools *t, enum fault_kind kind)
{
    const struct timespec zero = {0};
    struct pollfd fds[ROOM] = {{.fd = kind == FAULT_ppoll ? t->event : t->file, .events = POLLIN}};
    const nfds_t one = (nfds_t)(t->length > 0);
    struct timespec now;
    uint64_t number = 1;
    sigset_t none;
    int fds_of_pipe[2];

    sigemptyset(&none);
    switch (kind) {
    case FAULT_poll: return failed(poll(fds, one, 0) < 0);
    case FAULT_ppoll: return failed(ppoll(fds, one, &zero, NULL) < 0);
    case FAULT_eventfd: return opened(eventfd(0, 0));
    case FAULT_signalfd: return opened(signalfd(-1, &none, 0));
    case FAULT_sigtimedwait: return failed(sigtimedwait(&none, NULL, &zero) < 0);
    case FAULT_sigmask: return -pthread_sigmask(SIG_BLOCK, &none, NULL);
    case FAULT_event_write: return moved(write(t->event, &number, sizeof number));
    case FAULT_event_read: return moved(read(t->event, &number, sizeof number));
    case FAULT_clock:
        clock_gettime(CLOCK_REALTIME, &now);
        return (long)(now.tv_sec / 3600); /* hours: a test does not take any */
    case FAULT_pipe2:
        if (pipe2(fds_of_pipe, O_CLOEXEC) < 0)
            return -errno;
        close(fds_of_pipe[1]);
        return opened(fds_of_pipe[0]);
    default: return -ENOTSUP;
    }
}

static long call_one(struct tools *tools, enum fault_kind kind)
{
    long result = move(tools, kind);

    if (result == -ENOTSUP)
        result = call_file(tools, kind);
    if (result == -ENOTSUP)
        result = call_socket(tools, kind);
    if (result == -ENOTSUP)
        result = call_process(kind);
    if (result == -ENOTSUP)
        result = call_memory(kind);
    return result == -ENOTSUP ? call_wait(tools, kind) : result;
}

static void prepare(struct tools *tools)
{
    const char *const length = getenv("LENGTH");

    *tools = (struct tools){.length = length ? strtoul(length, NULL, 10) : 8};
    if (tools->length > ROOM)
        tools->length = ROOM;
    tools->file = open("data", O_RDWR | O_CREAT, 0600);
    tools->other = open("other", O_RDWR | O_CREAT, 0600);
    tools->directory = open(".", O_RDONLY | O_DIRECTORY);
    tools->event = eventfd(1000, EFD_SEMAPHORE | EFD_NONBLOCK);
    if (tools->file < 0 || tools->other < 0 || tools->directory < 0 || tools->event < 0 ||
        ftruncate(tools->file, ROOM) < 0 || pipe2(tools->pipe, 0) < 0 ||
        pipe2(tools->more, 0) < 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, tools->sockets) < 0 ||
        syscall(SYS_write, (long)tools->pipe[1], tools->bytes, (long)ROOM) < 0 ||
        syscall(SYS_write, (long)tools->sockets[1], tools->bytes, (long)ROOM) < 0)
        exit(2);
}

struct job {
    enum fault_kind kind;
    int count;
};

static void *run(void *argument)
{
    const struct job *job = argument;
    struct tools tools;
    long *results = calloc((size_t)job->count, sizeof *results);
    int i;

    if (!results)
        exit(2);
    prepare(&tools);
    for (i = 0; i < job->count; i++)
        results[i] = call_one(&tools, job->kind);
    for (i = 0; i < job->count; i++)
        printf(results[i] < 0 ? "E%ld\n" : "%ld\n", results[i] < 0 ? -results[i] : results[i]);
    free(results);
    return NULL;
}

int main(int argc, char **argv)
{
    static const char *const names[] = FAULT_NAMES;
    struct job job = {.kind = 0, .count = argc > 2 ? (int)strtol(argv[2], NULL, 10) : COUNT};
    const int threads = argc > 3 ? (int)strtol(argv[3], NULL, 10) : 1;
    pthread_t ids[MOST_THREADS];
    int i;

    while (argc > 1 && job.kind < FAULT_KIND_COUNT && strcmp(names[job.kind], argv[1]) != 0)
        job.kind++;
    if (argc < 2 || job.kind == FAULT_KIND_COUNT || threads > MOST_THREADS) {
        for (i = 0; i < FAULT_KIND_COUNT; i++)
            puts(names[i]);
        return argc > 1;
    }
    if (threads <= 1) {
        run(&job);
        return 0;
    }
    for (i = 0; i < threads; i++) {
        if (pthread_create(&ids[i], NULL, run, &job) != 0)
            return 2;
    }
    for (i = 0; i < threads; i++)
        pthread_join(ids[i], NULL);
    return 0;
}
