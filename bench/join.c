/*
 * join: two commands, joined by a stream socket where a shell would put a pipe.
 *
 *     join tcp|unix COMMAND... -- TAKER...    COMMAND's stdout is one side, TAKER's stdin the other
 *
 * TCP goes over loopback, by a port the kernel picks. Ends with COMMAND's status, or TAKER's when
 * that is all right.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

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

/* Run COMMAND with SIDE as its descriptor FD, and without the other side. */
static pid_t start(char **command, int side, int fd, int other)
{
    const pid_t child = fork();

    if (child != 0)
        return child;
    dup2(side, fd);
    close(side);
    close(other);
    execvp(command[0], command);
    perror(command[0]);
    _exit(127);
}

static int status_of(pid_t child)
{
    int status;

    if (child < 0 || waitpid(child, &status, 0) < 0)
        return 1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

int main(int argc, char **argv)
{
    const char *kind = argc > 1 ? argv[1] : "";
    int sides[2];
    int split = 2;
    pid_t command;
    pid_t taker;
    int status;
    int error;

    while (split < argc && strcmp(argv[split], "--") != 0)
        split++;
    if (split == 2 || split + 1 >= argc ||
        (strcmp(kind, "tcp") != 0 && strcmp(kind, "unix") != 0)) {
        fputs("usage: join tcp|unix COMMAND... -- TAKER...\n", stderr);
        return 2;
    }
    argv[split] = NULL;
    error = strcmp(kind, "tcp") == 0                         ? connect_tcp(sides)
            : socketpair(AF_UNIX, SOCK_STREAM, 0, sides) < 0 ? -errno
                                                             : 0;
    if (error) {
        fprintf(stderr, "join: %s\n", strerror(-error));
        return 1;
    }
    taker = start(argv + split + 1, sides[0], STDIN_FILENO, sides[1]);
    command = start(argv + 2, sides[1], STDOUT_FILENO, sides[0]);
    /* what is left open here would keep the others from seeing the end */
    close(sides[0]);
    close(sides[1]);
    close(STDIN_FILENO);
    status = status_of(command);
    return status ? status : status_of(taker);
}
