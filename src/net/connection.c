#include "net/connection.h"

#include "flow/flow.h"
#include "net/closing.h"
#include "output/output.h"
#include "sys/clock.h"
#include "sys/say.h"
#include "sys/units.h"
#include "sys/wait.h"

#include <errno.h>
#include <inttypes.h>
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

bool connection_is(const struct output *output)
{
    return output->sink.dest->kind == DEST_TCP || output->sink.dest->kind == DEST_UNIX;
}

/*
 * What is kept must not fill the ring, which would have to wait for confirmations, and those ring
 * no bell; a full socket does.
 */
static size_t send_buffer(const struct settings *settings, const struct output *output)
{
    const size_t half = settings->slab_size * settings->slab_count / 2;

    return output->sink.resends && half < INT32_MAX ? half : 0;
}

/* The dial has come to its end: the output can be written to. */
static int take_over(struct output *output)
{
    struct connection *connection = &output->connection;
    const int fd = dial_take(&connection->dial);
    const int error = endpoint_adopt(&output->sink.end, ENDPOINT_OUTPUT, fd, output->sink.name);

    dial_stop(&connection->dial);
    if (error) {
        close(fd);
        return error;
    }
    connection->since = clock_now();
    liveness_begin(&connection->liveness, fd, LIVENESS_PATIENCE, connection->since);
    connection->peer_is_done = false;
    output->state = OUTPUT_READY;
    output->wants = WANTS_BYTES;
    return 0;
}

static const char *reason(const struct connection *connection, int error)
{
    return connection->dial.why ? connection->dial.why : strerror(-error);
}

/* Until there is a connection or a reason. The signals are not ours yet: Ctrl-C ends it. */
static int dial_and_wait(struct output *output, const struct settings *settings)
{
    struct dial *dial = &output->connection.dial;
    int error = dial_start(dial, output->sink.dest, send_buffer(settings, output));

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
    /* who dials at the same moment rests for another time: nobody counts in nanoseconds together */
    connection->due = clock_after(now, backoff_next(&connection->backoff, now));
}

/* What a connection is like before there is one. */
static struct endpoint expected_end(const struct output *output)
{
    return (struct endpoint){.name = output->sink.name,
                             .fd = -1,
                             .own_fd = -1,
                             .frozen_fd = -1,
                             .kind = ENDPOINT_SOCKET,
                             .side = ENDPOINT_OUTPUT,
                             .takes_pages = true};
}

int connection_open(struct output *output, const struct settings *settings)
{
    struct connection *connection = &output->connection;
    bool tries_again;
    int error;

    output->sink.resends = settings->reconnect && settings->on_reconnect == ON_RECONNECT_RESEND;
    output->target->end = expected_end(output);
    backoff_reset(&connection->backoff);
    error = dial_and_wait(output, settings);
    if (!error)
        error = take_over(output);
    if (!error)
        return 0;
    tries_again = settings->reconnect && !connection->dial.hopeless;
    say("%s: connect: %s%s", quote_name(output->sink.name).text, reason(connection, error),
        tries_again ? "; trying again" : "");
    dial_stop(&connection->dial);
    if (!tries_again)
        return error;
    output->state = OUTPUT_RESTING;
    connection->since = clock_now();
    rest(connection, connection->since);
    return 0;
}

void connection_wrote(struct output *output)
{
    output->connection.confirm_rest = first_confirm;
    /* a unix peer that is gone leaves nothing to count afterwards */
    if (output->sink.dest->kind == DEST_UNIX)
        connection_confirm(output);
}

void connection_confirm(struct output *output)
{
    uint64_t missing;

    if (!connection_is(output) || output->sink.end.fd < 0)
        return;
    missing = endpoint_unacknowledged(&output->sink.end);
    /* a unix peer takes along what it has not read; it may have gone in the middle of any step */
    if (output->sink.dest->kind == DEST_UNIX && closing_peer_has_gone(&output->sink.end))
        return;
    /* what is missing of compressed bytes is unknown, unless it is nothing */
    if (compressor_is_used(output))
        missing = missing || !compressor_is_empty(output) ? UINT64_MAX : 0;
    if (missing < output->sink.written - output->sink.confirmed)
        sink_confirm(&output->sink, output->sink.written - missing);
}

bool connection_comes_back(struct output *output, const char *operation, int error)
{
    struct connection *connection = &output->connection;
    const uint64_t lost = output->sink.written - output->sink.confirmed;
    uint64_t now;

    if (!connection_is(output) || !output->flow->settings->reconnect)
        return false;
    notes_line(&output->flow->notes, "%s: %s at byte %" PRIu64 ": %s; connecting again",
               quote_name(output->sink.name).text, operation, output->sink.confirmed,
               error ? strerror(-error) : "closed by the peer");
    meters_broke(&output->flow->meters, lost, output->sink.resends);
    if (output->sink.resends)
        output->sink.written = output->sink.confirmed;
    else
        sink_confirm(&output->sink, output->sink.written);
    output->state = OUTPUT_RESTING;
    now = clock_now();
    /* one that ends sooner is as good as refused: whoever takes connections and drops them */
    if (now - connection->since >= connection->backoff.longest)
        backoff_reset(&connection->backoff);
    connection->since = now;
    rest(connection, now);
    return true;
}

