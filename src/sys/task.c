#include "sys/task.h"

#include "sys/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

struct named_call {
    long number;
    const char *name;
};

static const struct named_call named[] = {
    {SYS_write, "write"},         {SYS_writev, "write"},
    {SYS_pwrite64, "write"},      {SYS_pwritev2, "write"},
    {SYS_read, "read"},           {SYS_readv, "read"},
    {SYS_pread64, "read"},        {SYS_preadv2, "read"},
    {SYS_splice, "splice"},       {SYS_tee, "tee"},
    {SYS_sendfile, "sendfile"},   {SYS_copy_file_range, "copy_file_range"},
    {SYS_sendmsg, "send"},        {SYS_recvfrom, "receive"},
    {SYS_fsync, "fsync"},         {SYS_fdatasync, "fdatasync"},
    {SYS_close, "close"},         {SYS_openat, "open"},
#ifdef SYS_open
    {SYS_open, "open"},
#endif
    {SYS_fallocate, "fallocate"}, {SYS_ftruncate, "truncate"},
    {SYS_renameat2, "rename"},    {SYS_linkat, "link"},
    {SYS_unlinkat, "delete"},     {SYS_lseek, "seek"},
    {SYS_statx, "stat"},          {SYS_getdents64, "read of a directory"},
/* not every machine has these */
#ifdef SYS_fstat
    {SYS_fstat, "stat"},
#endif
#ifdef SYS_newfstatat
    {SYS_newfstatat, "stat"},
#endif
};

static const long waiting[] = {
    SYS_ppoll,
    SYS_futex,
    SYS_nanosleep,
    SYS_restart_syscall,
#ifdef SYS_clock_nanosleep
    SYS_clock_nanosleep,
#endif
#ifdef SYS_poll
    SYS_poll,
#endif
/* what a libc with 64-bit times calls on a 32-bit machine */
#ifdef SYS_ppoll_time64
    SYS_ppoll_time64,
    SYS_futex_time64,
    SYS_clock_nanosleep_time64,
#endif
};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

bool task_call_waits(const struct task_call *call)
{
    size_t i;

    for (i = 0; i < COUNT(waiting); i++) {
        if (waiting[i] == call->number)
            return true;
    }
    return false;
}

bool task_call_reads(const struct task_call *call)
{
    return call->number == SYS_read || call->number == SYS_readv || call->number == SYS_pread64 ||
           call->number == SYS_preadv2 || call->number == SYS_recvfrom;
}

bool task_call_uses(const struct task_call *call, int fd)
{
    const bool has_target_third = call->number == SYS_splice || call->number == SYS_copy_file_range;
    const bool has_target_second = call->number == SYS_tee || call->number == SYS_sendfile;

    return (int)call->arguments[0] == fd || (has_target_second && (int)call->arguments[1] == fd) ||
           (has_target_third && (int)call->arguments[2] == fd);
}

const char *task_call_name(const struct task_call *call)
{
    size_t i;

    for (i = 0; i < COUNT(named); i++) {
        if (named[i].number == call->number)
            return named[i].name;
    }
    return "a system call";
}

/*
 * Descriptors that are left for what bytes move through: where there are fewer the movers are not looked at.
 */
static const rlim_t spare_descriptors = 64;

static bool can_be_spared(int fd)
{
    struct rlimit limit;

    return getrlimit(RLIMIT_NOFILE, &limit) == 0 && (rlim_t)fd + spare_descriptors < limit.rlim_cur;
}

