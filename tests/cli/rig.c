/*
 * rig: the other ends of the pipes in the tests; what a shell cannot do or not exactly enough.
 *
 *     rig bytes LENGTH [CHUNK]   write LENGTH bytes of the test stream, CHUNK at a time
 *     rig check LENGTH           read to the end: exactly LENGTH bytes of the test stream?
 *     rig press FILE             write the test stream until nothing has been taken 300 times in
 *                                turn, 1 ms apart, write into FILE how much was, and hold the pipe
 *                                open until killed
 *     rig chat FILE SIZE GAP_US  write the test stream SIZE bytes at a time until nobody takes it
 *                                any more, then write into FILE how much was taken
 *     rig socket tcp|unix|small|seqpacket in|out COMMAND...
 *                                run COMMAND with a socket as stdin or stdout; rig itself stands at
 *                                the other side of it, with its own stdin or stdout
 *     rig nonblock COMMAND...    run COMMAND with O_NONBLOCK set on stdin and stdout; complain when
 *                                the flags have changed afterwards
 *     rig pty COMMAND...         run COMMAND on a terminal of its own; stdin is typed into it
 *     rig hold FILE              be a slow disk: keep every write to FILE waiting until killed, and say
 *                                "holding" as soon as they do; 77 when that cannot be done here
 *     rig hog COMMAND...         hold so many pipes of 1 MiB that the kernel gives this user only tiny
 *                                ones from now on, and run COMMAND; 77 when it does not come to that
 *     rig deny CALLS ERROR COMMAND...
 *                                run COMMAND with these calls failing so, or "kill"ing; see deny.h; 77
 *                                when that cannot be done here
 *     rig slow COMMAND...        run COMMAND with system calls that cost about 1.5 us more; see slow.h;
 *                                77 when that cannot be done here
 *     rig slow-by NS COMMAND...  the same with NS more
 *     rig busy COUNT COMMAND...  run COMMAND on one CPU, with COUNT busy loops beside it
 *     rig machine [CALL_NS SPAWN_US WAKE_US LOAD_PERCENT]
 *                                measure the machine, or take these figures, and print SLOW for it;
 *                                see machine.h
 *     rig hang FILE CALLS AFTER COMMAND...
 *                                run COMMAND; of these calls about FILE the first AFTER are made, and the
 *                                others do not return until rig is killed; 77 when that cannot be done here
 *     rig halt PID NAME COMMAND...
 *                                stop the threads of process PID that are called NAME, and only them,
 *                                while COMMAND runs; 77 when that cannot be done here
 *     rig latency COUNT GAP_MS COMMAND...
 *                                send COUNT lines through COMMAND, GAP_MS apart; print how long they
 *                                took, "median_us 80 max_us 120"
 *     rig dumpable PID STRING    is STRING in memory that a core dump of process PID would hold? Print
 *                                where; 0: yes, 1: no, 2: nobody can say, so use "run -1" and not "not"
 *     rig keep yes|no OFFSET     hold stdin's bytes at OFFSET of a mapping, in a core dump or not, and
 *                                nowhere else; print "kept" and stay until killed
 *
 * The test stream is a fixed sequence in which every 8 bytes are different from all others, so that
 * a byte lost, doubled or moved is seen. Ends with 0, 1 when something is not as it should be, 2
 * for wrong usage; COMMAND's own status where there is one.
 */
#include "deny.h"
#include "dumpable.h"
#include "halt.h"
#include "machine.h"
#include "slow.h"
#include "sys/clock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { BLOCK = 1 << 16 };

static _Noreturn void die(const char *what)
{
    fprintf(stderr, "rig: %s: %s\n", what, strerror(errno));
    exit(1);
}

static uint64_t now_us(void)
{
    return clock_now() / NS_PER_US;
}

static void sleep_us(uint64_t us)
{
    struct timespec time = clock_timespec(us * NS_PER_US);

    while (nanosleep(&time, &time) < 0 && errno == EINTR)
        ;
}

