/*
 * torture SLABCAT SHIM DIRECTORY [--most N | --sample N] [MODE[:CALL[:HOW[:N]]]]...: make each call
 * fail in turn, in each way it can, in all modes or those named, until a run does not come to the
 * Nth one. --most tries N numbers of each at most, spread over all there are; --sample tries every
 * Nth way in every mode, and one number of it, the same each time.
 *
 * Two processes share the work, failure by failure. Each run is judged by itself (verdict.h). Ends
 * with 1 when any was not as it should be, and with how to see it again.
 */
#include "sys/clock.h"
#include "tests/fault/fault.h"
#include "tests/fault/modes.h"
#include "tests/fault/verdict.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WORKERS = 2, MODES_MAX = 64, MOST = 60 };

/* Shared by the workers. */
struct tally {
    _Atomic unsigned runs;
    _Atomic unsigned failures;
    _Atomic unsigned violations;
    _Atomic unsigned in_mode[MODES_MAX][3]; /* runs, failures, worst time */
    _Atomic unsigned done[MODES_MAX];       /* by so many workers */
};

struct wish {
    char mode[32];
    char call[32];
    char how[32];
    unsigned at;
};

struct torture {
    const char *slabcat;
    const char *shim;
    const char *directory;
    struct tally *tally;
    struct wish wish;
    unsigned most;
    unsigned sample; /* 0: all */
    unsigned worker;
    unsigned tasks;
    unsigned turn; /* of which worker */
};

static _Noreturn void die(const char *what)
{
    fprintf(stderr, "torture: %s: %s\n", what, strerror(errno));
    exit(2);
}

static bool is_wanted(const char *wish, const char *name)
{
    return !*wish || strcmp(wish, name) == 0;
}

static void show_text(const char *title, const struct bytes *bytes)
{
    if (bytes->length)
        printf("--- %s\n%.*s", title, (int)(bytes->length < 3000 ? bytes->length : 3000),
               bytes->at);
}

/* All that there is to know of a single run that was asked for. */
static void show(const struct outcome *outcome)
{
    int i;

    printf("status %d after %u ms, fault %s on %d,%d %s\n", outcome->status, outcome->ms,
           outcome->is_reached ? "reached" : "not reached", outcome->fd, outcome->other,
           outcome->path);
    for (i = 0; i < outcome->output_count; i++)
        printf("output %d: %zu bytes\n", i, outcome->outputs[i].length);
    show_text("stderr", &outcome->err);
    show_text("stats", &outcome->stats);
    show_text("digest", &outcome->digest);
}

static void tell_violation(const struct torture *torture, const struct mode *mode,
                           const struct fault *fault, const char *complaint)
{
    char line[2048];
    const char *const plus = fault->lasts ? "+" : "";
    int length;
    int i;

    length = snprintf(line, sizeof line,
                      "VIOLATION tests/fault/torture %s:%s:%s%s:%u: %s; that is FAULT_CALL=%s "
                      "FAULT_HOW=%s FAULT_%s=%u LD_PRELOAD=%s %s --no-sandbox",
                      mode->name, fault->call, fault->how, plus, fault->at, complaint, fault->call,
                      fault->how, fault->lasts ? "FROM" : "AT", fault->at, torture->shim,
                      torture->slabcat);
    for (i = 0; mode->arguments[i] && length < (int)sizeof line - 1; i++)
        length += snprintf(line + length, sizeof line - (size_t)length, " %s", mode->arguments[i]);
    puts(line);
    fflush(stdout);
}

static void raise_to(_Atomic unsigned *most, unsigned value)
{
    unsigned before = atomic_load(most);

    while (before < value && !atomic_compare_exchange_weak(most, &before, value))
        ;
}

static void count_run(const struct torture *torture, size_t mode, const struct outcome *outcome)
{
    struct tally *tally = torture->tally;

    atomic_fetch_add(&tally->runs, 1);
    atomic_fetch_add(&tally->in_mode[mode][0], 1);
    if (outcome->is_reached) {
        atomic_fetch_add(&tally->failures, 1);
        atomic_fetch_add(&tally->in_mode[mode][1], 1);
    }
    raise_to(&tally->in_mode[mode][2], outcome->ms);
}

