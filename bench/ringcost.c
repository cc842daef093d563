/*
 * ringcost: what a slab costs on its way through the ring, claimed, published, taken and released,
 * without a byte in it being touched.
 *
 *     ringcost COUNT    COUNT slabs through a ring of 8
 *
 * Once a single thread does both sides in turn, and once two threads do one each, which yield when
 * there is nothing to do. A line on stdout says what a slab cost either way:
 * "one_thread_ns 39.8 two_threads_ns 1035.0".
 */
#include "ring/ring.h"
#include "sys/clock.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RING_COUNT = 8, RING_SIZE = 64 << 10 };

static const uint64_t count_max = 1000000000000U;

struct pass {
    struct ring *ring;
    uint64_t count;
};

/* The bytes do not matter here, only the marks. */
static bool fill_slab(struct ring *ring)
{
    struct slab *slab = ring_claim(ring);

    if (!slab)
        return false;
    slab->filled = RING_SIZE;
    ring_publish(ring, slab);
    return true;
}

static bool drain_slab(struct ring *ring)
{
    struct span span;

    if (ring_take(ring, 0, &span, 1) == 0)
        return false;
    ring_release(ring, span.length);
    return true;
}

static void *fill_slabs(void *argument)
{
    const struct pass *pass = argument;
    uint64_t i;

    for (i = 0; i < pass->count; i++) {
        while (!fill_slab(pass->ring))
            sched_yield();
    }
    return NULL;
}

static void drain_slabs(const struct pass *pass)
{
    uint64_t i;

    for (i = 0; i < pass->count; i++) {
        while (!drain_slab(pass->ring))
            sched_yield();
    }
}

static int pass_one_thread(struct pass *pass)
{
    uint64_t i;

    for (i = 0; i < pass->count; i++) {
        if (!fill_slab(pass->ring) || !drain_slab(pass->ring))
            return -EPROTO;
    }
    return 0;
}

static int pass_two_threads(struct pass *pass)
{
    pthread_t reader;
    const int error = -pthread_create(&reader, NULL, fill_slabs, pass);

    if (error)
        return error;
    drain_slabs(pass);
    pthread_join(reader, NULL);
    return 0;
}

/* How many ns a slab took. */
static int time_pass(struct pass *pass, int (*run_pass)(struct pass *), double *ns)
{
    const uint64_t started = clock_now();
    const int error = run_pass(pass);

    *ns = (double)(clock_now() - started) / (double)pass->count;
    return error;
}

static int measure(uint64_t count)
{
    unsigned char *store = malloc((size_t)RING_COUNT * RING_SIZE);
    struct pass pass = {.count = count};
    double one_thread_ns;
    double two_threads_ns;
    int error = -ENOMEM;

    if (!store)
        return error;
    error = ring_make(&pass.ring, RING_COUNT, RING_SIZE, store);
    if (!error)
        error = time_pass(&pass, pass_one_thread, &one_thread_ns);
    if (!error)
        error = time_pass(&pass, pass_two_threads, &two_threads_ns);
    if (!error)
        printf("one_thread_ns %.1f two_threads_ns %.1f\n", one_thread_ns, two_threads_ns);
    ring_free(pass.ring);
    free(store);
    return error;
}

/* A number from 1 to count_max, and nothing behind it. */
static bool parse_count(const char *text, uint64_t *count)
{
    char *end;

    if (*text < '0' || *text > '9')
        return false;
    errno = 0;
    *count = strtoull(text, &end, 10);
    return errno == 0 && *end == '\0' && *count > 0 && *count <= count_max;
}

int main(int argc, char **argv)
{
    uint64_t count;
    int error;

    if (argc != 2 || !parse_count(argv[1], &count)) {
        fputs("usage: ringcost COUNT\n", stderr);
        return 2;
    }
    error = measure(count);
    if (error)
        fprintf(stderr, "ringcost: %s\n", strerror(-error));
    return error != 0;
}
