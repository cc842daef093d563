/*
 * A bounded queue of pointers to messages, as many programs have one: many threads send, one
 * receives. It gets the same care as the slabs: the same kind of mutex, and nobody is woken who
 * does not sleep.
 */
#ifndef SLABCAT_CHANNEL_QUEUE_H
#define SLABCAT_CHANNEL_QUEUE_H

#include "bench/threads/lock.h"

#include <pthread.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>

/* From malloc: the sender makes it, the receiver frees it. */
struct message {
    size_t length;
    unsigned char bytes[];
};

struct queue {
    struct message **places;
    size_t depth;
    size_t low; /* wake senders when so many messages are left, or fewer */

    alignas(CACHE_LINE) pthread_mutex_t lock; /* over everything below */
    size_t first;
    size_t count;
    bool closed;
    struct sleepers senders;  /* until there is room */
    struct sleepers receiver; /* until there is a message */
};

/*
 * A queue with room for DEPTH messages. 0 or -errno; to be freed in either case. A queue that is
 * all zero can be freed too.
 */
int queue_make(struct queue *queue, size_t depth);
void queue_free(struct queue *queue);

/* A sender: waits for room. */
void queue_send(struct queue *queue, struct message *message);

/* Nothing more will be sent. */
void queue_close(struct queue *queue);

/* The receiver: wait for a message; NULL when there will be none any more. */
struct message *queue_receive(struct queue *queue);

#endif
