/*
 * peer: a server at the other end of a connection, which does exactly what it is told.
 *
 *     peer [-l PORT | -u PATH] [-b BYTES] [-k] [-o FILE] WHERE PLAN...
 *
 * listens on 127.0.0.1, on a port the kernel picks (-l: on PORT; -u: on a unix socket, @NAME for an
 * abstract one), and writes into the file WHERE what to connect to: a port, or the path. Then it
 * takes one connection for each PLAN, one after the other, and ends; with -k the last PLAN goes on
 * for ever. -b is the receive buffer. What connection N sends goes into FILE.N, and when it is over
 * a line goes to stdout: "N BYTES HOW".
 *
 * A PLAN is steps with commas between them:
 *
 *     rN  read N bytes             wN  write N bytes back
 *     r   read to the end          f   end our side (shutdown), and read on if told so
 *     sN  sleep N ms               x   reset the connection, whatever has been read
 *     h   hold it, until killed    l   stop listening until this connection is over: whoever
 *                                      connects meanwhile is refused
 *
 * Whatever is left after the last step is closed: with input unread, that resets it. "peer port r"
 * is a good listener, "peer port r1000 r1000,x r" breaks two connections, with unread input and by
 * a reset, and takes the third.
 *
 * HOW is "closed", "reset", "ended" (closed, after the other side's end had been read) or "broken"
 * (a read or write failed; the rest of the plan is left out). Ends with 0; 1 when something cannot
 * be done, 2 for wrong usage.
 */
#include "sys/clock.h"
#include "sys/whole.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { BLOCK = 1 << 16, PATH_SIZE = 4096 };

struct server {
    const char *unix_path; /* NULL: TCP */
    uint16_t port;
    int buffer;
    bool goes_on;
    const char *file;
    int listener;
};

struct visit {
    struct server *server;
    int fd;
    int file; /* -1: nobody wants the bytes */
    uint64_t got;
    const char *how;
    bool is_over;
};

static _Noreturn void die(const char *what)
{
    fprintf(stderr, "peer: %s: %s\n", what, strerror(errno));
    exit(1);
}

static _Noreturn void misuse(void)
{
    fputs("peer: wrong usage; the head of tests/cli/peer.c tells\n", stderr);
    exit(2);
}

/* The number that TEXT begins with; TEXT goes on behind it. NONE when there is none. */
static uint64_t number_in(const char **text, uint64_t none)
{
    char *end;
    uint64_t number;

    if (**text < '0' || **text > '9')
        return none;
    number = strtoull(*text, &end, 10);
    *text = end;
    return number;
}

static void read_bytes(struct visit *visit, uint64_t wanted)
{
    static char bytes[BLOCK];

    while (wanted > 0) {
        const ssize_t got = read(visit->fd, bytes, wanted < BLOCK ? wanted : BLOCK);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            visit->how = got == 0 ? "ended" : "broken";
            visit->is_over = got < 0;
            return;
        }
        if (visit->file >= 0 && write_whole(visit->file, bytes, (size_t)got) != 0)
            die("write");
        visit->got += (uint64_t)got;
        wanted -= (uint64_t)got;
    }
}

static void write_bytes(struct visit *visit, uint64_t count)
{
    static const char bytes[BLOCK];

    while (count > 0 && !visit->is_over) {
        const size_t part = count < BLOCK ? count : BLOCK;

        if (write_whole(visit->fd, bytes, part) != 0) {
            visit->how = "broken";
            visit->is_over = true;
        }
        count -= part;
    }
}

static void sleep_ms(uint64_t ms)
{
    struct timespec time = clock_timespec(ms * NS_PER_MS);

    while (nanosleep(&time, &time) < 0 && errno == EINTR)
        ;
}

static void reset(struct visit *visit)
{
    const struct linger at_once = {.l_onoff = 1};

    if (setsockopt(visit->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once) < 0)
        die("SO_LINGER");
    visit->how = "reset";
    visit->is_over = true;
}

static void take_step(struct visit *visit, char step, uint64_t number)
{
    switch (step) {
    case 'r': read_bytes(visit, number); break;
    case 'w': write_bytes(visit, number); break;
    case 's': sleep_ms(number); break;
    case 'f': shutdown(visit->fd, SHUT_WR); break;
    case 'x': reset(visit); break;
    case 'l':
        close(visit->server->listener);
        visit->server->listener = -1;
        break;
    default:
        for (;;)
            pause();
    }
}

