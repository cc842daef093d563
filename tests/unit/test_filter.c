/* The filter's program, evaluated as the kernel does it: every call, in every configuration. */
#include "check.h"
#include "sys/filter.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#ifdef __x86_64__
static const uint32_t machine = 0xc000003e;
#else
static const uint32_t machine = 0xc00000b7;
#endif

enum { SELF = 4711, COMMAND = 4712, CALLS = 1024 };

static const uint32_t refused = FILTER_ERROR | EPERM;
static const uint32_t unknown = FILTER_ERROR | ENOSYS;

struct filter {
    struct filter_step steps[FILTER_LENGTH_MAX];
    size_t length;
};

static struct filter filter_of(unsigned some, pid_t command)
{
    const struct filter_needs needs = {.some = some, .self = SELF, .command = command};
    struct filter filter;

    filter.length = filter_make(filter.steps, &needs);
    return filter;
}

static bool is_here(void)
{
    return filter_of(0, 0).length > 0;
}

/* What the kernel would not take: a jump or a load to where nothing is, an end that is none. */
static bool is_sound(const struct filter *filter)
{
    size_t i;

    for (i = 0; i < filter->length; i++) {
        const struct filter_step *step = &filter->steps[i];
        const bool jumps = step->code == FILTER_IF_EQUAL || step->code == FILTER_IF_AT_LEAST;

        if (jumps &&
            (i + 1 + step->if_true >= filter->length || i + 1 + step->if_false >= filter->length))
            return false;
        if (!jumps && (step->if_true || step->if_false))
            return false;
        if (step->code == FILTER_LOAD &&
            (step->operand % 4 || step->operand >= sizeof(struct filter_call)))
            return false;
    }
    return filter->length > 0 && filter->steps[filter->length - 1].code == FILTER_ANSWER;
}

static uint32_t load(const struct filter_call *call, size_t offset)
{
    uint32_t word;

    memcpy(&word, (const char *)call + offset, sizeof word);
    return word;
}

static uint32_t answer_to(const struct filter *filter, const struct filter_call *call)
{
    uint32_t word = 0;
    size_t i = 0;

    for (;;) {
        const struct filter_step *step = &filter->steps[i++];

        switch (step->code) {
        case FILTER_LOAD: word = load(call, step->operand); break;
        case FILTER_AND: word &= step->operand; break;
        case FILTER_IF_EQUAL: i += word == step->operand ? step->if_true : step->if_false; break;
        case FILTER_IF_AT_LEAST: i += word >= step->operand ? step->if_true : step->if_false; break;
        case FILTER_ANSWER: return step->operand;
        default: return 0; /* none of its codes: the kernel would kill */
        }
    }
}

/* With ARGUMENT as the argument number AT, and in all other bits what would betray a wrong look. */
static uint32_t answer(const struct filter *filter, long number, unsigned at, uint64_t argument)
{
    struct filter_call call = {.number = (int32_t)number, .machine = machine};

    memset(call.arguments, 0xa5, sizeof call.arguments);
    call.arguments[at] = argument;
    return answer_to(filter, &call);
}

static bool allows(const struct filter *filter, long number)
{
    return answer(filter, number, 0, 0) == FILTER_ALLOWED;
}

static const unsigned all_needs[] = {
    0,
    FILTER_OPENS,
    FILTER_OPENS | FILTER_MAKES,
    FILTER_CONNECTION,
    FILTER_CONNECTION | FILTER_DIALS,
    FILTER_CONNECTION | FILTER_DIALS | FILTER_OPENS | FILTER_MAKES,
    FILTER_CONNECTION | FILTER_DIALS | FILTER_OPENS | FILTER_RESOLVES,
};
enum { NEEDS = sizeof all_needs / sizeof *all_needs };

TEST(each_program_is_one_that_the_kernel_takes)
{
    size_t i;

    if (!is_here())
        SKIP("there is no filter for this machine");
    for (i = 0; i < NEEDS; i++) {
        const struct filter with = filter_of(all_needs[i], COMMAND);
        const struct filter without = filter_of(all_needs[i], 0);

        CHECK(is_sound(&with));
        CHECK(is_sound(&without));
    }
}

TEST(nobody_is_ever_killed_whatever_is_called)
{
    size_t i;
    long number;

    if (!is_here())
        SKIP("there is no filter for this machine");
    for (i = 0; i < NEEDS; i++) {
        const struct filter filter = filter_of(all_needs[i], COMMAND);

        for (number = -1; number < CALLS; number++) {
            const uint32_t said = answer(&filter, number, 0, 0);

            CHECK(said == FILTER_ALLOWED || said == refused || said == unknown);
            if (number < 0 || number >= FILTER_YOUNG)
                CHECK(said == unknown);
        }
    }
}

