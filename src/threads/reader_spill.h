/*
 * Overflow: what the reader does with --on-full=spill while the ring is full. What comes goes to a
 * file on disk then (io/spill.h), and free slabs are filled from there, until nothing is left in
 * it. The bytes are in this order, the oldest first:
 *
 *     ring    spill    the buffer    staged    in the input
 *
 * In the buffer is what the reader has taken and the disk has refused so far (it is full, or a limit is
 * in the way). That loses nothing: it is told once, as a note, and until space has been given back
 * nothing more is taken; when the spill is empty, what is in the buffer goes to the ring. The same when
 * the spill holds as much as it may: then, and only then, the producer has to wait.
 *
 * Bytes that nobody has asked to see go to the file and back as pages; and always through a pipe of
 * our own, because a splice into a file holds the pipe's lock for as long as the disk takes.
 * Regular files are not spilled: they do not mind waiting where they are.
 *
 * Bytes that cannot be read back are lost: that is reported, and the reader ends, so that what it has taken
 * and not handed on is undelivered, exactly.
 *
 * The main thread opens and closes it, while there is no reader; all else is the reader's. A reader
 * that waits for the disk hears nothing; main leaves without it then (movers.h).
 */
#ifndef SLABCAT_READER_SPILL_H
#define SLABCAT_READER_SPILL_H

#include "flow/flow.h"
#include "input/intake.h"
#include "input/slab_pipes.h"

#include <stdbool.h>

struct reader_spill;
struct task_call;

/*
 * Before a byte is read: make the file, if the settings ask for one and there is a ring. 0, or -errno after
 * having reported why.
 */
int reader_spill_open(struct reader_spill **opened, struct flow *flow, struct intake *intake,
                      struct slab_pipes *pipes);

/* Also where there is none. */
void reader_spill_close(struct reader_spill *spiller);

/* CALL is about the spill's file. False where there is none. */
bool reader_spill_is_used_by(const struct reader_spill *spiller, const struct task_call *call);

/*
 * The ring is full, and all that is in it is published: take what comes beyond it, until all of
 * that is in the ring again. True: go on as usual. False: all input has been taken, or it is time
 * to leave.
 */
bool reader_spill_absorb(struct reader_spill *spiller);

#endif
