/*
 * sink: takes chatter's messages from stdin, stalls on schedule, and tells whether all of them
 * came.
 *
 *     sink [STALL_BYTES STALL_MS [TIMES]]    after each STALL_BYTES stall for STALL_MS, TIMES times (1)
 *
 * Prints "lines 20000 missing 0 damaged 0" and exits 1 if any line is missing or damaged. Where
 * chatter's messages say when they were written, a second line tells how long they were on their
 * way: "latency_p50_ns 5100 latency_p99_ns 9800 latency_p999_ns 21000 latency_max_ns 50000".
 */
#include "bench/message.h"
#include "sys/clock.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { HEAD = STAMP_AT + STAMP_DIGITS };
enum { LATENCIES_MAX = 1 << 20 };

struct tally {
    uint64_t lines;
    uint64_t next; /* the number the next line must have */
    uint64_t missing;
    uint64_t damaged;
    uint64_t arrived; /* when the last read brought something */
    uint32_t *latencies;
    size_t latency_count;
    char head[HEAD + 1]; /* the beginning of the line that is coming in */
    size_t length;
};

/* The number of DIGITS at TEXT; false when it is none. */
static bool get_number(const char *text, int digits, uint64_t *number)
{
    *number = 0;
    while (digits-- > 0) {
        if (*text < '0' || *text > '9')
            return false;
        *number = *number * 10 + (uint64_t)(*text++ - '0');
    }
    return true;
}

static void note_latency(struct tally *tally)
{
    uint64_t written;

    if (tally->length == HEAD && tally->latency_count < LATENCIES_MAX &&
        get_number(tally->head + STAMP_AT, STAMP_DIGITS, &written)) {
        const uint64_t took = tally->arrived - written;

        tally->latencies[tally->latency_count++] = took > UINT32_MAX ? UINT32_MAX : (uint32_t)took;
    }
}

static void end_line(struct tally *tally)
{
    uint64_t number;

    tally->lines++;
    if (tally->length < NUMBER_DIGITS || !get_number(tally->head, NUMBER_DIGITS, &number) ||
        number < tally->next) {
        tally->damaged++;
    } else {
        tally->missing += number - tally->next;
        tally->next = number + 1;
        note_latency(tally);
    }
    tally->length = 0;
}

static void take(struct tally *tally, const char *bytes, size_t length)
{
    while (length > 0) {
        const char *newline = memchr(bytes, '\n', length);
        size_t part = newline ? (size_t)(newline - bytes) : length;
        const size_t room = HEAD - tally->length;

        memcpy(tally->head + tally->length, bytes, part < room ? part : room);
        tally->length += part < room ? part : room;
        if (newline) {
            end_line(tally);
            part++;
        }
        bytes += part;
        length -= part;
    }
}

static void stall(uint64_t ms)
{
    struct timespec time = clock_timespec(ms * NS_PER_MS);

    while (nanosleep(&time, &time) < 0 && errno == EINTR)
        ;
}

static void report(struct tally *tally)
{
    uint32_t *took = tally->latencies;
    const size_t count = tally->latency_count;

    printf("lines %" PRIu64 " missing %" PRIu64 " damaged %" PRIu64 "\n", tally->lines,
           tally->missing, tally->damaged);
    if (!count)
        return;
    qsort(took, count, sizeof *took, by_size);
    printf("latency_p50_ns %u latency_p99_ns %u latency_p999_ns %u latency_max_ns %u\n",
           took[count / 2], took[count - 1 - count / 100], took[count - 1 - count / 1000],
           took[count - 1]);
}

int main(int argc, char **argv)
{
    static uint32_t latencies[LATENCIES_MAX];
    static char buffer[1 << 16];
    const uint64_t stall_bytes = argc > 2 ? strtoull(argv[1], NULL, 10) : UINT64_MAX;
    const uint64_t stall_ms = argc > 2 ? strtoull(argv[2], NULL, 10) : 0;
    uint64_t stalls = argc > 3 ? strtoull(argv[3], NULL, 10) : 1;
    struct tally tally = {.latencies = latencies};
    uint64_t since_stall = 0;
    ssize_t got;

    while ((got = read(STDIN_FILENO, buffer, sizeof buffer)) != 0) {
        if (got < 0 && errno != EINTR && errno != EAGAIN)
            return 1;
        if (got < 0)
            continue;
        tally.arrived = clock_now();
        take(&tally, buffer, (size_t)got);
        since_stall += (uint64_t)got;
        if (stalls > 0 && since_stall >= stall_bytes) {
            since_stall = 0;
            stalls--;
            stall(stall_ms);
        }
    }
    report(&tally);
    return tally.missing || tally.damaged;
}
