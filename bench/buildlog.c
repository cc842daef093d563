/*
 * buildlog: the log of a large build, always the same, for what looks at the bytes.
 *
 *     buildlog log MIB COLOURED [RATE]   so much of it; one of COLOURED lines has colours (0: none)
 *     buildlog secrets COUNT             the secrets that are in it, one a line: COUNT of 100
 *
 * Lines have 20 to 200 bytes: commands, warnings, tests, downloads, some UTF-8, and in one line of
 * 50 a secret. Written 64 KiB at a time; with a RATE, in bytes a second, each line is a write() of
 * its own, at its moment.
 */
#include "bench/moment.h"
#include "sys/whole.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    LINE_MIN = 20,
    LINE_MAX = 200,
    TEXT_MAX = LINE_MAX - 20, /* colours and the newline have room behind it */
    SECRETS = 100,
    SECRET_ONE_IN = 50,
    BLOCK = 64 << 10
};

static const uint64_t seed_of_log = UINT64_C(0x51ABCA7);

struct line {
    char bytes[LINE_MAX];
    size_t length;
};

struct build {
    uint64_t random;
    uint64_t ms; /* since it began */
    unsigned step;
};

/* xorshift64*: the same everywhere */
static uint64_t next_random(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * UINT64_C(0x2545F4914F6CDD1D);
}

static unsigned below(struct build *build, unsigned limit)
{
    return (unsigned)(next_random(&build->random) >> 33) % limit;
}

static void put_bytes(struct line *line, const char *bytes, size_t length)
{
    const size_t room = TEXT_MAX - line->length;

    memcpy(line->bytes + line->length, bytes, length < room ? length : room);
    line->length += length < room ? length : room;
}

static void put(struct line *line, const char *text)
{
    put_bytes(line, text, strlen(text));
}

static void put_decimal(struct line *line, uint64_t number, int digits)
{
    char text[24];

    put_bytes(line, text, (size_t)snprintf(text, sizeof text, "%0*" PRIu64, digits, number));
}

static const char *word(struct build *build)
{
    static const char *const words[] = {
        "stream", "frame", "table",  "cache",  "parser", "index",   "socket", "buffer", "http2",
        "codec",  "queue", "worker", "config", "schema", "token",   "signal", "vector", "packet",
        "handle", "arena", "router", "symbol", "region", "session", "column", "thread", "widget"};

    return words[below(build, sizeof words / sizeof *words)];
}

/* "stream_table_17" */
static void put_identifier(struct build *build, struct line *line)
{
    put(line, word(build));
    put(line, "_");
    put(line, word(build));
    if (below(build, 3) == 0) {
        put(line, "_");
        put_decimal(line, below(build, 100), 1);
    }
}

/* "src/cache/http2/stream_table.c" */
static void put_path(struct build *build, struct line *line)
{
    put(line, below(build, 4) ? "src/" : "third_party/");
    put(line, word(build));
    put(line, "/");
    if (below(build, 2)) {
        put(line, word(build));
        put(line, "/");
    }
    put_identifier(build, line);
    put(line, below(build, 5) ? ".c" : ".h");
}

static void put_hex(struct build *build, struct line *line, int digits)
{
    char text[17];

    for (; digits > 0; digits -= 16) {
        snprintf(text, sizeof text, "%016" PRIx64, next_random(&build->random));
        put_bytes(line, text, digits < 16 ? (size_t)digits : 16);
    }
}

