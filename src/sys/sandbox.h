/*
 * Giving up for good what will not be needed: privileges of programs that would be started (no new
 * privileges), files (fence.h) and system calls (filter.h). The fence binds this thread and those it
 * starts from then on, so it comes before there are others; the filter binds all threads of the
 * process. Programs that have been started are not bound.
 *
 * Each of them where the kernel has it and lets us; where it does not, nothing is said and nothing
 * is missing. In a program under a sanitizer, which calls what it likes, there is none.
 */
#ifndef SLABCAT_SANDBOX_H
#define SLABCAT_SANDBOX_H

#include "sys/fence.h"
#include "sys/filter.h"

#include <stdbool.h>

/* What holds. */
struct sandbox {
    bool is_fenced;
    bool is_filtered;
};

/* One can be had at all. */
bool sandbox_is_built_in(void);

/* True: it holds. */
bool sandbox_fence(struct fence *fence);

/* The same; has_executable_stacks of NEEDS is found out here. */
bool sandbox_filter(const struct filter_needs *needs);

#endif
