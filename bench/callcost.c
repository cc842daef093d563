/*
 * callcost: what a system call costs on this machine.
 *
 *     callcost    print "getppid_ns 105 write_ns 160": a call that does nothing, and a write() of one
 *                 byte to /dev/null; medians of short batches, so that a moment in which something else
 *                 had the CPU does not count. It takes about 0.1 s where a call costs 1 us.
 */
#include "sys/clock.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { BATCHES = 101, CALLS = 500 };

static int by_size(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a;
    const uint64_t y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

static void call_nothing(int fd)
{
    (void)fd;
    (void)syscall(SYS_getppid);
}

static void call_write(int fd)
{
    if (write(fd, "x", 1) != 1) {
        perror("callcost: /dev/null");
        exit(1);
    }
}

/* Returns the median, over the batches, of the ns that CALL takes. */
static uint64_t cost_of(void (*call)(int), int fd)
{
    uint64_t batches[BATCHES];
    size_t batch;

    for (batch = 0; batch < BATCHES; batch++) {
        const uint64_t before = clock_now();
        int i;

        for (i = 0; i < CALLS; i++)
            call(fd);
        batches[batch] = (clock_now() - before + CALLS / 2) / CALLS;
    }
    qsort(batches, BATCHES, sizeof *batches, by_size);
    return batches[BATCHES / 2];
}

int main(void)
{
    const int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
    uint64_t nothing;
    uint64_t put;

    if (fd < 0) {
        perror("callcost: /dev/null");
        return 1;
    }
    nothing = cost_of(call_nothing, fd);
    put = cost_of(call_write, fd);
    printf("getppid_ns %" PRIu64 " write_ns %" PRIu64 "\n", nothing, put);
    close(fd);
    return 0;
}
