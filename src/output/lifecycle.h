/*
 * What happens to an output while bytes move: it is written to, breaks, is connected again, has had everything, and is
 * closed. It acts on the events that net/ reports.
 */
#ifndef SLABCAT_LIFECYCLE_H
#define SLABCAT_LIFECYCLE_H

#include "output/output.h"

/* Another BYTES of the stream have been written to it, or are in its press. */
void output_wrote(struct output *output, size_t bytes);

/* Look how much of what was sent over a connection has arrived. */
void output_confirm(struct output *output);

/* There is not much time left: a connection that rests is tried now. */
void output_hurry(struct output *output);

/* Wait for its worker, if it has one, to end what it does, and stop it: 0, or what that failed with. */
int output_free_worker(struct output *output);

/* It cannot be used any more, because OPERATION failed with ERROR. */
void output_broke(struct output *output, const char *operation, int error);

/* A state that is not READY: go on as far as that goes without waiting. True: it has changed. */
bool output_advance(struct output *output);

/* It was found ready for REVENTS, although there was no room to wait for. */
void output_noticed(struct output *output, short revents);

/*
 * It has been given all there is: a connection begins to close; all else, and one that is disconnected,
 * is synced and closed.
 */
void output_finish(struct output *output);

/* It will not be waited for any longer: close it; what has not arrived counts as not delivered. */
void output_leave(struct output *output);

/* What to poll, and for what; -1: nothing. And when to go on in any case; NEVER. */
int output_fd(const struct output *output);
short output_events(const struct output *output);
uint64_t output_due(struct output *output);

#endif