/* The word at INDEX of the test stream; a bijection, so no two are the same. */
static uint64_t word_at(uint64_t index)
{
    index = (index ^ (index >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    index = (index ^ (index >> 27)) * UINT64_C(0x94d049bb133111eb);
    return index ^ (index >> 31);
}

/* LENGTH bytes of the stream from OFFSET on; room for 8 more, as whole words are stored. */
static void stream_at(uint64_t offset, unsigned char *bytes, size_t length)
{
    const size_t skip = offset % 8;
    uint64_t index = offset / 8;
    size_t at = 0;
    uint64_t word = word_at(index++);

    while (at < skip + length) {
        memcpy(bytes + at, &word, sizeof word);
        word = word_at(index++);
        at += sizeof word;
    }
    memmove(bytes, bytes + skip, length);
}

static size_t write_some(int fd, const unsigned char *bytes, size_t length)
{
    ssize_t put = write(fd, bytes, length);

    if (put >= 0)
        return (size_t)put;
    if (errno == EAGAIN || errno == EINTR)
        return 0;
    die("write");
}

static void write_whole(int fd, const unsigned char *bytes, size_t length)
{
    while (length > 0) {
        size_t put = write_some(fd, bytes, length);

        bytes += put;
        length -= put;
    }
}

static int run_bytes(uint64_t length, size_t chunk)
{
    static unsigned char bytes[BLOCK + 16];
    uint64_t at = 0;

    while (at < length) {
        size_t block = length - at < BLOCK ? (size_t)(length - at) : BLOCK;
        size_t done = 0;

        stream_at(at, bytes, block);
        while (done < block) {
            size_t part = block - done < chunk ? block - done : chunk;

            write_whole(STDOUT_FILENO, bytes + done, part);
            done += part;
        }
        at += block;
    }
    return 0;
}

static int run_check(uint64_t length)
{
    static unsigned char bytes[BLOCK];
    static unsigned char expected[BLOCK + 16];
    uint64_t at = 0;
    ssize_t got;

    while ((got = read(STDIN_FILENO, bytes, sizeof bytes)) != 0) {
        if (got < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (got < 0)
            die("read");
        stream_at(at, expected, (size_t)got);
        if (memcmp(bytes, expected, (size_t)got) != 0) {
            fprintf(stderr, "rig: not the test stream between byte %" PRIu64 " and %" PRIu64 "\n",
                    at, at + (uint64_t)got);
            return 1;
        }
        at += (uint64_t)got;
    }
    if (at != length)
        fprintf(stderr, "rig: %" PRIu64 " bytes came, not %" PRIu64 "\n", at, length);
    return at != length;
}

static int run_press(const char *path)
{
    static unsigned char bytes[BLOCK + 16];
    /* in attempts, not in time: on a machine that lets whoever reads wait, each takes longer */
    const unsigned patience = 300;
    uint64_t taken = 0;
    unsigned attempts = 0;
    FILE *file;

    /* a description of our own, so that the flag is ours alone */
    int fd = open("/proc/self/fd/1", O_WRONLY | O_NONBLOCK);

    if (fd < 0)
        die("stdout");
    close(STDOUT_FILENO);
    while (attempts < patience) {
        size_t put;

        stream_at(taken, bytes, BLOCK);
        put = write_some(fd, bytes, BLOCK);
        taken += put;
        if (put > 0) {
            attempts = 0;
        } else {
            attempts++;
            sleep_us(1000);
        }
    }
    file = fopen(path, "w");
    if (!file || fprintf(file, "%" PRIu64 "\n", taken) < 0 || fclose(file) != 0)
        die(path);
    for (;;)
        pause();
}

static int run_chat(const char *path, size_t size, uint64_t gap_us)
{
    static unsigned char bytes[BLOCK + 16];
    uint64_t taken = 0;
    FILE *file = fopen(path, "w");

    if (!file || size > BLOCK)
        die(path);
    signal(SIGPIPE, SIG_IGN);
    for (;;) {
        ssize_t put;

        stream_at(taken, bytes, size);
        put = write(STDOUT_FILENO, bytes, size);
        if (put < 0)
            break;
        taken += (uint64_t)put;
        if (gap_us)
            sleep_us(gap_us);
    }
    if (fprintf(file, "%" PRIu64 "\n", taken) < 0 || fclose(file) != 0)
        die(path);
    return 0;
}

/* Wait for CHILD and end as it did. */
static int status_of(pid_t child)
{
    int status;

    while (waitpid(child, &status, 0) < 0) {
        if (errno != EINTR)
            die("waitpid");
    }
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static pid_t spawn(char **command, int in, int out)
{
    pid_t child = fork();

    if (child < 0)
        die("fork");
    if (child > 0)
        return child;
    if ((in >= 0 && dup2(in, STDIN_FILENO) < 0) || (out >= 0 && dup2(out, STDOUT_FILENO) < 0))
        die("dup2");
    execvp(command[0], command);
    die(command[0]);
}

static void copy(int from, int to)
{
    static unsigned char bytes[BLOCK];
    ssize_t got;

    while ((got = read(from, bytes, sizeof bytes)) != 0) {
        if (got > 0)
            write_whole(to, bytes, (size_t)got);
        else if (errno == EIO) /* a terminal whose last user has gone */
            break;
        else if (errno != EINTR)
            die("read");
    }
}

/* Two ends of one connection over the loopback. */
static void connect_tcp(int ends[2])
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ends[0] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0 || ends[0] < 0 || bind(listener, (struct sockaddr *)&address, size) < 0 ||
        listen(listener, 1) < 0 || getsockname(listener, (struct sockaddr *)&address, &size) < 0 ||
        connect(ends[0], (struct sockaddr *)&address, size) < 0)
        die("tcp");
    ends[1] = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    if (ends[1] < 0)
        die("accept");
    close(listener);
}

static int run_socket(const char *family, const char *side, char **command)
{
    const int type = strcmp(family, "seqpacket") == 0 ? SOCK_SEQPACKET : SOCK_STREAM;
    int ends[2];
    pid_t child;

    if (strcmp(family, "tcp") == 0)
        connect_tcp(ends);
    else if (socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends) < 0)
        die("socketpair");
    /* a unix socket with the least buffer the kernel grants */
    if (strcmp(family, "small") == 0 &&
        setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &(int){1}, sizeof(int)) < 0)
        die("SO_SNDBUF");
    if (strcmp(side, "in") == 0) {
        child = spawn(command, ends[0], -1);
        close(ends[0]);
        copy(STDIN_FILENO, ends[1]);
    } else {
        child = spawn(command, -1, ends[0]);
        close(ends[0]);
        copy(ends[1], STDOUT_FILENO);
    }
    close(ends[1]);
    return status_of(child);
}

