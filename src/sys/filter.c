#include "sys/filter.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#if defined(__x86_64__) && !defined(__ILP32__)
#define MACHINE UINT32_C(0xc000003e)
#define X32_BIT UINT32_C(0x40000000)
#elif defined(__aarch64__) && !defined(__ILP32__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define MACHINE UINT32_C(0xc00000b7)
#endif

#ifdef MACHINE

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const uint32_t allowed = FILTER_ALLOWED;
static const uint32_t refused = FILTER_ERROR | EPERM;
static const uint32_t unknown = FILTER_ERROR | ENOSYS;

/*
 * What moves bytes comes first: kernels before 5.11 go through the program for each call, newer ones
 * remember what is allowed whatever its arguments are.
 */
static const int moving[] = {
    SYS_read,       SYS_write,   SYS_splice,          SYS_futex,           SYS_ppoll,
#ifdef SYS_poll
    SYS_poll,
#endif
    SYS_readv,      SYS_writev,  SYS_preadv2,         SYS_pwritev2,        SYS_recvfrom,
    SYS_sendmsg,    SYS_tee,     SYS_sendfile,        SYS_pread64,         SYS_pwrite64,
    SYS_lseek,      SYS_madvise, SYS_copy_file_range, SYS_clock_nanosleep, SYS_clock_gettime,
    SYS_getsockopt,
};

/* Each of these concerns this process alone, or tells what is. */
static const int always[] = {
    SYS_brk,
    SYS_clock_getres,
    SYS_close,
    SYS_eventfd2,
    SYS_exit,
    SYS_exit_group,
    SYS_fallocate,
    SYS_fdatasync,
    SYS_fstat,
    SYS_fstatfs,
    SYS_fsync,
    SYS_ftruncate,
    SYS_getcpu,
    SYS_getegid,
    SYS_geteuid,
    SYS_getgid,
    SYS_getpgid,
    SYS_getpid,
    SYS_getppid,
    SYS_getrandom,
    SYS_getrusage,
    SYS_getsid,
    SYS_gettid,
    SYS_gettimeofday,
    SYS_getuid,
    SYS_mremap,
    SYS_munmap,
    SYS_nanosleep,
    SYS_newfstatat,
    SYS_pipe2,
    SYS_restart_syscall, /* what a sleep that has been stopped and continued goes on with */
    SYS_rseq,
    SYS_rt_sigaction,
    SYS_rt_sigpending,
    SYS_rt_sigprocmask,
    SYS_rt_sigreturn, /* a handler that somebody else has put there must be able to return */
    SYS_rt_sigtimedwait,
    SYS_sched_getaffinity,
    SYS_sched_yield,
    SYS_set_robust_list,
    SYS_sigaltstack,
    SYS_statfs,
    SYS_statx,
    SYS_sysinfo,
    SYS_uname,
#ifdef __x86_64__
    SYS_getpgrp,
    SYS_getrlimit,
    SYS_lstat,
    SYS_stat,
    SYS_time,
#endif
};

static const int making[] = {
    SYS_fchmod,     SYS_fchown,    SYS_getcwd,   SYS_getdents64, SYS_linkat,
    SYS_readlinkat, SYS_renameat2, SYS_renameat, SYS_unlinkat,
#ifdef __x86_64__
    SYS_readlink,   SYS_rename,    SYS_unlink,
#endif
};

static const int of_a_connection[] = {SYS_setsockopt, SYS_shutdown};

static const int dialing[] = {SYS_connect, SYS_getpeername, SYS_getsockname};

static const int collecting[] = {SYS_wait4, SYS_waitid};

/* No module that looks up names needs these. */
static const int never[] = {
    SYS_acct,
    SYS_add_key,
    SYS_bpf,
    SYS_chroot,
    SYS_delete_module,
    SYS_execve,
    SYS_execveat,
    SYS_finit_module,
    SYS_init_module,
    SYS_kexec_load,
    SYS_keyctl,
    SYS_mount,
    SYS_name_to_handle_at,
    SYS_open_by_handle_at,
    SYS_perf_event_open,
    SYS_personality,
    SYS_pivot_root,
    SYS_process_vm_readv,
    SYS_process_vm_writev,
    SYS_ptrace,
    SYS_quotactl,
    SYS_reboot,
    SYS_request_key,
    SYS_rt_sigqueueinfo,
    SYS_rt_tgsigqueueinfo,
    SYS_setdomainname,
    SYS_setfsgid,
    SYS_setfsuid,
    SYS_setgid,
    SYS_setgroups,
    SYS_sethostname,
    SYS_setns,
    SYS_setregid,
    SYS_setresgid,
    SYS_setresuid,
    SYS_setreuid,
    SYS_setuid,
    SYS_swapoff,
    SYS_swapon,
    SYS_syslog,
    SYS_umount2,
    SYS_unshare,
    SYS_userfaultfd,
    SYS_vhangup,
#ifdef __x86_64__
    SYS_fork,
    SYS_ioperm,
    SYS_iopl,
    SYS_modify_ldt,
    SYS_vfork,
#endif
};

