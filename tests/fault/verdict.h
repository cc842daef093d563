/*
 * What a trial's outcome must be like. It looks at the outcome, and at that of a run without a
 * fault, and at nothing else.
 */
#ifndef SLABCAT_VERDICT_H
#define SLABCAT_VERDICT_H

#include "tests/fault/trial.h"

/* What a fault may do to a run that is right otherwise. */
enum demand {
    DEMAND_SURVIVE, /* everything arrives, status 0 */
    DEMAND_FAIL,    /* status 1, and the message has place and reason */
    DEMAND_EITHER,  /* one or the other */
};

enum { COMPLAINT_MAX = 512 };

/* The errno of that name; 0: it is none. */
int errno_of(const char *how);

/* 0, or -1 and what is wrong in COMPLAINT. CLEAN is what a run without a fault has come to. */
int judge(const struct mode *mode, const struct fault *fault, const struct outcome *outcome,
          const struct outcome *clean, char complaint[COMPLAINT_MAX]);

#endif