/* Nothing in a secret means something to sed. */
static void put_secret(struct line *line, unsigned which)
{
    static const char *const beginnings[] = {"ghp_", "AKIA", "xoxb-", "glpat-", "eyJh", "sk-", ""};
    static const char signs[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    struct build build = {.random = seed_of_log + (which + 1) * UINT64_C(0x9E3779B97F4A7C15)};
    unsigned left = 16 + below(&build, 24);

    put(line, beginnings[which % (sizeof beginnings / sizeof *beginnings)]);
    while (left-- > 0)
        put_bytes(line, &signs[below(&build, sizeof signs - 1)], 1);
}

static void put_time(struct build *build, struct line *line)
{
    const uint64_t seconds = build->ms / 1000;

    put(line, "2025-03-14T");
    put_decimal(line, 6 + seconds / 3600 % 18, 2);
    put(line, ":");
    put_decimal(line, seconds / 60 % 60, 2);
    put(line, ":");
    put_decimal(line, seconds % 60, 2);
    put(line, ".");
    put_decimal(line, build->ms % 1000, 3);
    put(line, "Z ");
}

static void put_step(struct build *build, struct line *line)
{
    put(line, "[");
    put_decimal(line, ++build->step, 1);
    put(line, "/98304] Building C object ");
    put_path(build, line);
    put(line, ".o");
}

static void put_short_step(struct build *build, struct line *line)
{
    put(line, "CC ");
    put_identifier(build, line);
    put(line, ".o");
}

static void put_command(struct build *build, struct line *line)
{
    put(line, "cc -O2 -g -Wall -Wextra -Isrc -Ibuild/gen -DNDEBUG -MMD -c -o build/");
    put_path(build, line);
    put(line, ".o ");
    put_path(build, line);
}

static void put_warning(struct build *build, struct line *line)
{
    put_path(build, line);
    put(line, ":");
    put_decimal(line, 1 + below(build, 2000), 1);
    put(line, ":");
    put_decimal(line, 1 + below(build, 90), 1);
    /* the quotes are those of a compiler in a UTF-8 locale */
    put(line, ": warning: unused variable \xe2\x80\x98");
    put_identifier(build, line);
    put(line, "\xe2\x80\x99 [-Wunused-variable]");
}

static void put_test(struct build *build, struct line *line)
{
    put(line, "\xe2\x9c\x93 ");
    put(line, word(build));
    put(line, ": takes an empty ");
    put(line, word(build));
    put(line, " (");
    put_decimal(line, below(build, 400), 1);
    put(line, " ms)");
}

static void put_download(struct build *build, struct line *line)
{
    put(line, "Fetching https://packages.example/lib");
    put(line, word(build));
    put(line, "-1.");
    put_decimal(line, below(build, 20), 1);
    put(line, ".tar.gz sha256:");
    put_hex(build, line, 64);
}

static void put_leak(struct build *build, struct line *line)
{
    put(line, below(build, 2) ? "+ export API_KEY=" : "> Authorization: Bearer ");
    put_secret(line, below(build, SECRETS));
}

/* Its first word in a colour: behind the text there is room for that. */
static void colour(struct build *build, struct line *line)
{
    static const char off[] = "\x1b[0m";
    const char *blank = memchr(line->bytes, ' ', line->length);
    const size_t end = blank ? (size_t)(blank - line->bytes) : line->length;
    char on[] = "\x1b[1;30m";
    const size_t before = sizeof on - 1;
    const size_t behind = sizeof off - 1;

    on[5] = (char)('1' + below(build, 7));
    memmove(line->bytes + end + before + behind, line->bytes + end, line->length - end);
    memmove(line->bytes + before, line->bytes, end);
    memcpy(line->bytes, on, before);
    memcpy(line->bytes + before + end, off, behind);
    line->length += before + behind;
}

static void make_line(struct build *build, struct line *line, unsigned coloured)
{
    const unsigned kind = below(build, 100);

    line->length = 0;
    build->ms += below(build, 30);
    if (below(build, 3) == 0)
        put_time(build, line);
    if (kind < 100 / SECRET_ONE_IN)
        put_leak(build, line);
    else if (kind < 30)
        put_step(build, line);
    else if (kind < 40)
        put_short_step(build, line);
    else if (kind < 65)
        put_command(build, line);
    else if (kind < 80)
        put_warning(build, line);
    else if (kind < 92)
        put_test(build, line);
    else
        put_download(build, line);
    while (line->length < LINE_MIN - 1)
        put(line, ".");
    if (coloured && below(build, coloured) == 0)
        colour(build, line);
    line->bytes[line->length++] = '\n';
}

/* 64 KiB at a time. */
static int write_fast(uint64_t length, unsigned coloured)
{
    struct build build = {.random = seed_of_log};
    struct line line;
    uint64_t sum;

    setvbuf(stdout, NULL, _IOFBF, BLOCK);
    for (sum = 0; sum < length; sum += line.length) {
        make_line(&build, &line, coloured);
        if (fwrite(line.bytes, 1, line.length, stdout) < line.length)
            return -errno;
    }
    return fflush(stdout) ? -errno : 0;
}

static int write_paced(uint64_t length, unsigned coloured, uint64_t rate)
{
    const uint64_t started = clock_now();
    struct build build = {.random = seed_of_log};
    struct line line;
    uint64_t sum;
    int error = 0;

    for (sum = 0; sum < length && !error; sum += line.length) {
        const uint64_t due =
            started + sum / rate * NS_PER_SECOND + sum % rate * NS_PER_SECOND / rate;

        make_line(&build, &line, coloured);
        /* a sleep takes longer than most lines have */
        if (clock_now() + NS_PER_MS < due)
            wait_until(due);
        error = write_whole(STDOUT_FILENO, line.bytes, line.length);
    }
    return error;
}

static int write_secrets(uint64_t count)
{
    unsigned i;

    for (i = 0; i < count; i++) {
        struct line line = {.length = 0};

        put_secret(&line, i);
        printf("%.*s\n", (int)line.length, line.bytes);
    }
    return fflush(stdout) ? -errno : 0;
}

static uint64_t number(char **argv, int argc, int at)
{
    return at < argc ? strtoull(argv[at], NULL, 10) : 0;
}

int main(int argc, char **argv)
{
    const char *what = argc > 2 ? argv[1] : "";
    const uint64_t amount = number(argv, argc, 2);
    const unsigned coloured = (unsigned)number(argv, argc, 3);
    const uint64_t rate = number(argv, argc, 4);
    int error = -EINVAL;

    if (strcmp(what, "log") == 0 && argc >= 4 && amount && amount <= 1 << 20)
        error =
            rate ? write_paced(amount << 20, coloured, rate) : write_fast(amount << 20, coloured);
    else if (strcmp(what, "secrets") == 0 && argc == 3 && amount && amount <= SECRETS)
        error = write_secrets(amount);
    if (error == -EINVAL)
        fputs("usage: buildlog log MIB COLOURED [RATE] | secrets COUNT (at most 100)\n", stderr);
    else if (error)
        fprintf(stderr, "buildlog: %s\n", strerror(-error));
    return error == -EINVAL ? 2 : error != 0;
}
