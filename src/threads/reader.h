/*
 * What the two loops of the reader's thread have in common: reader.c, which stores whatever comes,
 * and reader_drop.c, which drops lines rather than let the producer wait.
 */
#ifndef SLABCAT_READER_H
#define SLABCAT_READER_H

#include "flow/flow.h"
#include "input/intake.h"
#include "input/pace.h"
#include "input/slab_pipes.h"
#include "input/tuner.h"

#include <stdbool.h>
#include <sys/types.h>

struct reader_spill;
struct slab;

struct reader {
    struct flow *flow;
    struct intake intake;
    struct slab_pipes slab_pipes;
    struct reader_spill *spiller; /* NULL: a full ring blocks */
    struct pace pace;
    struct tuner tuner;
    unsigned met;        /* the number of the input that the pace knows */
    bool is_unannounced; /* something is published that the writer has not been woken for */
};

/* Open the first input. False: there is none. */
bool reader_begin(struct reader *reader);

/* Another input is open. Let the pace know what it can gather on its own. */
void reader_meet_input(struct reader *reader);

/*
 * Claim a slab; with all of them full wait for the writer to free one. NULL: it is time to leave,
 * or what did not fit has been dealt with otherwise, down to the end of the input.
 */
struct slab *reader_claim(struct reader *reader);

/* What to do after a read that GOT bytes, or -EAGAIN, and left the input EMPTY or not. */
struct pace_step reader_pace(struct reader *reader, ssize_t got, bool *is_empty);

/*
 * Do it, but for the publishing, which comes before. Sleeps where STEP says so, or until there is
 * input. 0 or -errno.
 */
int reader_follow(struct reader *reader, struct pace_step step, bool is_empty);

/* Report that pages were asked for, and that there is no pipe for a slab. */
void reader_has_no_pipes(struct reader *reader);

/* Wake the writer for what has been published. */
void reader_announce(struct reader *reader);

/* The body of the thread where everything that comes is stored. */
void run_reader(struct reader *reader);

#endif
