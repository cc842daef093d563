/*
 * chatter: a program that writes many messages, one write() each, and times every one of them.
 *
 *     chatter COUNT [SIZE] [GAP_US]
 *
 * Each message is a line of SIZE bytes that starts with its number, so that whoever receives them
 * (sink) can tell whether one is missing. At the end a line on stderr says what write() cost:
 * "messages 1000000 total_ms 231 mean_ns 231 p50_ns 190 p99_ns 400 p999_ns 700 max_ns 81000".
 */
#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

static void wait_until(uint64_t when)
{
    struct timespec at = {.tv_sec = (time_t)(when / 1000000000U),
                          .tv_nsec = (long)(when % 1000000000U)};

    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) == EINTR)
        ;
}

static int by_size(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a;
    const uint32_t y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

/* The number in decimal at the start of the message, without the cost of printf. */
static void put_number(char *message, uint64_t number)
{
    int at;

    for (at = 9; at >= 0; at--, number /= 10)
        message[at] = (char)('0' + number % 10);
}

static int write_whole(const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t put = write(STDOUT_FILENO, bytes, length);

        if (put < 0 && errno != EINTR && errno != EAGAIN)
            return -errno;
        if (put > 0) {
            bytes += put;
            length -= (size_t)put;
        }
    }
    return 0;
}

/* Write COUNT messages and note how many ns each took. */
static int chat(char *message, size_t size, uint32_t *took, uint64_t count, uint64_t gap)
{
    const uint64_t started = now_ns();
    uint64_t i;

    memset(message, '.', size);
    message[size - 1] = '\n';
    for (i = 0; i < count; i++) {
        uint64_t time;
        int error;

        if (gap)
            wait_until(started + i * gap);
        put_number(message, i);
        time = now_ns();
        error = write_whole(message, size);
        time = now_ns() - time;
        took[i] = time > UINT32_MAX ? UINT32_MAX : (uint32_t)time;
        if (error)
            return error;
    }
    return 0;
}

static void report(uint32_t *took, uint64_t count, uint64_t total_ns)
{
    uint64_t sum = 0;
    uint64_t i;

    for (i = 0; i < count; i++)
        sum += took[i];
    qsort(took, count, sizeof *took, by_size);
    fprintf(stderr,
            "messages %" PRIu64 " total_ms %" PRIu64 " mean_ns %" PRIu64
            " p50_ns %u p99_ns %u p999_ns %u max_ns %u\n",
            count, total_ns / 1000000, sum / count, took[count / 2], took[count - 1 - count / 100],
            took[count - 1 - count / 1000], took[count - 1]);
}

int main(int argc, char **argv)
{
    const uint64_t count = argc > 1 ? strtoull(argv[1], NULL, 10) : 0;
    const size_t size = argc > 2 ? strtoull(argv[2], NULL, 10) : 256;
    const uint64_t gap = argc > 3 ? strtoull(argv[3], NULL, 10) * 1000 : 0;
    uint64_t started;
    uint32_t *took;
    char *message;
    int error = -ENOMEM;

    if (!count || size < 12 || size > 1 << 20) {
        fputs("usage: chatter COUNT [SIZE (12 to 1048576)] [GAP_US]\n", stderr);
        return 2;
    }
    took = malloc(count * sizeof *took);
    message = malloc(size);
    if (!took || !message)
        goto cleanup;
    memset(took, 0, count * sizeof *took); /* so that no page is touched for the first time later */
    started = now_ns();
    error = chat(message, size, took, count, gap);
    if (!error)
        report(took, count, now_ns() - started);
cleanup:
    if (error)
        fprintf(stderr, "chatter: %s\n", strerror(-error));
    free(took);
    free(message);
    return error != 0;
}