void connection_hurry(struct output *output)
{
    struct connection *connection = &output->connection;

    backoff_reset(&connection->backoff);
    if (output->state == OUTPUT_RESTING)
        connection->due = clock_now();
}

static void dial_again(struct output *output, uint64_t now)
{
    struct connection *connection = &output->connection;
    const int error = dial_start(&connection->dial, output->sink.dest,
                                 send_buffer(output->flow->settings, output));

    /* also when there is no such name: some vanish while their service restarts */
    if (error) {
        rest(connection, now);
        return;
    }
    output->state = OUTPUT_DIALING;
    connection->due = now;
}

static void keep_dialing(struct output *output, uint64_t now)
{
    struct connection *connection = &output->connection;
    const uint64_t since = connection->since;
    int error = dial_step(&connection->dial, now);

    if (error == -EAGAIN)
        return;
    if (!error)
        error = take_over(output);
    if (error) {
        output->state = OUTPUT_RESTING;
        rest(connection, now);
    } else {
        notes_line(&output->flow->notes, "%s: connected after %s",
                   quote_name(output->sink.name).text,
                   print_time((now - since) / NS_PER_MS * NS_PER_MS).text);
    }
}

void connection_finish(struct output *output)
{
    struct connection *connection = &output->connection;
    const int error = closing_begin(&output->sink.end);

    if (error) {
        output_broke(output, "shut down", error);
        return;
    }
    output->state = OUTPUT_CLOSING;
    connection->limit = clock_after(clock_now(), output->flow->settings->drain_timeout
                                                     ? output->flow->settings->drain_timeout
                                                     : acknowledge_time);
    connection->is_unpollable = false;
}

/* Nobody waits for the peer to close: is all that was sent acknowledged? No poll tells when it is. */
static bool is_acknowledged(struct output *output)
{
    connection_confirm(output);
    return output->sink.confirmed == output->sink.written;
}

static void keep_closing(struct output *output, uint64_t now)
{
    struct connection *connection = &output->connection;
    const bool waits_for_close = output->flow->settings->drain_timeout > 0;
    const int error = closing_step(&output->sink.end);
    const bool is_open = error == -EAGAIN || error == -EINPROGRESS;

    connection->is_unpollable = error == -EINPROGRESS || !waits_for_close;
    connection->due = clock_after(now, CLOSING_REST);
    if (!error || (is_open && !waits_for_close && is_acknowledged(output)))
        output_arrived(output);
    else if (!is_open)
        output_broke(output, "wait for the peer to close", error);
    else if (now >= connection->limit)
        output_give_up(output,
                       waits_for_close ? "wait for the peer to close"
                                       : "wait for what was sent to be acknowledged",
                       -ETIMEDOUT);
    else
        connection_confirm(output);
}

bool connection_advance(struct output *output)
{
    const enum output_state before = output->state;
    const uint64_t now = clock_now();

    switch (output->state) {
    case OUTPUT_RESTING:
        if (now >= output->connection.due)
            dial_again(output, now);
        break;
    case OUTPUT_DIALING: keep_dialing(output, now); break;
    case OUTPUT_CLOSING: keep_closing(output, now); break;
    case OUTPUT_READY:
    case OUTPUT_DONE:
    case OUTPUT_FAILED: break;
    }
    return output->state != before;
}

void connection_hear(struct output *output)
{
    const int error = closing_overhear(&output->sink.end);

    if (error == -EAGAIN)
        return;
    if (error) {
        output_broke(output, "write", error);
        return;
    }
    /* it may still read; but who is waited for when it goes has rather gone */
    output->connection.peer_is_done = true;
    if (output->flow->settings->reconnect)
        output_broke(output, "write", 0);
}

int connection_fd(const struct output *output)
{
    switch (output->state) {
    case OUTPUT_DIALING: return output->connection.dial.fd;
    case OUTPUT_CLOSING: return output->connection.is_unpollable ? -1 : output->sink.end.fd;
    case OUTPUT_READY: return output->sink.end.fd;
    case OUTPUT_RESTING:
    case OUTPUT_DONE:
    case OUTPUT_FAILED: break;
    }
    return -1;
}

short connection_events(const struct output *output)
{
    switch (output->state) {
    case OUTPUT_DIALING: return POLLOUT;
    case OUTPUT_CLOSING: return POLLIN;
    case OUTPUT_READY: return output->connection.peer_is_done ? 0 : POLLIN;
    case OUTPUT_RESTING:
    case OUTPUT_DONE:
    case OUTPUT_FAILED: break;
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

uint64_t connection_due(struct output *output)
{
    struct connection *connection = &output->connection;
    uint64_t due = NEVER;

    switch (output->state) {
    case OUTPUT_RESTING: return connection->due;
    case OUTPUT_DIALING: return connection->dial.look_again;
    case OUTPUT_CLOSING:
        due = connection->is_unpollable ? connection->due : NEVER;
        return earlier(due, connection->limit);
    case OUTPUT_READY:
        if (output->wants == WANTS_ROOM || output->sink.confirmed < output->sink.written)
            due = liveness_look(&connection->liveness, clock_now());
        if (output->sink.resends && output->sink.confirmed < output->sink.written)
            due = earlier(due, confirm_due(connection));
        break;
    case OUTPUT_DONE:
    case OUTPUT_FAILED: break;
    }
    return due;
}
