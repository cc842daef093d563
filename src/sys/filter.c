#include "sys/filter.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#if defined(__x86_64__) && !defined(__ILP32__)
#define MACHINE UINT32_C(0xc000003e)
#elif defined(__aarch64__) && !defined(__ILP32__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define MACHINE UINT32_C(0xc00000b7)
#endif

#ifdef MACHINE

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const uint32_t allowed = FILTER_ALLOWED;
static const uint32_t refused = FILTER_ERROR | EPERM;
static const uint32_t unknown = FILTER_ERROR | ENOSYS;

/* What moves bytes. */
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
    SYS_close,
    SYS_eventfd2,
    SYS_exit,
    SYS_exit_group,
    SYS_fallocate,
    SYS_fstat,
    SYS_fsync,
    SYS_ftruncate,
    SYS_getpgid,
    SYS_getpid,
    SYS_getrandom,
    SYS_getrusage,
    SYS_getsid,
    SYS_gettid,
    SYS_mremap,
    SYS_munmap,
    SYS_nanosleep,
    SYS_newfstatat,
    SYS_pipe2,
    SYS_restart_syscall, /* what a sleep that has been stopped and continued goes on with */
    SYS_rseq,
    SYS_rt_sigaction,
    SYS_rt_sigprocmask,
    SYS_rt_sigreturn, /* a handler that somebody else has put there must be able to return */
    SYS_rt_sigtimedwait,
    SYS_sched_getaffinity,
    SYS_sched_yield,
    SYS_set_robust_list,
    SYS_statx,
    SYS_sysinfo,
#ifdef __x86_64__
    SYS_getpgrp,
    SYS_getrlimit,
    SYS_lstat,
    SYS_stat,
#endif
};

/* To follow a link by hand (trusted.h). */
static const int opening[] = {SYS_readlinkat, SYS_fstatfs, SYS_geteuid};

