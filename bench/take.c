/*
 * take: the cheapest taker there is, so that what is measured is what stands before it.
 *
 *     take pages     stdin, a pipe, goes to /dev/null as pages
 *     take bytes     stdin is read 64 KiB at a time and forgotten
 *     take socket    stdin, a TCP socket, is told to forget what comes
 *
 * Prints "bytes N" on stderr: how many came.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { AT_ONCE = 1 << 20 };

static ssize_t take_pages(int nowhere)
{
    return splice(STDIN_FILENO, NULL, nowhere, NULL, AT_ONCE, SPLICE_F_MOVE);
}

static ssize_t take_bytes(int nowhere)
{
    static unsigned char bytes[64 << 10];

    (void)nowhere;
    return read(STDIN_FILENO, bytes, sizeof bytes);
}

/* MSG_TRUNC: TCP throws the bytes away without copying them. */
static ssize_t take_socket(int nowhere)
{
    (void)nowhere;
    return recv(STDIN_FILENO, NULL, AT_ONCE, MSG_TRUNC);
}

static int take_all(ssize_t (*take)(int nowhere))
{
    const int nowhere = open("/dev/null", O_WRONLY);
    uint64_t sum = 0;
    ssize_t got;

    while ((got = take(nowhere)) != 0) {
        if (got < 0 && errno != EINTR) {
            fprintf(stderr, "take: %s\n", strerror(errno));
            return 1;
        }
        sum += got > 0 ? (uint64_t)got : 0;
    }
    fprintf(stderr, "bytes %" PRIu64 "\n", sum);
    return 0;
}

int main(int argc, char **argv)
{
    const char *what = argc == 2 ? argv[1] : "";

    if (strcmp(what, "pages") == 0)
        return take_all(take_pages);
    if (strcmp(what, "bytes") == 0)
        return take_all(take_bytes);
    if (strcmp(what, "socket") == 0)
        return take_all(take_socket);
    fputs("usage: take pages|bytes|socket\n", stderr);
    return 2;
}
