/*
 * channel: what it costs to hand messages of many threads to one writer.
 *
 *     channel VARIANT PRODUCERS COUNT SIZE    COUNT messages of SIZE bytes in all
 *
 * The variants, on the way to write(2) on /dev/null:
 *
 *     slab:8x64K               producers copy into the open one of 8 slabs of 64 KiB under one
 *                              mutex; a thread writes the slabs that are full
 *     queue:1024               producers malloc, copy and send pointers through a bounded queue; a
 *                              thread writes each message and frees it
 *     queue:1024+64K           the same, but the thread writes through a buffer of 64 KiB
 *     queue:1024+slab:8x64K    the same, but the thread copies into slabs, which another one writes
 *
 * A line on stdout says what a message cost, from the start of the producers to the last write:
 * "message_ns 61.3 mb_per_s 4176".
 */
#include "bench/threads/buffer.h"
#include "bench/threads/lock.h"
#include "bench/threads/output.h"
#include "bench/threads/plan.h"
#include "bench/threads/queue.h"
#include "bench/threads/slabs.h"
#include "sys/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- the start ----------------------------------------------------------------------------- */

enum gate_state { GATE_SHUT, GATE_OPEN, GATE_CANCELLED };

/* A barrier that can be called off when not all threads could be started. */
struct gate {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    size_t arrived;
    enum gate_state state;
};

/* False when there is nothing to do. */
static bool gate_pass(struct gate *gate)
{
    bool open;

    pthread_mutex_lock(&gate->lock);
    gate->arrived++;
    pthread_cond_broadcast(&gate->changed);
    while (gate->state == GATE_SHUT)
        pthread_cond_wait(&gate->changed, &gate->lock);
    open = gate->state == GATE_OPEN;
    pthread_mutex_unlock(&gate->lock);
    return open;
}

/* Wait until COUNT threads are there, and set STATE. Returns when that was. */
static uint64_t gate_set(struct gate *gate, size_t count, enum gate_state state)
{
    uint64_t when;

    pthread_mutex_lock(&gate->lock);
    while (gate->arrived < count)
        pthread_cond_wait(&gate->changed, &gate->lock);
    when = clock_now();
    gate->state = state;
    pthread_cond_broadcast(&gate->changed);
    pthread_mutex_unlock(&gate->lock);
    return when;
}

/* ---- the messages -------------------------------------------------------------------------- */

struct bench {
    const struct plan *plan;
    struct gate gate;
    struct slabs slabs;
    struct queue queue;
    struct buffer buffer;
    alignas(CACHE_LINE) struct output output;
};

struct producer {
    pthread_t thread;
    struct bench *bench;
    uint64_t messages;
    int error;
};

static int send_one(struct bench *bench, const unsigned char *bytes, size_t length)
{
    struct message *message;

    if (!bench->plan->variant.depth) {
        slabs_put(&bench->slabs, bytes, length);
        return 0;
    }
    message = malloc(sizeof *message + length);
    if (!message)
        return -ENOMEM;
    message->length = length;
    memcpy(message->bytes, bytes, length);
    queue_send(&bench->queue, message);
    return 0;
}

static void *produce(void *argument)
{
    struct producer *producer = argument;
    const size_t size = producer->bench->plan->size;
    unsigned char *bytes = malloc(size);
    uint64_t i;

    if (bytes)
        memset(bytes, 'x', size);
    else
        producer->error = -ENOMEM;
    if (gate_pass(&producer->bench->gate)) {
        for (i = 0; i < producer->messages && !producer->error; i++)
            producer->error = send_one(producer->bench, bytes, size);
    }
    free(bytes);
    return NULL;
}

/* The other end of the queue. */
static void *consume(void *argument)
{
    struct bench *bench = argument;
    const struct variant *variant = &bench->plan->variant;
    struct message *message;

    while ((message = queue_receive(&bench->queue))) {
        if (variant->slab_size)
            slabs_put(&bench->slabs, message->bytes, message->length);
        else if (variant->buffered)
            buffer_put(&bench->buffer, &bench->output, message->bytes, message->length);
        else
            output_write(&bench->output, message->bytes, message->length);
        free(message);
    }
    if (variant->slab_size)
        return NULL; /* the output is the other thread's */
    buffer_flush(&bench->buffer, &bench->output);
    output_finish(&bench->output);
    return NULL;
}