/* A /proc of another namespace has other numbers for our threads. */
static bool has_our_numbers(int directory)
{
    char first[24];
    int fd;

    /* the number of the first thread is that of the process */
    snprintf(first, sizeof first, "%d", (int)getpid());
    fd = openat(directory, first, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

int tasks_open(void)
{
    const int directory = open("/proc/self/task", O_PATH | O_DIRECTORY | O_CLOEXEC);

    if (directory < 0 || (can_be_spared(directory) && has_our_numbers(directory)))
        return directory;
    close(directory);
    return -1;
}

/*
 * The kernel's number of THREAD: the clock of its CPU time is made of it, and nothing else tells it
 * before the thread has run. -1: unknown.
 */
static long number_of(pthread_t thread, clockid_t *clock)
{
    return pthread_getcpuclockid(thread, clock) == 0 ? (long)~(*clock >> 3) : -1;
}

static int open_file(int directory, long number, const char *name)
{
    char path[48];

    snprintf(path, sizeof path, "%ld/%s", number, name);
    return openat(directory, path, O_RDONLY | O_CLOEXEC);
}

void task_open(struct task *task, int directory, pthread_t thread)
{
    const long number = number_of(thread, &task->clock);

    task->has_clock = number >= 0;
    task->stat_fd = task->call_fd = -1;
    if (directory < 0 || number < 0)
        return;
    task->stat_fd = open_file(directory, number, "stat");
    task->call_fd = open_file(directory, number, "syscall");
}

void task_close(struct task *task)
{
    if (task->stat_fd >= 0)
        close(task->stat_fd);
    if (task->call_fd >= 0)
        close(task->call_fd);
    task->stat_fd = task->call_fd = -1;
}

enum task_state task_parse_stat(const char *text)
{
    /* the name before it may have anything in it, and what follows are numbers */
    const char *const behind_name = strrchr(text, ')');

    if (!behind_name || behind_name[1] != ' ')
        return TASK_UNKNOWN;
    switch (behind_name[2]) {
    case 'S':
    case 'D': return TASK_ASLEEP;
    case 'R':
    case 'T':
    case 't': return TASK_ACTIVE;
    case 'X':
    case 'Z': return TASK_GONE;
    default: return TASK_UNKNOWN;
    }
}

/* The next number of *TEXT, which moves on behind it. False: there is none. */
static bool next_number(const char **text, uint64_t *number)
{
    char *end;

    *number = strtoull(*text, &end, 0); /* a minus sign is understood, and wraps round */
    if (end == *text)
        return false;
    *text = end;
    return true;
}

bool task_parse_call(const char *text, struct task_call *call)
{
    uint64_t number;
    size_t i;

    if (!next_number(&text, &number))
        return false;
    call->number = (long)number;
    if (call->number < 0) /* outside of a call there are only two pointers */
        return true;
    for (i = 0; i < COUNT(call->arguments); i++) {
        if (!next_number(&text, &call->arguments[i]))
            return false;
    }
    return next_number(&text, &call->stack);
}

/* The whole of a small file, again: its length or -errno. */
static ssize_t read_again(int fd, char *text, size_t room)
{
    const ssize_t got = pread(fd, text, room - 1, 0);

    if (got < 0)
        return -errno;
    text[got] = '\0';
    return got;
}

static bool look_at_clock(const struct task *task, uint64_t *cpu)
{
    struct timespec used;

    if (!task->has_clock || clock_gettime(task->clock, &used) < 0)
        return false;
    *cpu = clock_ns(used);
    return true;
}

void task_look(const struct task *task, struct task_look *look)
{
    char text[512];
    ssize_t got;

    *look = (struct task_look){.state = TASK_UNKNOWN};
    if (task->stat_fd < 0)
        return;
    if (task->call_fd >= 0 && read_again(task->call_fd, text, sizeof text) > 0)
        look->has_call = task_parse_call(text, &look->call);
    /* afterwards: a thread that has gone on is found active, or has used CPU time by the next look */
    got = read_again(task->stat_fd, text, sizeof text);
    if (got == -ESRCH)
        look->state = TASK_GONE;
    else if (got > 0)
        look->state = task_parse_stat(text);
    if (look->state == TASK_ASLEEP && !look_at_clock(task, &look->cpu))
        look->state = TASK_UNKNOWN;
}
