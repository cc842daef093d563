/*
 * stall: a producer that keeps to its schedule, a consumer that stalls once, and COMMAND between
 * them. Does the producer feel it?
 *
 *     stall RATE SIZE STALL_AT STALL_MS TOTAL PIPE COMMAND...
 *
 * COMMAND's stdin and stdout are pipes of PIPE bytes (0: as the kernel makes them); what it may do
 * to them is told to COMMAND. The producer writes messages of SIZE bytes, one write() each, RATE
 * bytes a second and TOTAL in all, each at its moment: it does not slow down because it was held
 * up, but catches up. The consumer takes what comes, stalls for STALL_MS when it has read exactly
 * STALL_AT bytes, and compares every byte with the one that must be there.
 *
 * Prints "longest_write_ns 31000 stalled_ns 0 blocked_ns 0 late_ns 60000 held 512 lines 4000 missing
 * 0 damaged 0 status 0 pipes 4096 4096":
 *
 *     longest_write  the longest write(), on a busy machine for whatever reason
 *     stalled        the write() that the end of the stall found waiting, if any: a stall that is not
 *                    absorbed holds one up until then
 *     blocked        all write()s that took longer than 1 ms, together
 *     late           how far behind its schedule the producer has been at worst
 *     held           bytes that were on their way when the stall began
 *     pipes          what was granted
 *
 * Ends with 1 when a message is missing or damaged, or when COMMAND has failed.
 */
#include "bench/message.h"
#include "bench/moment.h"
#include "sys/clock.h"
#include "sys/whole.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BLOCK = 1 << 16, SIZE_MAX_HERE = 1 << 20 };
static const uint64_t total_max = UINT64_C(1) << 34; /* its product with a second's ns fits */
static const uint64_t long_write = NS_PER_MS;
static const uint64_t start_limit = 10 * NS_PER_SECOND;

struct course {
    uint64_t rate;
    size_t size;
    uint64_t stall_at;
    uint64_t stall_ms;
    uint64_t count; /* messages in all */
    int in;         /* the producer writes here */
    int out;        /* the consumer reads here */
    int granted[2]; /* bytes that the two pipes hold */
    pid_t child;    /* COMMAND */

    _Atomic uint64_t written;    /* the producer's, the consumer looks */
    _Atomic uint64_t stall_over; /* the consumer's, the producer looks: when it was, 0 before */

    /* the producer's */
    uint64_t longest;
    uint64_t stalled;
    uint64_t blocked;
    uint64_t late;

    /* the consumer's, until it has been joined */
    uint64_t taken;
    uint64_t held;
    uint64_t damaged; /* messages, each counted once */
    uint64_t last_damaged;
    int error;
};

static void make_message(char *message, size_t size)
{
    memset(message, '.', size);
    message[size - 1] = '\n';
}

/* What came at offset TAKEN: is it what was sent? EXPECTED is a message to compare with. */
static void check(struct course *course, char *expected, const char *bytes, size_t length)
{
    while (length > 0) {
        const uint64_t number = course->taken / course->size;
        const size_t at = (size_t)(course->taken % course->size);
        const size_t part = length < course->size - at ? length : course->size - at;

        put_number(expected, NUMBER_DIGITS, number);
        if (memcmp(expected + at, bytes, part) != 0 && course->last_damaged != number) {
            course->last_damaged = number;
            course->damaged++;
        }
        course->taken += part;
        bytes += part;
        length -= part;
    }
}

/* How much to read next, so that the stall begins where it has to. */
static size_t next_read(const struct course *course, bool has_stalled)
{
    const uint64_t before = course->stall_at - course->taken;

    return has_stalled || before > BLOCK ? BLOCK : (size_t)before;
}

/* On its way; a write that has not returned is not known yet. */
static uint64_t held_now(const struct course *course)
{
    const uint64_t written = atomic_load(&course->written);

    return written > course->taken ? written - course->taken : 0;
}

static void *consume(void *argument)
{
    struct course *course = argument;
    char *bytes = malloc(BLOCK);
    char *expected = malloc(course->size);
    bool has_stalled = false;
    ssize_t got = 1;

    if (!bytes || !expected)
        course->error = -ENOMEM;
    else
        make_message(expected, course->size);
    while (!course->error && got != 0) {
        if (!has_stalled && course->taken == course->stall_at) {
            has_stalled = true;
            course->held = held_now(course);
            wait_until(clock_now() + course->stall_ms * NS_PER_MS);
            atomic_store(&course->stall_over, clock_now());
        }
        got = read(course->out, bytes, next_read(course, has_stalled));
        if (got > 0)
            check(course, expected, bytes, (size_t)got);
        else if (got < 0 && errno != EINTR)
            course->error = -errno;
    }
    close(course->out); /* after an error COMMAND must not be left waiting for us */
    free(bytes);
    free(expected);
    return NULL;
}

/* One message, when it is due: at WHEN. */
static int send_message(struct course *course, const char *message, uint64_t when)
{
    uint64_t now = clock_now();
    uint64_t took;
    uint64_t over;
    int error;

    if (now < when) {
        wait_until(when);
        now = clock_now();
    }
    if (now - when > course->late)
        course->late = now - when;
    error = write_whole(course->in, message, course->size);
    took = clock_now() - now;
    atomic_fetch_add(&course->written, course->size);
    if (took > course->longest)
        course->longest = took;
    if (took > long_write)
        course->blocked += took;
    over = atomic_load(&course->stall_over);
    if (now <= over && over <= now + took)
        course->stalled = took;
    return error;
}

