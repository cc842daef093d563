/*
 * The main thread's part of an output: open it, try whether it can begin, begin, and free it. Before there are other
 * threads, and when there are none any more.
 */
#ifndef SLABCAT_OUTPUT_START_H
#define SLABCAT_OUTPUT_START_H

#include "output/output.h"

/* A destination as the main thread opens it: 0, or -errno after having said what is wrong. */
int output_open(struct output *output, const struct dest *dest, const struct outputs *all,
                struct flow *flow);

/*
 * All of them are open. Try whether the output can begin, without changing its file; begin, which is
 * the first step that changes it; or take back what begin has done, as far as that is possible,
 * because another output cannot begin. 0, or -errno after having said so.
 */
int output_try(const struct output *output, const struct settings *settings);
int output_begin(struct output *output, const struct settings *settings);
void output_take_back(struct output *output);

/* Nothing is written to the output: remove the file that has been created for it. */
void output_discard(struct output *output);

/*
 * Main, before there are other threads: what stands between the stream and the end. 0 or -errno.
 * And when there are none any more.
 */
int output_add_layers(struct output *output, const struct settings *settings, bool is_only_one);
void output_drop_layers(struct output *output);

#endif
