/*
 * What the user wants to see of a stream. Filled by cli/, read by watch/, never changed after.
 */
#ifndef SLABCAT_DISPLAY_H
#define SLABCAT_DISPLAY_H

#include "watch/report.h"

#include <stdbool.h>
#include <stdint.h>

enum progress_policy { PROGRESS_OFF, PROGRESS_ON_TERMINAL, PROGRESS_FORCED };

struct display {
    enum progress_policy progress;
    uint64_t interval; /* ns between two looks */
    uint64_t expected; /* bytes; 0: as many as the inputs have, if that is known */
    const char *name;  /* printable; NULL: none */

    bool stats; /* at the end */
    enum report_format format;
    const char *stats_file; /* NULL: stderr */
    uint64_t stats_every;   /* ns; 0: at the end only */
    bool advise;
    const char *digest_file; /* for checksums; NULL: stderr, at the end */
};

#endif