/* How long COMMAND takes to start is nobody's stall: 0 once it has taken the first message. */
static int await_first_read(const struct course *course)
{
    const uint64_t limit = clock_now() + start_limit;
    int waiting = 1;

    while (clock_now() < limit) {
        siginfo_t end = {0};

        if (ioctl(course->in, FIONREAD, &waiting) < 0)
            return -errno;
        if (waiting == 0)
            return 0;
        if (waitid(P_PID, (id_t)course->child, &end, WEXITED | WNOHANG | WNOWAIT) < 0)
            return -errno;
        if (end.si_pid)
            return -EPIPE;
        wait_until(clock_now() + NS_PER_MS / 4);
    }
    return -ETIMEDOUT;
}

static int produce(struct course *course)
{
    char *message = malloc(course->size);
    uint64_t started;
    uint64_t i;
    int error;

    if (!message)
        return -ENOMEM;
    make_message(message, course->size);
    put_number(message, NUMBER_DIGITS, 0);
    error = write_whole(course->in, message, course->size);
    atomic_fetch_add(&course->written, course->size);
    if (!error)
        error = await_first_read(course);
    started = clock_now();
    for (i = 1; !error && i < course->count; i++) {
        put_number(message, NUMBER_DIGITS, i);
        error = send_message(course, message,
                             started + i * course->size * NS_PER_SECOND / course->rate);
    }
    free(message);
    return error;
}

static int make_pipe(int ends[2], int capacity, int *granted)
{
    if (pipe2(ends, O_CLOEXEC) < 0)
        return -errno;
    if (capacity && fcntl(ends[0], F_SETPIPE_SZ, capacity) < 0)
        return -errno;
    *granted = fcntl(ends[0], F_GETPIPE_SZ);
    return *granted < 0 ? -errno : 0;
}

/* COMMAND between the two pipes, of which we keep the other ends. */
static int start(struct course *course, int capacity, char **command)
{
    int in[2];
    int out[2];
    int error = make_pipe(in, capacity, &course->granted[0]);

    if (!error)
        error = make_pipe(out, capacity, &course->granted[1]);
    if (error)
        return error;
    course->child = fork();
    if (course->child < 0)
        return -errno;
    if (course->child == 0) {
        if (dup2(in[0], STDIN_FILENO) >= 0 && dup2(out[1], STDOUT_FILENO) >= 0)
            execvp(command[0], command);
        fprintf(stderr, "stall: %s: %s\n", command[0], strerror(errno));
        _exit(127);
    }
    close(in[0]);
    close(out[1]);
    course->in = in[1];
    course->out = out[0];
    return 0;
}

static int status_of(pid_t child)
{
    int status;

    while (waitpid(child, &status, 0) < 0) {
        if (errno != EINTR)
            return 127;
    }
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* Both sides at once, until the producer has sent all and the consumer has got what comes. */
static int run(struct course *course)
{
    pthread_t consumer;
    int error = -pthread_create(&consumer, NULL, consume, course);

    if (error)
        return error;
    prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL); /* this thread's only: moments are met exactly */
    error = produce(course);
    close(course->in);
    pthread_join(consumer, NULL);
    return error ? error : course->error;
}

static bool parse(struct course *course, int *capacity, char **argument)
{
    uint64_t numbers[6];
    int i;

    for (i = 0; i < 6; i++) {
        char *end;

        errno = 0;
        numbers[i] = strtoull(argument[i], &end, 10);
        if (errno || *end || end == argument[i])
            return false;
    }
    if (numbers[0] < 1 || numbers[1] < NUMBERED_MIN || numbers[1] > SIZE_MAX_HERE ||
        numbers[3] > UINT32_MAX || numbers[4] > total_max || numbers[5] > 1 << 20)
        return false;
    course->rate = numbers[0];
    course->size = (size_t)numbers[1];
    course->stall_at = numbers[2];
    course->stall_ms = numbers[3];
    course->count = numbers[4] / numbers[1];
    course->last_damaged = UINT64_MAX;
    *capacity = (int)numbers[5];
    return course->count > 0;
}

int main(int argc, char **argv)
{
    struct course course = {0};
    int capacity;
    uint64_t lines;
    int status;
    int error;

    if (argc < 8 || !parse(&course, &capacity, argv + 1)) {
        fputs("usage: stall RATE SIZE STALL_AT STALL_MS TOTAL PIPE COMMAND...\n", stderr);
        return 2;
    }
    signal(SIGPIPE, SIG_IGN); /* a COMMAND that goes away is told by its status */
    error = start(&course, capacity, argv + 7);
    if (error) {
        fprintf(stderr, "stall: %s\n", strerror(-error));
        return 1;
    }
    error = run(&course);
    status = status_of(course.child);
    if (error)
        fprintf(stderr, "stall: %s\n", strerror(-error));
    lines = course.taken / course.size;
    printf("longest_write_ns %" PRIu64 " stalled_ns %" PRIu64 " blocked_ns %" PRIu64
           " late_ns %" PRIu64 " held %" PRIu64 " lines %" PRIu64 " missing %" PRIu64
           " damaged %" PRIu64 " status %d pipes %d %d\n",
           course.longest, course.stalled, course.blocked, course.late, course.held, lines,
           course.count - lines, course.damaged, status, course.granted[0], course.granted[1]);
    return error || lines != course.count || course.damaged || status;
}