/* Which calls are allowed whatever is asked for is a list that somebody has looked at. */
TEST(what_is_allowed_without_any_need_is_counted)
{
    const struct filter filter = filter_of(0, 0);
    unsigned count = 0;
    long number;

    if (!is_here())
        SKIP("there is no filter for this machine");
    for (number = 0; number < CALLS; number++)
        count += allows(&filter, number);
#ifdef __x86_64__
    CHECK_EQUAL(count, 57);
#else
    CHECK(count > 40 && count < 60);
#endif
}

TEST(other_machines_and_other_abis_have_no_calls)
{
    static const uint32_t machines[] = {0x40000003, 0x40000028, 0xc00000b7, 0xc000003e, 0};
    const struct filter filter = filter_of(FILTER_OPENS | FILTER_RESOLVES, COMMAND);
    size_t i;

    if (!is_here())
        SKIP("there is no filter for this machine");
    for (i = 0; i < sizeof machines / sizeof *machines; i++) {
        struct filter_call call = {.number = SYS_read, .machine = machines[i]};

        CHECK_EQUAL(answer_to(&filter, &call), machines[i] == machine ? FILTER_ALLOWED : unknown);
    }
#ifdef __x86_64__
    CHECK_EQUAL(answer(&filter, 0x40000000 | SYS_read, 0, 0), unknown);
    CHECK_EQUAL(answer(&filter, 0x40000000 | SYS_getpid, 0, 0), unknown);
    CHECK_EQUAL(answer(&filter, 0x7fffffff, 0, 0), unknown);
#endif
}

TEST(nothing_starts_a_program_or_reaches_into_another)
{
    static const long numbers[] = {SYS_execve,
                                   SYS_execveat,
                                   SYS_ptrace,
                                   SYS_process_vm_readv,
                                   SYS_mount,
                                   SYS_bpf,
                                   SYS_process_vm_writev,
                                   SYS_keyctl,
                                   SYS_unshare,
                                   SYS_setns,
                                   SYS_chroot,
                                   SYS_perf_event_open,
                                   SYS_setuid,
                                   SYS_reboot,
                                   SYS_open_by_handle_at,
                                   SYS_rt_sigqueueinfo,
                                   SYS_userfaultfd};
    size_t i;
    size_t k;

    if (!is_here())
        SKIP("there is no filter for this machine");
    for (i = 0; i < NEEDS; i++) {
        const struct filter filter = filter_of(all_needs[i], COMMAND);

        for (k = 0; k < sizeof numbers / sizeof *numbers; k++)
            CHECK_EQUAL(answer(&filter, numbers[k], 0, 0), refused);
    }
}

TEST(threads_are_made_and_no_processes)
{
    const uint64_t thread = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD;
    const uint64_t of_glibc =
        thread | CLONE_SYSVSEM | CLONE_SETTLS | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID;
    size_t i;

    if (!is_here())
        SKIP("there is no filter for this machine");
    for (i = 0; i < NEEDS; i++) {
        const struct filter filter = filter_of(all_needs[i], 0);

        CHECK_EQUAL(answer(&filter, SYS_clone, 0, of_glibc), FILTER_ALLOWED);
        CHECK_EQUAL(answer(&filter, SYS_clone, 0, of_glibc | CLONE_DETACHED), FILTER_ALLOWED);
        CHECK_EQUAL(answer(&filter, SYS_clone, 0, thread & ~(uint64_t)CLONE_THREAD), refused);
        CHECK_EQUAL(answer(&filter, SYS_clone, 0, thread & ~(uint64_t)CLONE_VM), refused);
        CHECK_EQUAL(answer(&filter, SYS_clone, 0, of_glibc | CLONE_NEWNS), refused);
        CHECK_EQUAL(answer(&filter, SYS_clone, 0, of_glibc | CLONE_NEWUSER), refused);
        CHECK_EQUAL(answer(&filter, SYS_clone, 0, of_glibc | CLONE_PTRACE), refused);
        CHECK_EQUAL(answer(&filter, SYS_clone, 0, 17), refused); /* fork: SIGCHLD alone */
        CHECK_EQUAL(answer(&filter, SYS_clone, 0, 0), refused);
        /* its flags are in memory, where nobody can look: as on a kernel that does not have it */
        CHECK_EQUAL(answer(&filter, 435 /* clone3 */, 0, 0), unknown);
    }
}

