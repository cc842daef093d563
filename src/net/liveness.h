/*
 * Liveness of a TCP connection: a peer that has gone without closing is found out, and one that merely
 * does not read for hours is left alone. Sockets of other kinds need no watching; there it does
 * nothing.
 *
 * While nothing is on its way, keepalive asks. While something is, TCP_USER_TIMEOUT bounds how long
 * it may go without progress; but the kernel counts a peer that has closed its window (a stalled
 * consumer) as no progress as well, however often it answers, and would break the connection. So
 * somebody has to look now and then, see that there are answers, and give such a peer more time.
 *
 * For the thread that uses the connection.
 */
#ifndef SLABCAT_LIVENESS_H
#define SLABCAT_LIVENESS_H

#include "sys/clock.h"

#include <stdint.h>

/*
 * A peer that is gone is found out within this time; within twice this time where it did not read
 * before it went. The connection then fails with ETIMEDOUT.
 */
#define LIVENESS_PATIENCE (30 * NS_PER_SECOND)

struct liveness {
    int fd;
    uint64_t patience;
    uint64_t healthy; /* when the peer was last seen to take what it was sent */
};

/* PATIENCE counts in whole seconds, from 1 on; LIVENESS_PATIENCE but in tests. */
void liveness_begin(struct liveness *liveness, int fd, uint64_t patience, uint64_t now);

/*
 * Returns when to look again: by then at the latest as long as not everything that was sent has
 * been taken (endpoint_unacknowledged), which is also while the output is not writable; otherwise before
 * the next write is fine.
 */
uint64_t liveness_look(struct liveness *liveness, uint64_t now);

#endif
