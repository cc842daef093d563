#include "flow/flow.h"

#include "io/transfer.h"

enum shutdown_level flow_level(struct flow *flow)
{
    return (enum shutdown_level)atomic_load(&flow->flags.level);
}

void flow_set_level(struct flow *flow, enum shutdown_level level)
{
    atomic_store(&flow->flags.level, (int)level);
    bell_wake_always(&flow->bells.reader);
    bell_wake_always(&flow->bells.writer);
}

bool flow_reader_has_to_leave(struct flow *flow)
{
    return flow_level(flow) == ABANDON || atomic_load(&flow->flags.writer_has_ended);
}

const char *flow_operation(const struct flow *flow, const char *name, int error)
{
    return flow->settings->zero_copy == ZERO_COPY_ALWAYS && transfer_is_refused(error)
               ? "move pages for --zero-copy=always"
               : name;
}

bool flow_may_copy_instead(const struct flow *flow, ssize_t result)
{
    /* 0 is mostly the end of the input; but files of /proc may have bytes for read and none here */
    return result == 0 ||
           (flow->settings->zero_copy != ZERO_COPY_ALWAYS && transfer_is_refused(result));
}

void flow_wait_failed(struct flow *flow, int error)
{
    notes_failure(&flow->notes, "poll", "wait for input or output", ERROR_NO_OFFSET, error);
}
