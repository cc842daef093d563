#include "sys/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

/*
 * The limit of the control group this process sees as its own, as in a container; none: all there
 * is.
 */
static uint64_t group_limit(void)
{
    FILE *file = fopen("/sys/fs/cgroup/memory.max", "re");
    char line[32];
    char *end = line;
    uint64_t limit = UINT64_MAX;

    if (!file)
        return limit;
    if (fgets(line, sizeof line, file))
        limit = strtoull(line, &end, 10);
    fclose(file);
    return end == line ? UINT64_MAX : limit; /* no number: "max" */
}

uint64_t memory_there_is(void)
{
    const uint64_t group = group_limit();
    const long pages = sysconf(_SC_PHYS_PAGES);
    const long page_size = sysconf(_SC_PAGESIZE);
    uint64_t bytes =
        pages > 0 && page_size > 0 ? (uint64_t)pages * (uint64_t)page_size : UINT64_MAX;
    struct rlimit limit;

    if (getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY &&
        limit.rlim_cur < bytes)
        bytes = limit.rlim_cur;
    return group < bytes ? group : bytes;
}
