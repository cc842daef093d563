/*
 * Direct mode: one thread reads and writes, without a ring. Each read is written before the next one; files that
 * the kernel can move to the output by itself go this way too.
 */
#ifndef SLABCAT_DIRECT_H
#define SLABCAT_DIRECT_H

#include "output/lifecycle.h"
#include "threads/reader.h"

/* The body of the thread. It is the reader's, and the writer of OUTPUT as well. */
void run_direct(struct reader *reader, struct output *output);

#endif
