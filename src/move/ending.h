/*
 * How a pour comes to its end, as the main thread decides it: a small machine of signals and
 * deadlines that knows no threads. Its level only rises; the movers read it and act on it.
 *
 *     FLOWING ---- INT ----> LAST_WORDS ---- drain timeout ----+
 *        |                       |                             v
 *        +--- TERM, others ------|-----------------------> DRAINING ---- drain timeout ---> LEAVING
 *                                |                             |                               ^
 *                                +-- a second INT, TERM, QUIT -+-------------------------------+
 *
 *     LAST_WORDS  Ctrl-C reaches the producer as well: go on until its end of file
 *     DRAINING    wait for no more input, take what it holds already, deliver all of it
 *     LEAVING     move nothing any more; what is left is counted and said
 */
#ifndef SLABCAT_ENDING_H
#define SLABCAT_ENDING_H

#include <stdbool.h>
#include <stdint.h>

enum ending_level { FLOWING, LAST_WORDS, DRAINING, LEAVING };

struct ending {
    enum ending_level level;
    uint64_t deadline; /* when this level gives way to the next; NEVER at first */
    uint64_t drain_timeout;
    uint64_t asked;   /* when the first signal came */
    bool was_hurried; /* LEAVING because of a second signal, not because of the time */
};

void ending_start(struct ending *ending, uint64_t drain_timeout);

/*
 * Signal NUMBER came, which is to end slabcat. Signals that come in one burst are one wish: timeout(1)
 * and service managers send two at once, and nobody presses a key twice that fast. A second INT, TERM
 * or QUIT leaves at once; other signals hurry nobody. HAS_PRODUCER: the input is filled by somebody
 * who hears Ctrl-C as well.
 */
void ending_signal(struct ending *ending, int number, bool has_producer, uint64_t now);

/* The clock says NOW: pass deadlines that are over. */
void ending_tick(struct ending *ending, uint64_t now);

#endif