static const int making[] = {
    SYS_fchmod,   SYS_fchown,    SYS_flock,    SYS_getcwd,   SYS_getdents64,
    SYS_linkat,   SYS_renameat2, SYS_renameat, SYS_unlinkat,
#ifdef __x86_64__
    SYS_readlink, SYS_rename,    SYS_unlink,
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

/* A call that is allowed where its conditions hold. */
struct rule {
    struct condition conditions[2];
    size_t count;
};

/* What is answered to a call: one of the first two, or what a rule says, counted from the third. */
enum answer { REFUSED, ALLOWED, BY_RULE };
enum { RULES_MAX = 16 };

struct table {
    uint8_t answers[FILTER_YOUNG]; /* of enum answer */
    struct rule rules[RULES_MAX];
    size_t rule_count;
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

static void answer_all(struct table *table, const int *calls, size_t count, enum answer answer)
{
    size_t i;

    for (i = 0; i < count; i++)
        table->answers[calls[i]] = (uint8_t)answer;
}

static void add_rule(struct table *table, int call, const struct condition *conditions,
                     size_t count)
{
    struct rule *rule = &table->rules[table->rule_count];

    assert(table->rule_count < RULES_MAX && count <= COUNT(rule->conditions));
    memcpy(rule->conditions, conditions, count * sizeof *conditions);
    rule->count = count;
    table->answers[call] = (uint8_t)(BY_RULE + table->rule_count++);
}

static void add_simple_rule(struct table *table, int call, unsigned half, uint32_t mask,
                            const uint32_t *values, size_t count)
{
    const struct condition condition = {half, mask, values, count};

    add_rule(table, call, &condition, 1);
}

/* Of processes and signals: whatever else is allowed. */
static void add_rules_of_processes(struct table *table, const uint32_t *self,
                                   const uint32_t *command)
{
    add_simple_rule(table, SYS_clone, 0, ~thread_details, thread_flags, COUNT(thread_flags));
    add_simple_rule(table, SYS_tgkill, 0, all_bits, self, 1);
    add_simple_rule(table, SYS_tkill, 0, all_bits, self, 1);
    add_simple_rule(table, SYS_kill, 0, all_bits, command, *command ? 1 : 0);
}

static void add_rules_of_opening(struct table *table, unsigned some)
{
    const uint32_t truncation = O_TRUNC;
    const uint32_t creation = O_CREAT | (O_TMPFILE & ~O_DIRECTORY);
    /* after the set-up nothing is truncated */
    const uint32_t mask = some & FILTER_MAKES ? truncation : truncation | creation;

    if (!(some & (FILTER_OPENS | FILTER_MAKES)))
        return;
    add_simple_rule(table, SYS_openat, 4, mask, nothing, COUNT(nothing));
#ifdef SYS_open
    add_simple_rule(table, SYS_open, 2, mask, nothing, COUNT(nothing));
#endif
}

static void add_rules(struct table *table, const struct filter_needs *needs)
{
    /* the limit that is to be set is a pointer: both halves of it */
    const struct condition only_asks[] = {{4, all_bits, nothing, COUNT(nothing)},
                                          {5, all_bits, nothing, COUNT(nothing)}};
    const uint32_t execution = needs->has_executable_stacks ? 0 : PROT_EXEC;

    add_simple_rule(table, SYS_ioctl, 2, all_bits, ioctl_commands, COUNT(ioctl_commands));
    add_simple_rule(table, SYS_fcntl, 2, all_bits, fcntl_commands, COUNT(fcntl_commands));
    add_simple_rule(table, SYS_mmap, 4, execution, nothing, COUNT(nothing));
    add_simple_rule(table, SYS_mprotect, 4, execution, nothing, COUNT(nothing));
    add_simple_rule(table, SYS_prctl, 0, all_bits, prctl_options, COUNT(prctl_options));
    add_rule(table, SYS_prlimit64, only_asks, COUNT(only_asks));
    if (needs->some & FILTER_DIALS)
        add_simple_rule(table, SYS_socket, 0, all_bits, families, COUNT(families));
    add_rules_of_opening(table, needs->some);
}

static void allow_what_is_needed(struct table *table, const struct filter_needs *needs)
{
    answer_all(table, moving, COUNT(moving), ALLOWED);
    answer_all(table, always, COUNT(always), ALLOWED);
    if (needs->some & (FILTER_OPENS | FILTER_MAKES))
        answer_all(table, opening, COUNT(opening), ALLOWED);
    if (needs->some & FILTER_MAKES)
        answer_all(table, making, COUNT(making), ALLOWED);
    if (needs->some & (FILTER_CONNECTION | FILTER_DIALS))
        answer_all(table, of_a_connection, COUNT(of_a_connection), ALLOWED);
    if (needs->some & FILTER_DIALS)
        answer_all(table, dialing, COUNT(dialing), ALLOWED);
    if (needs->command)
        answer_all(table, collecting, COUNT(collecting), ALLOWED);
    add_rules(table, needs);
}

struct program {
    struct filter_step *steps;
    size_t length;
    const struct table *table;
    uint16_t starts[FILTER_YOUNG]; /* of the ranges of calls with one and the same answer */
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

static void put_range(struct program *program, uint8_t answer)
{
    const struct rule *rule;
    size_t i;

    if (answer >= BY_RULE) {
        rule = &program->table->rules[answer - BY_RULE];
        for (i = 0; i < rule->count; i++)
            put_condition(program, &rule->conditions[i]);
    }
    put_answer(program, answer == REFUSED ? refused : allowed);
}

/*
 * A tree, since the kernel goes through the program for each call when it is installed, to remember
 * what is allowed whatever the arguments are (5.11), and older kernels for each that is made: one
 * behind the other they took 0.2 ms of the start.
 */
static void put_tree(struct program *program, size_t first,
                     size_t behind) // NOLINT(misc-no-recursion)
{
    const size_t middle = first + (behind - first) / 2;
    const size_t at = program->length;

    if (behind - first == 1) {
        put_range(program, program->table->answers[program->starts[first]]);
        return;
    }
    put(program, FILTER_IF_AT_LEAST, 0, 0, program->starts[middle]);
    put_tree(program, first, middle);
    assert(program->length - at - 1 <= UINT8_MAX);
    program->steps[at].if_true = (uint8_t)(program->length - at - 1);
    put_tree(program, middle, behind);
}

static size_t find_ranges(struct program *program)
{
    const uint8_t *answers = program->table->answers;
    size_t count = 0;
    unsigned call;

    for (call = 0; call < FILTER_YOUNG; call++) {
        if (call == 0 || answers[call] != answers[call - 1])
            program->starts[count++] = (uint16_t)call;
    }
    return count;
}

/* Another machine's calls have other numbers; then the number. x32 has those above a high bit. */
static void put_beginning(struct program *program)
{
    put_load(program, offsetof(struct filter_call, machine));
    put(program, FILTER_IF_EQUAL, 1, 0, MACHINE);
    put_answer(program, unknown);
    put_load(program, offsetof(struct filter_call, number));
    put(program, FILTER_IF_AT_LEAST, 0, 1, FILTER_YOUNG);
    put_answer(program, unknown);
}

size_t filter_make(struct filter_step steps[FILTER_LENGTH_MAX], const struct filter_needs *needs)
{
    const uint32_t self = (uint32_t)needs->self;
    const uint32_t command = (uint32_t)needs->command;
    struct table table = {0};
    struct program program = {.steps = steps, .table = &table};

    if (needs->some & FILTER_RESOLVES) {
        memset(table.answers, ALLOWED, sizeof table.answers);
        answer_all(&table, never, COUNT(never), REFUSED);
    } else {
        allow_what_is_needed(&table, needs);
    }
    add_rules_of_processes(&table, &self, &command);
    put_beginning(&program);
    put_tree(&program, 0, find_ranges(&program));
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
