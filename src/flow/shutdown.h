/*
 * How a stream comes to its end, as the main thread decides it: a small machine of signals and
 * deadlines that knows no threads. Its level only rises; the movers read it and act on it.
 *
 *     FLOWING ---- INT ----> UNTIL_EOF ---- drain timeout ----+
 *        |                       |                             v
 *        +--- TERM, others ------|-----------------------> DRAINING ---- drain timeout ---> ABANDON
 *                                |                             |                               ^
 *                                +-- a second INT, TERM, QUIT -+-------------------------------+
 *
 *     UNTIL_EOF  Ctrl-C reaches the producer as well: go on until its end of file
 *     DRAINING    wait for no more input, take what it holds already, deliver all of it
 *     ABANDON     move nothing any more; what is left is counted and said
 */
#ifndef SLABCAT_SHUTDOWN_H
#define SLABCAT_SHUTDOWN_H

#include <stdbool.h>
#include <stdint.h>

enum shutdown_level { FLOWING, UNTIL_EOF, DRAINING, ABANDON };

struct shutdown {
    enum shutdown_level level;
    uint64_t deadline; /* when this level gives way to the next; NEVER at first */
    uint64_t drain_timeout;
    uint64_t asked;   /* when the first signal came */
    bool was_hurried; /* ABANDON because of a second signal, not because of the time */
};

void shutdown_start(struct shutdown *shutdown, uint64_t drain_timeout);

/*
 * Signal NUMBER came, which is to end slabcat. Signals that come in one burst are one wish: timeout(1)
 * and service managers send two at once, and nobody presses a key twice that fast. A second INT, TERM
 * or QUIT leaves at once; other signals hurry nobody. HAS_PRODUCER: the input is filled by somebody
 * who hears Ctrl-C as well.
 */
void shutdown_signal(struct shutdown *shutdown, int number, bool has_producer, uint64_t now);

/* The clock says NOW: pass deadlines that are over. */
void shutdown_tick(struct shutdown *shutdown, uint64_t now);

#endif
