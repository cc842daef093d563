/*
 * flow: both ends of the streams of a soak, and the judge of what has come of them.
 *
 *     flow write [LINES] [PACE] [-z STATUS] REPORT
 *             send lines to stdout, so many bytes in one write(); at the end put into REPORT
 *             "BYTES HOW": how many were taken, and "ended", "told" (by TERM, INT, HUP or QUIT,
 *             which are heard between writes) or "refused" (nobody takes them). The status is 0,
 *             43 or 44; -z: STATUS in place of 0
 *     flow take [PACE] [-q BYTES] FILE
 *             read stdin into FILE, so many bytes in one read(), to its end, or BYTES in all
 *     flow check [LINES] [-a] [-g] [-m] [-k] [-P PREFIX] [-t BYTES] FILE...
 *             are these files, one behind the other, what slabcat is to make of those lines ("-":
 *             stdin)? -a: all of them; -g: some may be missing, -m: where a marker says so; -k:
 *             each file may begin anywhere; -P: a prefix, -t: a time of so many bytes in front of
 *             each. Prints what there is (verify.h), "bytes 100 lines 3 next 3 ..."
 *
 *     LINES   -s SEED -f FIRST -n COUNT -l LONGEST -0 (NUL ends a line) -u (nothing ends the last
 *             one) -c (colours) -x (secrets); lines.h tells what they are
 *     PACE    -w MOST (bytes in a call) -e EVERY (so many bytes, about, there is a pause)
 *             -p PAUSE_US (as long at most) -d SEED
 *
 * Ends with 0, 1 when something is not as it should be, 2 for wrong usage.
 */
#include "bench/moment.h"
#include "sys/clock.h"
#include "tests/soak/lines.h"
#include "tests/soak/verify.h"
#include "tests/unit/chance.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TOLD = 43, REFUSED = 44 };
enum { CALL_MAX = 1 << 20 };

struct pace {
    uint64_t seed;
    size_t most;
    size_t every; /* 0: no pauses */
    uint64_t pause_us;
    size_t until_pause;
};

struct flow {
    struct expectation stream;
    struct pace pace;
    uint64_t quit_after;
    int status;
};

static _Noreturn void die(const char *what)
{
    fprintf(stderr, "flow: %s: %s\n", what, strerror(errno));
    exit(1);
}

static _Noreturn void misuse(void)
{
    fputs("flow: wrong usage; the head of tests/soak/flow.c tells\n", stderr);
    exit(2);
}

/* How many bytes the next call may move, of so many that there are. */
static size_t next_call(struct pace *pace, size_t available)
{
    const size_t wanted = 1 + any(&pace->seed, pace->most);

    return wanted < available ? wanted : available;
}

static void rest_after(struct pace *pace, size_t bytes)
{
    if (!pace->every)
        return;
    if (bytes < pace->until_pause) {
        pace->until_pause -= bytes;
        return;
    }
    pace->until_pause = 1 + any(&pace->seed, 2 * pace->every);
    wait_until(clock_now() + NS_PER_US * any(&pace->seed, pace->pause_us + 1));
}

/* The signals that tell a writer to end wait until it asks. */
static sigset_t telling(void)
{
    sigset_t signals;

    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    sigaddset(&signals, SIGQUIT);
    return signals;
}

static bool is_told(const sigset_t *signals)
{
    const struct timespec at_once = {0};

    return sigtimedwait(signals, NULL, &at_once) > 0;
}

static void report(const char *path, uint64_t taken, const char *how)
{
    FILE *file = fopen(path, "w");

    if (!file || fprintf(file, "%" PRIu64 " %s\n", taken, how) < 0 || fclose(file) != 0)
        die(path);
}

/* What there is to send: lines, so many at a time. */
struct supply {
    const struct lines *lines;
    uint64_t next;
    uint64_t end;
    char *bytes;
    size_t length;
    size_t done;
};

/* Have something to send, so much that a call can be as large as it may; false at the end. */
static bool refill(struct supply *supply, size_t wanted)
{
    if (supply->length - supply->done >= wanted)
        return true;
    memmove(supply->bytes, supply->bytes + supply->done, supply->length - supply->done);
    supply->length -= supply->done;
    supply->done = 0;
    while (supply->length < wanted && supply->next != supply->end)
        supply->length +=
            lines_make(supply->lines, supply->next++, false, supply->bytes + supply->length);
    return supply->length > 0;
}

