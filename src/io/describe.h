/* What an endpoint is, in words. */
#ifndef SLABCAT_DESCRIBE_H
#define SLABCAT_DESCRIBE_H

#include "io/endpoint.h"

#include <stddef.h>

/* Print what END is, such as "a pipe of 64K", into TEXT, which has ROOM bytes. */
void describe(char *text, size_t room, const struct endpoint *end);

#endif