/* True: the fault was reached. */
static bool try_one(const struct torture *torture, size_t mode, const struct fault *fault,
                    const struct outcome *clean)
{
    char complaint[COMPLAINT_MAX];
    struct outcome outcome;
    bool is_reached;

    trial_run(torture->slabcat, torture->shim, &modes[mode], fault, &outcome);
    is_reached = outcome.is_reached;
    if (torture->wish.at)
        show(&outcome);
    if (is_reached && judge(&modes[mode], fault, &outcome, clean, complaint)) {
        atomic_fetch_add(&torture->tally->violations, 1);
        tell_violation(torture, &modes[mode], fault, complaint);
    }
    count_run(torture, mode, &outcome);
    trial_forget(&outcome);
    return is_reached;
}

/* Every Nth call, as many as there may be; a few more than a clean run has made may come. */
static void try_all(const struct torture *torture, size_t mode, struct fault *fault,
                    uint64_t expected, const struct outcome *clean)
{
    const unsigned step = expected > torture->most ? (unsigned)expected / torture->most : 1;

    if (torture->wish.at) {
        fault->at = torture->wish.at;
        try_one(torture, mode, fault, clean);
        return;
    }
    if (torture->sample) {
        fault->at = 1 + torture->tasks % (unsigned)expected;
        try_one(torture, mode, fault, clean);
        return;
    }
    for (fault->at = 1; try_one(torture, mode, fault, clean) && fault->at <= expected + 20;)
        fault->at += step;
}

static int kind_of(const char *call)
{
    static const char *const names[] = FAULT_NAMES;
    int kind = 0;

    while (kind < FAULT_KIND_COUNT && strcmp(names[kind], call) != 0)
        kind++;
    return kind;
}

/* A socket has no space to lack, and who connects again and again would do so for ever. */
static bool is_possible(size_t mode, const char *how)
{
    return modes[mode].truth != TRUTH_RESENT || strncmp(how, "ENOSPC", 6) != 0;
}

/* The ways in which CALL fails, in this mode. */
static void try_call(struct torture *torture, size_t mode, const struct failing *failing,
                     uint64_t expected, const struct outcome *clean)
{
    char hows[256];
    char *rest = hows;
    char *how;

    snprintf(hows, sizeof hows, "%s", failing->hows);
    while ((how = strsep(&rest, " "))) {
        struct fault fault = {.call = failing->call, .how = how};

        if (!is_wanted(torture->wish.how, how) || !is_possible(mode, how))
            continue;
        fault.lasts = how[strlen(how) - 1] == '+';
        if (fault.lasts)
            how[strlen(how) - 1] = '\0';
        torture->tasks++;
        if (torture->sample && torture->tasks % torture->sample != 0)
            continue;
        torture->turn = (torture->turn + 1) % WORKERS;
        if (torture->turn == torture->worker)
            try_all(torture, mode, &fault, expected, clean);
    }
}

/* What all others are held against; it has to be right itself. */
static void run_clean(const struct torture *torture, size_t mode, struct outcome *clean,
                      uint64_t counts[FAULT_KIND_COUNT])
{
    const struct fault none = {0};
    char complaint[COMPLAINT_MAX];
    int kind;

    trial_run(torture->slabcat, torture->shim, &modes[mode], &none, clean);
    if (judge(&modes[mode], &none, clean, clean, complaint)) {
        printf("without a fault: %s: %s\n", modes[mode].name, complaint);
        show(clean);
        exit(2);
    }
    for (kind = 0; kind < FAULT_KIND_COUNT; kind++)
        counts[kind] = trial_count(kind);
}

static void try_mode(struct torture *torture, size_t mode)
{
    uint64_t counts[FAULT_KIND_COUNT];
    const struct failing *failing;
    struct outcome clean;

    run_clean(torture, mode, &clean, counts);
    for (failing = failings; failing->call; failing++) {
        const int kind = kind_of(failing->call);

        /* what a clean run does not call may be what another call's failure leads to, but alone it
         * is never reached */
        if (is_wanted(torture->wish.call, failing->call) && kind < FAULT_KIND_COUNT &&
            counts[kind] > 0)
            try_call(torture, mode, failing, counts[kind], &clean);
    }
    trial_forget(&clean);
}

static void write_file(const char *name, const char *bytes, size_t length)
{
    FILE *file = fopen(name, "we");

    if (!file || fwrite(bytes, 1, length, file) != length || fclose(file) != 0)
        die(name);
}

