#undef _FILE_OFFSET_BITS /* whoever includes this wants both kinds of open */
#include "tests/fault/fate.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Written before the program begins, and read ever after; but the counters, which are atomic. */
static struct {
    bool is_armed;
    bool has_fd;
    bool lasts;
    enum fault_kind kind;
    int how;
    int fd;
    uint64_t at;
    char how_name[32];
    char log[256];
    _Atomic uint64_t came;
    _Atomic uint64_t *counts;
} plan = {.kind = FAULT_KIND_COUNT};

static const char *const kind_names[] = FAULT_NAMES;

static const struct {
    const char *name;
    int number;
} hows[] = {
    {"short", FATE_SHORT},
    {"one", FATE_ONE},
    {"forth", FATE_FORTH},
    {"back", FATE_BACK},
    {"EACCES", EACCES},
    {"EAGAIN", EAGAIN},
    {"EBADF", EBADF},
    {"EBUSY", EBUSY},
    {"ECHILD", ECHILD},
    {"ECONNREFUSED", ECONNREFUSED},
    {"ECONNRESET", ECONNRESET},
    {"EDQUOT", EDQUOT},
    {"EEXIST", EEXIST},
    {"EFBIG", EFBIG},
    {"EHOSTUNREACH", EHOSTUNREACH},
    {"EINTR", EINTR},
    {"EINVAL", EINVAL},
    {"EIO", EIO},
    {"EMFILE", EMFILE},
    {"ENFILE", ENFILE},
    {"ENOBUFS", ENOBUFS},
    {"ENOENT", ENOENT},
    {"ENOMEM", ENOMEM},
    {"ENOSPC", ENOSPC},
    {"ENOSYS", ENOSYS},
    {"EOPNOTSUPP", EOPNOTSUPP},
    {"EPERM", EPERM},
    {"EPIPE", EPIPE},
    {"EROFS", EROFS},
    {"ETIMEDOUT", ETIMEDOUT},
    {"EXDEV", EXDEV},
    {"EAI_AGAIN", EAI_AGAIN},
    {"EAI_FAIL", EAI_FAIL},
    {"EAI_MEMORY", EAI_MEMORY},
    {"EAI_NONAME", EAI_NONAME},
};

/* libc's own, not the one of this library */
typedef long system_call(long number, ...);

static system_call *raw(void)
{
    static void *slot;

    return (system_call *)fate_real(&slot, "syscall");
}

static _Noreturn void refuse(const char *what, const char *value)
{
    char text[256];
    const int length = snprintf(text, sizeof text, "fault.so: %s: %s\n", what, value);

    raw()(SYS_write, (long)STDERR_FILENO, text, (long)length);
    raw()(SYS_exit_group, (long)FAULT_WRONG);
    abort();
}

void *fate_real(void **slot, const char *name)
{
    /* two threads may both look it up, and find the same */
    void *found = __atomic_load_n(slot, __ATOMIC_RELAXED);

    if (found)
        return found;
    found = dlsym(RTLD_NEXT, name);
    if (!found)
        abort();
    __atomic_store_n(slot, found, __ATOMIC_RELAXED);
    return found;
}

static void choose_kind(const char *name)
{
    int kind;

    for (kind = 0; kind < FAULT_KIND_COUNT; kind++) {
        if (strcmp(kind_names[kind], name) == 0)
            plan.kind = (enum fault_kind)kind;
    }
    if (plan.kind == FAULT_KIND_COUNT)
        refuse("no such FAULT_CALL", name);
}

static void choose_how(const char *name)
{
    size_t i;

    for (i = 0; i < sizeof hows / sizeof hows[0]; i++) {
        if (strcmp(hows[i].name, name) == 0)
            plan.how = hows[i].number;
    }
    if (!plan.how)
        refuse("no such FAULT_HOW", name);
    snprintf(plan.how_name, sizeof plan.how_name, "%s", name);
}

/* Not every call can fail in every way. */
static bool is_possible(void)
{
    switch (plan.how) {
    case FATE_SHORT:
    case FATE_ONE: return plan.kind <= FAULT_copy_file_range;
    case FATE_FORTH:
    case FATE_BACK: return plan.kind == FAULT_clock;
    default: return plan.kind != FAULT_clock && (plan.how > 0 || plan.kind == FAULT_getaddrinfo);
    }
}

static unsigned long number_in(const char *variable, const char *text)
{
    char *end;
    const unsigned long number = strtoul(text, &end, 10);

    if (end == text || *end)
        refuse(variable, text);
    return number;
}

