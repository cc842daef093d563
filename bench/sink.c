/*
 * sink: takes chatter's messages from stdin, stalls once, and tells whether all of them came.
 *
 *     sink [STALL_AFTER_BYTES STALL_MS]
 *
 * Prints "lines 20000 missing 0 damaged 0" and exits 1 if any line is missing or damaged.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct tally {
    uint64_t lines;
    uint64_t next; /* the number the next line must have */
    uint64_t missing;
    uint64_t damaged;
    char line[32]; /* the beginning of the line that is coming in */
    size_t length;
};

static void end_line(struct tally *tally)
{
    char *end;
    uint64_t number;

    tally->line[tally->length < 10 ? tally->length : 10] = '\0';
    number = strtoull(tally->line, &end, 10);
    tally->lines++;
    if (end - tally->line != 10 || number < tally->next) {
        tally->damaged++;
    } else {
        tally->missing += number - tally->next;
        tally->next = number + 1;
    }
    tally->length = 0;
}

static void take(struct tally *tally, const char *bytes, size_t length)
{
    while (length > 0) {
        const char *newline = memchr(bytes, '\n', length);
        size_t part = newline ? (size_t)(newline - bytes) : length;
        size_t room = sizeof tally->line - 1 - tally->length;

        memcpy(tally->line + tally->length, bytes, part < room ? part : room);
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
    struct timespec time = {.tv_sec = (time_t)(ms / 1000), .tv_nsec = (long)(ms % 1000) * 1000000};

    while (nanosleep(&time, &time) < 0 && errno == EINTR)
        ;
}

int main(int argc, char **argv)
{
    static char buffer[1 << 16];
    uint64_t stall_after = argc > 2 ? strtoull(argv[1], NULL, 10) : UINT64_MAX;
    const uint64_t stall_ms = argc > 2 ? strtoull(argv[2], NULL, 10) : 0;
    struct tally tally = {0};
    uint64_t total = 0;
    ssize_t got;

    while ((got = read(STDIN_FILENO, buffer, sizeof buffer)) != 0) {
        if (got < 0 && errno != EINTR && errno != EAGAIN)
            return 1;
        if (got < 0)
            continue;
        take(&tally, buffer, (size_t)got);
        total += (uint64_t)got;
        if (total >= stall_after) {
            stall_after = UINT64_MAX;
            stall(stall_ms);
        }
    }
    printf("lines %" PRIu64 " missing %" PRIu64 " damaged %" PRIu64 "\n", tally.lines,
           tally.missing, tally.damaged);
    return tally.missing || tally.damaged;
}
