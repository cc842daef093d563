#include "move/hand.h"

#include "sys/clock.h"
#include "sys/threads.h"

#include <errno.h>
#include <stdlib.h>

/* Sleep until there is a job. False: there are no more, or that cannot be waited for. */
static bool await_job(struct hand *hand)
{
    for (;;) {
        int error;

        if (atomic_load(&hand->is_busy))
            return true;
        if (atomic_load(&hand->is_over))
            return false;
        bell_listen(&hand->bell);
        if (atomic_load(&hand->is_busy) || atomic_load(&hand->is_over))
            continue;
        error = wait_for(&hand->bell, NEVER, NULL, 0);
        if (error) {
            atomic_store(&hand->error, error);
            bell_ring(hand->writer_bell); /* it may have a job for us that nobody does */
            return false;
        }
    }
}

static void *hand_thread(void *argument)
{
    struct hand *hand = argument;

    thread_is_called("slabcat-hand");
    while (await_job(hand)) {
        hand->put = end_write(hand->end, hand->parts, hand->count);
        atomic_store(&hand->is_busy, false);
        bell_ring(hand->writer_bell);
    }
    return NULL;
}

int hand_make(struct hand **made, struct end *end, struct bell *writer_bell)
{
    struct hand *hand = calloc(1, sizeof *hand);
    int error = -ENOMEM;

    if (!hand)
        return error;
    hand->end = end;
    hand->writer_bell = writer_bell;
    error = bell_make(&hand->bell);
    if (!error)
        error = thread_start(&hand->thread, hand_thread, hand);
    if (error) {
        bell_free(&hand->bell);
        free(hand);
        return error;
    }
    *made = hand;
    return 0;
}

ssize_t hand_free(struct hand *hand)
{
    ssize_t put = 0;

    atomic_store(&hand->is_over, true);
    bell_ring(&hand->bell);
    pthread_join(hand->thread, NULL);
    hand_result(hand, &put);
    bell_free(&hand->bell);
    free(hand);
    return put;
}

void hand_begin(struct hand *hand, int count)
{
    hand->count = count;
    hand->has_result = true;
    atomic_store(&hand->is_busy, true);
    bell_ring(&hand->bell);
}

bool hand_is_busy(const struct hand *hand)
{
    return atomic_load(&hand->is_busy) && !atomic_load(&hand->error);
}

bool hand_result(struct hand *hand, ssize_t *put)
{
    if (!hand->has_result || hand_is_busy(hand))
        return false;
    hand->has_result = false;
    *put = atomic_load(&hand->is_busy) ? atomic_load(&hand->error) : hand->put;
    return true;
}