static void choose_which(void)
{
    const char *const at = getenv("FAULT_AT");
    const char *const from = getenv("FAULT_FROM");
    const char *const fd = getenv("FAULT_FD");

    if (!at == !from)
        refuse("one is wanted", "FAULT_AT or FAULT_FROM");
    plan.at = at ? number_in("FAULT_AT", at) : number_in("FAULT_FROM", from);
    plan.lasts = from != NULL;
    plan.has_fd = fd != NULL;
    plan.fd = fd ? (int)number_in("FAULT_FD", fd) : -1;
}

static void map_counts(const char *path)
{
    const size_t size = FAULT_KIND_COUNT * sizeof *plan.counts;
    const long fd = raw()(SYS_openat, (long)AT_FDCWD, path, (long)(O_RDWR | O_CREAT), 0600L);
    long map;

    if (fd < 0 || raw()(SYS_ftruncate, fd, (long)size) < 0)
        refuse("FAULT_COUNTS", path);
    map = raw()(SYS_mmap, 0L, (long)size, (long)(PROT_READ | PROT_WRITE), (long)MAP_SHARED, fd, 0L);
    raw()(SYS_close, fd);
    if (map == -1)
        refuse("FAULT_COUNTS", path);
    plan.counts = (_Atomic uint64_t *)map; /* NOLINT(performance-no-int-to-ptr): a mapping */
}

static void leave_environment(void)
{
    static const char *const ours[] = {"LD_PRELOAD", "FAULT_CALL", "FAULT_HOW",
                                       "FAULT_AT",   "FAULT_FROM", "FAULT_FD",
                                       "FAULT_IN",   "FAULT_LOG",  "FAULT_COUNTS"};
    size_t i;

    for (i = 0; i < sizeof ours / sizeof ours[0]; i++)
        unsetenv(ours[i]);
}

__attribute__((constructor)) static void begin(void)
{
    const char *const in = getenv("FAULT_IN");
    const char *const call = getenv("FAULT_CALL");
    const char *const how = getenv("FAULT_HOW");
    const char *const log = getenv("FAULT_LOG");
    const char *const counts = getenv("FAULT_COUNTS");

    if (in && strcmp(in, program_invocation_short_name) != 0)
        return;
    if (log)
        snprintf(plan.log, sizeof plan.log, "%s", log);
    if (counts)
        map_counts(counts);
    if (call) {
        choose_kind(call);
        choose_how(how ? how : "");
        if (!is_possible())
            refuse("it cannot fail like that", call);
        choose_which();
    }
    leave_environment();
    plan.is_armed = true;
}

/* What FD is, in the words of /proc. */
static const char *name_of(int fd, char *name, size_t size)
{
    char link[32];
    long length;

    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    length = raw()(SYS_readlinkat, (long)AT_FDCWD, link, name, (long)size - 1);
    if (length < 0)
        return NULL;
    name[length] = '\0';
    return name;
}

static void note(int fd, int other, const char *path)
{
    char name[256];
    char text[512];
    char both[16] = "";
    int length;
    long log;

    if (!*plan.log)
        return;
    if (other >= 0)
        snprintf(both, sizeof both, ",%d", other);
    if (!path)
        path = name_of(fd, name, sizeof name);
    length = snprintf(text, sizeof text, "%s %lu %d%s %s%s%.300s\n", kind_names[plan.kind],
                      (unsigned long)plan.at, fd, both, plan.how_name, path ? " " : "",
                      path ? path : "");
    log = raw()(SYS_openat, (long)AT_FDCWD, plan.log,
                (long)(O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC), 0600L);
    if (log < 0)
        return;
    raw()(SYS_write, log, text, (long)length);
    raw()(SYS_close, log);
}

int fate_of(enum fault_kind kind, int fd, int other, const char *path)
{
    const int before = errno;
    uint64_t number;

    if (!plan.is_armed)
        return FATE_NONE;
    if (plan.counts)
        atomic_fetch_add(&plan.counts[kind], 1);
    if (kind != plan.kind || (plan.has_fd && fd != plan.fd && other != plan.fd))
        return FATE_NONE;
    number = atomic_fetch_add(&plan.came, 1) + 1;
    if (number == plan.at)
        note(fd, other, path);
    errno = before;
    return number == plan.at || (plan.lasts && number > plan.at) ? plan.how : FATE_NONE;
}

size_t fate_cut(int fate, size_t length)
{
    if (fate == FATE_ONE && length > 0)
        return 1;
    return fate == FATE_SHORT && length > 1 ? length / 2 : length;
}