/* A half of an argument, number 2 * N of the lower one on these machines, is one of VALUES. */
struct condition {
    unsigned half;
    uint32_t mask;
    const uint32_t *values;
    size_t count;
};

static const uint32_t nothing[] = {0};
static const uint32_t all_bits = UINT32_MAX;

/* What makes a thread, and nothing more or less than one; musl adds the last one. */
static const uint32_t thread_flags[] = {CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND |
                                        CLONE_THREAD};
static const uint32_t thread_details = CLONE_SYSVSEM | CLONE_SETTLS | CLONE_PARENT_SETTID |
                                       CLONE_CHILD_CLEARTID | CLONE_CHILD_SETTID | CLONE_DETACHED;

/* TCGETS2, which is what newer libcs ask to find out whether it is a terminal, and hide. */
#define TERMINAL_SETTINGS UINT32_C(0x802c542a)

static const uint32_t fcntl_commands[] = {F_GETFL, F_SETPIPE_SZ, F_GETPIPE_SZ,
                                          F_GETFD, F_SETFD,      F_DUPFD_CLOEXEC};
static const uint32_t ioctl_commands[] = {FIONREAD,   TIOCOUTQ,  TCGETS,  TERMINAL_SETTINGS,
                                          TIOCGWINSZ, TIOCGPGRP, TIOCGPTN};
static const uint32_t prctl_options[] = {PR_SET_NAME, PR_SET_TIMERSLACK};
static const uint32_t families[] = {AF_UNIX, AF_INET, AF_INET6};

struct program {
    struct filter_step *steps;
    size_t length;
};

static void put(struct program *program, uint16_t code, size_t if_true, size_t if_false,
                uint32_t operand)
{
    assert(program->length < FILTER_LENGTH_MAX && if_true <= UINT8_MAX && if_false <= UINT8_MAX);
    program->steps[program->length++] =
        (struct filter_step){code, (uint8_t)if_true, (uint8_t)if_false, operand};
}

static void put_load(struct program *program, size_t offset)
{
    put(program, FILTER_LOAD, 0, 0, (uint32_t)offset);
}

static void put_answer(struct program *program, uint32_t answer)
{
    put(program, FILTER_ANSWER, 0, 0, answer);
}

static void put_list(struct program *program, const int *calls, size_t count, uint32_t answer)
{
    size_t i;

    for (i = 0; i < count; i++) {
        put(program, FILTER_IF_EQUAL, 0, 1, (uint32_t)calls[i]);
        put_answer(program, answer);
    }
}

/* The call's number is gone from here on: each way through a condition ends with an answer. */
static void put_condition(struct program *program, const struct condition *condition)
{
    size_t i;

    put_load(program, offsetof(struct filter_call, arguments) + condition->half * sizeof(uint32_t));
    if (condition->mask != all_bits)
        put(program, FILTER_AND, 0, 0, condition->mask);
    /* a match jumps over the values that are left, and over the refusal */
    for (i = 0; i < condition->count; i++)
        put(program, FILTER_IF_EQUAL, condition->count - i, 0, condition->values[i]);
    put_answer(program, refused);
}

/* CALL is allowed where all CONDITIONS hold, and refused otherwise. */
static void put_rule(struct program *program, int call, const struct condition *conditions,
                     size_t count)
{
    const size_t start = program->length;
    size_t i;

    put(program, FILTER_IF_EQUAL, 0, 0, (uint32_t)call);
    for (i = 0; i < count; i++)
        put_condition(program, &conditions[i]);
    put_answer(program, allowed);
    assert(program->length - start - 1 <= UINT8_MAX);
    program->steps[start].if_false = (uint8_t)(program->length - start - 1);
}

static void put_simple_rule(struct program *program, int call, unsigned half, uint32_t mask,
                            const uint32_t *values, size_t count)
{
    const struct condition condition = {half, mask, values, count};

    put_rule(program, call, &condition, 1);
}

