#include "input/staging.h"

#include "io/duct.h"
#include "io/transfer.h"
#include "sys/pipes.h"

#include <errno.h>

static int open_pipe(struct staging *staging)
{
    /* a duct has twice the slots, which an input that holds so much does not need */
    int error = duct_open(&staging->duct, PIPE_GROW_MAX / 2);

    if (error)
        return error;
    error = endpoint_adopt(&staging->end, ENDPOINT_INPUT, staging->duct->out, "stage");
    if (error) {
        staging_close(staging);
        return error;
    }
    /*
     * it never waits, and after a splice the kernel would refuse to be asked for that (RWF_NOWAIT)
     */
    staging->end.way = ENDPOINT_OWN;
    staging->end.own_fd = staging->end.fd;
    return 0;
}

ssize_t staging_fill(struct staging *staging, struct endpoint *input, size_t room)
{
    ssize_t got;

    if (!staging->duct && !staging->is_refused)
        staging->is_refused = open_pipe(staging) != 0;
    if (staging->is_refused)
        return 0;
    got = duct_fill(staging->duct, input, room);
    staging->is_refused = transfer_is_refused(got);
    if (got > 0) {
        staging->held = (size_t)got;
        staging->emptied = (size_t)got < room;
    }
    return staging->is_refused ? 0 : got;
}

void staging_took(struct staging *staging, size_t got)
{
    staging->held -= got;
}

size_t staging_recount(struct staging *staging)
{
    const ssize_t waiting = bytes_waiting(staging->end.fd);

    staging->held = waiting > 0 ? (size_t)waiting : 0;
    return staging->held;
}

void staging_close(struct staging *staging)
{
    if (staging->duct)
        duct_close(staging->duct);
    staging->duct = NULL;
}
