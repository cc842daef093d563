/* Confined for good, in a child: the kernel denies what is denied, and what is left works. */
#include "check.h"
#include "sys/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* The calls themselves, so that no library is between. */
#define DENIED(call)                                                                               \
    do {                                                                                           \
        errno = 0;                                                                                 \
        CHECK((call) == -1);                                                                       \
        CHECK(errno == EPERM || errno == EACCES || errno == ENOSYS);                               \
    } while (0)

static struct sandbox entered;

/* BODY in a process of its own, whose sandbox ends with it. */
static void confined(void (*body)(void))
{
    int status = -1;
    pid_t pid;

    fflush(stdout);
    pid = fork();
    if (pid == 0) {
        body();
        fflush(stdout);
        _exit(test_failed);
    }
    CHECK(pid > 0 && waitpid(pid, &status, 0) == pid);
    CHECK_EQUAL(status, 0);
}

static void enter(struct fence *fence, unsigned some)
{
    entered.is_fenced = sandbox_fence(fence);
    entered.is_filtered = sandbox_filter(&(struct filter_needs){.some = some, .self = getpid()});
    fence_free(fence);
}

/* Neither or both may be had on this machine. */
static bool can_filter(void)
{
    struct filter_step steps[FILTER_LENGTH_MAX];

    return sandbox_is_built_in() && syscall(SYS_seccomp, 1L, 0L, NULL) < 0 && errno == EFAULT &&
           filter_make(steps, &(struct filter_needs){0}) > 0;
}

static bool can_fence(void)
{
    struct fence fence;
    bool can;

    fence_make(&fence, false);
    can = fence.ruleset >= 0;
    fence_free(&fence);
    return can && sandbox_is_built_in();
}

static void *thread_body(void *argument)
{
    *(long *)argument = 1;
    return NULL;
}

static void filter_alone(void)
{
    struct fence none = {.ruleset = -1};
    char *const words[] = {"true", NULL};
    int fds[2];
    long has_run = 0;
    pthread_t thread;
    pid_t child;

    enter(&none, 0);
    CHECK(entered.is_filtered && !entered.is_fenced);
    DENIED(open("/dev/null", O_RDONLY | O_CLOEXEC));
    DENIED(open("/dev/null", O_WRONLY | O_CLOEXEC));
    DENIED(execve("/bin/true", words, NULL));
    DENIED(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    DENIED(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    DENIED(ptrace(PTRACE_TRACEME, 0, NULL, NULL));
    DENIED(kill(getppid(), 0));
    DENIED(syscall(SYS_tgkill, (long)getppid(), (long)getppid(), 0L));
    DENIED(syscall(SYS_bpf, 0L, NULL, 0L));
    DENIED(syscall(SYS_mount, NULL, NULL, NULL, 0L, NULL));
    DENIED(mkdir("x", 0700));
    DENIED(unlink("x"));
    DENIED(rename("x", "y"));
    DENIED(fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK));
    CHECK(mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
          MAP_FAILED);
    child = fork();
    if (child == 0)
        _exit(0);
    CHECK(child == -1);
    /* and what is left */
    CHECK(pipe2(fds, O_CLOEXEC) == 0 && write(fds[1], "x", 1) == 1);
    CHECK(fcntl(fds[1], F_SETPIPE_SZ, 8192) >= 4096);
    CHECK(pthread_create(&thread, NULL, thread_body, &has_run) == 0);
    CHECK(pthread_join(thread, NULL) == 0 && has_run == 1);
}

TEST(the_kernel_denies_what_the_filter_does_not_allow)
{
    if (!can_filter())
        SKIP("no filter is to be had here");
    confined(filter_alone);
}

/* In the thread that has been started since, too. */
static void *tries_to_open(void *argument)
{
    *(long *)argument = open("/dev/null", O_RDONLY | O_CLOEXEC) < 0 && errno == EPERM;
    return NULL;
}

static void filter_with_thread(void)
{
    struct fence none = {.ruleset = -1};
    long is_denied = 0;
    pthread_t thread;

    enter(&none, 0);
    CHECK(pthread_create(&thread, NULL, tries_to_open, &is_denied) == 0);
    CHECK(pthread_join(thread, NULL) == 0 && is_denied);
}

TEST(threads_are_bound_as_well)
{
    if (!can_filter())
        SKIP("no filter is to be had here");
    confined(filter_with_thread);
}

static void dies_of_pipe(void)
{
    struct fence none = {.ruleset = -1};

    signal(SIGPIPE, SIG_DFL);
    enter(&none, 0);
    raise(SIGPIPE);
}

TEST(one_can_still_die_of_a_signal)
{
    int status = 0;
    pid_t pid;

    if (!can_filter())
        SKIP("no filter is to be had here");
    fflush(stdout);
    pid = fork();
    if (pid == 0) {
        dies_of_pipe();
        _exit(0);
    }
    CHECK(waitpid(pid, &status, 0) == pid);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE);
}

