/*
 * The connection behind an output: made before a byte is read, made again when it breaks and the
 * user wants that, and ended so that a clean exit means that the peer has taken everything.
 *
 * For output.c, which owns it. Nothing here waits but connection_open.
 */
#ifndef SLABCAT_CONNECTION_H
#define SLABCAT_CONNECTION_H

#include "config/settings.h"
#include "net/backoff.h"
#include "net/dial.h"
#include "net/liveness.h"

#include <stdbool.h>
#include <stdint.h>

struct output;

struct connection {
    struct dial dial;
    struct backoff backoff;
    uint64_t due;          /* when to look again: RESTING and PARTING */
    uint64_t limit;        /* PARTING: how long the peer has for it */
    uint64_t confirm_rest; /* READY: how long until it is asked again what has arrived */
    struct liveness liveness;
    uint64_t since;     /* there has been one since then, or none */
    bool peer_is_done;  /* it has closed its side */
    bool is_unpollable; /* PARTING: poll would not wait */
};

/* The output is a connection. */
bool connection_is(const struct output *output);

/*
 * The main thread: connect, before anything else happens. READY; or RESTING, after a note, when it
 * cannot be had yet and will be tried again; or -errno after having said why.
 */
int connection_open(struct output *output, const struct settings *settings);

/* RESTING, DIALING or PARTING: as far as it goes. True: the state has changed. */
bool connection_advance(struct output *output);

/* READY: something has been written. */
void connection_wrote(struct output *output);

/* Look what has arrived: also when it has just broken, as long as it has not been closed. */
void connection_confirm(struct output *output);

/*
 * It broke in OPERATION, with ERROR (0: the peer has closed it), and has been closed. True: it will
 * be made again.
 */
bool connection_comes_back(struct output *output, const char *operation, int error);

/* There is not much time left: what rests is tried now, and soon again. */
void connection_hurry(struct output *output);

/* READY, and the peer has something to say. */
void connection_hear(struct output *output);

/* READY, and all has been written: PARTING. */
void connection_finish(struct output *output);

/* See output.h. */
int connection_fd(const struct output *output);
short connection_events(const struct output *output);
uint64_t connection_due(struct output *output);

#endif
