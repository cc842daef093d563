/*
 * Sums: the checksums of what has been written, in the order in which outputs and files were
 * complete. The writer adds them, main prints; nobody waits for long.
 */
#ifndef SLABCAT_SUMS_H
#define SLABCAT_SUMS_H

#include "transform/digest.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct sum {
    char *name; /* of the file; "-": standard output */
    char hex[DIGEST_HEX_MAX];
    const void *of; /* whose it is: an outlet */
    bool is_file;   /* of that name; or a stream */
    struct sum *next;
};

struct sums {
    const char *algorithm; /* NULL: nobody wants any */
    pthread_mutex_t lock;
    struct sum *first;
    struct sum **last;
    _Atomic unsigned added; /* so many, ever */
};

void sums_make(struct sums *sums, const char *algorithm);
void sums_free(struct sums *sums);

/*
 * COMPLETE, whose name is copied, is one more. Of the outlet it is of the newest KEEP stay, or with 0 all.
 * 0 or -ENOMEM.
 */
int sums_add(struct sums *sums, const struct sum *complete, uint64_t keep);

/*
 * "sha256 HEX of NAME", a line for each; and as sha256sum and its like print and take them: those of
 * files, so that all can be checked, or if there is none what there is.
 */
void sums_write_text(FILE *to, struct sums *sums);
void sums_write_lines(FILE *to, struct sums *sums);

/* For reports: ,"digests":[...]; and as labels of a metric. */
void sums_write_json(FILE *to, struct sums *sums);
void sums_write_prometheus(FILE *to, struct sums *sums, const char *name);

#endif