static int run_nonblock(char **command)
{
    int fd;
    int flags[2];
    int status;

    for (fd = 0; fd < 2; fd++) {
        flags[fd] = fcntl(fd, F_GETFL) | O_NONBLOCK;
        if (fcntl(fd, F_SETFL, flags[fd]) < 0)
            die("fcntl");
    }
    status = status_of(spawn(command, -1, -1));
    for (fd = 0; fd < 2; fd++) {
        if (fcntl(fd, F_GETFL) != flags[fd]) {
            fprintf(stderr, "rig: the flags of descriptor %d have changed\n", fd);
            status = 1;
        }
    }
    return status;
}

static int run_pty(char **command)
{
    int terminal;
    pid_t typist;
    pid_t child = forkpty(&terminal, NULL, NULL, NULL);
    int status;

    if (child < 0)
        die("forkpty");
    if (child == 0) {
        execvp(command[0], command);
        die(command[0]);
    }
    typist = fork();
    if (typist == 0) {
        copy(STDIN_FILENO, terminal);
        exit(0);
    }
    copy(terminal, STDOUT_FILENO);
    status = status_of(child);
    kill(typist, SIGKILL);
    waitpid(typist, NULL, 0);
    return status;
}

/* In a process of its own: FAULTS is readable once somebody waits for a page. */
static void say_when_holding(int faults)
{
    struct pollfd waiting = {.fd = faults, .events = POLLIN};

    if (fork() != 0)
        return;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (poll(&waiting, 1, -1) == 1 && (waiting.revents & POLLIN))
        puts("holding");
    exit(0);
}

/* A write whose bytes come from a page that never comes holds the file's lock meanwhile. */
static int run_hold(const char *path)
{
    const size_t size = 4096;
    const int faults = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
    struct uffdio_api api = {.api = UFFD_API};
    struct uffdio_register page = {.range = {.len = size}, .mode = UFFDIO_REGISTER_MODE_MISSING};
    void *bytes = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    const int fd = open(path, O_WRONLY);

    page.range.start = (uintptr_t)bytes;
    if (bytes == MAP_FAILED || fd < 0 || faults < 0 || ioctl(faults, UFFDIO_API, &api) < 0 ||
        ioctl(faults, UFFDIO_REGISTER, &page) < 0)
        return 77;
    say_when_holding(faults);
    return pwrite(fd, bytes, 1, 0) < 0;
}

