#include "net/dial.h"

#include "loopback.h"
#include "sys/clock.h"

#include "check.h"

#include <fcntl.h>
#include <netinet/tcp.h>
#include <string.h>

enum { WORD_MAX = 128 };

/* Names in a directory of their own, because tests run side by side. */
struct place {
    char dir[32];
    char path[64];
    char word[WORD_MAX];
};

static struct place new_place(void)
{
    struct place place = {.dir = "/tmp/test_dial.XXXXXX"};

    if (!mkdtemp(place.dir))
        must(-1, "mkdtemp");
    snprintf(place.path, sizeof place.path, "%s/socket", place.dir);
    snprintf(place.word, sizeof place.word, "unix:%s", place.path);
    return place;
}

static void leave(const struct place *place)
{
    unlink(place->path);
    rmdir(place->dir);
}

static int listen_at(const char *name, size_t length, int backlog)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const int fd = must(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");

    memcpy(address.sun_path, name, length);
    must(bind(fd, (struct sockaddr *)&address,
              (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length)),
         "bind");
    must(listen(fd, backlog), "listen");
    return fd;
}

static int start(struct dial *dial, const char *word)
{
    struct dest dest;

    CHECK(!dest_parse(&dest, word));
    return dial_start(dial, &dest, 0);
}

static int start_tcp(struct dial *dial, const char *host, unsigned port)
{
    char word[WORD_MAX];

    snprintf(word, sizeof word, "tcp://%s:%u", host, port);
    return start(dial, word);
}

/* Steps until it has come to something, as its caller would. */
static int finish(struct dial *dial)
{
    int error;

    while ((error = dial_step(dial, clock_now())) == -EAGAIN) {
        const uint64_t now = clock_now();
        struct pollfd writable = {.fd = dial->fd, .events = POLLOUT};

        poll(&writable, 1, dial->look_again > now ? (int)((dial->look_again - now) / 1000000) : 0);
    }
    return error;
}