static int run_write(struct flow *flow, const char *path)
{
    const struct lines *lines = &flow->stream.lines;
    const uint64_t first = flow->stream.first;
    struct supply supply = {.lines = lines, .next = first, .end = first + lines->count};
    const sigset_t signals = telling();
    uint64_t taken = 0;
    bool was_told = false;
    bool is_refused = false;

    supply.bytes = malloc(CALL_MAX + LINE_ROOM);
    if (lines->count == UINT64_MAX)
        supply.end = UINT64_MAX;
    if (!supply.bytes)
        die("memory");
    signal(SIGPIPE, SIG_IGN);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    while (!is_refused && !(was_told = is_told(&signals)) && refill(&supply, flow->pace.most)) {
        const size_t size = next_call(&flow->pace, supply.length - supply.done);
        const ssize_t put = write(STDOUT_FILENO, supply.bytes + supply.done, size);

        if (put < 0 && errno != EPIPE && errno != ECONNRESET)
            die("write");
        is_refused = put < 0;
        if (is_refused)
            break;
        taken += (uint64_t)put;
        supply.done += (size_t)put;
        rest_after(&flow->pace, (size_t)put);
    }
    free(supply.bytes);
    report(path, taken, was_told ? "told" : is_refused ? "refused" : "ended");
    return was_told ? TOLD : is_refused ? REFUSED : flow->status;
}

static int run_take(struct flow *flow, const char *path)
{
    static char bytes[CALL_MAX];
    const int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    uint64_t left = flow->quit_after;

    if (file < 0)
        die(path);
    while (left > 0) {
        const size_t size = next_call(&flow->pace, left < CALL_MAX ? (size_t)left : CALL_MAX);
        const ssize_t got = read(STDIN_FILENO, bytes, size);

        if (got < 0)
            die("read");
        if (got == 0)
            break;
        if (write(file, bytes, (size_t)got) != got)
            die(path);
        left -= (uint64_t)got;
        rest_after(&flow->pace, (size_t)got);
    }
    return close(file) < 0;
}

static int run_check(struct flow *flow, char *const *files)
{
    struct findings found;
    const bool good = verify(&flow->stream, files, &found);

    printf("bytes %" PRIu64 " lines %" PRIu64 " next %" PRIu64 " missing_lines %" PRIu64
           " missing_bytes %" PRIu64 " markers %" PRIu64 " marked_bytes %" PRIu64
           " cut %zu twice %" PRIu64 " lost %" PRIu64 " unplaced %" PRIu64 "\n",
           found.bytes, found.lines, found.next, found.missing_lines, found.missing_bytes,
           found.markers, found.marked_bytes, found.cut, found.twice, found.lost, found.unplaced);
    return !good;
}

static uint64_t number(const char *text, uint64_t most)
{
    char *end;
    const uint64_t number = strtoull(text, &end, 10);

    if (*end || end == text || number > most)
        misuse();
    return number;
}

static void take_option(struct flow *flow, int option)
{
    struct expectation *stream = &flow->stream;
    struct lines *lines = &stream->lines;

    switch (option) {
    case 's': lines->seed = number(optarg, UINT64_MAX); break;
    case 'f': stream->first = number(optarg, UINT64_MAX); break;
    case 'n': lines->count = number(optarg, UINT64_MAX); break;
    case 'l': lines->longest = number(optarg, LINE_MAX_LENGTH); break;
    case '0': lines->ender = '\0'; break;
    case 'u': lines->is_open = true; break;
    case 'c': lines->is_colored = true; break;
    case 'x': lines->has_secrets = true; break;
    case 'a': stream->is_whole = true; break;
    case 'g': stream->may_have_gaps = true; break;
    case 'm': stream->has_markers = true; break;
    case 'k': stream->is_in_pieces = true; break;
    case 'P': stream->prefix = optarg; break;
    case 't': stream->stamp = number(optarg, 64); break;
    case 'd': flow->pace.seed = number(optarg, UINT64_MAX); break;
    case 'w': flow->pace.most = number(optarg, CALL_MAX); break;
    case 'e': flow->pace.every = number(optarg, SIZE_MAX / 4); break;
    case 'p': flow->pace.pause_us = number(optarg, 1000000000); break;
    case 'q': flow->quit_after = number(optarg, UINT64_MAX); break;
    case 'z': flow->status = (int)number(optarg, 255); break;
    default: misuse();
    }
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    struct flow flow = {.pace = {.most = 4096}, .quit_after = UINT64_MAX};
    int option;

    flow.stream.prefix = "";
    flow.stream.lines.ender = '\n';
    flow.stream.lines.count = UINT64_MAX;
    flow.stream.lines.longest = 200;
    if (argc < 3)
        misuse();
    argv++;
    argc--;
    while ((option = getopt(argc, argv, "s:f:n:l:0ucxagmkP:t:d:w:e:p:q:z:")) >= 0)
        take_option(&flow, option);
    if (!flow.pace.most || optind >= argc)
        misuse();
    if (strcmp(what, "write") == 0)
        return run_write(&flow, argv[optind]);
    if (strcmp(what, "take") == 0)
        return run_take(&flow, argv[optind]);
    if (strcmp(what, "check") == 0)
        return run_check(&flow, argv + optind);
    misuse();
}
