#include "slow.h"

#include "machine.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { STEPS_MAX = 4000, STEPS_TRIED = 2000, FILTERS_MAX = 6, DESCRIPTORS_MAX = 256 };

/*
 * Adds a filter of STEPS multiplications, each of which needs the one before. It looks at an argument
 * first: what depends on the call's number alone the kernel works out once and never runs.
 */
static int add_filter(size_t steps)
{
    static struct sock_filter program[STEPS_MAX + 3];
    struct sock_fprog filter = {.filter = program, .len = (unsigned short)(steps + 3)};
    size_t i;

    program[0] =
        (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args));
    program[1] = (struct sock_filter)BPF_STMT(BPF_LDX | BPF_W | BPF_IMM, 3);
    for (i = 2; i < steps + 2; i++)
        program[i] = (struct sock_filter)BPF_STMT(BPF_ALU | BPF_MUL | BPF_X, 0);
    program[i] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0)
        return 0;
    /* only who has privileges is allowed that and may keep them */
    if (errno != EACCES || prctl(PR_SET_NO_NEW_PRIVS, 1UL, 0UL, 0UL, 0UL) < 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) < 0)
        return -errno;
    return 0;
}

/* By how many ns STEPS_TRIED make a call slower, tried in a child; 0 when there are no filters. */
static uint64_t cost_of_steps(void)
{
    uint64_t *const shared =
        mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    uint64_t cost;
    pid_t child;

    if (shared == MAP_FAILED)
        return 0;
    child = fork();
    if (child == 0) {
        const uint64_t before = machine_call_ns();
        uint64_t after;

        if (add_filter(STEPS_TRIED) < 0)
            _exit(1);
        after = machine_call_ns();
        *shared = after > before ? after - before : 0;
        _exit(0);
    }
    if (child > 0)
        waitpid(child, NULL, 0);
    cost = *shared;
    munmap(shared, sizeof *shared);
    return cost;
}

static int become(char **command)
{
    execvp(command[0], command);
    perror("rig");
    return 1;
}

static int impossible(void)
{
    fputs("rig: slow: a filter for system calls cannot be had here\n", stderr);
    return 77;
}

int run_slow(uint64_t slower_ns, char **command)
{
    const uint64_t cost = cost_of_steps();
    size_t steps;
    int filters;

    if (!cost)
        return impossible();
    steps = (size_t)(slower_ns * STEPS_TRIED / cost);
    for (filters = 0; filters < FILTERS_MAX && steps > 0; filters++) {
        const size_t part = steps < STEPS_MAX ? steps : STEPS_MAX;

        if (add_filter(part) < 0)
            return impossible();
        steps -= part;
    }
    return become(command);
}

/* Only the last of the CPUs that this process may use. */
static int pin(void)
{
    cpu_set_t allowed;
    cpu_set_t one;
    int cpu = CPU_SETSIZE - 1;

    if (sched_getaffinity(0, sizeof allowed, &allowed) < 0)
        return -errno;
    while (cpu > 0 && !CPU_ISSET((size_t)cpu, &allowed))
        cpu--;
    CPU_ZERO(&one);
    CPU_SET((size_t)cpu, &one);
    return sched_setaffinity(0, sizeof one, &one) < 0 ? -errno : 0;
}

static _Noreturn void loop(pid_t parent)
{
    int fd;

    /* who reads what the command writes must see its end */
    for (fd = 0; fd < DESCRIPTORS_MAX; fd++)
        close(fd);
    prctl(PR_SET_NAME, "busy loop");
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
        _exit(1);
    for (;;)
        ;
}

int run_busy(unsigned count, char **command)
{
    const pid_t parent = getpid();

    if (pin() < 0) {
        perror("rig: sched_setaffinity");
        return 1;
    }
    while (count-- > 0) {
        const pid_t child = fork();

        if (child == 0)
            loop(parent);
        if (child < 0) {
            perror("rig: fork");
            return 1;
        }
    }
    return become(command);
}
