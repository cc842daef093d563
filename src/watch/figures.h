/*
 * The figures that machines read: every number of a snapshot with its name, which is stable, as
 * JSON and for Prometheus. Private to watch/.
 */
#ifndef SLABCAT_FIGURES_H
#define SLABCAT_FIGURES_H

#include "watch/snapshot.h"

#include <stdio.h>

/* How the percentiles are called, in their order. */
struct percentile_name {
    const char *percent;
    const char *key;
    const char *quantile;
};

extern const struct percentile_name percentile_names[PERCENTILES];

void write_json(FILE *to, const struct snapshot *snapshot, const char *name);
void write_prometheus(FILE *to, const struct snapshot *snapshot, const char *name);

#endif