/* What was written into the connection comes out at the listener. */
static void check_connected(struct dial *dial, int listener)
{
    char got[5] = "";
    int peer;
    int fd;

    CHECK_EQUAL(finish(dial), 0);
    if (dial->fd < 0)
        return;
    fd = dial_take(dial);
    CHECK(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    CHECK(fcntl(fd, F_GETFL) & O_NONBLOCK);
    CHECK_EQUAL(write(fd, "text", 4), 4);
    peer = must(accept4(listener, NULL, NULL, SOCK_CLOEXEC), "accept");
    CHECK_EQUAL(read(peer, got, 4), 4);
    CHECK_TEXT(got, "text");
    dial_stop(dial);
    CHECK(fcntl(fd, F_GETFD) >= 0);
    close(peer);
    close(fd);
}

TEST(addresses_and_names_are_connected_to)
{
    unsigned port;
    const int listener = must(listen_on(AF_INET, &port), "listen");
    struct dial dial;

    CHECK_EQUAL(start_tcp(&dial, "127.0.0.1", port), 0);
    check_connected(&dial, listener);
    CHECK_EQUAL(start_tcp(&dial, "localhost", port), 0);
    check_connected(&dial, listener);
    close(listener);
}

TEST(ipv6_addresses_are_connected_to)
{
    unsigned port;
    const int listener = listen_on(AF_INET6, &port);
    struct dial dial;

    if (listener < 0)
        return; /* this machine has none */
    CHECK_EQUAL(start_tcp(&dial, "[::1]", port), 0);
    check_connected(&dial, listener);
    close(listener);
}

TEST(unix_sockets_are_connected_to_by_path_and_by_abstract_name)
{
    struct place place = new_place();
    char name[1 + sizeof place.path] = ""; /* the first byte is NUL */
    struct dial dial;
    int listener = listen_at(place.path, strlen(place.path), 1);

    CHECK_EQUAL(start(&dial, place.word), 0);
    check_connected(&dial, listener);
    close(listener);

    snprintf(name + 1, sizeof name - 1, "%s", place.path);
    listener = listen_at(name, 1 + strlen(name + 1), 1);
    snprintf(place.word, sizeof place.word, "unix:@%s", place.path);
    CHECK_EQUAL(start(&dial, place.word), 0);
    check_connected(&dial, listener);
    close(listener);
    leave(&place);
}

TEST(a_path_as_long_as_an_address_has_room_for_works)
{
    struct place place = new_place();
    char long_path[108];
    char word[WORD_MAX];
    struct dial dial;
    int listener;

    snprintf(long_path, sizeof long_path, "%s/%0*d", place.dir,
             (int)(sizeof long_path - strlen(place.dir) - 2), 0);
    CHECK_EQUAL(strlen(long_path), 107);
    listener = listen_at(long_path, sizeof long_path - 1, 1);
    snprintf(word, sizeof word, "unix:%s", long_path);
    CHECK_EQUAL(start(&dial, word), 0);
    check_connected(&dial, listener);
    close(listener);
    unlink(long_path);
    leave(&place);
}

TEST(what_is_refused_says_so)
{
    struct place place = new_place();
    struct dial dial;
    unsigned port;
    const int dead = must(bind_on(AF_INET, &port), "bind");

    CHECK_EQUAL(start_tcp(&dial, "127.0.0.1", port), 0);
    CHECK_EQUAL(finish(&dial), -ECONNREFUSED);
    CHECK(!dial.why && !dial.hopeless);
    CHECK_EQUAL(dial_step(&dial, clock_now()), -ECONNREFUSED);
    dial_stop(&dial);
    dial_stop(&dial);
    close(dead);

    CHECK_EQUAL(start(&dial, place.word), 0);
    CHECK_EQUAL(finish(&dial), -ENOENT);
    dial_stop(&dial);
    close(listen_at(place.path, strlen(place.path), 1));
    CHECK_EQUAL(start(&dial, place.word), 0);
    CHECK_EQUAL(finish(&dial), -ECONNREFUSED);
    dial_stop(&dial);
    leave(&place);
}

TEST(names_that_do_not_exist_are_told_in_words_and_for_good)
{
    struct dial dial;

    /* never asked of the network: a label may have 63 bytes, and has 64 */
    CHECK_EQUAL(
        start(&dial, "tcp://0123456789012345678901234567890123456789012345678901234567890123:1"),
        -EADDRNOTAVAIL);
    CHECK(dial.why && *dial.why);
    dial_stop(&dial);

    CHECK_EQUAL(start(&dial, "tcp://127.0.0.1:no-such-service-here"), -EADDRNOTAVAIL);
    CHECK_TEXT(dial.why, "No such service");
    CHECK(dial.hopeless);
    dial_stop(&dial);
}

/* Both lists in one, as of a name that has both addresses. */
static void append(struct dial *dial, struct dial *other)
{
    struct addrinfo *last = dial->found;

    while (last->ai_next)
        last = last->ai_next;
    last->ai_next = other->found;
    other->found = NULL;
    dial_stop(other);
}

TEST(one_address_after_another_is_tried)
{
    unsigned port;
    unsigned dead_port;
    const int listener = must(listen_on(AF_INET, &port), "listen");
    const int dead = must(bind_on(AF_INET, &dead_port), "bind");
    struct dial dial;
    struct dial other;

    CHECK_EQUAL(start_tcp(&dial, "127.0.0.1", dead_port), 0);
    CHECK_EQUAL(start_tcp(&other, "127.0.0.1", port), 0);
    append(&dial, &other);
    check_connected(&dial, listener);
    close(listener);
    close(dead);
}

TEST(the_most_telling_error_is_kept)
{
    unsigned port;
    const int dead = must(bind_on(AF_INET, &port), "bind");
    struct dial dial;
    struct dial other;

    /* 255.255.255.255 is no address to connect to: ENETUNREACH, before or after */
    CHECK_EQUAL(start_tcp(&dial, "255.255.255.255", port), 0);
    CHECK_EQUAL(finish(&dial), -ENETUNREACH);
    dial_stop(&dial);
    CHECK_EQUAL(start_tcp(&dial, "127.0.0.1", port), 0);
    CHECK_EQUAL(start_tcp(&other, "255.255.255.255", port), 0);
    append(&dial, &other);
    CHECK_EQUAL(finish(&dial), -ECONNREFUSED);
    dial_stop(&dial);
    CHECK_EQUAL(start_tcp(&dial, "255.255.255.255", port), 0);
    CHECK_EQUAL(start_tcp(&other, "127.0.0.1", port), 0);
    append(&dial, &other);
    CHECK_EQUAL(finish(&dial), -ECONNREFUSED);
    dial_stop(&dial);
    close(dead);
}

/* A listener whose queue is full answers no more: connects to it go on and on. */
static int full_listener(unsigned *port, int *fill, unsigned count)
{
    const int listener = must(listen_on(AF_INET, port), "listen");
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)*port)};
    unsigned i;

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    must(listen(listener, 0), "listen");
    for (i = 0; i < count; i++) {
        fill[i] = must(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), "socket");
        (void)connect(fill[i], (struct sockaddr *)&address, sizeof address);
        comes(fill[i], POLLOUT);
    }
    return listener;
}

