/*
 * take: the cheapest taker there is, so that what is measured is what stands before it.
 *
 *     take pages             stdin, a pipe, goes to /dev/null as pages
 *     take bytes             stdin is read 64 KiB at a time and forgotten
 *     take tcp COMMAND...    run COMMAND with a TCP connection over loopback as its stdout, and read
 *                            and forget what comes; ends with COMMAND's status
 *
 * Prints "bytes N" on stderr: how many came.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { AT_ONCE = 1 << 20 };

static ssize_t take_pages(int from, int nowhere)
{
    return splice(from, NULL, nowhere, NULL, AT_ONCE, SPLICE_F_MOVE);
}

static ssize_t take_copies(int from, int nowhere)
{
    static unsigned char bytes[64 << 10];

    (void)nowhere;
    return read(from, bytes, sizeof bytes);
}

/* MSG_TRUNC: TCP throws the bytes away without copying them. */
static ssize_t take_bytes(int from, int nowhere)
{
    (void)nowhere;
    return recv(from, NULL, AT_ONCE, MSG_TRUNC);
}

static int take_all(int from, ssize_t (*take)(int from, int nowhere))
{
    const int nowhere = open("/dev/null", O_WRONLY);
    uint64_t sum = 0;
    ssize_t got;

    while ((got = take(from, nowhere)) != 0) {
        if (got < 0 && errno != EINTR) {
            fprintf(stderr, "take: %s\n", strerror(errno));
            return 1;
        }
        sum += got > 0 ? (uint64_t)got : 0;
    }
    fprintf(stderr, "bytes %" PRIu64 "\n", sum);
    return 0;
}

/* Both sides of a TCP connection over loopback. */
static int connect_tcp(int sides[2])
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t length = sizeof address;
    const int listener = socket(AF_INET, SOCK_STREAM, 0);

    sides[0] = -1;
    sides[1] = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(listener, (struct sockaddr *)&address, length) < 0 || listen(listener, 1) < 0 ||
        getsockname(listener, (struct sockaddr *)&address, &length) < 0 ||
        connect(sides[1], (struct sockaddr *)&address, length) < 0)
        return -errno;
    sides[0] = accept(listener, NULL, NULL);
    close(listener);
    return sides[0] < 0 ? -errno : 0;
}

static int take_from(char **command)
{
    int sides[2] = {-1, -1};
    int status = 0;
    const int error = connect_tcp(sides);
    pid_t child;

    if (error) {
        fprintf(stderr, "take: %s\n", strerror(-error));
        return 1;
    }
    child = fork();
    if (child == 0) {
        dup2(sides[1], 1);
        close(sides[0]);
        close(sides[1]);
        execvp(command[0], command);
        perror(command[0]);
        _exit(127);
    }
    close(sides[1]);
    status = take_all(sides[0], take_bytes);
    if (child < 0 || waitpid(child, &status, 0) < 0)
        return 1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "pages") == 0)
        return take_all(0, take_pages);
    if (argc == 2 && strcmp(argv[1], "bytes") == 0)
        return take_all(0, take_copies);
    if (argc > 2 && strcmp(argv[1], "tcp") == 0)
        return take_from(argv + 2);
    fputs("usage: take pages|bytes|tcp COMMAND...\n", stderr);
    return 2;
}
