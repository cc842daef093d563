/*
 * The main thread when the movers have been told to leave and have not ended: when it may leave without
 * them, and what can be said of the bytes then.
 *
 * A mover that merely has had no CPU (or is stopped by a tracer) is waited for. Main leaves when each mover has
 * ended or sits in a call that does not return (stillness.h). What has been counted is exact then, but for
 * the bytes of that call. Where /proc does not tell, it waits longer and leaves all the same; what was delivered
 * is known to be at least what has been counted.
 */
#ifndef SLABCAT_LEAVING_H
#define SLABCAT_LEAVING_H

#include "control/stillness.h"
#include "threads/movers.h"

#include <stdbool.h>
#include <stdint.h>

struct leaving {
    struct stillness stillness[MOVERS_MAX];
    uint64_t due;           /* of the next look */
    unsigned unknown_looks; /* at movers of which nothing is known; none of the others was active */
    bool is_over;           /* main may leave, and then: */
    bool is_exact;          /* what remains is known exactly */
    bool output_has_ended;
    struct remains remains;
};

/* When to look again. */
uint64_t leaving_due(const struct leaving *leaving);

/* Look at the movers, if that is due. True: main may leave without those that have not ended. */
bool leaving_look(struct leaving *leaving, struct movers *movers);

/* Main leaves: name the calls that have not returned. */
void leaving_say(const struct leaving *leaving, struct movers *movers);

#endif
