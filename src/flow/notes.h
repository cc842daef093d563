/*
 * Notes: what the movers report to the user. The main thread prints them (watch/errors.h); adding one wakes
 * it, and never waits for the terminal. Any thread may add one.
 */
#ifndef SLABCAT_NOTES_H
#define SLABCAT_NOTES_H

#include "sys/wait.h"
#include "watch/errors.h"

#include <stdbool.h>
#include <stdint.h>

struct notes {
    struct errors errors;
    struct bell *main_bell;
    bool explains; /* --explain */
};

/*
 * Report that OPERATION, a constant, failed with ERROR on OBJECT at byte OFFSET, or ERROR_NO_OFFSET. With an
 * ERROR of 0 the operation says it all. The exit status is 1 then.
 */
void notes_failure(struct notes *notes, const char *object, const char *operation, uint64_t offset,
                   int error);

/* Print a line, although nothing has failed. */
void notes_line(struct notes *notes, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same with --explain only. */
void notes_explain(struct notes *notes, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
