/*
 * The three loops that move bytes, each the body of a thread, and what they share. Private to
 * move/.
 */
#ifndef SLABCAT_MOVERS_H
#define SLABCAT_MOVERS_H

#include "threads/pour.h"

void run_reader(struct pour *pour);
void run_writer(struct pour *pour);
void run_direct(struct pour *pour);

/* The level the main thread has set. */
enum shutdown_level pour_level(struct pour *pour);

/* The reader: nobody needs it any more, or it has been told to. */
bool reader_has_to_leave(struct pour *pour);

/* What failed with ERROR, for a message: NAME, unless it is that only pages would do. */
const char *operation_name(const struct pour *pour, const char *name, int error);

/* Pages were asked for, and there is no duct to be had. */
void ducts_failed(struct pour *pour);

/*
 * A call that moves pages came to RESULT: is the same to be tried by copying? That does it, or says
 * what is really wrong. Not where only pages will do.
 */
bool may_copy_instead(const struct pour *pour, ssize_t result);

/* The wait itself failed: nothing can go on from here. */
void wait_failed(struct pour *pour, int error);

#endif
