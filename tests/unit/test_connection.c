#include "net/connection.h"

#include "net/closing.h"

#include "loopback.h"

#include "check.h"

#include <string.h>

/* A connection to a port of ours, and what the peer has of it. */
struct trial {
    struct settings settings;
    struct dest dest;
    struct sink sink;
    struct connection connection;
    int listener; /* -1: it is closed, and the port refuses */
    int peer;     /* -1: there is none */
};

static void begin(struct trial *trial, bool reconnects, uint64_t drain_timeout)
{
    unsigned port;

    *trial = (struct trial){
        .settings = {.reconnect = reconnects,
                     .on_reconnect = ON_RECONNECT_RESEND,
                     .drain_timeout = drain_timeout,
                     .slab_size = 65536,
                     .slab_count = 8},
        .dest = {.kind = DEST_TCP, .name = "tcp://peer", .fd = -1, .host = "127.0.0.1"},
        .listener = must(listen_on(AF_INET, &port), "listen"),
        .peer = -1,
    };
    snprintf(trial->dest.port, sizeof trial->dest.port, "%u", port);
    sink_init(&trial->sink, &trial->dest, &trial->settings);
}

static int open_it(struct trial *trial)
{
    return connection_open(&trial->connection, &trial->sink, &trial->settings);
}

static void accept_it(struct trial *trial)
{
    trial->peer = must(accept4(trial->listener, NULL, NULL, SOCK_CLOEXEC), "accept");
}

static void begin_connected(struct trial *trial, bool reconnects, uint64_t drain_timeout)
{
    begin(trial, reconnects, drain_timeout);
    CHECK_EQUAL(open_it(trial), 0);
    CHECK(trial->connection.state == CONNECTION_OPEN);
    accept_it(trial);
}

static void end(struct trial *trial)
{
    connection_stop(&trial->connection);
    endpoint_close(&trial->sink.end);
    if (trial->peer >= 0)
        close(trial->peer);
    if (trial->listener >= 0)
        close(trial->listener);
}

/* Step until something has happened, as the writer would. */
static struct event next_event(struct trial *trial)
{
    const uint64_t until = clock_now() + 10 * NS_PER_SECOND * slow();
    struct event event;

    while ((event = connection_step(&trial->connection, &trial->sink)).kind == EVENT_NONE &&
           clock_now() < until)
        rest_ms(1);
    return event;
}

static void write_bytes(struct trial *trial, size_t length)
{
    static char bytes[4096];
    const struct iovec part = {.iov_base = bytes, .iov_len = length};

    CHECK_EQUAL(sink_write(&trial->sink, &part, 1, length, clock_now()), length);
    sink_answered(&trial->sink);
    trial->sink.written += length;
    connection_wrote(&trial->connection, &trial->sink);
}

TEST(before_there_is_one_it_is_expected_to_be_a_socket_that_takes_pages)
{
    struct trial trial;
    struct endpoint expected;

    begin(&trial, false, 0);
    expected = connection_expected_end(&trial.sink);
    CHECK(expected.kind == ENDPOINT_SOCKET && expected.takes_pages && expected.fd < 0);
    end(&trial);
}

TEST(a_port_that_refuses_is_an_error_and_with_reconnect_tried_again_until_somebody_listens)
{
    struct trial trial;
    unsigned port;

    begin(&trial, false, 0);
    close(trial.listener);
    trial.listener = bind_on(AF_INET, &port); /* nobody listens there */
    snprintf(trial.dest.port, sizeof trial.dest.port, "%u", port);
    CHECK_EQUAL(open_it(&trial), (unsigned long)-ECONNREFUSED);
    trial.settings.reconnect = true;
    CHECK_EQUAL(open_it(&trial), 1);
    CHECK(trial.connection.state == CONNECTION_RESTING);
    CHECK(connection_fd(&trial.connection, &trial.sink) < 0);
    CHECK_EQUAL(connection_due(&trial.connection, &trial.sink, false), trial.connection.due);
    CHECK(trial.connection.due > trial.connection.since);
    must(listen(trial.listener, 1), "listen");
    connection_hurry(&trial.connection);
    CHECK(trial.connection.due <= clock_now());
    CHECK_EQUAL(next_event(&trial).kind, EVENT_CHANGED);
    CHECK(trial.connection.state == CONNECTION_DIALING);
    CHECK_EQUAL(connection_events(&trial.connection), POLLOUT);
    CHECK_EQUAL(next_event(&trial).kind, EVENT_CONNECTED);
    CHECK(trial.connection.state == CONNECTION_OPEN && trial.connection.connecting > 0);
    end(&trial);
}

TEST(what_has_been_written_is_confirmed_once_the_kernel_of_the_peer_has_it)
{
    const uint64_t until = clock_now() + 10 * NS_PER_SECOND * slow();
    struct trial trial;

    begin_connected(&trial, true, 0);
    CHECK(trial.sink.resends);
    write_bytes(&trial, 1000);
    while (trial.sink.confirmed < 1000 && clock_now() < until) {
        connection_confirm(&trial.sink);
        rest_ms(1);
    }
    CHECK_EQUAL(trial.sink.confirmed, 1000);
    CHECK_EQUAL(atomic_load(&trial.sink.claim.arrived), 1000);
    /* nothing is missing and nothing is waited for: it need not be looked at */
    CHECK_EQUAL(connection_due(&trial.connection, &trial.sink, false), NEVER);
    CHECK(connection_due(&trial.connection, &trial.sink, true) < NEVER);
    end(&trial);
}

