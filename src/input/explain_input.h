/* What the reader tells with --explain: what the ends are, which way the bytes take and why. */
#ifndef SLABCAT_EXPLAIN_INPUT_H
#define SLABCAT_EXPLAIN_INPUT_H

#include "input/intake.h"
#include "input/slab_pipes.h"
#include "input/tuner.h"

/* The open input, the outputs, and the way between them. */
void explain_way(const struct intake *intake);

/* The newest of the slabs' pipes, or why there are no more. */
void explain_slab_pipes(struct flow *flow, const struct slab_pipes *pipes);

/* CALL returned RESULT, and the open input is copied from here on. */
void explain_input_refusal(const struct intake *intake, const char *call, ssize_t result);

/* A trial of the tuner has come to its end. */
void explain_trial(struct flow *flow, const struct tuner *tuner);

/* At the end: how many bytes were read as pages, and what the transforms cost. */
void explain_input(const struct intake *intake);

#endif
