/*
 * What threads of a channel meet at: a mutex, and threads that sleep until there is something for
 * them. Slabs and queue use the same ones, so that neither has an advantage.
 *
 * Who sleeps for room is woken when a quarter of the slabs, or of the queue, is left in use. It is
 * woken alone, and wakes the next one when it has used the room. To wake all of them, or one for
 * each place that gets free, costs several times what the messages do: they meet at the lock, find
 * too little room, and sleep again.
 */
#ifndef SLABCAT_CHANNEL_LOCK_H
#define SLABCAT_CHANNEL_LOCK_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

enum {
    CACHE_LINE = 64,
    LOW_PART = 4 /* of what there is: when so much of it is left in use, sleepers are woken */
};

struct sleepers {
    pthread_cond_t wake;
    size_t count; /* so many sleep whom nobody has woken yet */
};

/* One that spins a little before it sleeps: what it guards takes some ten ns. 0 or -errno. */
int lock_make(pthread_mutex_t *lock);

/* With the lock held, in a loop: it may return for no reason. */
void sleepers_join(struct sleepers *sleepers, pthread_mutex_t *lock);

/*
 * With the lock held: true when the caller has to wake one, best after it has unlocked. Here and
 * not in lock.c, because the queue does this for every message, and a call would be measured with
 * it.
 */
static inline bool sleepers_pick(struct sleepers *sleepers)
{
    if (sleepers->count == 0)
        return false;
    sleepers->count--;
    return true;
}

#endif
