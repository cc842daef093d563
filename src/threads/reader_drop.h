/*
 * The reader's loop where lines are dropped when the ring is full: it never waits for the writer,
 * so the producer never waits. input/line_dropper.h decides what is kept.
 */
#ifndef SLABCAT_READER_DROP_H
#define SLABCAT_READER_DROP_H

struct reader;

void run_reader_drop(struct reader *reader);

#endif
