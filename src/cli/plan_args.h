/*
 * The words behind --plan, SETUP and KEY=VALUE, turned into a struct demand. What is wrong with
 * them is said here, in one line, with the value quoted and the range named.
 */
#ifndef SLABCAT_PLAN_ARGS_H
#define SLABCAT_PLAN_ARGS_H

#include "plan/demand.h"

/* DEMAND has what the options gave. 0, or -EINVAL after having said why. */
int demand_parse(struct demand *demand, char **words, int count);

#endif
