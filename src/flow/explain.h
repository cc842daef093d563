/*
 * What --explain tells: what the ends are, which way the bytes take and why, what the kernel has
 * granted, what was refused, and what the tuner did. Each line is told by the thread that has just
 * seen it happen; without --explain nothing is told.
 */
#ifndef SLABCAT_EXPLAIN_H
#define SLABCAT_EXPLAIN_H

#include "input/tuner.h"
#include "threads/pour.h"

/* Before there are threads: look at the outputs, which belong to the writer later. */
void explain_start(struct pour *pour);

/* The reader: the open input, the outputs, and the way between them. */
void explain_way(struct pour *pour);

/* The reader: the newest of the ducts; or why there are no more. */
void explain_ducts(struct pour *pour);

/* The reader: CALL came to RESULT, and the open input is copied from here on. */
void explain_input_refusal(struct pour *pour, const char *call, ssize_t result);

/* The writer: splice to OUTLET came to RESULT, and everything is copied from here on. */
void explain_output_refusal(struct pour *pour, const struct output *output, ssize_t result);

/* The writer: from here on it goes to the file that stands at the path now. */
void explain_reopened(struct pour *pour, const struct output *output);

/* The reader: a trial has come to its end. */
void explain_trial(struct pour *pour, const struct tuner *tuner);

/* The reader and the writer, at their ends: what has been moved, how, and what looking at it cost. */
void explain_input(struct pour *pour);
void explain_output(struct pour *pour);

#endif
