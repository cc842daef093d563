#include "bench/threads/output.h"

#include "sys/clock.h"

#include <errno.h>
#include <unistd.h>

void output_write(struct output *output, const unsigned char *bytes, size_t length)
{
    while (length > 0 && !output->error) {
        const ssize_t put = write(output->fd, bytes, length);

        if (put > 0) {
            bytes += put;
            length -= (size_t)put;
            output->written += (uint64_t)put;
        } else if (put == 0 || errno != EINTR) {
            output->error = put ? -errno : -EIO;
        }
    }
}

void output_finish(struct output *output)
{
    output->finished_ns = clock_now();
}