static void enter(const struct torture *torture, unsigned worker)
{
    char name[4096];

    snprintf(name, sizeof name, "%s/%u", torture->directory, worker);
    if ((mkdir(name, 0700) < 0 && errno != EEXIST) || chdir(name) < 0)
        die(name);
    write_file("in", trial_stream()->at, trial_stream()->length);
    write_file("secrets", "hunter2\nneverever\n", 18);
    if ((mkdir("work", 0700) < 0 && errno != EEXIST) || chdir("work") < 0)
        die("work");
}

static void tell_mode(struct tally *tally, size_t mode)
{
    const _Atomic unsigned *figures = tally->in_mode[mode];

    if (atomic_fetch_add(&tally->done[mode], 1) + 1 < WORKERS)
        return;
    printf("  %-14s %6u runs %6u failures injected, the longest %u ms\n", modes[mode].name,
           figures[0], figures[1], figures[2]);
    fflush(stdout);
}

static _Noreturn void work(struct torture *torture, unsigned worker)
{
    size_t mode;

    torture->worker = worker;
    enter(torture, worker);
    for (mode = 0; modes[mode].name; mode++) {
        if (is_wanted(torture->wish.mode, modes[mode].name))
            try_mode(torture, mode);
        if (is_wanted(torture->wish.mode, modes[mode].name) && !torture->wish.at)
            tell_mode(torture->tally, mode);
    }
    fflush(stdout);
    _exit(0);
}

static int wait_for_workers(void)
{
    int failed = 0;
    int status;
    int i;

    for (i = 0; i < WORKERS; i++) {
        if (wait(&status) < 0 || status == 0)
            continue;
        failed = 1;
        if (WIFSIGNALED(status))
            fprintf(stderr, "torture: a worker has died of signal %d\n", WTERMSIG(status));
    }
    return failed;
}

static bool parse_wish(struct wish *wish, char *text)
{
    const char *const mode = strsep(&text, ":");
    const char *const call = strsep(&text, ":");
    const char *const how = strsep(&text, ":");
    const char *const at = strsep(&text, ":");
    size_t i = 0;

    snprintf(wish->mode, sizeof wish->mode, "%s", mode);
    snprintf(wish->call, sizeof wish->call, "%s", call ? call : "");
    snprintf(wish->how, sizeof wish->how, "%s", how ? how : "");
    wish->at = at ? (unsigned)strtoul(at, NULL, 10) : 0;
    while (modes[i].name && !is_wanted(wish->mode, modes[i].name))
        i++;
    return modes[i].name;
}

/* One wish, by all workers. */
static int run_wish(struct torture *torture)
{
    int i;

    for (i = 0; i < MODES_MAX; i++)
        atomic_store(&torture->tally->done[i], 0);
    fflush(stdout);
    for (i = 0; i < WORKERS; i++) {
        const pid_t pid = fork();

        if (pid < 0)
            die("fork");
        if (pid == 0)
            work(torture, (unsigned)i);
    }
    return wait_for_workers();
}

int main(int argc, char **argv)
{
    struct torture torture = {.most = MOST};
    const uint64_t began = clock_now();
    static char all[] = "";
    int failed = 0;
    int i = 4;

    if (argc < 4)
        return 2;
    torture.slabcat = argv[1];
    torture.shim = argv[2];
    torture.directory = argv[3];
    torture.tally = mmap(NULL, sizeof *torture.tally, PROT_READ | PROT_WRITE,
                         MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (torture.tally == MAP_FAILED)
        die("memory");
    if (argc > 5 && strcmp(argv[4], "--most") == 0) {
        torture.most = (unsigned)strtoul(argv[5], NULL, 10);
        i = 6;
    } else if (argc > 5 && strcmp(argv[4], "--sample") == 0) {
        torture.sample = (unsigned)strtoul(argv[5], NULL, 10);
        i = 6;
    }
    signal(SIGPIPE, SIG_IGN);
    do {
        if (!parse_wish(&torture.wish, argv[i] ? argv[i] : all)) {
            fprintf(stderr, "torture: no such mode\n");
            return 2;
        }
        failed = run_wish(&torture) || failed;
    } while (argv[i] && argv[++i]);
    printf("%u runs, %u failures injected, %u violations, %u s\n", torture.tally->runs,
           torture.tally->failures, torture.tally->violations,
           (unsigned)((clock_now() - began) / NS_PER_SECOND));
    return failed || torture.tally->violations > 0;
}
