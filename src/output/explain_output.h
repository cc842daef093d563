/* What the writer tells with --explain. */
#ifndef SLABCAT_EXPLAIN_OUTPUT_H
#define SLABCAT_EXPLAIN_OUTPUT_H

#include "output/output.h"

/* splice to OUTPUT returned RESULT, and everything is copied from here on. */
void explain_output_refusal(const struct output *output, ssize_t result);

/* From here on OUTPUT goes to the file that its path leads to now. */
void explain_reopened(const struct output *output);

/* At the end: how many bytes were written as pages, and what compression and checksums cost. */
void explain_output(struct flow *flow, const struct outputs *outputs);

#endif
