#include "bench/threads/queue.h"

#include <errno.h>
#include <stdlib.h>

int queue_make(struct queue *queue, size_t depth)
{
    *queue = (struct queue){.depth = depth,
                            .low = depth / LOW_PART,
                            .senders = {.wake = PTHREAD_COND_INITIALIZER},
                            .receiver = {.wake = PTHREAD_COND_INITIALIZER}};
    queue->places = calloc(depth, sizeof(struct message *));
    return queue->places ? lock_make(&queue->lock) : -ENOMEM;
}

void queue_free(struct queue *queue)
{
    free(queue->places);
}

void queue_send(struct queue *queue, struct message *message)
{
    size_t place;
    bool slept = false;
    bool wake;
    bool next;

    pthread_mutex_lock(&queue->lock);
    while (queue->count == queue->depth) {
        sleepers_join(&queue->senders, &queue->lock);
        slept = true;
    }
    place = queue->first + queue->count;
    queue->places[place < queue->depth ? place : place - queue->depth] = message;
    queue->count++;
    wake = sleepers_pick(&queue->receiver);
    next = slept && queue->count < queue->depth && sleepers_pick(&queue->senders);
    pthread_mutex_unlock(&queue->lock);
    if (wake)
        pthread_cond_signal(&queue->receiver.wake);
    if (next)
        pthread_cond_signal(&queue->senders.wake);
}

void queue_close(struct queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    queue->closed = true;
    pthread_mutex_unlock(&queue->lock);
    pthread_cond_signal(&queue->receiver.wake);
}

struct message *queue_receive(struct queue *queue)
{
    struct message *message = NULL;
    bool wake = false;

    pthread_mutex_lock(&queue->lock);
    while (queue->count == 0 && !queue->closed)
        sleepers_join(&queue->receiver, &queue->lock);
    if (queue->count > 0) {
        message = queue->places[queue->first];
        queue->first = queue->first + 1 < queue->depth ? queue->first + 1 : 0;
        queue->count--;
        if (queue->count <= queue->low)
            wake = sleepers_pick(&queue->senders);
    }
    pthread_mutex_unlock(&queue->lock);
    if (wake)
        pthread_cond_signal(&queue->senders.wake);
    return message;
}
