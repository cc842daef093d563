#include "move/movers.h"

#include <errno.h>

enum ending_level pour_level(struct pour *pour)
{
    return (enum ending_level)atomic_load(&pour->level);
}

void output_failed(struct pour *pour, int error)
{
    pour->output_error = error;
    /* the consumer that has gone is for main to judge: mostly it is no trouble at all */
    if (error != -EPIPE)
        troubles_add(&pour->troubles, (struct trouble){.object = pour->output.name,
                                                       .operation = "write",
                                                       .offset = lane_bytes(&pour->out),
                                                       .error = error});
}

void wait_failed(struct pour *pour, int error)
{
    troubles_add(&pour->troubles, (struct trouble){.object = "poll",
                                                   .operation = "wait for input or output",
                                                   .offset = TROUBLE_NO_OFFSET,
                                                   .error = error});
}
