/*
 * Sums: the checksums of what has been written, in the order in which outputs and files were
 * complete. The writer adds them, main prints; nobody waits for long.
 */
#ifndef SLABCAT_CHECKSUMS_H
#define SLABCAT_CHECKSUMS_H

#include "transform/digest.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct checksum {
    char *name; /* of the file; "-": standard output */
    char hex[DIGEST_HEX_MAX];
    const void *of; /* whose it is: an output */
    bool is_file;   /* of that name; or a stream */
    struct checksum *next;
};

struct checksums {
    const char *algorithm; /* NULL: nobody wants any */
    pthread_mutex_t lock;
    struct checksum *first;
    struct checksum **last;
    _Atomic unsigned added; /* so many, ever */
};

void checksums_make(struct checksums *checksums, const char *algorithm);
void checksums_free(struct checksums *checksums);

/*
 * COMPLETE, whose name is copied, is one more. Of the output it is of the newest KEEP stay, or with 0 all.
 * 0 or -ENOMEM.
 */
int checksums_add(struct checksums *checksums, const struct checksum *complete, uint64_t keep);

/*
 * "sha256 HEX of NAME", a line for each; and as sha256sum and its like print and take them: those of
 * files, so that all can be checked, or if there is none what there is.
 */
void checksums_write_text(FILE *to, struct checksums *checksums);
void checksums_write_lines(FILE *to, struct checksums *checksums);

/* For reports: ,"digests":[...]; and as labels of a metric. */
void checksums_write_json(FILE *to, struct checksums *checksums);
void checksums_write_prometheus(FILE *to, struct checksums *checksums, const char *name);

#endif