static void make_file(const char *path)
{
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    CHECK(fd >= 0 && write(fd, "text", 4) == 4 && close(fd) == 0);
}

static bool opens(const char *path, int flags)
{
    const int fd = open(path, flags | O_CLOEXEC, 0600);

    return fd >= 0 && close(fd) == 0;
}

/* Three directories: its own, with a file of its own; another; and one with but a file allowed. */
static void inside_the_fence(void)
{
    struct fence fence;
    int fds[2];
    char path[64];

    fence_make(&fence, false);
    fence_allow_beside(&fence, "own/file", FENCE_READ | FENCE_WRITE | FENCE_MAKE | FENCE_DELETE);
    fence_allow_path(&fence, "single/file", FENCE_WRITE | FENCE_MAKE | FENCE_DELETE);
    fence_allow_path(&fence, "no/such/file", FENCE_WRITE);
    CHECK(pipe2(fds, O_CLOEXEC) == 0);
    fence_allow(&fence, fds[0], FENCE_READ | FENCE_WRITE);
    enter(&fence, FILTER_OPENS | FILTER_MAKES);
    CHECK(entered.is_fenced);

    CHECK(opens("own/file", O_RDONLY) && opens("own/file", O_WRONLY));
    CHECK(opens("own/new", O_WRONLY | O_CREAT));
    CHECK(rename("own/new", "own/newer") == 0 && rename("own/newer", "own/file") == 0);
    CHECK(opens("own", O_RDONLY | O_DIRECTORY));
    DENIED(open("other/file", O_RDONLY | O_CLOEXEC));
    DENIED(open("other/file", O_WRONLY | O_CLOEXEC));
    DENIED(open("other/new", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    DENIED(unlink("other/file"));
    CHECK(rename("own/file", "other/newer") < 0);
    CHECK(opens("single/file", O_WRONLY));
    DENIED(open("single/file", O_RDONLY | O_CLOEXEC));
    DENIED(open("single/new", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    DENIED(unlink("single/file"));
    DENIED(open("/etc/passwd", O_RDONLY | O_CLOEXEC));
    DENIED(open("own/link", O_RDONLY | O_CLOEXEC));
    snprintf(path, sizeof path, "/proc/self/fd/%d", fds[0]);
    CHECK(opens(path, O_WRONLY | O_NONBLOCK) && opens(path, O_RDONLY | O_NONBLOCK));
}

static void reading_where_it_is_free(void)
{
    struct fence fence;

    fence_make(&fence, true);
    enter(&fence, FILTER_OPENS | FILTER_MAKES);
    CHECK(entered.is_fenced);
    CHECK(opens("other/file", O_RDONLY) && opens("other", O_RDONLY | O_DIRECTORY));
    DENIED(open("other/file", O_WRONLY | O_CLOEXEC));
    DENIED(open("other/new", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
}

/* To close a fence without a gate that is needed would lock out whoever needs it. */
static void short_of_a_rule(void)
{
    struct fence fence;

    fence_make(&fence, false);
    close(fence.ruleset);
    fence.ruleset = 1000; /* the kernel takes no rule for what is not there */
    fence_allow_beside(&fence, "own/file", FENCE_WRITE);
    CHECK(fence.is_short);
    CHECK(fence_close(&fence) < 0);
    CHECK(opens("other/file", O_WRONLY));
}

static void short_of_a_descriptor(void)
{
    const struct rlimit none = {.rlim_cur = 3, .rlim_max = 3};
    struct fence fence;

    fence_make(&fence, false);
    CHECK(setrlimit(RLIMIT_NOFILE, &none) == 0);
    fence_allow_path(&fence, "own/file", FENCE_WRITE);
    CHECK(fence.is_short);
    CHECK(fence_close(&fence) < 0);
}

static void clean_up(void)
{
    static const char *const files[] = {"own/link", "own/file", "other/file", "single/file"};
    size_t i;

    for (i = 0; i < sizeof files / sizeof *files; i++)
        CHECK(unlink(files[i]) == 0);
    CHECK(rmdir("own") == 0 && rmdir("other") == 0 && rmdir("single") == 0);
}

TEST(files_are_opened_and_made_inside_the_fence_only)
{
    char directory[] = "/tmp/slabcat-test-XXXXXX";
    char back[4096];

    if (!can_fence())
        SKIP("the kernel has no landlock");
    CHECK(getcwd(back, sizeof back) && mkdtemp(directory) && chdir(directory) == 0);
    CHECK(mkdir("own", 0700) == 0 && mkdir("other", 0700) == 0 && mkdir("single", 0700) == 0);
    make_file("own/file");
    make_file("other/file");
    make_file("single/file");
    CHECK(symlink("../other/file", "own/link") == 0);
    confined(inside_the_fence);
    confined(reading_where_it_is_free);
    confined(short_of_a_rule);
    confined(short_of_a_descriptor);
    clean_up();
    CHECK(chdir(back) == 0 && rmdir(directory) == 0);
}
