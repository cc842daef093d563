/*
 * The intake: what the reader and the direct loop have in common on the side of the input. It
 * reads, counts, reports what fails, moves on to the next input, and knows when there is nothing
 * more to wait for. Belongs to the one thread that reads.
 *
 * Draining begins when the main thread says so. From then on nobody is waited for: files are left
 * where they are, and an input with a producer is frozen before each read, so that the producer is
 * stopped and what it holds is known. It is over when a frozen input is empty.
 */
#ifndef SLABCAT_INTAKE_H
#define SLABCAT_INTAKE_H

#include "move/pour.h"

#include <stddef.h>
#include <sys/types.h>

/* Open the next input that can be opened, or the first. False at the end of the list. */
bool intake_next(struct pour *pour);

/* Bytes, or -EAGAIN when there are none right now, or 0 when there will be no more at all. */
ssize_t intake_read(struct pour *pour, void *bytes, size_t room);

/*
 * The reader cannot take anything at the moment: when draining, at least let nothing more come in.
 */
void intake_hold(struct pour *pour);

/* The reader goes: stop the producers of all inputs that have not ended, and count what is left. */
void intake_end(struct pour *pour);

#endif
