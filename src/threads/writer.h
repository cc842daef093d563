/*
 * The writer thread: takes published bytes from the ring and writes them to the outputs, each at its own pace.
 */
#ifndef SLABCAT_WRITER_H
#define SLABCAT_WRITER_H

#include "output/drain.h"
#include "output/lifecycle.h"

#include <stdbool.h>
#include <stdint.h>

struct writer {
    struct flow *flow;
    struct outputs outputs; /* main's until the movers begin and when they have ended */
    struct drain drain;
    uint64_t to_fill;  /* bytes that --start-fill asks for; 0: none */
    uint64_t empty_at; /* how many bytes had come when the ring was empty, the last time */
    bool is_hurried;   /* the outputs know that the end has been asked for */
};

/* The body of the thread. */
void run_writer(struct writer *writer);

#endif