/* Start the producers, wait until they are done. If not all can be started, none sends anything. */
static int run_producers(struct bench *bench, struct producer *producers, uint64_t *started_ns)
{
    const struct plan *plan = bench->plan;
    size_t count;
    size_t i;
    int error = 0;

    for (count = 0; count < plan->producers; count++) {
        producers[count] =
            (struct producer){.bench = bench,
                              .messages = plan->messages / plan->producers +
                                          (count < plan->messages % plan->producers)};
        error = -pthread_create(&producers[count].thread, NULL, produce, &producers[count]);
        if (error)
            break;
    }
    *started_ns = gate_set(&bench->gate, count, error ? GATE_CANCELLED : GATE_OPEN);
    for (i = 0; i < count; i++) {
        pthread_join(producers[i].thread, NULL);
        if (!error)
            error = producers[i].error;
    }
    return error;
}

/* Producers, and behind them the queue if there is one. */
static int run_queue(struct bench *bench, struct producer *producers, uint64_t *started_ns)
{
    pthread_t consumer;
    int error;

    if (!bench->plan->variant.depth)
        return run_producers(bench, producers, started_ns);
    error = -pthread_create(&consumer, NULL, consume, bench);
    if (error)
        return error;
    error = run_producers(bench, producers, started_ns);
    queue_close(&bench->queue);
    pthread_join(consumer, NULL);
    return error;
}

/* All of that, and behind it the slabs if there are any. */
static int run_slabs(struct bench *bench, struct producer *producers, uint64_t *started_ns)
{
    pthread_t writer;
    int error;

    if (!bench->plan->variant.slab_size)
        return run_queue(bench, producers, started_ns);
    error = -pthread_create(&writer, NULL, slabs_write, &bench->slabs);
    if (error)
        return error;
    error = run_queue(bench, producers, started_ns);
    slabs_close(&bench->slabs);
    pthread_join(writer, NULL);
    return error;
}

static int run(struct bench *bench, uint64_t *took_ns)
{
    const struct plan *plan = bench->plan;
    struct producer *producers = calloc(plan->producers, sizeof *producers);
    uint64_t started_ns = 0;
    int error;

    if (!producers)
        return -ENOMEM;
    error = run_slabs(bench, producers, &started_ns);
    free(producers);
    if (!error)
        error = bench->output.error;
    *took_ns = bench->output.finished_ns - started_ns;
    return error;
}

static int bench_make(struct bench *bench, const struct plan *plan)
{
    const struct variant *variant = &plan->variant;
    int error = 0;

    bench->plan = plan;
    bench->gate =
        (struct gate){.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    bench->output.fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (bench->output.fd < 0)
        return -errno;
    if (variant->slab_size)
        error = slabs_make(&bench->slabs, variant->slab_count, variant->slab_size, &bench->output);
    if (!error && variant->depth)
        error = queue_make(&bench->queue, variant->depth);
    return error;
}

static void bench_free(struct bench *bench)
{
    slabs_free(&bench->slabs);
    queue_free(&bench->queue);
    if (bench->output.fd >= 0)
        close(bench->output.fd);
}

static void report(const struct plan *plan, uint64_t took_ns)
{
    const double ns = (double)took_ns / (double)plan->messages;

    printf("message_ns %.1f mb_per_s %.0f\n", ns, (double)plan->size * 1000 / ns);
}

static int measure(const struct plan *plan)
{
    static const struct bench nothing = {.output = {.fd = -1}};
    struct bench *bench = aligned_alloc(alignof(struct bench), sizeof *bench);
    const uint64_t expected = plan->messages * plan->size;
    uint64_t took_ns = 0;
    int error = -ENOMEM;

    if (!bench)
        return error;
    *bench = nothing;
    error = bench_make(bench, plan);
    if (!error)
        error = run(bench, &took_ns);
    if (!error) {
        report(plan, took_ns);
        if (bench->output.written != expected) {
            fprintf(stderr, "channel: %" PRIu64 " bytes written, %" PRIu64 " expected\n",
                    bench->output.written, expected);
            error = -EIO;
        }
    }
    bench_free(bench);
    free(bench);
    return error;
}

/* ---- the program --------------------------------------------------------------------------- */

static int usage(void)
{
    fputs("usage: channel VARIANT PRODUCERS COUNT SIZE\n"
          "VARIANT is slab:8x64K, queue:1024, queue:1024+64K or queue:1024+slab:8x64K, with other\n"
          "numbers; SIZE is at most 1048576, and no more than a slab\n",
          stderr);
    return 2;
}

int main(int argc, char **argv)
{
    struct plan plan;
    int error;

    if (argc != 1 + PLAN_WORDS || !plan_parse(argv + 1, &plan))
        return usage();
    error = measure(&plan);
    if (error)
        fprintf(stderr, "channel: %s\n", strerror(-error));
    return error != 0;
}
