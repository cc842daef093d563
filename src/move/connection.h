/*
 * The connection behind an outlet: made before a byte is read, made again when it breaks and the
 * user wants that, and ended so that a clean exit means that the peer has taken everything.
 *
 * For outlet.c, which owns it. Nothing here waits but connection_open.
 */
#ifndef SLABCAT_CONNECTION_H
#define SLABCAT_CONNECTION_H

#include "config/settings.h"
#include "ends/backoff.h"
#include "ends/dial.h"
#include "ends/vigil.h"

#include <stdbool.h>
#include <stdint.h>

struct outlet;
struct pour;

struct connection {
    struct dial dial;
    struct backoff backoff;
    uint64_t due;          /* when to look again: RESTING and PARTING */
    uint64_t limit;        /* PARTING: how long the peer has for it */
    uint64_t confirm_rest; /* READY: how long until it is asked again what has arrived */
    struct vigil vigil;
    uint64_t since;     /* there has been one since then, or none */
    bool peer_is_done;  /* it has closed its side */
    bool is_unpollable; /* PARTING: poll would not wait */
};

/* The outlet is a connection. */
bool connection_is(const struct outlet *outlet);

/*
 * The main thread: connect, before anything else happens. READY; or RESTING, after a note, when it
 * cannot be had yet and will be tried again; or -errno after having said why.
 */
int connection_open(struct outlet *outlet, const struct settings *settings);

/* RESTING, DIALING or PARTING: as far as it goes. True: the state has changed. */
bool connection_advance(struct pour *pour, struct outlet *outlet);

/* READY: something has been written. */
void connection_wrote(struct outlet *outlet);

/* Look what has arrived: also when it has just broken, as long as it has not been closed. */
void connection_confirm(struct outlet *outlet);

/*
 * It broke in OPERATION, with ERROR (0: the peer has closed it), and has been closed. True: it will
 * be made again.
 */
bool connection_comes_back(struct pour *pour, struct outlet *outlet, const char *operation,
                           int error);

/* There is not much time left: what rests is tried now, and soon again. */
void connection_hurry(struct outlet *outlet);

/* READY, and the peer has something to say. */
void connection_hear(struct pour *pour, struct outlet *outlet);

/* READY, and all has been written: PARTING. */
void connection_part(struct pour *pour, struct outlet *outlet);

/* See outlet.h. */
int connection_fd(const struct outlet *outlet);
short connection_events(const struct outlet *outlet);
uint64_t connection_due(struct outlet *outlet);

#endif
