#include "deny.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/fs.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SYS_poll
#define SYS_poll UINT32_MAX /* newer machines have ppoll alone: nothing to refuse */
#endif

/* A call, or one use of it: when ARGUMENT of it has the bits of VALUE among those of MASK. */
struct use {
    const char *name;
    uint32_t call;
    uint32_t argument;
    uint32_t mask; /* 0: any use */
    uint32_t value;
};

static const struct use uses[] = {
    {.name = "read", .call = SYS_read},
    {.name = "writev", .call = SYS_writev},
    {.name = "close", .call = SYS_close},
    {.name = "splice", .call = SYS_splice},
    {.name = "tee", .call = SYS_tee},
    {.name = "vmsplice", .call = SYS_vmsplice},
    {.name = "sendfile", .call = SYS_sendfile},
    {.name = "copy_file_range", .call = SYS_copy_file_range},
    {.name = "preadv2", .call = SYS_preadv2},
    {.name = "pwritev2", .call = SYS_pwritev2},
    {.name = "eventfd2", .call = SYS_eventfd2},
    {.name = "signalfd4", .call = SYS_signalfd4},
    {.name = "timerfd_create", .call = SYS_timerfd_create},
    {.name = "epoll_create1", .call = SYS_epoll_create1},
    {.name = "io_uring_setup", .call = SYS_io_uring_setup},
    {.name = "memfd_create", .call = SYS_memfd_create},
    {.name = "pipe2", .call = SYS_pipe2},
    {.name = "fallocate", .call = SYS_fallocate},
    {.name = "ftruncate", .call = SYS_ftruncate},
    {.name = "renameat2", .call = SYS_renameat2},
    {.name = "linkat", .call = SYS_linkat},
    {.name = "fsync", .call = SYS_fsync},
    {.name = "ppoll", .call = SYS_ppoll},
    {.name = "poll", .call = SYS_poll},
    {.name = "prctl", .call = SYS_prctl},
    {.name = "madvise", .call = SYS_madvise},
    {.name = "ioctl", .call = SYS_ioctl},
    {.name = "lseek", .call = SYS_lseek},
    {.name = "socket", .call = SYS_socket},
    {.name = "setsockopt", .call = SYS_setsockopt},
    {.name = "getsockopt", .call = SYS_getsockopt},
    {.name = "clone", .call = SYS_clone},
    {.name = "clone3", .call = SYS_clone3},
    {.name = "rt_sigprocmask", .call = SYS_rt_sigprocmask},
    {.name = "prlimit64", .call = SYS_prlimit64},
    {"RWF_NOWAIT", SYS_preadv2, 5, RWF_NOWAIT, RWF_NOWAIT},
    {"RWF_NOWAIT", SYS_pwritev2, 5, RWF_NOWAIT, RWF_NOWAIT},
    {"O_TMPFILE", SYS_openat, 2, O_TMPFILE & ~O_DIRECTORY, O_TMPFILE & ~O_DIRECTORY},
    {"F_SETPIPE_SZ", SYS_fcntl, 1, UINT32_MAX, F_SETPIPE_SZ},
    {"F_GETPIPE_SZ", SYS_fcntl, 1, UINT32_MAX, F_GETPIPE_SZ},
};
static const size_t use_count = sizeof uses / sizeof uses[0];

enum { USES_MAX = 64, STEPS_MAX = 5 * USES_MAX + 1 };

struct program {
    struct sock_filter steps[STEPS_MAX];
    unsigned short length;
};

static void add(struct program *program, struct sock_filter step)
{
    program->steps[program->length++] = step;
}

/* When the call is as USE says it ends as VERDICT does, or else with what is behind this. */
static void add_use(struct program *program, const struct use *use, uint32_t verdict)
{
    /* the lower half, on a machine whose lower bytes come first */
    const uint32_t argument =
        (uint32_t)(offsetof(struct seccomp_data, args) + use->argument * sizeof(uint64_t));

    add(program,
        (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)));
    if (use->mask) {
        add(program, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, use->call, 0, 4));
        add(program, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, argument));
        add(program, (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K, use->mask));
        add(program, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, use->value, 0, 1));
    } else {
        add(program, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, use->call, 0, 1));
    }
    add(program, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, verdict));
}

static int add_named(struct program *program, const char *name, size_t length, uint32_t verdict)
{
    int found = 0;
    size_t i;

    for (i = 0; i < use_count; i++) {
        if (strncmp(uses[i].name, name, length) != 0 || uses[i].name[length])
            continue;
        if (program->length + 6 >= STEPS_MAX)
            return 0;
        add_use(program, &uses[i], verdict);
        found = 1;
    }
    return found;
}

