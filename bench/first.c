/*
 * first: how long a command takes from its start to the first byte, and to do nothing.
 *
 *     first COUNT COMMAND...    run COMMAND 2 x COUNT times, which is to pass on what it reads
 *
 * Prints the medians: "first_byte_ns 1100000 empty_run_ns 900000", from fork() to the arrival of a
 * byte that was waiting for it, and to its end when there was none.
 */
#include "sys/clock.h"

#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int by_size(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a;
    const uint64_t y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

static pid_t start(char **command, const int in[2], const int out[2])
{
    const pid_t child = fork();

    if (child != 0)
        return child;
    dup2(in[0], STDIN_FILENO);
    dup2(out[1], STDOUT_FILENO);
    close(in[0]);
    close(in[1]);
    close(out[0]);
    close(out[1]);
    execvp(command[0], command);
    perror(command[0]);
    _exit(127);
}

/* One run with BYTES (0 or 1) of input; how long it took until they arrived, or until it ended. */
static int run_once(char **command, size_t bytes, uint64_t *took)
{
    const uint64_t before = clock_now();
    int in[2];
    int out[2];
    char byte = 'x';
    ssize_t got;
    int status;
    pid_t child;

    if (pipe(in) < 0 || pipe(out) < 0)
        return -errno;
    child = start(command, in, out);
    if (child < 0 || write(in[1], &byte, bytes) != (ssize_t)bytes)
        return -errno;
    close(in[0]);
    close(out[1]);
    if (!bytes)
        close(in[1]);
    got = read(out[0], &byte, 1);
    *took = clock_now() - before;
    if (bytes)
        close(in[1]);
    if (waitpid(child, &status, 0) < 0)
        return -errno;
    close(out[0]); /* not before: a consumer that goes ends some commands with a signal */
    if (!bytes)
        *took = clock_now() - before;
    return got == (ssize_t)bytes && WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EIO;
}

static int run_all(char **command, size_t bytes, uint64_t *took, size_t count)
{
    size_t i;
    int error = 0;

    for (i = 0; i < count && !error; i++)
        error = run_once(command, bytes, &took[i]);
    qsort(took, count, sizeof *took, by_size);
    return error;
}

int main(int argc, char **argv)
{
    const size_t count = argc > 2 ? strtoull(argv[1], NULL, 10) : 0;
    uint64_t *took = count ? calloc(count, sizeof *took) : NULL;
    uint64_t first_byte;
    int error;

    if (!took) {
        fputs("usage: first COUNT COMMAND...\n", stderr);
        return 2;
    }
    error = run_all(argv + 2, 1, took, count);
    first_byte = took[count / 2];
    if (!error)
        error = run_all(argv + 2, 0, took, count);
    if (error)
        fprintf(stderr, "first: %s: %s\n", argv[2], strerror(-error));
    else
        printf("first_byte_ns %" PRIu64 " empty_run_ns %" PRIu64 "\n", first_byte, took[count / 2]);
    free(took);
    return error != 0;
}
