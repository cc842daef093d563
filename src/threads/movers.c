#include "threads/movers.h"

#include "io/transfer.h"

#include <errno.h>

enum shutdown_level pour_level(struct pour *pour)
{
    return (enum shutdown_level)atomic_load(&pour->level);
}

bool reader_has_to_leave(struct pour *pour)
{
    return pour_level(pour) == ABANDON || atomic_load(&pour->writer_has_ended);
}

const char *operation_name(const struct pour *pour, const char *name, int error)
{
    return pour->settings->zero_copy == ZERO_COPY_ALWAYS && transfer_is_refused(error)
               ? "move pages for --zero-copy=always"
               : name;
}

bool may_copy_instead(const struct pour *pour, ssize_t result)
{
    /* 0 is mostly the end of the input; but files of /proc may have bytes for read and none here */
    return result == 0 ||
           (pour->settings->zero_copy != ZERO_COPY_ALWAYS && transfer_is_refused(result));
}

void ducts_failed(struct pour *pour)
{
    notes_failure(&pour->notes, "--zero-copy=always", "make a pipe for each slab", ERROR_NO_OFFSET,
                  pour->slab_pipes.error);
}

void wait_failed(struct pour *pour, int error)
{
    notes_failure(&pour->notes, "poll", "wait for input or output", ERROR_NO_OFFSET, error);
}