TEST(signals_go_to_ourselves_and_to_the_command)
{
    size_t i;

    if (!is_here())
        SKIP("there is no filter for this machine");
    for (i = 0; i < NEEDS; i++) {
        const struct filter with = filter_of(all_needs[i], COMMAND);
        const struct filter without = filter_of(all_needs[i], 0);

        CHECK_EQUAL(answer(&with, SYS_kill, 0, COMMAND), FILTER_ALLOWED);
        CHECK_EQUAL(answer(&with, SYS_kill, 0, 1), refused);
        CHECK_EQUAL(answer(&with, SYS_kill, 0, (uint64_t)-1), refused);
        CHECK_EQUAL(answer(&with, SYS_kill, 0, (uint64_t)-COMMAND), refused);
        CHECK_EQUAL(answer(&with, SYS_kill, 0, 0), refused);
        CHECK_EQUAL(answer(&without, SYS_kill, 0, COMMAND), refused);
        CHECK_EQUAL(answer(&without, SYS_kill, 0, 0), refused);
        CHECK_EQUAL(answer(&with, SYS_tgkill, 0, SELF), FILTER_ALLOWED);
        CHECK_EQUAL(answer(&with, SYS_tgkill, 0, COMMAND), refused);
        CHECK_EQUAL(answer(&with, SYS_tgkill, 0, (uint64_t)-1), refused);
        CHECK_EQUAL(answer(&with, SYS_tkill, 0, SELF), FILTER_ALLOWED);
        CHECK_EQUAL(answer(&with, SYS_tkill, 0, COMMAND), refused);
    }
}

TEST(files_are_opened_only_where_that_is_needed)
{
    const struct filter nothing = filter_of(FILTER_CONNECTION | FILTER_DIALS, COMMAND);
    const struct filter opens = filter_of(FILTER_OPENS, 0);
    const struct filter makes = filter_of(FILTER_OPENS | FILTER_MAKES, 0);
    const uint64_t again = O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;

    if (!is_here())
        SKIP("there is no filter for this machine");
    CHECK_EQUAL(answer(&nothing, SYS_openat, 2, O_RDONLY), refused);
    CHECK_EQUAL(answer(&nothing, SYS_openat, 2, again), refused);
    CHECK_EQUAL(answer(&opens, SYS_openat, 2, again), FILTER_ALLOWED);
    CHECK_EQUAL(answer(&opens, SYS_openat, 2, again | O_CREAT), refused);
    CHECK_EQUAL(answer(&opens, SYS_openat, 2, again | O_TRUNC), refused);
    CHECK_EQUAL(answer(&opens, SYS_openat, 2, O_RDWR | O_TMPFILE), refused);
    CHECK_EQUAL(answer(&opens, SYS_openat, 2, O_RDONLY | O_DIRECTORY), FILTER_ALLOWED);
    CHECK_EQUAL(answer(&makes, SYS_openat, 2, again | O_CREAT), FILTER_ALLOWED);
    CHECK_EQUAL(answer(&makes, SYS_openat, 2, again | O_TRUNC), refused);
    CHECK_EQUAL(answer(&makes, SYS_renameat2, 0, 0), FILTER_ALLOWED);
    CHECK_EQUAL(answer(&makes, SYS_unlinkat, 0, 0), FILTER_ALLOWED);
    CHECK_EQUAL(answer(&opens, SYS_renameat2, 0, 0), refused);
    CHECK_EQUAL(answer(&opens, SYS_unlinkat, 0, 0), refused);
#ifdef SYS_open
    CHECK_EQUAL(answer(&nothing, SYS_open, 1, O_RDONLY), refused);
    CHECK_EQUAL(answer(&opens, SYS_open, 1, again), FILTER_ALLOWED);
    CHECK_EQUAL(answer(&opens, SYS_open, 1, again | O_CREAT), refused);
    CHECK_EQUAL(answer(&makes, SYS_open, 1, again | O_CREAT), FILTER_ALLOWED);
    CHECK_EQUAL(answer(&makes, SYS_creat, 1, 0), refused);
#endif
}

TEST(connections_are_made_only_where_that_is_needed)
{
    const struct filter holds = filter_of(FILTER_CONNECTION, 0);
    const struct filter dials = filter_of(FILTER_CONNECTION | FILTER_DIALS, 0);

    if (!is_here())
        SKIP("there is no filter for this machine");
    CHECK_EQUAL(answer(&holds, SYS_socket, 0, AF_INET), refused);
    CHECK_EQUAL(answer(&holds, SYS_connect, 0, 3), refused);
    CHECK_EQUAL(answer(&holds, SYS_setsockopt, 0, 3), FILTER_ALLOWED);
    CHECK_EQUAL(answer(&dials, SYS_socket, 0, AF_INET), FILTER_ALLOWED);
    CHECK_EQUAL(answer(&dials, SYS_socket, 0, AF_UNIX), FILTER_ALLOWED);
    CHECK_EQUAL(answer(&dials, SYS_socket, 0, AF_NETLINK), refused);
    CHECK_EQUAL(answer(&dials, SYS_socket, 0, AF_PACKET), refused);
    CHECK_EQUAL(answer(&dials, SYS_connect, 0, 3), FILTER_ALLOWED);
    CHECK_EQUAL(answer(&dials, SYS_bind, 0, 3), refused);
    CHECK_EQUAL(answer(&dials, SYS_listen, 0, 3), refused);
}

