/* How much memory this process could ever use: the machine's, or a limit that is lower. */
#ifndef SLABCAT_MEMORY_H
#define SLABCAT_MEMORY_H

#include <stdint.h>

uint64_t memory_there_is(void);

#endif
