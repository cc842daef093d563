#include "machine.h"

#include "sys/clock.h"

#include <inttypes.h>
#include <pthread.h>
#include <semaphore.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * SLOW is the largest of these, at least 1 and at most SLOW_MAX:
 *
 *     the cost of a system call / 250 ns, times the load
 *     the load
 *     the start of a program / 1.5 ms
 *     a wake-up / 150 us
 *
 * rounded up, except that less than 0.3 above an integer does not count. Programs under a sanitizer
 * get 10 times that, at most SANITIZED_MAX. The load is how much longer than their CPU time two
 * threads take that only compute: 1 on an idle machine with two CPUs, 2 on an idle one with one, 5
 * when three other processes compute on that one. Calls are measured in batches so short that the
 * load is not in them; it is in the other two figures.
 */
enum {
    CALL_NS = 250,
    SPAWN_US = 1500,
    WAKE_US = 150,
    SLOW_MAX = 8,
    SANITIZED = 10,
    SANITIZED_MAX = 40,
    NOT_COUNTED_PERCENT = 30
};

enum { SAMPLES_MAX = 200, SAMPLES_MIN = 5, CALLS = 100, CALL_BATCHES = 51 };
/* one kind of sample takes no longer than this once there are SAMPLES_MIN */
static const uint64_t patience = 100 * NS_PER_MS;
static const uint64_t work = 50 * NS_PER_MS;
static const uint64_t work_most = 400 * NS_PER_MS;

struct machine {
    uint64_t call_ns;
    uint64_t spawn_us;
    uint64_t wake_us;
    uint64_t load_percent;
};

static int by_size(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a;
    const uint64_t y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

static uint64_t median(uint64_t *samples, size_t count)
{
    qsort(samples, count, sizeof *samples, by_size);
    return count ? samples[count / 2] : 0;
}

/* The median of what STEP measures in ns; 0 when it cannot be measured. */
static uint64_t median_of(uint64_t (*step)(void *), void *argument)
{
    uint64_t samples[SAMPLES_MAX];
    const uint64_t began = clock_now();
    size_t count = 0;

    while (count < SAMPLES_MAX && (count < SAMPLES_MIN || clock_now() - began < patience)) {
        samples[count] = step(argument);
        if (!samples[count])
            return 0;
        count++;
    }
    return median(samples, count);
}

uint64_t machine_call_ns(void)
{
    uint64_t samples[CALL_BATCHES];
    size_t batch;

    for (batch = 0; batch < CALL_BATCHES; batch++) {
        const uint64_t before = clock_now();
        int i;

        for (i = 0; i < CALLS; i++)
            (void)syscall(SYS_getppid);
        samples[batch] = (clock_now() - before) / CALLS;
    }
    return median(samples, CALL_BATCHES);
}

/* Not by fork, which sanitizers make slower. */
static uint64_t spawn_ns(void *unused)
{
    char *const command[] = {"true", NULL};
    const uint64_t began = clock_now();
    pid_t child;
    int status;

    (void)unused;
    if (posix_spawnp(&child, command[0], NULL, NULL, command, environ) != 0 ||
        waitpid(child, &status, 0) != child || status != 0)
        return 0;
    return clock_now() - began;
}

struct game {
    sem_t there;
    sem_t back;
    atomic_bool is_over;
};

static void *answer(void *context)
{
    struct game *const game = context;

    while (sem_wait(&game->there) == 0 && !game->is_over)
        sem_post(&game->back);
    return NULL;
}

/* There and back is two wake-ups. The pause lets the other thread, and its CPU, fall asleep. */
static uint64_t ask_ns(void *context)
{
    const struct timespec pause = {.tv_nsec = 200000};
    struct game *const game = context;
    uint64_t began;

    nanosleep(&pause, NULL);
    began = clock_now();
    sem_post(&game->there);
    sem_wait(&game->back);
    return (clock_now() - began) / 2;
}

static uint64_t median_wake_ns(void)
{
    struct game game = {.is_over = false};
    pthread_t thread;
    uint64_t wake;

    if (sem_init(&game.there, 0, 0) < 0 || sem_init(&game.back, 0, 0) < 0 ||
        pthread_create(&thread, NULL, answer, &game) != 0)
        return 0;
    wake = median_of(ask_ns, &game);
    game.is_over = true;
    sem_post(&game.there);
    pthread_join(thread, NULL);
    return wake;
}

struct computation {
    uint64_t took; /* by the clock */
    uint64_t used; /* of the CPU */
    uint64_t result;
};

/* WORK of CPU time, or as much as can be had in WORK_MOST. */
static void *compute(void *context)
{
    struct computation *const it = context;
    const uint64_t began = clock_now();

    while (it->used < work && it->took < work_most) {
        int i;

        for (i = 0; i < 2000; i++)
            it->result = it->result * UINT64_C(6364136223846793005) + 1442695040888963407U;
        it->used = clock_of_thread(pthread_self());
        it->took = clock_now() - began;
    }
    return NULL;
}

static uint64_t load_percent(void)
{
    struct computation computations[2] = {{.used = 0}, {.used = 0}};
    pthread_t threads[2];
    size_t count = 0;
    uint64_t used = 0;
    uint64_t took = 0;
    size_t i;

    while (count < 2 && pthread_create(&threads[count], NULL, compute, &computations[count]) == 0)
        count++;
    for (i = 0; i < count; i++) {
        pthread_join(threads[i], NULL);
        took += computations[i].took;
        used += computations[i].used;
    }
    return used ? took * 100 / used : 0;
}

static uint64_t larger(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static uint64_t slow_of(const struct machine *machine, bool is_sanitized)
{
    const uint64_t load = larger(machine->load_percent, 100);
    uint64_t percent = larger(load, machine->call_ns * load / CALL_NS);
    uint64_t slow;

    percent = larger(percent, machine->spawn_us * 100 / SPAWN_US);
    percent = larger(percent, machine->wake_us * 100 / WAKE_US);
    slow = (percent + 99 - NOT_COUNTED_PERCENT) / 100;
    if (slow > SLOW_MAX)
        slow = SLOW_MAX;
    if (is_sanitized)
        slow = slow * SANITIZED > SANITIZED_MAX ? SANITIZED_MAX : slow * SANITIZED;
    return slow;
}

static struct machine measured(void)
{
    return (struct machine){
        .call_ns = machine_call_ns(),
        .spawn_us = median_of(spawn_ns, NULL) / NS_PER_US,
        .wake_us = median_wake_ns() / NS_PER_US,
        .load_percent = load_percent(),
    };
}

int run_machine(char **figures)
{
    const char *const sanitize = getenv("SANITIZE");
    const struct machine machine =
        figures ? (struct machine){.call_ns = strtoull(figures[0], NULL, 10),
                                   .spawn_us = strtoull(figures[1], NULL, 10),
                                   .wake_us = strtoull(figures[2], NULL, 10),
                                   .load_percent = strtoull(figures[3], NULL, 10)}
                : measured();

    printf("call_ns %" PRIu64 " spawn_us %" PRIu64 " wake_us %" PRIu64 " load_percent %" PRIu64
           " slow %" PRIu64 "\n",
           machine.call_ns, machine.spawn_us, machine.wake_us, machine.load_percent,
           slow_of(&machine, sanitize && *sanitize));
    return fflush(stdout) != 0;
}
