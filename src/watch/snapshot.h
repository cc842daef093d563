/*
 * A snapshot: the meters read once, as plain numbers that agree with each other, for whoever prints
 * or advises. The main thread takes it while the movers go on.
 */
#ifndef SLABCAT_SNAPSHOT_H
#define SLABCAT_SNAPSHOT_H

#include "plan/plan.h"
#include "watch/checksums.h"
#include "watch/meters.h"

#include <stdbool.h>
#include <stdint.h>

/* One side. What is still being waited for counts. */
struct side {
    uint64_t bytes;
    uint64_t calls;
    uint64_t pages; /* of the bytes: moved as pages */
    uint64_t lines;
    uint64_t waits;
    uint64_t waited;       /* ns */
    uint64_t longest_wait; /* ns */
    uint64_t waiting;      /* ns so far, if it is waited for now */
};

struct snapshot {
    struct sizing ring; /* no slabs: direct */
    bool has_ended;     /* nothing moves any more */
    uint64_t elapsed;   /* ns */

    /*
     * in + added + marked = out + removed + dropped + undelivered + held; at the end nothing is held
     */
    struct side in;
    struct side out;
    uint64_t unread; /* accepted by the input, and never taken from it; in undelivered */
    uint64_t dropped;
    uint64_t dropped_lines;
    uint64_t marked;  /* bytes of our own in the stream that say what is missing */
    uint64_t added;   /* bytes that the transforms have added, beyond what they have removed */
    uint64_t removed; /* or the other way round */
    uint64_t undelivered;
    uint64_t uncertain; /* of undelivered: a call that has not returned may have delivered them */
    uint64_t held;
    bool has_lines;
    uint64_t passed; /* of in and out: moved by the kernel alone, without a ring */

    uint64_t reconnects; /* connections that broke, and were to be made again */
    uint64_t resent;     /* bytes that were on their way then, and were sent again */
    uint64_t at_risk;    /* or were not */

    uint64_t high_water; /* bytes in the ring */
    uint64_t spilled;    /* bytes that went beyond it, in all */
    uint64_t spill_held; /* of held: those that are there now */
    uint64_t spill_high_water;
    uint64_t stalls; /* writes that took longer than STALL_MIN */
    struct percentiles write_times;
    struct percentiles latency;
    uint64_t rate;    /* bytes a second, of the input */
    uint64_t busiest; /* the same in its busiest tenth of a second */

    uint64_t packed;             /* bytes that were written compressed */
    struct checksums *checksums; /* of what is complete */

    const char *way;          /* NULL: not known yet */
    const char *trial_result; /* of the tuner; NULL: there was none */
    uint64_t trials;
    uint64_t user; /* CPU time of the process, ns */
    uint64_t system;
};

/* What is left when nothing moves any more. */
struct rest {
    uint64_t out;       /* bytes delivered for certain */
    uint64_t unread;    /* accepted by the input, and never taken from it */
    uint64_t uncertain; /* not delivered for certain, nor not delivered */
};

/* The stream: METERS that began to count at STARTED, over a RING. */
struct watched {
    const struct meters *meters;
    struct checksums *checksums;
    struct sizing ring;
    uint64_t started;
    bool has_ended;   /* then */
    struct rest rest; /* is known */
};

void snapshot_take(struct snapshot *snapshot, const struct watched *watched);

/* BYTES within NS as bytes a second; what does not fit is UINT64_MAX. */
uint64_t snapshot_rate(uint64_t bytes, uint64_t ns);

/* WHOLE x PART / OF, about, which is not 0; the same. */
uint64_t snapshot_part(uint64_t whole, uint64_t part, uint64_t of);

/* How much PART is of WHOLE: 0 to 100, and 0 of nothing. */
unsigned snapshot_percent(uint64_t part, uint64_t whole);

#endif
