#include "tests/fault/trial.h"

#include "sys/clock.h"
#include "tests/fault/fault.h"
#include "tests/unit/slow.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LINES = 384, LINE_MAX_LENGTH = 80, ARGUMENTS_MAX = 32, CONNECTIONS_MAX = 16 };

/* all of these times slow() */
static const uint64_t limit = 10 * NS_PER_SECOND;
/* a stall lasts until the input is empty, or so long */
static const uint64_t stall_most = 60 * NS_PER_MS;
/* the ring is full when for so long nothing more has been read */
static const uint64_t full_after = 15 * NS_PER_MS;
static const uint64_t full_most = 500 * NS_PER_MS;

static _Noreturn void die(const char *what)
{
    fprintf(stderr, "torture: %s: %s\n", what, strerror(errno));
    exit(2);
}

static void append(struct bytes *bytes, const char *from, size_t length)
{
    if (bytes->length + length + 1 > bytes->room) {
        bytes->room = (bytes->length + length + 1) * 2;
        bytes->at = realloc(bytes->at, bytes->room);
        if (!bytes->at)
            die("memory");
    }
    memcpy(bytes->at + bytes->length, from, length);
    bytes->length += length;
    bytes->at[bytes->length] = '\0';
}

const struct bytes *trial_stream(void)
{
    static const char *const kinds[] = {"an ordinary line of a log", "\033[1mbold\033[0m words",
                                        "the word is hunter2, and a", "all is well so far"};
    static struct bytes stream;
    static bool is_made;
    int i;

    for (i = 0; i < LINES && !is_made; i++) {
        char line[LINE_MAX_LENGTH];
        const int length = snprintf(line, sizeof line, "%04d %-40s %010d\n", i, kinds[i % 4],
                                    (i * 7919 + 13) % 1000003);

        append(&stream, line, (size_t)length);
    }
    is_made = true;
    return &stream;
}

/* Everything that can be had without waiting. False: there will be no more. */
static bool collect(int fd, struct bytes *to)
{
    char block[1 << 14];
    ssize_t got;

    while ((got = read(fd, block, sizeof block)) > 0)
        append(to, block, (size_t)got);
    return got < 0 && (errno == EAGAIN || errno == EINTR);
}

static bool collect_file(const char *path, struct bytes *to)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);

    append(to, "", 0);
    if (fd < 0)
        return false;
    collect(fd, to);
    close(fd);
    return true;
}

static void empty_directory(void)
{
    DIR *directory = opendir(".");
    struct dirent *entry;

    if (!directory)
        die("directory");
    while ((entry = readdir(directory)))
        unlink(entry->d_name);
    closedir(directory);
}

/* Descriptors of the trial: those with "theirs" are the child's. */
struct rig {
    const struct mode *mode;
    struct outcome *outcome;
    uint64_t began;
    bool is_stalled;
    bool is_asked_to_end;
    int left;         /* in the input pipe, when that was looked at last */
    uint64_t changed; /* when it was less than before */
    int child_in;
    int child_out[2];
    int in;
    int outs[2];
    int process;
    int connections[CONNECTIONS_MAX];
    int connection_count;
    pid_t pid;
};

static int listener(uint16_t *port)
{
    static int fd = -1;
    static struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof address;

    if (fd < 0) {
        fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (fd < 0 || bind(fd, (struct sockaddr *)&address, size) < 0 || listen(fd, 64) < 0 ||
            getsockname(fd, (struct sockaddr *)&address, &size) < 0)
            die("listener");
    }
    *port = ntohs(address.sin_port);
    return fd;
}

static void open_pipe(int *reading, int *writing)
{
    int fds[2];

    if (pipe2(fds, O_CLOEXEC) < 0)
        die("pipe");
    *reading = fds[0];
    *writing = fds[1];
}

static void unblock(int fd)
{
    if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) < 0)
        die("fcntl");
}

