#include "cli/settle.h"

#include "cli/planwords.h"
#include "cli/units.h"
#include "move/pace.h"
#include "ring/ring.h"
#include "sys/memory.h"
#include "sys/say.h"

#include <errno.h>
#include <inttypes.h>

static const uint64_t slab_count_max = RING_SLAB_COUNT_MAX;

/* Hold the parts of the ring against each other and against the memory there is. */
int settle(struct given *given)
{
    struct settings *settings = &given->config->settings;
    const uint64_t there_is = memory_there_is();
    uint64_t total;

    if (given->has[OPTION_MEMORY] && given->has[OPTION_SLAB_COUNT]) {
        say("--memory and --slab-count: give one of them, the other follows from --slab-size");
        return -EINVAL;
    }
    if (given->has[OPTION_MEMORY])
        given->slab_count = given->memory / given->slab_size;
    if (given->has[OPTION_MEMORY] && !given->slab_count) {
        say("--memory %s: less than one slab of %s; make --slab-size smaller",
            print_size(given->memory).text, print_size(given->slab_size).text);
        return -EINVAL;
    }
    if (given->slab_count > slab_count_max) {
        say("--memory %s: more than %" PRIu64 " slabs of %s; make --slab-size larger",
            print_size(given->memory).text, slab_count_max, print_size(given->slab_size).text);
        return -EINVAL;
    }
    total = given->slab_size * (given->slab_count ? given->slab_count : 1); /* at most 2^46 */
    if (total > there_is || total > SIZE_MAX) {
        say("%" PRIu64 " slabs of %s: %s is more than the memory there is, %s", given->slab_count,
            print_size(given->slab_size).text, print_size(total).text,
            print_size(there_is / 1024 * 1024).text);
        return -EINVAL;
    }
    settings->slab_size = (size_t)given->slab_size;
    settings->slab_count = (size_t)given->slab_count;
    return 0;
}

int settle_plan(struct given *given)
{
    struct config *config = given->config;
    const uint64_t flush_interval = config->settings.flush_interval;

    if (given->has[OPTION_MEMORY]) {
        say("--plan and --memory: give the memory as B=%s", print_size(given->memory).text);
        return -EINVAL;
    }
    if (given->has[OPTION_SLAB_COUNT] && !given->slab_count) {
        say("--plan --slab-count 0: without a ring there is nothing to plan; from 1 to %" PRIu64,
            slab_count_max);
        return -EINVAL;
    }
    config->demand = (struct demand){
        .given = {.slab_size = given->has[OPTION_SLAB_SIZE] ? given->slab_size : 0,
                  .slab_count = given->has[OPTION_SLAB_COUNT] ? given->slab_count : 0},
        .flush_interval = flush_interval == PACE_AUTO ? DEMAND_FLUSH_AUTO : flush_interval,
    };
    return demand_parse(&config->demand, config->files, config->file_count);
}
