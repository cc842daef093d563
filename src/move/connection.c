#include "move/connection.h"

#include "ends/parting.h"
#include "move/movers.h"
#include "move/outlet.h"
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

bool connection_is(const struct outlet *outlet)
{
    return outlet->dest->kind == DEST_TCP || outlet->dest->kind == DEST_UNIX;
}

/*
 * What is kept must not fill the ring, which would have to wait for confirmations, and those ring
 * no bell; a full socket does.
 */
static size_t send_buffer(const struct settings *settings, const struct outlet *outlet)
{
    const size_t half = settings->slab_size * settings->slab_count / 2;

    return outlet->is_kept && half < INT32_MAX ? half : 0;
}

/* The dial has come to its end: the outlet can be written to. */
static int take_over(struct outlet *outlet)
{
    struct connection *connection = &outlet->connection;
    const int fd = dial_take(&connection->dial);
    const int error = end_adopt(&outlet->end, END_OUTPUT, fd, outlet->name);

    dial_stop(&connection->dial);
    if (error) {
        close(fd);
        return error;
    }
    connection->since = clock_now();
    vigil_begin(&connection->vigil, fd, VIGIL_PATIENCE, connection->since);
    connection->peer_is_done = false;
    outlet->state = OUTLET_READY;
    outlet->wants = WANTS_BYTES;
    return 0;
}

static const char *reason(const struct connection *connection, int error)
{
    return connection->dial.why ? connection->dial.why : strerror(-error);
}