TEST(nothing_executable_is_mapped)
{
    const struct filter filter = filter_of(FILTER_OPENS | FILTER_MAKES, 0);
    struct filter_needs careless = {.self = SELF, .has_executable_stacks = true};
    struct filter bent;

    if (!is_here())
        SKIP("there is no filter for this machine");
    bent.length = filter_make(bent.steps, &careless);
    CHECK_EQUAL(answer(&filter, SYS_mmap, 2, PROT_READ | PROT_WRITE), FILTER_ALLOWED);
    CHECK_EQUAL(answer(&filter, SYS_mmap, 2, PROT_NONE), FILTER_ALLOWED);
    CHECK_EQUAL(answer(&filter, SYS_mmap, 2, PROT_READ | PROT_EXEC), refused);
    CHECK_EQUAL(answer(&filter, SYS_mprotect, 2, PROT_READ | PROT_WRITE), FILTER_ALLOWED);
    CHECK_EQUAL(answer(&filter, SYS_mprotect, 2, PROT_READ | PROT_EXEC), refused);
    CHECK_EQUAL(answer(&bent, SYS_mprotect, 2, PROT_READ | PROT_WRITE | PROT_EXEC), FILTER_ALLOWED);
}

TEST(of_calls_that_do_many_things_those_that_are_used)
{
    const struct filter filter = filter_of(FILTER_OPENS, 0);
    const uint64_t high = UINT64_C(1) << 32;

    if (!is_here())
        SKIP("there is no filter for this machine");
    CHECK_EQUAL(answer(&filter, SYS_fcntl, 1, F_GETFL), FILTER_ALLOWED);
    CHECK_EQUAL(answer(&filter, SYS_fcntl, 1, F_SETPIPE_SZ), FILTER_ALLOWED);
    CHECK_EQUAL(answer(&filter, SYS_fcntl, 1, F_DUPFD_CLOEXEC), FILTER_ALLOWED);
    CHECK_EQUAL(answer(&filter, SYS_fcntl, 1, F_SETFL), refused);
    CHECK_EQUAL(answer(&filter, SYS_fcntl, 1, F_SETOWN), refused);
    CHECK_EQUAL(answer(&filter, SYS_ioctl, 1, FIONREAD), FILTER_ALLOWED);
    CHECK_EQUAL(answer(&filter, SYS_ioctl, 1, TIOCGPTN), FILTER_ALLOWED);
    CHECK_EQUAL(answer(&filter, SYS_ioctl, 1, TIOCSTI), refused);
    CHECK_EQUAL(answer(&filter, SYS_ioctl, 1, TCSETS), refused);
    CHECK_EQUAL(answer(&filter, SYS_prctl, 0, PR_SET_NAME), FILTER_ALLOWED);
    CHECK_EQUAL(answer(&filter, SYS_prctl, 0, PR_SET_TIMERSLACK), FILTER_ALLOWED);
    CHECK_EQUAL(answer(&filter, SYS_prctl, 0, PR_SET_DUMPABLE), refused);
    CHECK_EQUAL(answer(&filter, SYS_prctl, 0, PR_SET_SECCOMP), refused);
    CHECK_EQUAL(answer(&filter, SYS_prlimit64, 2, 0), FILTER_ALLOWED);
    CHECK_EQUAL(answer(&filter, SYS_prlimit64, 2, 1), refused);
    CHECK_EQUAL(answer(&filter, SYS_prlimit64, 2, high), refused);
}

TEST(children_are_collected_only_where_there_is_a_command)
{
    const struct filter with = filter_of(0, COMMAND);
    const struct filter without = filter_of(0, 0);

    if (!is_here())
        SKIP("there is no filter for this machine");
    CHECK(allows(&with, SYS_wait4));
    CHECK(!allows(&without, SYS_wait4));
}

/* Modules of the system read files and talk to servers, each in its own way. */
TEST(looking_up_names_is_left_most_calls)
{
    const struct filter filter =
        filter_of(FILTER_CONNECTION | FILTER_DIALS | FILTER_OPENS | FILTER_RESOLVES, 0);

    if (!is_here())
        SKIP("there is no filter for this machine");
    CHECK_EQUAL(answer(&filter, SYS_openat, 2, O_RDONLY), FILTER_ALLOWED);
    CHECK_EQUAL(answer(&filter, SYS_mmap, 2, PROT_READ | PROT_EXEC), FILTER_ALLOWED);
    CHECK_EQUAL(answer(&filter, SYS_socket, 0, AF_NETLINK), FILTER_ALLOWED);
    CHECK(allows(&filter, SYS_bind) && allows(&filter, SYS_sendmmsg) &&
          allows(&filter, SYS_epoll_ctl));
}