TEST(an_address_that_does_not_answer_is_given_up_after_five_seconds)
{
    int fill[1];
    unsigned port;
    unsigned live_port;
    const int listener = full_listener(&port, fill, 1);
    const int live = must(listen_on(AF_INET, &live_port), "listen");
    const uint64_t now = clock_now();
    struct dial dial;
    struct dial other;

    CHECK_EQUAL(start_tcp(&dial, "127.0.0.1", port), 0);
    CHECK_EQUAL(dial_step(&dial, now), -EAGAIN);
    CHECK(dial.fd >= 0);
    CHECK_EQUAL(dial.look_again, now + 5 * NS_PER_SECOND);
    CHECK_EQUAL(dial_step(&dial, dial.look_again - 1), -EAGAIN);
    CHECK_EQUAL(dial_step(&dial, dial.look_again), -ETIMEDOUT);
    CHECK_EQUAL(dial.fd, -1);
    dial_stop(&dial);

    /* the next address has five seconds of its own */
    CHECK_EQUAL(start_tcp(&dial, "127.0.0.1", port), 0);
    CHECK_EQUAL(start_tcp(&other, "127.0.0.1", live_port), 0);
    append(&dial, &other);
    CHECK_EQUAL(dial_step(&dial, now), -EAGAIN);
    if (dial_step(&dial, now + 5 * NS_PER_SECOND) == -EAGAIN)
        CHECK_EQUAL(dial.look_again, now + 10 * NS_PER_SECOND);
    check_connected(&dial, live);
    close(fill[0]);
    close(live);
    close(listener);
}

TEST(a_unix_socket_with_a_full_queue_is_tried_again)
{
    struct place place = new_place();
    const int listener = listen_at(place.path, strlen(place.path), 0);
    const uint64_t now = clock_now();
    struct dial first;
    struct dial dial;
    int fd;

    CHECK_EQUAL(start(&first, place.word), 0);
    CHECK_EQUAL(finish(&first), 0);
    fd = dial_take(&first);
    CHECK_EQUAL(start(&dial, place.word), 0);
    CHECK_EQUAL(dial_step(&dial, now), -EAGAIN);
    CHECK_EQUAL(dial.fd, -1);
    CHECK_EQUAL(dial.look_again, now + 20 * NS_PER_MS);
    CHECK_EQUAL(dial_step(&dial, now + 5 * NS_PER_SECOND - 1), -EAGAIN);
    CHECK_EQUAL(dial.look_again, now + 5 * NS_PER_SECOND);
    CHECK_EQUAL(dial_step(&dial, now + 5 * NS_PER_SECOND), -ETIMEDOUT);
    dial_stop(&dial);

    CHECK_EQUAL(start(&dial, place.word), 0);
    CHECK_EQUAL(dial_step(&dial, now), -EAGAIN);
    close(must(accept(listener, NULL, NULL), "accept"));
    check_connected(&dial, listener);
    close(fd);
    close(listener);
    leave(&place);
}

static int tcp_option(int fd, int level, int option)
{
    int value = 0;
    socklen_t size = sizeof value;

    must(getsockopt(fd, level, option, &value, &size), "getsockopt");
    return value;
}

TEST(the_connection_sends_at_once_and_has_the_buffer_it_was_asked_for)
{
    unsigned port;
    const int listener = must(listen_on(AF_INET, &port), "listen");
    struct dest dest;
    struct dial dial;
    char word[WORD_MAX];

    snprintf(word, sizeof word, "tcp://127.0.0.1:%u", port);
    CHECK(!dest_parse(&dest, word));
    CHECK_EQUAL(dial_start(&dial, &dest, 16384), 0);
    CHECK_EQUAL(finish(&dial), 0);
    CHECK_EQUAL(tcp_option(dial.fd, IPPROTO_TCP, TCP_NODELAY), 1);
    CHECK_EQUAL(tcp_option(dial.fd, SOL_SOCKET, SO_SNDBUF), 2 * 16384); /* the kernel doubles it */
    dial_stop(&dial);
    close(listener);
}

/* 60,000 tries or so would meet it by chance; a bound port that connects to itself always does. */
TEST(a_connection_to_itself_is_refused)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof address;
    struct dial dial;
    int fd = must(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    must(bind(fd, (struct sockaddr *)&address, size), "bind");
    must(getsockname(fd, (struct sockaddr *)&address, &size), "getsockname");
    must(connect(fd, (struct sockaddr *)&address, size), "connect");
    CHECK_EQUAL(start_tcp(&dial, "127.0.0.1", ntohs(address.sin_port)), 0);
    dial.fd = fd; /* as if the kernel had drawn that port for us */
    CHECK_EQUAL(dial_step(&dial, clock_now()), -ECONNREFUSED);
    dial_stop(&dial);
}

TEST(stopping_in_the_middle_leaves_nothing_open)
{
    int fill[1];
    unsigned port;
    const int listener = full_listener(&port, fill, 1);
    const int next = dup(listener);
    struct dial dial;
    int now_next;

    close(next);
    CHECK_EQUAL(start_tcp(&dial, "127.0.0.1", port), 0);
    CHECK_EQUAL(dial_step(&dial, clock_now()), -EAGAIN);
    dial_stop(&dial);
    CHECK_EQUAL(dial.fd, -1);
    dial_stop(&dial);
    now_next = dup(listener);
    CHECK_EQUAL(now_next, next);
    close(now_next);
    close(fill[0]);
    close(listener);
}