/* Of processes and signals: whatever else is allowed. */
static void put_rules_of_processes(struct program *program, const struct filter_needs *needs)
{
    const uint32_t self[] = {(uint32_t)needs->self};
    const uint32_t command[] = {(uint32_t)needs->command};

    put_simple_rule(program, SYS_clone, 0, ~thread_details, thread_flags, COUNT(thread_flags));
    put_simple_rule(program, SYS_tgkill, 0, all_bits, self, COUNT(self));
    put_simple_rule(program, SYS_tkill, 0, all_bits, self, COUNT(self));
    put_simple_rule(program, SYS_kill, 0, all_bits, command, needs->command ? COUNT(command) : 0);
}

static void put_rules_of_opening(struct program *program, const struct filter_needs *needs)
{
    const uint32_t truncation = O_TRUNC;
    const uint32_t creation = O_CREAT | (O_TMPFILE & ~O_DIRECTORY);
    /* after the set-up nothing is truncated */
    const uint32_t mask = needs->some & FILTER_MAKES ? truncation : truncation | creation;

    if (!(needs->some & (FILTER_OPENS | FILTER_MAKES)))
        return;
    put_simple_rule(program, SYS_openat, 4, mask, nothing, COUNT(nothing));
#ifdef SYS_open
    put_simple_rule(program, SYS_open, 2, mask, nothing, COUNT(nothing));
#endif
}

static void put_rules(struct program *program, const struct filter_needs *needs)
{
    /* the limit that is to be set is a pointer: both halves of it */
    const struct condition only_asks[] = {{4, all_bits, nothing, COUNT(nothing)},
                                          {5, all_bits, nothing, COUNT(nothing)}};
    const uint32_t execution = needs->has_executable_stacks ? 0 : PROT_EXEC;

    put_simple_rule(program, SYS_ioctl, 2, all_bits, ioctl_commands, COUNT(ioctl_commands));
    put_simple_rule(program, SYS_fcntl, 2, all_bits, fcntl_commands, COUNT(fcntl_commands));
    put_simple_rule(program, SYS_mmap, 4, execution, nothing, COUNT(nothing));
    put_simple_rule(program, SYS_mprotect, 4, execution, nothing, COUNT(nothing));
    put_simple_rule(program, SYS_prctl, 0, all_bits, prctl_options, COUNT(prctl_options));
    put_rule(program, SYS_prlimit64, only_asks, COUNT(only_asks));
    if (needs->some & FILTER_DIALS)
        put_simple_rule(program, SYS_socket, 0, all_bits, families, COUNT(families));
    put_rules_of_opening(program, needs);
}

/* Another machine's calls have other numbers; then the number. */
static void put_beginning(struct program *program)
{
    put_load(program, offsetof(struct filter_call, machine));
    put(program, FILTER_IF_EQUAL, 1, 0, MACHINE);
    put_answer(program, unknown);
    put_load(program, offsetof(struct filter_call, number));
#ifdef X32_BIT
    put(program, FILTER_IF_AT_LEAST, 0, 1, X32_BIT);
    put_answer(program, unknown);
#endif
}

static void put_allowed(struct program *program, const struct filter_needs *needs)
{
    put_rules(program, needs);
    put_list(program, always, COUNT(always), allowed);
    if (needs->some & FILTER_MAKES)
        put_list(program, making, COUNT(making), allowed);
    if (needs->some & (FILTER_CONNECTION | FILTER_DIALS))
        put_list(program, of_a_connection, COUNT(of_a_connection), allowed);
    if (needs->some & FILTER_DIALS)
        put_list(program, dialing, COUNT(dialing), allowed);
    if (needs->command)
        put_list(program, collecting, COUNT(collecting), allowed);
}

size_t filter_make(struct filter_step steps[FILTER_LENGTH_MAX], const struct filter_needs *needs)
{
    struct program program = {.steps = steps};
    const bool resolves = needs->some & FILTER_RESOLVES;

    put_beginning(&program);
    put_list(&program, moving, COUNT(moving), allowed);
    put_rules_of_processes(&program, needs);
    if (resolves)
        put_list(&program, never, COUNT(never), refused);
    else
        put_allowed(&program, needs);
    put(&program, FILTER_IF_AT_LEAST, 0, 1, FILTER_YOUNG);
    put_answer(&program, unknown);
    put_answer(&program, resolves ? allowed : refused);
    return program.length;
}

#else

size_t filter_make(struct filter_step steps[FILTER_LENGTH_MAX], const struct filter_needs *needs)
{
    (void)steps;
    (void)needs;
    return 0;
}

#endif