static void prepare_input(struct rig *rig)
{
    const struct bytes *stream = trial_stream();

    rig->in = -1;
    rig->outcome->accepted = SIZE_MAX;
    if (rig->mode->input == INPUT_FILE) {
        rig->child_in = open("../in", O_RDONLY | O_CLOEXEC);
    } else if (rig->mode->input == INPUT_COMMAND) {
        rig->child_in = open("/dev/null", O_RDONLY | O_CLOEXEC);
    } else {
        int ends[2] = {-1, -1};

        if (rig->mode->input != INPUT_SOCKET)
            open_pipe(&rig->child_in, &rig->in);
        else if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
            die("socketpair");
        if (ends[0] >= 0) {
            rig->child_in = ends[0];
            rig->in = ends[1];
        }
        if (write(rig->in, stream->at, stream->length) != (ssize_t)stream->length)
            die("input");
        rig->outcome->accepted = stream->length;
        rig->is_stalled = rig->mode->input >= INPUT_STALLED;
        rig->left = (int)stream->length;
        if (!rig->is_stalled) {
            close(rig->in);
            rig->in = -1;
        }
    }
    if (rig->child_in < 0)
        die("input");
}

static void prepare_output(struct rig *rig)
{
    int ends[2];

    rig->outs[0] = rig->outs[1] = rig->child_out[1] = -1;
    switch (rig->mode->output) {
    case OUTPUT_TWO_PIPES: open_pipe(&rig->outs[1], &rig->child_out[1]); /* fall through */
    case OUTPUT_PIPE: open_pipe(&rig->outs[0], &rig->child_out[0]); break;
    case OUTPUT_SOCKET:
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
            die("socketpair");
        rig->outs[0] = ends[0];
        rig->child_out[0] = ends[1];
        break;
    case OUTPUT_FILE:
    case OUTPUT_NAMED:
        rig->child_out[0] = open("stdout", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        break;
    }
    if (rig->child_out[0] < 0)
        die("output");
    if (rig->is_stalled)
        fcntl(rig->child_out[0], F_SETPIPE_SZ, 4096);
    if (rig->outs[0] >= 0)
        unblock(rig->outs[0]);
    if (rig->outs[1] >= 0)
        unblock(rig->outs[1]);
}

static void set_environment(const char *shim, const struct fault *fault)
{
    char number[16];

    setenv("LD_PRELOAD", shim, 1);
    setenv("FAULT_COUNTS", "counts", 1);
    setenv("FAULT_LOG", "log", 1);
    setenv("TMPDIR", ".", 1);
    if (!fault->call)
        return;
    snprintf(number, sizeof number, "%u", fault->at);
    setenv("FAULT_CALL", fault->call, 1);
    setenv("FAULT_HOW", fault->how, 1);
    setenv(fault->lasts ? "FAULT_FROM" : "FAULT_AT", number, 1);
}

static _Noreturn void become(const struct rig *rig, const char *slabcat, const char *shim,
                             const struct fault *fault)
{
    static char address[64];
    /* what the shim tells of a failure it opens and reads then */
    const char *argv[ARGUMENTS_MAX] = {"slabcat", "--no-sandbox"};
    const int err = open("err", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    uint16_t port = 0;
    int i;

    for (i = 0; rig->mode->arguments[i]; i++) {
        argv[i + 2] = rig->mode->arguments[i];
        if (strcmp(argv[i + 2], "@tcp") == 0) {
            listener(&port);
            snprintf(address, sizeof address, "tcp://127.0.0.1:%d", port);
            argv[i + 2] = address;
        }
    }
    /* above all numbers that are to be taken */
    for (i = 0; i < 2 && rig->child_out[i] >= 0; i++) {
        if (dup2(rig->child_out[i], 100 + i) < 0)
            _exit(98);
    }
    if (dup2(rig->child_in, 0) < 0 || dup2(100, 1) < 0 || dup2(err, 2) < 0 ||
        (rig->child_out[1] >= 0 && dup2(101, 3) < 0))
        _exit(98);
    close(100);
    close(101);
    signal(SIGPIPE, SIG_DFL);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    set_environment(shim, fault);
    execv(slabcat, (char *const *)argv);
    _exit(98);
}

static void begin(struct rig *rig, const char *slabcat, const char *shim, const struct fault *fault)
{
    int i;

    if (rig->mode->truth == TRUTH_RESENT)
        listener(&(uint16_t){0}); /* it is ours, and not the child's */
    rig->began = clock_now();
    rig->pid = fork();
    if (rig->pid < 0)
        die("fork");
    if (rig->pid == 0)
        become(rig, slabcat, shim, fault);
    rig->process = (int)syscall(SYS_pidfd_open, (long)rig->pid, 0L);
    if (rig->process < 0)
        die("pidfd_open");
    close(rig->child_in);
    for (i = 0; i < 2 && rig->child_out[i] >= 0; i++)
        close(rig->child_out[i]);
}

static void meet(struct rig *rig)
{
    uint16_t port;
    const int fd = accept4(listener(&port), NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

    if (fd < 0)
        return;
    if (rig->connection_count == CONNECTIONS_MAX)
        die("too many connections");
    rig->connections[rig->connection_count++] = fd;
}

static void close_one(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* What has come on all outputs. */
static void take(struct rig *rig)
{
    struct bytes *outputs = rig->outcome->outputs;
    int i;

    for (i = 0; i < 2; i++) {
        if (rig->outs[i] >= 0 && !rig->is_stalled && !collect(rig->outs[i], &outputs[i]))
            close_one(&rig->outs[i]);
    }
    for (i = 0; i < rig->connection_count; i++) {
        if (rig->connections[i] >= 0 && !collect(rig->connections[i], &outputs[i]))
            close_one(&rig->connections[i]);
    }
}

/* The ring is full, as far as one can see from here: ask for the end. */
static void ask_to_end(struct rig *rig)
{
    const uint64_t now = clock_now();
    int left = rig->left;

    if (ioctl(rig->in, FIONREAD, &left) == 0 && left < rig->left)
        rig->changed = now;
    rig->left = left;
    if ((!rig->changed || now < rig->changed + full_after * slow()) &&
        now < rig->began + full_most * slow())
        return;
    kill(rig->pid, SIGTERM);
    rig->is_asked_to_end = true;
    rig->is_stalled = rig->mode->input == INPUT_TERM_STUCK;
}

static void end_stall(struct rig *rig)
{
    int left = 1;

    if (!rig->is_stalled)
        return;
    if (rig->mode->input > INPUT_STALLED) {
        if (!rig->is_asked_to_end)
            ask_to_end(rig);
        return;
    }
    if (ioctl(rig->in, FIONREAD, &left) == 0 && left > 0 &&
        clock_now() < rig->began + stall_most * slow())
        return;
    rig->is_stalled = false;
    close_one(&rig->in);
}

/* Serve both ends for a moment. False: the process has ended. */
static bool attend(struct rig *rig)
{
    struct pollfd fds[4 + CONNECTIONS_MAX] = {{.fd = rig->process, .events = POLLIN}};
    const bool listens = rig->mode->truth == TRUTH_RESENT;
    nfds_t count = 4;
    uint16_t port;
    int i;

    fds[1] = (struct pollfd){.fd = rig->is_stalled ? -1 : rig->outs[0], .events = POLLIN};
    fds[2] = (struct pollfd){.fd = rig->is_stalled ? -1 : rig->outs[1], .events = POLLIN};
    fds[3] = (struct pollfd){.fd = listens ? listener(&port) : -1, .events = POLLIN};
    for (i = 0; i < rig->connection_count; i++)
        fds[count++] = (struct pollfd){.fd = rig->connections[i], .events = POLLIN};
    poll(fds, count, rig->is_stalled ? 1 : 100);
    end_stall(rig);
    if (fds[3].revents)
        meet(rig);
    take(rig);
    return !fds[0].revents;
}

static void finish(struct rig *rig)
{
    struct outcome *outcome = rig->outcome;
    int status;
    int i;

    if (outcome->is_late)
        kill(rig->pid, SIGKILL);
    while (waitpid(rig->pid, &status, 0) < 0) {
        if (errno != EINTR)
            die("waitpid");
    }
    outcome->ms = (unsigned)((clock_now() - rig->began) / NS_PER_MS);
    outcome->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    rig->is_stalled = false;
    if (rig->mode->truth == TRUTH_RESENT)
        meet(rig);
    take(rig);
    for (i = 0; i < rig->connection_count; i++)
        close_one(&rig->connections[i]);
    close_one(&rig->in);
    close_one(&rig->outs[0]);
    close_one(&rig->outs[1]);
    close_one(&rig->process);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_part(const struct dirent *entry)
{
    return strncmp(entry->d_name, "out.", 4) == 0;
}

/* out.TIME, in the order of time, and out itself is the last one. */
static void collect_parts(struct outcome *outcome)
{
    struct dirent **entries;
    const int count = scandir(".", &entries, is_part, by_name);
    int i;

    for (i = 0; i < count; i++) {
        collect_file(entries[i]->d_name, &outcome->outputs[0]);
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
    collect_file("out", &outcome->outputs[0]);
    outcome->output_count = 1;
}

static void collect_outputs(const struct rig *rig)
{
    struct outcome *outcome = rig->outcome;
    const struct mode *mode = rig->mode;
    int i;

    if (mode->output == OUTPUT_PIPE || mode->output == OUTPUT_SOCKET)
        outcome->output_count = 1;
    else if (mode->output == OUTPUT_TWO_PIPES)
        outcome->output_count = 2;
    else if (mode->output == OUTPUT_FILE)
        collect_file("stdout", &outcome->outputs[outcome->output_count++]);
    if (mode->truth == TRUTH_PARTS)
        collect_parts(outcome);
    else if (mode->truth == TRUTH_RESENT)
        outcome->output_count = rig->connection_count;
    for (i = 0; mode->truth != TRUTH_PARTS && i < 3 && mode->files[i]; i++)
        collect_file(mode->files[i], &outcome->outputs[outcome->output_count++]);
    for (i = 0; i < outcome->output_count; i++)
        append(&outcome->outputs[i], "", 0);
}

/* What the shim says; a fault that lasts is told once. */
static void collect_log(struct outcome *outcome)
{
    FILE *log = fopen("log", "re");
    char line[512];
    char *at = line;

    outcome->fd = outcome->other = -1;
    if (!log)
        return;
    if (fgets(line, sizeof line, log)) {
        outcome->is_reached = true;
        line[strcspn(line, "\n")] = '\0';
        strsep(&at, " ");
        strsep(&at, " ");
        outcome->fd = (int)strtol(at, &at, 10);
        outcome->other = *at == ',' ? (int)strtol(at + 1, &at, 10) : -1;
        strsep(&at, " ");
        strsep(&at, " ");
        if (at)
            snprintf(outcome->path, sizeof outcome->path, "%.127s", at);
    }
    fclose(log);
}

void trial_run(const char *slabcat, const char *shim, const struct mode *mode,
               const struct fault *fault, struct outcome *outcome)
{
    struct rig rig = {.mode = mode, .outcome = outcome};

    *outcome = (struct outcome){0};
    empty_directory();
    prepare_input(&rig);
    prepare_output(&rig);
    begin(&rig, slabcat, shim, fault);
    while (attend(&rig)) {
        outcome->is_late = clock_now() > rig.began + limit * slow();
        if (outcome->is_late)
            break;
    }
    finish(&rig);
    collect_outputs(&rig);
    collect_log(outcome);
    collect_file("err", &outcome->err);
    collect_file("stats", &outcome->stats);
    collect_file("digest", &outcome->digest);
}

void trial_forget(struct outcome *outcome)
{
    int i;

    for (i = 0; i < OUTPUTS_MAX; i++)
        free(outcome->outputs[i].at);
    free(outcome->err.at);
    free(outcome->stats.at);
    free(outcome->digest.at);
}

uint64_t trial_count(int kind)
{
    const int fd = open("counts", O_RDONLY | O_CLOEXEC);
    uint64_t count = 0;

    if (fd < 0 || pread(fd, &count, sizeof count, (off_t)((size_t)kind * sizeof count)) < 0)
        count = 0;
    close_one(&(int){fd});
    return count;
}
