#include "net/connection.h"

#include "net/closing.h"
#include "sys/clock.h"
#include "sys/say.h"
#include "sys/wait.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/*
 * Nobody tells when a peer's kernel confirms; it is asked after a moment, then less and less often.
 * A ring smaller than a socket's buffer waits for it: -s 64K -n 1 took 16 ms a slab over loopback
 * with the longest rest alone, and -s 4K -n 2 moved 0.8 MB a second.
 */
static const uint64_t first_confirm = 250 * NS_PER_US;
static const uint64_t last_confirm = 20 * NS_PER_MS;

/* With a drain timeout of 0. A kernel may acknowledge 40 ms late, and the way there takes time too. */
static const uint64_t acknowledge_time = 200 * NS_PER_MS;

static struct event event(enum event_kind kind)
{
    return (struct event){.kind = kind};
}

static struct event broke(const char *operation, int error)
{
    return (struct event){EVENT_BROKE, operation, error};
}

/*
 * What is kept must not fill the ring, which would have to wait for confirmations, and those ring
 * no bell; a full socket does.
 */
static size_t send_buffer(const struct settings *settings, const struct sink *sink)
{
    const size_t half = settings->slab_size * settings->slab_count / 2;

    return sink->resends && half < INT32_MAX ? half : 0;
}

/* The dial has come to its end: the output can be written to. */
static int take_over(struct connection *connection, struct sink *sink)
{
    const int fd = dial_take(&connection->dial);
    const int error = endpoint_adopt(&sink->end, ENDPOINT_OUTPUT, fd, sink->name);

    dial_stop(&connection->dial);
    if (error) {
        close(fd);
        return error;
    }
    connection->since = clock_now();
    liveness_begin(&connection->liveness, fd, LIVENESS_PATIENCE, connection->since);
    connection->peer_is_done = false;
    connection->state = CONNECTION_OPEN;
    return 0;
}

static const char *reason(const struct connection *connection, int error)
{
    return connection->dial.why ? connection->dial.why : strerror(-error);
}

/* Until there is a connection or a reason. The signals are not ours yet: Ctrl-C ends it. */
static int dial_and_wait(struct connection *connection, const struct sink *sink)
{
    struct dial *dial = &connection->dial;
    int error = dial_start(dial, sink->dest, send_buffer(connection->settings, sink));

    while (!error && (error = dial_step(dial, clock_now())) == -EAGAIN) {
        struct pollfd fd = {.fd = dial->fd, .events = POLLOUT};
        const uint64_t now = clock_now();
        const uint64_t rest = dial->look_again > now ? dial->look_again - now : 0;
        const int answer = poll_one(&fd, rest);

        error = answer < 0 && answer != -EINTR ? answer : 0;
    }
    return error;
}

static void rest(struct connection *connection, uint64_t now)
{
    dial_stop(&connection->dial);
    connection->state = CONNECTION_RESTING;
    /* who dials at the same moment rests for another time: nobody counts in nanoseconds together */
    connection->due = clock_after(now, backoff_next(&connection->backoff, now));
}

struct endpoint connection_expected_end(const struct sink *sink)
{
    return (struct endpoint){.name = sink->name,
                             .fd = -1,
                             .own_fd = -1,
                             .frozen_fd = -1,
                             .kind = ENDPOINT_SOCKET,
                             .side = ENDPOINT_OUTPUT,
                             .takes_pages = true};
}

int connection_open(struct connection *connection, struct sink *sink,
                    const struct settings *settings)
{
    bool tries_again;
    int error;

    connection->settings = settings;
    sink->resends = settings->reconnect && settings->on_reconnect == ON_RECONNECT_RESEND;
    backoff_reset(&connection->backoff);
    error = dial_and_wait(connection, sink);
    if (!error)
        error = take_over(connection, sink);
    if (!error)
        return 0;
    tries_again = settings->reconnect && !connection->dial.hopeless;
    say("%s: connect: %s%s", quote_name(sink->name).text, reason(connection, error),
        tries_again ? "; trying again" : "");
    dial_stop(&connection->dial);
    if (!tries_again)
        return error;
    connection->since = clock_now();
    rest(connection, connection->since);
    return 1;
}

void connection_wrote(struct connection *connection, struct sink *sink)
{
    connection->confirm_rest = first_confirm;
    /* a unix peer that is gone leaves nothing to count afterwards */
    if (sink->dest->kind == DEST_UNIX)
        connection_confirm(sink);
}

void connection_confirm(struct sink *sink)
{
    uint64_t missing;

    if (sink->end.fd < 0)
        return;
    missing = endpoint_unacknowledged(&sink->end);
    /* a unix peer takes along what it has not read; it may have gone in the middle of any step */
    if (sink->dest->kind == DEST_UNIX && closing_peer_has_gone(&sink->end))
        return;
    /* what is missing of compressed bytes is unknown, unless it is nothing */
    if (sink->is_compressed)
        missing = missing || sink->has_inside ? UINT64_MAX : 0;
    if (missing < sink->written - sink->confirmed)
        sink_confirm(sink, sink->written - missing);
}

void connection_rest(struct connection *connection)
{
    const uint64_t now = clock_now();

    /* one that ends sooner is as good as refused: whoever takes connections and drops them */
    if (now - connection->since >= connection->backoff.longest)
        backoff_reset(&connection->backoff);
    connection->since = now;
    rest(connection, now);
}

