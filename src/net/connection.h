/*
 * A connection of an output: made before a byte is read, made again when it breaks and the user wants that, and
 * closed in such a way that a clean exit means that the peer has taken everything.
 *
 *                +---------- breaks, with --reconnect ----------+
 *                v                                              |
 *     ------> RESTING --> DIALING --> OPEN --> CLOSING ---------+--> the end
 *         |                            ^
 *         +----------------------------+
 *
 * Nothing here waits but connection_open. What happens is returned as an event; output/lifecycle.c acts on it.
 */
#ifndef SLABCAT_CONNECTION_H
#define SLABCAT_CONNECTION_H

#include "config/settings.h"
#include "net/backoff.h"
#include "net/dial.h"
#include "net/liveness.h"
#include "sink/event.h"
#include "sink/sink.h"

#include <stdbool.h>
#include <stdint.h>

enum connection_state {
    CONNECTION_RESTING, /* there is none; one will be tried when it is due */
    CONNECTION_DIALING, /* it is being made */
    CONNECTION_OPEN,
    CONNECTION_CLOSING /* everything has been written; the peer is to close as well */
};

struct connection {
    const struct settings *settings;
    enum connection_state state;
    struct dial dial;
    struct backoff backoff;
    uint64_t due;          /* when to look again: RESTING and CLOSING */
    uint64_t limit;        /* CLOSING: how long the peer has for it */
    uint64_t confirm_rest; /* OPEN: how long until it is asked again what has arrived */
    struct liveness liveness;
    uint64_t since;      /* there has been one since then, or none */
    uint64_t connecting; /* the last one: how long that took */
    bool peer_is_done;   /* it has closed its side */
    bool is_unpollable;  /* CLOSING: poll would not wait */
};

/* What the endpoint of SINK is like before there is a connection. */
struct endpoint connection_expected_end(const struct sink *sink);

/*
 * The main thread: connect, before anything else happens. 0; or 1, after a note, when there is none yet and it will be
 * tried again; or -errno after having reported why.
 */
int connection_open(struct connection *connection, struct sink *sink,
                    const struct settings *settings);

/* RESTING, DIALING or CLOSING: go on as far as that goes without waiting. */
struct event connection_step(struct connection *connection, struct sink *sink);

/* OPEN: something has been written. */
void connection_wrote(struct connection *connection, struct sink *sink);

/* Look what has arrived: also when it has just broken, as long as it has not been closed. */
void connection_confirm(struct sink *sink);

/* It broke, and has been closed: RESTING, to be made again later. */
void connection_rest(struct connection *connection);

/* There is not much time left: what rests is tried now, and soon again. */
void connection_hurry(struct connection *connection);

/* OPEN, and the peer has something to say. */
struct event connection_hear(struct connection *connection, struct sink *sink);

/* OPEN, and everything has been written: CLOSING. */
struct event connection_finish(struct connection *connection, struct sink *sink);

/* The output is given up: whatever is under way is stopped. */
void connection_stop(struct connection *connection);

/*
 * What to poll, -1: nothing; for what besides POLLOUT; and when to go on in any case, or NEVER. WANTS_ROOM: there are
 * bytes to be written that it does not take.
 */
int connection_fd(const struct connection *connection, const struct sink *sink);
short connection_events(const struct connection *connection);
uint64_t connection_due(struct connection *connection, const struct sink *sink, bool wants_room);

#endif