/* PLAN is well-formed, or this does not return: a misspelt test should fail at once. */
static void check_plan(const char *plan)
{
    while (*plan) {
        const char step = *plan++;

        if (!strchr("rwsfxhl", step) ||
            (number_in(&plan, UINT64_MAX) == UINT64_MAX && strchr("ws", step)) ||
            (*plan && *plan++ != ','))
            misuse();
    }
}

static void follow(struct visit *visit, const char *plan)
{
    while (*plan && !visit->is_over) {
        const char step = *plan++;

        take_step(visit, step, number_in(&plan, UINT64_MAX));
        plan += *plan == ',';
    }
    close(visit->fd);
    if (visit->file >= 0)
        close(visit->file);
}

static int file_of(const struct server *server, unsigned number)
{
    char path[PATH_SIZE];
    int fd;

    if (!server->file)
        return -1;
    snprintf(path, sizeof path, "%s.%u", server->file, number);
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0)
        die(path);
    return fd;
}

static void listen_unix(const struct server *server)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const size_t length = strlen(server->unix_path);

    if (length >= sizeof address.sun_path)
        misuse();
    memcpy(address.sun_path, server->unix_path, length + 1);
    if (address.sun_path[0] == '@')
        address.sun_path[0] = '\0';
    else
        unlink(server->unix_path);
    if (bind(server->listener, (struct sockaddr *)&address,
             (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length)) < 0)
        die(server->unix_path);
}

static void listen_tcp(struct server *server)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(server->port)};
    socklen_t size = sizeof address;

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    /* so that one peer can follow another on the same port */
    if (setsockopt(server->listener, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int)) < 0 ||
        bind(server->listener, (struct sockaddr *)&address, size) < 0 ||
        getsockname(server->listener, (struct sockaddr *)&address, &size) < 0)
        die("bind");
    server->port = ntohs(address.sin_port);
}

static void start_listening(struct server *server)
{
    const int family = server->unix_path ? AF_UNIX : AF_INET;

    server->listener = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (server->listener < 0)
        die("socket");
    if (server->buffer && setsockopt(server->listener, SOL_SOCKET, SO_RCVBUF, &server->buffer,
                                     sizeof server->buffer) < 0)
        die("SO_RCVBUF");
    if (server->unix_path)
        listen_unix(server);
    else
        listen_tcp(server);
    if (listen(server->listener, SOMAXCONN) < 0)
        die("listen");
}

static void receive(struct server *server, unsigned number, const char *plan)
{
    struct visit visit = {.server = server, .file = -1, .how = "closed"};

    if (server->listener < 0)
        start_listening(server);
    visit.fd = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC);
    if (visit.fd < 0)
        die("accept");
    visit.file = file_of(server, number);
    follow(&visit, plan);
    printf("%u %" PRIu64 " %s\n", number, visit.got, visit.how);
    fflush(stdout);
}

/* Whoever finds the file finds all of it, and can connect. */
static void tell_where(const struct server *server, const char *where)
{
    char unfinished[PATH_SIZE];
    FILE *file;

    snprintf(unfinished, sizeof unfinished, "%s.new", where);
    file = fopen(unfinished, "w");
    if (!file || (server->unix_path ? fprintf(file, "%s\n", server->unix_path)
                                    : fprintf(file, "%u\n", server->port)) < 0)
        die(unfinished);
    if (fclose(file) != 0 || rename(unfinished, where) < 0)
        die(where);
}

int main(int argc, char **argv)
{
    struct server server = {.listener = -1};
    unsigned number = 0;
    int option;
    int i;

    while ((option = getopt(argc, argv, "l:u:b:ko:")) >= 0) {
        switch (option) {
        case 'l': server.port = (uint16_t)strtoul(optarg, NULL, 10); break;
        case 'u': server.unix_path = optarg; break;
        case 'b': server.buffer = (int)strtoul(optarg, NULL, 10); break;
        case 'k': server.goes_on = true; break;
        case 'o': server.file = optarg; break;
        default: misuse();
        }
    }
    if (argc - optind < 2)
        misuse();
    for (i = optind + 1; i < argc; i++)
        check_plan(argv[i]);
    signal(SIGPIPE, SIG_IGN);
    start_listening(&server);
    tell_where(&server, argv[optind]);
    for (i = optind + 1; i < argc; i++) {
        do
            receive(&server, ++number, argv[i]);
        while (server.goes_on && i == argc - 1);
    }
    return 0;
}