static int run_hog(char **command)
{
    int fds[2];
    int size = BLOCK;
    int i;

    for (i = 0; i < 256 && size >= BLOCK; i++) {
        if (pipe2(fds, O_CLOEXEC) < 0)
            die("pipe");
        fcntl(fds[0], F_SETPIPE_SZ, 1 << 20);
        size = fcntl(fds[0], F_GETPIPE_SZ);
    }
    return size >= BLOCK ? 77 : status_of(spawn(command, STDIN_FILENO, STDOUT_FILENO));
}

static int by_size(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a;
    const uint64_t y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

static int run_latency(size_t count, uint64_t gap_ms, char **command)
{
    static const unsigned char line[] = "a lone line\n";
    const size_t length = sizeof line - 1;
    uint64_t *took = calloc(count, sizeof *took);
    int in[2];
    int out[2];
    pid_t child;
    size_t i;

    if (!took || pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0)
        die("pipe");
    child = spawn(command, in[0], out[1]);
    close(in[0]);
    close(out[1]);
    for (i = 0; i < count; i++) {
        char back[sizeof line];
        size_t got = 0;
        uint64_t sent;

        sleep_us(gap_ms * 1000);
        sent = now_us();
        write_whole(in[1], line, length);
        while (got < length) {
            ssize_t more = read(out[0], back + got, length - got);

            if (more <= 0)
                die("the line did not come back");
            got += (size_t)more;
        }
        took[i] = now_us() - sent;
    }
    close(in[1]);
    qsort(took, count, sizeof *took, by_size);
    printf("median_us %" PRIu64 " max_us %" PRIu64 "\n", took[count / 2], took[count - 1]);
    free(took);
    return status_of(child);
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";

    if (strcmp(what, "bytes") == 0 && argc >= 3)
        return run_bytes(strtoull(argv[2], NULL, 10),
                         argc > 3 ? strtoull(argv[3], NULL, 10) : BLOCK);
    if (strcmp(what, "check") == 0 && argc == 3)
        return run_check(strtoull(argv[2], NULL, 10));
    if (strcmp(what, "press") == 0 && argc == 3)
        return run_press(argv[2]);
    if (strcmp(what, "chat") == 0 && argc == 5)
        return run_chat(argv[2], strtoull(argv[3], NULL, 10), strtoull(argv[4], NULL, 10));
    if (strcmp(what, "socket") == 0 && argc > 4)
        return run_socket(argv[2], argv[3], argv + 4);
    if (strcmp(what, "nonblock") == 0 && argc > 2)
        return run_nonblock(argv + 2);
    if (strcmp(what, "pty") == 0 && argc > 2)
        return run_pty(argv + 2);
    if (strcmp(what, "hold") == 0 && argc == 3)
        return run_hold(argv[2]);
    if (strcmp(what, "hog") == 0 && argc > 2)
        return run_hog(argv + 2);
    if (strcmp(what, "deny") == 0 && argc > 4)
        return run_deny(argv[2], argv[3], argv + 4);
    if (strcmp(what, "slow") == 0 && argc > 2)
        return run_slow(SLOWER_NS, argv + 2);
    if (strcmp(what, "slow-by") == 0 && argc > 3)
        return run_slow(strtoull(argv[2], NULL, 10), argv + 3);
    if (strcmp(what, "busy") == 0 && argc > 3)
        return run_busy((unsigned)strtoul(argv[2], NULL, 10), argv + 3);
    if (strcmp(what, "machine") == 0 && (argc == 2 || argc == 6))
        return run_machine(argc == 6 ? argv + 2 : NULL);
    if (strcmp(what, "hang") == 0 && argc > 5)
        return run_hang(argv[2], argv[3], strtoul(argv[4], NULL, 10), argv + 5);
    if (strcmp(what, "halt") == 0 && argc > 4)
        return run_halt((pid_t)strtol(argv[2], NULL, 10), argv[3], argv + 4);
    if (strcmp(what, "latency") == 0 && argc > 4)
        return run_latency(strtoull(argv[2], NULL, 10), strtoull(argv[3], NULL, 10), argv + 4);
    if (strcmp(what, "dumpable") == 0 && argc == 4 && *argv[3])
        return run_dumpable(argv[2], argv[3]);
    if (strcmp(what, "keep") == 0 && argc == 4)
        return run_keep(strcmp(argv[2], "yes") == 0, strtoull(argv[3], NULL, 10));
    fputs("rig: wrong usage; the head of tests/cli/rig.c tells\n", stderr);
    return 2;
}