/* Until there is a connection or a reason. The signals are not ours yet: Ctrl-C ends it. */
static int dial_and_wait(struct outlet *outlet, const struct settings *settings)
{
    struct dial *dial = &outlet->connection.dial;
    int error = dial_start(dial, outlet->dest, send_buffer(settings, outlet));

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
static struct end expected_end(const struct outlet *outlet)
{
    return (struct end){.name = outlet->name,
                        .fd = -1,
                        .own_fd = -1,
                        .frozen_fd = -1,
                        .kind = END_SOCKET,
                        .side = END_OUTPUT,
                        .takes_pages = true};
}

int connection_open(struct outlet *outlet, const struct settings *settings)
{
    struct connection *connection = &outlet->connection;
    bool tries_again;
    int error;

    outlet->is_kept = settings->reconnect && settings->on_reconnect == ON_RECONNECT_RESEND;
    outlet->first = expected_end(outlet);
    backoff_reset(&connection->backoff);
    error = dial_and_wait(outlet, settings);
    if (!error)
        error = take_over(outlet);
    if (!error)
        return 0;
    tries_again = settings->reconnect && !connection->dial.hopeless;
    say("%s: connect: %s%s", quote_name(outlet->name).text, reason(connection, error),
        tries_again ? "; trying again" : "");
    dial_stop(&connection->dial);
    if (!tries_again)
        return error;
    outlet->state = OUTLET_RESTING;
    connection->since = clock_now();
    rest(connection, connection->since);
    return 0;
}

void connection_wrote(struct outlet *outlet)
{
    outlet->connection.confirm_rest = first_confirm;
    /* a unix peer that is gone leaves nothing to count afterwards */
    if (outlet->dest->kind == DEST_UNIX)
        connection_confirm(outlet);
}

void connection_confirm(struct outlet *outlet)
{
    uint64_t missing;

    if (!connection_is(outlet) || outlet->end.fd < 0)
        return;
    missing = end_unacknowledged(&outlet->end);
    /* a unix peer takes along what it has not read; it may have gone in the middle of any step */
    if (outlet->dest->kind == DEST_UNIX && parting_peer_has_gone(&outlet->end))
        return;
    /* what is missing of compressed bytes is unknown, unless it is nothing */
    if (packing_is_used(outlet))
        missing = missing || !packing_is_empty(outlet) ? UINT64_MAX : 0;
    if (missing < outlet->at - outlet->confirmed)
        outlet_confirm(outlet, outlet->at - missing);
}

bool connection_comes_back(struct pour *pour, struct outlet *outlet, const char *operation,
                           int error)
{
    struct connection *connection = &outlet->connection;
    const uint64_t lost = outlet->at - outlet->confirmed;
    uint64_t now;

    if (!connection_is(outlet) || !pour->settings->reconnect)
        return false;
    notes_line(&pour->notes, "%s: %s at byte %" PRIu64 ": %s; connecting again",
               quote_name(outlet->name).text, operation, outlet->confirmed,
               error ? strerror(-error) : "closed by the peer");
    meters_broke(&pour->meters, lost, outlet->is_kept);
    if (outlet->is_kept)
        outlet->at = outlet->confirmed;
    else
        outlet_confirm(outlet, outlet->at);
    outlet->state = OUTLET_RESTING;
    now = clock_now();
    /* one that ends sooner is as good as refused: whoever takes connections and drops them */
    if (now - connection->since >= connection->backoff.longest)
        backoff_reset(&connection->backoff);
    connection->since = now;
    rest(connection, now);
    return true;
}

void connection_hurry(struct outlet *outlet)
{
    struct connection *connection = &outlet->connection;

    backoff_reset(&connection->backoff);
    if (outlet->state == OUTLET_RESTING)
        connection->due = clock_now();
}

static void dial_again(struct pour *pour, struct outlet *outlet, uint64_t now)
{
    struct connection *connection = &outlet->connection;
    const int error =
        dial_start(&connection->dial, outlet->dest, send_buffer(pour->settings, outlet));

    /* also when there is no such name: some vanish while their service restarts */
    if (error) {
        rest(connection, now);
        return;
    }
    outlet->state = OUTLET_DIALING;
    connection->due = now;
}

static void keep_dialing(struct pour *pour, struct outlet *outlet, uint64_t now)
{
    struct connection *connection = &outlet->connection;
    const uint64_t since = connection->since;
    int error = dial_step(&connection->dial, now);

    if (error == -EAGAIN)
        return;
    if (!error)
        error = take_over(outlet);
    if (error) {
        outlet->state = OUTLET_RESTING;
        rest(connection, now);
    } else {
        notes_line(&pour->notes, "%s: connected after %s", quote_name(outlet->name).text,
                   print_time((now - since) / NS_PER_MS * NS_PER_MS).text);
    }
}

void connection_part(struct pour *pour, struct outlet *outlet)
{
    struct connection *connection = &outlet->connection;
    const int error = parting_begin(&outlet->end);

    if (error) {
        outlet_broke(pour, outlet, "shut down", error);
        return;
    }
    outlet->state = OUTLET_PARTING;
    connection->limit =
        clock_after(clock_now(), pour->settings->drain_timeout ? pour->settings->drain_timeout
                                                               : acknowledge_time);
    connection->is_unpollable = false;
}

/* Nobody waits for the peer to close: is all that was sent acknowledged? No poll tells when it is. */
static bool is_acknowledged(struct outlet *outlet)
{
    connection_confirm(outlet);
    return outlet->confirmed == outlet->at;
}

static void keep_parting(struct pour *pour, struct outlet *outlet, uint64_t now)
{
    struct connection *connection = &outlet->connection;
    const bool waits_for_close = pour->settings->drain_timeout > 0;
    const int error = parting_step(&outlet->end);
    const bool is_open = error == -EAGAIN || error == -EINPROGRESS;

    connection->is_unpollable = error == -EINPROGRESS || !waits_for_close;
    connection->due = clock_after(now, PARTING_REST);
    if (!error || (is_open && !waits_for_close && is_acknowledged(outlet)))
        outlet_arrived(pour, outlet);
    else if (!is_open)
        outlet_broke(pour, outlet, "wait for the peer to close", error);
    else if (now >= connection->limit)
        outlet_give_up(pour, outlet,
                       waits_for_close ? "wait for the peer to close"
                                       : "wait for what was sent to be acknowledged",
                       -ETIMEDOUT);
    else
        connection_confirm(outlet);
}

bool connection_advance(struct pour *pour, struct outlet *outlet)
{
    const enum outlet_state before = outlet->state;
    const uint64_t now = clock_now();

    switch (outlet->state) {
    case OUTLET_RESTING:
        if (now >= outlet->connection.due)
            dial_again(pour, outlet, now);
        break;
    case OUTLET_DIALING: keep_dialing(pour, outlet, now); break;
    case OUTLET_PARTING: keep_parting(pour, outlet, now); break;
    case OUTLET_READY:
    case OUTLET_DONE:
    case OUTLET_FAILED: break;
    }
    return outlet->state != before;
}

void connection_hear(struct pour *pour, struct outlet *outlet)
{
    const int error = parting_overhear(&outlet->end);

    if (error == -EAGAIN)
        return;
    if (error) {
        outlet_broke(pour, outlet, "write", error);
        return;
    }
    /* it may still read; but who is waited for when it goes has rather gone */
    outlet->connection.peer_is_done = true;
    if (pour->settings->reconnect)
        outlet_broke(pour, outlet, "write", 0);
}

int connection_fd(const struct outlet *outlet)
{
    switch (outlet->state) {
    case OUTLET_DIALING: return outlet->connection.dial.fd;
    case OUTLET_PARTING: return outlet->connection.is_unpollable ? -1 : outlet->end.fd;
    case OUTLET_READY: return outlet->end.fd;
    case OUTLET_RESTING:
    case OUTLET_DONE:
    case OUTLET_FAILED: break;
    }
    return -1;
}

short connection_events(const struct outlet *outlet)
{
    switch (outlet->state) {
    case OUTLET_DIALING: return POLLOUT;
    case OUTLET_PARTING: return POLLIN;
    case OUTLET_READY: return outlet->connection.peer_is_done ? 0 : POLLIN;
    case OUTLET_RESTING:
    case OUTLET_DONE:
    case OUTLET_FAILED: break;
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

uint64_t connection_due(struct outlet *outlet)
{
    struct connection *connection = &outlet->connection;
    uint64_t due = NEVER;

    switch (outlet->state) {
    case OUTLET_RESTING: return connection->due;
    case OUTLET_DIALING: return connection->dial.look_again;
    case OUTLET_PARTING:
        due = connection->is_unpollable ? connection->due : NEVER;
        return earlier(due, connection->limit);
    case OUTLET_READY:
        if (outlet->wants == WANTS_ROOM || outlet->confirmed < outlet->at)
            due = vigil_look(&connection->vigil, clock_now());
        if (outlet->is_kept && outlet->confirmed < outlet->at)
            due = earlier(due, confirm_due(connection));
        break;
    case OUTLET_DONE:
    case OUTLET_FAILED: break;
    }
    return due;
}
