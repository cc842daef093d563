/*
 * Errors: what went wrong in a mover, on its way to the user. Movers add them and go on; the main
 * thread takes and prints them, so that a stuck terminal never holds up a mover. Notes are lines
 * that go the same way, although nothing is wrong.
 */
#ifndef SLABCAT_ERRORS_H
#define SLABCAT_ERRORS_H

#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

#define ERROR_NO_OFFSET UINT64_MAX

struct error_entry {
    const char *object;    /* the name of the end; must outlive the list */
    const char *operation; /* "read", "write", "open", ...; constant */
    uint64_t offset;       /* the byte at which it happened, or ERROR_NO_OFFSET */
    int error;             /* -errno; 0 when the operation says it all */
    char *note;            /* all there is to say, when this is no trouble at all */
    struct error_entry *next;
};

struct errors {
    pthread_mutex_t lock;
    struct error_entry *first;
    struct error_entry **last;
    bool ever; /* anything was added, even if there was no memory to remember it */
};

int errors_make(struct errors *errors);
void errors_free(struct errors *errors);

/* Anybody. */
void errors_add(struct errors *errors, struct error_entry entry);

void errors_note(struct errors *errors, const char *format, va_list arguments);

/* The main thread: is there anything new? */
bool errors_are_new(struct errors *errors);

/* The main thread: print what is new. */
void errors_say(struct errors *errors);

/* The main thread: has there been any? */
bool errors_ever(struct errors *errors);

#endif