/* What a call ends with, by the name of the error; 0: nobody knows it. */
static uint32_t verdict_of(const char *error)
{
    static const struct {
        const char *name;
        uint32_t number;
    } known[] = {
        {"EPERM", EPERM},   {"ENOSYS", ENOSYS}, {"EINVAL", EINVAL}, {"EAGAIN", EAGAIN},
        {"ENOMEM", ENOMEM}, {"EMFILE", EMFILE}, {"EACCES", EACCES}, {"EOPNOTSUPP", EOPNOTSUPP},
    };
    size_t i;

    if (strcmp(error, "kill") == 0)
        return SECCOMP_RET_KILL_PROCESS;
    for (i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(known[i].name, error) == 0)
            return SECCOMP_RET_ERRNO | known[i].number;
    }
    return 0;
}

/* These CALLS end as VERDICT says, all others as ever: 0, or 2 for a call that nobody knows. */
static int compile(struct program *program, const char *calls, uint32_t verdict)
{
    const char *name = calls;

    while (*name) {
        const size_t length = strcspn(name, ",");

        if (!add_named(program, name, length, verdict)) {
            fprintf(stderr, "rig: no call is known as %.*s\n", (int)length, name);
            return 2;
        }
        name += length + (name[length] == ',');
    }
    add(program, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
    return 0;
}

int run_deny(const char *calls, const char *error, char **command)
{
    struct program program = {.length = 0};
    struct sock_fprog filter = {.filter = program.steps};
    const uint32_t verdict = verdict_of(error);

    if (!verdict) {
        fprintf(stderr, "rig: deny: no error is known as %s\n", error);
        return 2;
    }
    if (compile(&program, calls, verdict))
        return 2;
    filter.len = program.length;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1UL, 0UL, 0UL, 0UL) < 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) < 0)
        return 77;
    execvp(command[0], command);
    perror("rig: deny");
    return 1;
}

/* Where the notifications come from: told by the child, which shares our descriptors until it executes COMMAND. */
static _Atomic int *listener_slot(void)
{
    void *const page =
        mmap(NULL, sizeof(_Atomic int), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    return page == MAP_FAILED ? NULL : page;
}

enum { NOT_YET = -1, CANNOT = -2 };

/*
 * A thread that sits in such a call is left behind at the end. The thread sanitizer would report that as
 * a leak.
 */
static void permit_thread_leaks(void)
{
    const char *const given = getenv("TSAN_OPTIONS");
    char options[1024];

    if (snprintf(options, sizeof options, "%s report_thread_leaks=0", given ? given : "") <
        (int)sizeof options)
        setenv("TSAN_OPTIONS", options, 1);
}

static _Noreturn void be_supervised(const struct sock_fprog *filter, _Atomic int *listener,
                                    char **command)
{
    long fd = -1;

    if (prctl(PR_SET_NO_NEW_PRIVS, 1UL, 0UL, 0UL, 0UL) == 0)
        fd =
            syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, filter);
    *listener = fd < 0 ? CANNOT : (int)fd;
    if (fd < 0)
        _exit(77);
    permit_thread_leaks();
    execvp(command[0], command);
    _exit(127);
}

/* The descriptor that a call writes to, or is about. */
static int subject_of(const struct seccomp_data *call)
{
    const bool moves = call->nr == SYS_splice || call->nr == SYS_copy_file_range;

    return (int)call->args[moves ? 2 : 0];
}

static bool is_about(const struct seccomp_notif *call, const struct stat *file)
{
    char path[64];
    struct stat status;

    snprintf(path, sizeof path, "/proc/%u/fd/%d", call->pid, subject_of(&call->data));
    return stat(path, &status) == 0 && status.st_dev == file->st_dev &&
           status.st_ino == file->st_ino;
}

/* Until nobody is left who could call. */
static void supervise(int listener, const char *path, unsigned long after)
{
    struct pollfd fd = {.fd = listener, .events = POLLIN};
    struct stat file;

    while (poll(&fd, 1, -1) >= 0 && !(fd.revents & POLLHUP)) {
        struct seccomp_notif call = {0};
        struct seccomp_notif_resp answer = {.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE};

        if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call) < 0)
            continue;
        /* what is not answered does not return */
        if (stat(path, &file) == 0 && is_about(&call, &file) && after-- == 0) {
            after = 0;
            continue;
        }
        answer.id = call.id;
        ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
    }
}

int run_hang(const char *path, const char *calls, unsigned long after, char **command)
{
    struct program program = {.length = 0};
    struct sock_fprog filter = {.filter = program.steps};
    _Atomic int *const listener = listener_slot();
    int status = 0;
    pid_t child;

    if (!listener || compile(&program, calls, SECCOMP_RET_USER_NOTIF))
        return 2;
    filter.len = program.length;
    *listener = NOT_YET;
    child = (pid_t)syscall(SYS_clone, CLONE_FILES | SIGCHLD, NULL, NULL, NULL, NULL);
    if (child == 0)
        be_supervised(&filter, listener, command);
    while (child > 0 && *listener == NOT_YET && usleep(1000) == 0)
        ;
    if (child < 0 || *listener == CANNOT)
        return 77;
    supervise(*listener, path, after);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
