#include "io/duct.h"

#include "io/transfer.h"
#include "sys/pipes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static const unsigned splice_flags = SPLICE_F_MOVE | SPLICE_F_NONBLOCK;
/* A single slot would be taken by the first byte; two are the least the kernel grants in need. */
static const size_t capacity_min = 8192;

size_t duct_capacity_for(size_t size)
{
    return size * 2 > capacity_min ? size * 2 : capacity_min;
}

int duct_open(struct duct **opened, size_t size)
{
    struct duct *duct = malloc(sizeof *duct);
    int fds[2];
    int error;

    if (!duct)
        return -ENOMEM;
    error = pipe_open(fds);
    if (error) {
        free(duct);
        return error;
    }
    *duct = (struct duct){
        .in = fds[1], .out = fds[0], .capacity = pipe_grow(fds[1], duct_capacity_for(size))};
    *opened = duct;
    return 0;
}

void duct_close(struct duct *duct)
{
    close(duct->in);
    close(duct->out);
    free(duct);
}

static ssize_t splice_some(int from, int to, size_t length)
{
    ssize_t moved;

    do
        moved = splice(from, NULL, to, NULL, length, splice_flags);
    while (moved < 0 && errno == EINTR);
    return moved < 0 ? -errno : moved;
}

ssize_t duct_fill(struct duct *duct, struct endpoint *input, size_t room)
{
    ssize_t got;

    if ((input->kind == ENDPOINT_SOCKET || input->awaits_writer) && !endpoint_is_ready(input))
        return -EAGAIN;
    input->awaits_writer = false;
    got = splice_some(input->fd, duct->in, room);
    /* either there is nothing, or no slot for it; or it has just come */
    if (got == -EAGAIN && endpoint_has_bytes(input))
        got = splice_some(input->fd, duct->in, room);
    if (got == -EAGAIN && endpoint_has_bytes(input))
        got = -EXFULL;
    return got;
}

ssize_t duct_drain(struct duct *duct, struct endpoint *output, size_t length)
{
    if (output->kind == ENDPOINT_SOCKET) {
        const size_t promised = transfer_promised(output, duct->capacity);

        if (!promised)
            return -EOPNOTSUPP;
        if (!endpoint_is_ready(output))
            return -EAGAIN;
        if (length > promised)
            length = promised;
    }
    return splice_some(duct->out, output->fd, length);
}

size_t duct_move(struct duct *from, struct duct *to, size_t length)
{
    const ssize_t moved = splice_some(from->out, to->in, length);

    return moved > 0 ? (size_t)moved : 0;
}

size_t duct_tee(struct duct *from, struct duct *to, size_t length)
{
    ssize_t shared;

    do
        shared = tee(from->out, to->in, length, SPLICE_F_NONBLOCK);
    while (shared < 0 && errno == EINTR);
    return shared > 0 ? (size_t)shared : 0;
}

bool duct_is_shared(const struct endpoint *output)
{
    return output->kind == ENDPOINT_PIPE || output->kind == ENDPOINT_SOCKET;
}

int duct_pull(struct duct *duct, unsigned char *bytes, size_t length)
{
    while (length > 0) {
        const ssize_t got = read(duct->out, bytes, length);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) /* also when it is empty: somebody has miscounted */
            return -EIO;
        bytes += got;
        length -= (size_t)got;
    }
    return 0;
}
