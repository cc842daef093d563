#include "input/staging.h"

#include "io/duct.h"
#include "io/transfer.h"
#include "sys/pipes.h"

#include <errno.h>

static int open_stage(struct staging *stage)
{
    /* a duct has twice the slots, which an input that holds so much does not need */
    int error = duct_open(&stage->duct, PIPE_GROW_MAX / 2);

    if (error)
        return error;
    error = endpoint_adopt(&stage->end, ENDPOINT_INPUT, stage->duct->out, "stage");
    if (error) {
        staging_close(stage);
        return error;
    }
    /*
     * it never waits, and after a splice the kernel would refuse to be asked for that (RWF_NOWAIT)
     */
    stage->end.way = ENDPOINT_OWN;
    stage->end.own_fd = stage->end.fd;
    return 0;
}

ssize_t staging_fill(struct staging *stage, struct endpoint *input, size_t room)
{
    ssize_t got;

    if (!stage->duct && !stage->is_refused)
        stage->is_refused = open_stage(stage) != 0;
    if (stage->is_refused)
        return 0;
    got = duct_fill(stage->duct, input, room);
    stage->is_refused = transfer_is_refused(got);
    if (got > 0) {
        stage->held = (size_t)got;
        stage->emptied = (size_t)got < room;
    }
    return stage->is_refused ? 0 : got;
}

void staging_took(struct staging *stage, size_t got)
{
    stage->held -= got;
}

size_t staging_recount(struct staging *stage)
{
    const ssize_t waiting = bytes_waiting(stage->end.fd);

    stage->held = waiting > 0 ? (size_t)waiting : 0;
    return stage->held;
}

void staging_close(struct staging *stage)
{
    if (stage->duct)
        duct_close(stage->duct);
    stage->duct = NULL;
}
