/*
 * All outputs that have been named, as the main thread has them before a byte moves: opened, seen to
 * be different from each other and from the inputs, and emptied once nothing can be refused any
 * more. What an output does from then on is output/lifecycle.h's.
 */
#ifndef SLABCAT_OUTPUTS_H
#define SLABCAT_OUTPUTS_H

#include "cli/options.h"
#include "output/output.h"

#include <stdbool.h>

/*
 * Every output is open before a byte is read, and what is to stand between it and the stream is
 * there: 0, or -errno after having said what is wrong. -ENOTUNIQ: the same output has been named twice.
 */
int outputs_open(struct outputs *outputs, struct flow *flow, const struct config *config,
                 const bool was_closed[3]);

/* Check whether all of them can begin, without changing a file: 0, or -errno after having reported why not. */
int outputs_try(const struct outputs *outputs, const struct settings *settings);

/*
 * Empty the outputs, or rename what an earlier run has left in them; nothing before this changes an
 * output. 0, or -errno after having reported what failed. On failure renamed files have their names back.
 * Outputs that have been emptied stay empty, which happens only if a truncation fails although
 * outputs_try has found it possible.
 */
int outputs_begin(struct outputs *outputs, const struct settings *settings);

/*
 * All that outputs_open has got, but for what has been opened; also when it has failed. Files that
 * have been created for outputs that have not begun are removed.
 */
void outputs_free(struct outputs *outputs);

/*
 * FILE is going to be replaced. If it is an input, an output or a file of secrets as well, return what it
 * is used for, and otherwise NULL.
 */
const char *outputs_use_of(const char *file, const struct config *config,
                           const struct outputs *outputs);

#endif
