#include "sys/sandbox.h"

#include <errno.h>
#include <link.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What the kernel's headers say, which not every libc has with it. */
static const long set_mode_filter = 1;
static const long flag_all_threads = 1L << 0;
static const long flag_spec_allow = 1L << 2;

struct program { /* struct sock_fprog */
    unsigned short length;
    const struct filter_step *steps;
};

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HAS_SANITIZER
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||                         \
    __has_feature(memory_sanitizer) || __has_feature(undefined_behavior_sanitizer)
#define HAS_SANITIZER
#endif
#endif

bool sandbox_is_built_in(void)
{
#ifdef HAS_SANITIZER
    return false;
#else
    return true;
#endif
}

static int find_executable_stack(struct dl_phdr_info *info, size_t size, void *found)
{
    int i;

    (void)size;
    for (i = 0; i < info->dlpi_phnum; i++) {
        if (info->dlpi_phdr[i].p_type == PT_GNU_STACK && info->dlpi_phdr[i].p_flags & PF_X)
            *(bool *)found = true;
    }
    return 0;
}

/* Some library was built carelessly: then libc makes the stacks of all threads executable. */
static bool has_executable_stacks(void)
{
    bool found = false;

    dl_iterate_phdr(find_executable_stack, &found);
    return found;
}

/* For this thread and all others of the process. */
static bool install(const struct program *program)
{
    /* slabcat runs nobody's code: it need not pay for being kept apart from itself */
    if (syscall(SYS_seccomp, set_mode_filter, flag_all_threads | flag_spec_allow, program) == 0)
        return true;
    /* a kernel before 4.17 does not know that flag */
    return errno == EINVAL && syscall(SYS_seccomp, set_mode_filter, flag_all_threads, program) == 0;
}

static bool can_enter(void)
{
    return sandbox_is_built_in() && prctl(PR_SET_NO_NEW_PRIVS, 1UL, 0UL, 0UL, 0UL) == 0;
}

bool sandbox_fence(struct fence *fence)
{
    return can_enter() && fence_close(fence) == 0;
}

bool sandbox_filter(const struct filter_needs *needs)
{
    struct filter_needs all = *needs;
    struct filter_step steps[FILTER_LENGTH_MAX];
    struct program program = {.steps = steps};

    if (!can_enter())
        return false;
    all.has_executable_stacks = has_executable_stacks();
    program.length = (unsigned short)filter_make(steps, &all);
    return program.length > 0 && install(&program);
}
