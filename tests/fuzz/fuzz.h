/*
 * Fuzz targets: each is a file fuzz_NAME.c here with the function below, and a folder corpus/NAME
 * with at least one input to begin from; make finds both. It is built in two ways:
 *
 *     make check               with replay.c: every file of the corpus and 300 changed copies of
 *                              each, the same in each run; with gcc, and under the sanitizers
 *     make fuzz SECONDS=60     with clang's libFuzzer, which looks for new ways through the code
 *
 * What either finds is a file, which it names; BUILD/tests/fuzz/fuzz_NAME FILE runs it again. Once
 * it is mended, the file belongs to the corpus.
 */
#ifndef SLABCAT_FUZZ_H
#define SLABCAT_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* Aborts if something does not hold for these bytes; returns 0. Keeps nothing from call to call. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(condition)                                                                            \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "# %s:%d: not so: %s\n", __FILE__, __LINE__, #condition);              \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

#endif
