/*
 * The ways bytes can take from an input to the output, and which one to begin with. Decided by what
 * the two ends are, before a byte is moved; whether the kernel agrees shows when it is tried.
 *
 *     COPY         read into a slab's memory, written from there
 *     SPLICE       spliced into a slab's duct, spliced from there: pages move, nobody looks at them
 *     SENDFILE     regular file to socket, without a ring
 *     COPY_RANGE   regular file to regular file, without a ring
 *
 * No ring, because a file cannot be hurried and does not mind waiting.
 */
#ifndef SLABCAT_METHOD_H
#define SLABCAT_METHOD_H

#include "config/settings.h"
#include "io/endpoint.h"

#include <stdbool.h>

enum method { METHOD_COPY, METHOD_SPLICE, METHOD_SENDFILE, METHOD_COPY_RANGE };

struct choice {
    enum method method;
    const char *why; /* for people: "a terminal takes no pages" */
    bool is_refusal; /* pages cannot move here, whatever was asked for */
};

struct choice method_choose(enum zero_copy policy, const struct endpoint *input,
                            const struct endpoint *output);

/* What the kernel calls it: "splice". */
const char *method_name(enum method method);

/* The way needs a ring of slabs. */
bool method_needs_ring(enum method method);

#endif