TEST(of_compressed_bytes_nothing_is_confirmed_while_some_are_inside)
{
    const uint64_t until = clock_now() + 10 * NS_PER_SECOND * slow();
    struct trial trial;

    begin_connected(&trial, true, 0);
    trial.sink.is_compressed = trial.sink.has_inside = true;
    write_bytes(&trial, 1000);
    while (endpoint_unacknowledged(&trial.sink.end) > 0 && clock_now() < until)
        rest_ms(1);
    connection_confirm(&trial.sink);
    CHECK_EQUAL(trial.sink.confirmed, 0);
    trial.sink.has_inside = false;
    connection_confirm(&trial.sink);
    CHECK_EQUAL(trial.sink.confirmed, 1000);
    end(&trial);
}

TEST(what_the_peer_says_is_ignored_and_that_it_has_closed_is_a_break_with_reconnect_only)
{
    struct trial trial;
    struct event event;

    begin_connected(&trial, true, 0);
    CHECK_EQUAL(send(trial.peer, "hello", 5, 0), 5);
    CHECK(comes(trial.sink.end.fd, POLLIN));
    CHECK_EQUAL(connection_hear(&trial.connection, &trial.sink).kind, EVENT_NONE);
    close(trial.peer);
    trial.peer = -1;
    CHECK(comes(trial.sink.end.fd, POLLIN));
    event = connection_hear(&trial.connection, &trial.sink);
    CHECK(event.kind == EVENT_BROKE && event.error == 0);
    end(&trial);

    begin_connected(&trial, false, 0);
    shutdown(trial.peer, SHUT_WR);
    CHECK(comes(trial.sink.end.fd, POLLIN));
    CHECK_EQUAL(connection_hear(&trial.connection, &trial.sink).kind, EVENT_NONE);
    CHECK_EQUAL(connection_events(&trial.connection), 0); /* it has said all it had */
    end(&trial);
}

TEST(a_reset_is_a_break_with_its_error_and_then_it_rests)
{
    struct trial trial;
    struct event event;

    begin_connected(&trial, true, 0);
    reset(trial.peer);
    trial.peer = -1;
    CHECK(comes(trial.sink.end.fd, POLLIN));
    event = connection_hear(&trial.connection, &trial.sink);
    CHECK(event.kind == EVENT_BROKE && event.error == -ECONNRESET);
    CHECK_TEXT(event.operation ? event.operation : "nothing", "write");
    endpoint_close(&trial.sink.end);
    connection_rest(&trial.connection);
    CHECK(trial.connection.state == CONNECTION_RESTING);
    CHECK(trial.connection.due > clock_now() - NS_PER_SECOND);
    end(&trial);
}

TEST(at_the_end_the_peer_has_to_close_too)
{
    struct trial trial;

    begin_connected(&trial, false, 3600 * NS_PER_SECOND);
    write_bytes(&trial, 1000);
    CHECK_EQUAL(connection_finish(&trial.connection, &trial.sink).kind, EVENT_CLOSING);
    CHECK_EQUAL(connection_step(&trial.connection, &trial.sink).kind, EVENT_NONE);
    CHECK_EQUAL(connection_events(&trial.connection), POLLIN);
    CHECK_EQUAL(pull(trial.peer, 4096), 1000);
    close(trial.peer);
    trial.peer = -1;
    CHECK_EQUAL(next_event(&trial).kind, EVENT_ARRIVED);
    end(&trial);
}

TEST(a_peer_that_does_not_close_is_given_up_when_its_time_is_over)
{
    struct trial trial;
    struct event event;

    begin_connected(&trial, false, 1);
    CHECK_EQUAL(connection_finish(&trial.connection, &trial.sink).kind, EVENT_CLOSING);
    event = next_event(&trial);
    CHECK(event.kind == EVENT_GAVE_UP && event.error == -ETIMEDOUT);
    CHECK_TEXT(event.operation ? event.operation : "nothing", "wait for the peer to close");
    end(&trial);
}

TEST(with_a_drain_timeout_of_0_it_is_enough_that_everything_is_acknowledged)
{
    struct trial trial;

    begin_connected(&trial, false, 0);
    write_bytes(&trial, 1000);
    CHECK_EQUAL(connection_finish(&trial.connection, &trial.sink).kind, EVENT_CLOSING);
    CHECK_EQUAL(next_event(&trial).kind, EVENT_ARRIVED);
    CHECK_EQUAL(trial.sink.confirmed, 1000);
    end(&trial);
}

TEST(a_peer_that_resets_in_the_end_is_a_break)
{
    struct trial trial;
    struct event event;

    begin_connected(&trial, false, 3600 * NS_PER_SECOND);
    write_bytes(&trial, 1000);
    CHECK_EQUAL(connection_finish(&trial.connection, &trial.sink).kind, EVENT_CLOSING);
    reset(trial.peer);
    trial.peer = -1;
    event = next_event(&trial);
    CHECK(event.kind == EVENT_BROKE && event.error == -ECONNRESET);
    end(&trial);
}