void connection_hurry(struct connection *connection)
{
    backoff_reset(&connection->backoff);
    if (connection->state == CONNECTION_RESTING)
        connection->due = clock_now();
}

static struct event dial_again(struct connection *connection, const struct sink *sink, uint64_t now)
{
    const int error =
        dial_start(&connection->dial, sink->dest, send_buffer(connection->settings, sink));

    /* also when there is no such name: some vanish while their service restarts */
    if (error) {
        rest(connection, now);
        return event(EVENT_NONE);
    }
    connection->state = CONNECTION_DIALING;
    connection->due = now;
    return event(EVENT_CHANGED);
}

static struct event keep_dialing(struct connection *connection, struct sink *sink, uint64_t now)
{
    const uint64_t since = connection->since;
    int error = dial_step(&connection->dial, now);

    if (error == -EAGAIN)
        return event(EVENT_NONE);
    if (!error)
        error = take_over(connection, sink);
    if (error) {
        rest(connection, now);
        return event(EVENT_CHANGED);
    }
    connection->connecting = now - since;
    return event(EVENT_CONNECTED);
}

struct event connection_finish(struct connection *connection, struct sink *sink)
{
    const uint64_t timeout = connection->settings->drain_timeout;
    const int error = closing_begin(&sink->end);

    if (error)
        return broke("shut down", error);
    connection->state = CONNECTION_CLOSING;
    connection->limit = clock_after(clock_now(), timeout ? timeout : acknowledge_time);
    connection->is_unpollable = false;
    return event(EVENT_CLOSING);
}

/* Nobody waits for the peer to close: is all that was sent acknowledged? No poll tells when it is. */
static bool is_acknowledged(struct sink *sink)
{
    connection_confirm(sink);
    return sink->confirmed == sink->written;
}

static struct event keep_closing(struct connection *connection, struct sink *sink, uint64_t now)
{
    const bool waits_for_close = connection->settings->drain_timeout > 0;
    const int error = closing_step(&sink->end);
    const bool is_open = error == -EAGAIN || error == -EINPROGRESS;

    connection->is_unpollable = error == -EINPROGRESS || !waits_for_close;
    connection->due = clock_after(now, CLOSING_REST);
    if (!error || (is_open && !waits_for_close && is_acknowledged(sink)))
        return event(EVENT_ARRIVED);
    if (!is_open)
        return broke("wait for the peer to close", error);
    if (now >= connection->limit)
        return (struct event){EVENT_GAVE_UP,
                              waits_for_close ? "wait for the peer to close"
                                              : "wait for what was sent to be acknowledged",
                              -ETIMEDOUT};
    connection_confirm(sink);
    return event(EVENT_NONE);
}

struct event connection_step(struct connection *connection, struct sink *sink)
{
    const uint64_t now = clock_now();

    switch (connection->state) {
    case CONNECTION_RESTING:
        if (now >= connection->due)
            return dial_again(connection, sink, now);
        break;
    case CONNECTION_DIALING: return keep_dialing(connection, sink, now);
    case CONNECTION_CLOSING: return keep_closing(connection, sink, now);
    case CONNECTION_OPEN: break;
    }
    return event(EVENT_NONE);
}

struct event connection_hear(struct connection *connection, struct sink *sink)
{
    const int error = closing_overhear(&sink->end);

    if (error == -EAGAIN)
        return event(EVENT_NONE);
    if (error)
        return broke("write", error);
    /* it may still read; but who is waited for when it goes has rather gone */
    connection->peer_is_done = true;
    return connection->settings->reconnect ? broke("write", 0) : event(EVENT_NONE);
}

void connection_stop(struct connection *connection)
{
    if (connection->state == CONNECTION_DIALING)
        dial_stop(&connection->dial);
}

int connection_fd(const struct connection *connection, const struct sink *sink)
{
    switch (connection->state) {
    case CONNECTION_DIALING: return connection->dial.fd;
    case CONNECTION_CLOSING: return connection->is_unpollable ? -1 : sink->end.fd;
    case CONNECTION_OPEN: return sink->end.fd;
    case CONNECTION_RESTING: break;
    }
    return -1;
}

short connection_events(const struct connection *connection)
{
    switch (connection->state) {
    case CONNECTION_DIALING: return POLLOUT;
    case CONNECTION_CLOSING: return POLLIN;
    case CONNECTION_OPEN: return connection->peer_is_done ? 0 : POLLIN;
    case CONNECTION_RESTING: break;
    }
    return 0;
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* When to look again what has been confirmed. */
static uint64_t confirm_due(struct connection *connection)
{
    const uint64_t due = clock_after(clock_now(), connection->confirm_rest);

    connection->confirm_rest = earlier(2 * connection->confirm_rest, last_confirm);
    return due;
}

uint64_t connection_due(struct connection *connection, const struct sink *sink, bool wants_room)
{
    const bool is_missing = sink->confirmed < sink->written;
    uint64_t due = NEVER;

    switch (connection->state) {
    case CONNECTION_RESTING: return connection->due;
    case CONNECTION_DIALING: return connection->dial.look_again;
    case CONNECTION_CLOSING:
        due = connection->is_unpollable ? connection->due : NEVER;
        return earlier(due, connection->limit);
    case CONNECTION_OPEN:
        if (wants_room || is_missing)
            due = liveness_look(&connection->liveness, clock_now());
        if (sink->resends && is_missing)
            due = earlier(due, confirm_due(connection));
        break;
    }
    return due;
}
