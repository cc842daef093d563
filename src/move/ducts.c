#include "move/ducts.h"

#include "ends/duct.h"

#include <stdbool.h>
#include <string.h>

enum { DUCTS_ENOUGH = 1, DUCTS_TOO_SMALL }; /* in place of an -errno */

/* A quarter of what all pipes of a user share, and of the descriptors a process has by default. */
static const size_t capacity_max = (size_t)16 << 20;
static const size_t count_max = 128;

static bool is_modest(const struct ducts *ducts, size_t capacity)
{
    return ducts->count < count_max && ducts->capacity + capacity <= capacity_max;
}

static int open_one(struct ducts *ducts, const struct settings *settings)
{
    const bool is_asked_for = settings->zero_copy == ZERO_COPY_ALWAYS;
    struct duct *duct;
    int error;

    if (!is_asked_for && !is_modest(ducts, duct_capacity_for(settings->slab_size)))
        return DUCTS_ENOUGH;
    error = duct_open(&duct, settings->slab_size);
    if (error)
        return error;
    if (!is_asked_for && duct->capacity < settings->slab_size) {
        duct_close(duct);
        return DUCTS_TOO_SMALL;
    }
    duct->older = ducts->newest;
    ducts->newest = duct;
    ducts->count++;
    ducts->capacity += duct->capacity;
    return 0;
}

/* One, or when nothing else will do, all that could ever be needed, so that it fails at once. */
static void open_more(struct ducts *ducts, const struct settings *settings)
{
    const bool all = settings->zero_copy == ZERO_COPY_ALWAYS && settings->slab_count;
    size_t left = all ? settings->slab_count : 1;

    while (left-- > 0 && !ducts->error)
        ducts->error = open_one(ducts, settings);
    ducts->spare = ducts->newest;
}

struct duct *ducts_open(struct ducts *ducts, const struct settings *settings)
{
    struct duct *duct;

    if (ducts->given == ducts->count && !ducts->error)
        open_more(ducts, settings);
    if (ducts->error)
        return NULL;
    duct = ducts->spare;
    ducts->spare = duct->older;
    ducts->given++;
    return duct;
}

const char *ducts_why(const struct ducts *ducts)
{
    switch (ducts->error) {
    case DUCTS_ENOUGH: return "they are enough; only a long stall needs more";
    case DUCTS_TOO_SMALL: return "the kernel grants no pipe as large as a slab";
    default: return strerror(-ducts->error);
    }
}

void ducts_close(struct ducts *ducts)
{
    while (ducts->newest) {
        struct duct *duct = ducts->newest;

        ducts->newest = duct->older;
        duct_close(duct);
    }
}
