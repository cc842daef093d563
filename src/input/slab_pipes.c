#include "input/slab_pipes.h"

#include "io/duct.h"

#include <stdbool.h>
#include <string.h>

enum { DUCTS_ENOUGH = 1, DUCTS_TOO_SMALL }; /* in place of an -errno */

/* A quarter of what all pipes of a user share, and of the descriptors a process has by default. */
static const size_t capacity_max = (size_t)16 << 20;
static const size_t count_max = 128;

static bool is_modest(const struct slab_pipes *pipes, size_t capacity)
{
    return pipes->count < count_max && pipes->capacity + capacity <= capacity_max;
}

static int open_one(struct slab_pipes *pipes, const struct settings *settings)
{
    const bool is_asked_for = settings->zero_copy == ZERO_COPY_ALWAYS;
    struct duct *duct;
    int error;

    if (!is_asked_for && !is_modest(pipes, duct_capacity_for(settings->slab_size)))
        return DUCTS_ENOUGH;
    error = duct_open(&duct, settings->slab_size);
    if (error)
        return error;
    if (!is_asked_for && duct->capacity < settings->slab_size) {
        duct_close(duct);
        return DUCTS_TOO_SMALL;
    }
    duct->older = pipes->newest;
    pipes->newest = duct;
    pipes->count++;
    pipes->capacity += duct->capacity;
    return 0;
}

/* One, or when nothing else will do, all that could ever be needed, so that it fails at once. */
static void open_more(struct slab_pipes *pipes, const struct settings *settings)
{
    const bool all = settings->zero_copy == ZERO_COPY_ALWAYS && settings->slab_count;
    size_t left = all ? settings->slab_count : 1;

    while (left-- > 0 && !pipes->error)
        pipes->error = open_one(pipes, settings);
    pipes->spare = pipes->newest;
}

struct duct *slab_pipes_open(struct slab_pipes *pipes, const struct settings *settings)
{
    struct duct *duct;

    if (pipes->given == pipes->count && !pipes->error)
        open_more(pipes, settings);
    if (pipes->error)
        return NULL;
    duct = pipes->spare;
    pipes->spare = duct->older;
    pipes->given++;
    return duct;
}

const char *slab_pipes_why(const struct slab_pipes *pipes)
{
    switch (pipes->error) {
    case DUCTS_ENOUGH: return "they are enough; only a long stall needs more";
    case DUCTS_TOO_SMALL: return "the kernel grants no pipe as large as a slab";
    default: return strerror(-pipes->error);
    }
}

void slab_pipes_close(struct slab_pipes *pipes)
{
    while (pipes->newest) {
        struct duct *duct = pipes->newest;

        pipes->newest = duct->older;
        duct_close(duct);
    }
}
