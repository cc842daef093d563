/*
 * chatter: a program that writes many messages, one write() each, and times every one of them.
 *
 *     chatter COUNT [SIZE] [GAP_US]
 *
 * Each message is a line of SIZE bytes that starts with its number, so that whoever receives them
 * (sink) can tell whether one is missing; with a GAP and room for it the time of its write()
 * follows, so that sink can tell how long it was on its way. Less than 12 bytes are just bytes. At
 * the end a line on stderr says what write() cost: "messages 1000000 total_ms 231 mean_ns 231
 * p50_ns 190 p99_ns 400 p999_ns 700 max_ns 81000".
 */
#include "bench/message.h"
#include "bench/moment.h"
#include "sys/clock.h"
#include "sys/whole.h"

#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { COMMON_MAX = 1 << 16 }; /* ns; few messages take longer */

/* Write COUNT messages and note how many ns each took. */
static int chat(char *message, size_t size, uint32_t *took, uint64_t count, uint64_t gap)
{
    const uint64_t started = clock_now();
    uint64_t i;

    memset(message, '.', size);
    message[size - 1] = '\n';
    for (i = 0; i < count; i++) {
        uint64_t time;
        int error;

        if (gap)
            wait_until(started + i * gap);
        if (size >= NUMBERED_MIN)
            put_number(message, NUMBER_DIGITS, i);
        time = clock_now();
        if (gap && size >= STAMPED_MIN)
            put_number(message + STAMP_AT, STAMP_DIGITS, time);
        error = write_whole(STDOUT_FILENO, message, size);
        time = clock_now() - time;
        took[i] = time > UINT32_MAX ? UINT32_MAX : (uint32_t)time;
        if (error)
            return error;
    }
    return 0;
}

/* Those that took long to the end of TOOK, in order; how many took less than COMMON_MAX. */
static uint64_t sort(uint32_t *took, uint64_t count)
{
    uint64_t common = 0;
    uint64_t i;

    for (i = 0; i < count; i++) {
        const uint32_t time = took[i];

        if (time < COMMON_MAX) {
            took[i] = took[common];
            took[common++] = time;
        }
    }
    qsort(took + common, count - common, sizeof *took, by_size);
    return common;
}

/* What the message took that has RANK others before it. */
static uint32_t ranked(const uint32_t *counts, const uint32_t *took, uint64_t common, uint64_t rank)
{
    uint32_t time = 0;
    uint64_t before = counts[0];

    if (rank >= common)
        return took[rank];
    while (before <= rank)
        before += counts[++time];
    return time;
}

/* Without sorting a million numbers: that would be much of the CPU time that others measure. */
static void report(uint32_t *took, uint64_t count, uint64_t total_ns)
{
    static uint32_t counts[COMMON_MAX];
    const uint64_t common = sort(took, count);
    uint64_t sum = 0;
    uint64_t i;

    for (i = 0; i < count; i++)
        sum += took[i];
    for (i = 0; i < common; i++)
        counts[took[i]]++;
    fprintf(stderr,
            "messages %" PRIu64 " total_ms %" PRIu64 " mean_ns %" PRIu64
            " p50_ns %u p99_ns %u p999_ns %u max_ns %u\n",
            count, total_ns / 1000000, sum / count, ranked(counts, took, common, count / 2),
            ranked(counts, took, common, count - 1 - count / 100),
            ranked(counts, took, common, count - 1 - count / 1000),
            ranked(counts, took, common, count - 1));
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

    if (!count || !size || size > 1 << 20) {
        fputs("usage: chatter COUNT [SIZE (1 to 1048576)] [GAP_US]\n", stderr);
        return 2;
    }
    took = malloc(count * sizeof *took);
    message = malloc(size);
    if (!took || !message)
        goto cleanup;
    memset(took, 0, count * sizeof *took); /* so that no page is touched for the first time later */
    started = clock_now();
    error = chat(message, size, took, count, gap);
    if (!error)
        report(took, count, clock_now() - started);
cleanup:
    if (error)
        fprintf(stderr, "chatter: %s\n", strerror(-error));
    free(took);
    free(message);
    return error != 0;
}
