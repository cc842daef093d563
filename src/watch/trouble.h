/*
 * Troubles: what went wrong in a mover, on its way to the user. Movers add them and go on; the main
 * thread takes and prints them, so that a stuck terminal never holds up a mover. Notes are lines
 * that go the same way, although nothing is wrong.
 */
#ifndef SLABCAT_TROUBLE_H
#define SLABCAT_TROUBLE_H

#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

#define TROUBLE_NO_OFFSET UINT64_MAX

struct trouble {
    const char *object;    /* the name of the end; must outlive the list */
    const char *operation; /* "read", "write", "open", ...; constant */
    uint64_t offset;       /* the byte at which it happened, or TROUBLE_NO_OFFSET */
    int error;             /* -errno; 0 when the operation says it all */
    char *note;            /* all there is to say, when this is no trouble at all */
    struct trouble *next;
};

struct troubles {
    pthread_mutex_t lock;
    struct trouble *first;
    struct trouble **last;
    bool ever; /* anything was added, even if there was no memory to remember it */
};

int troubles_make(struct troubles *troubles);
void troubles_free(struct troubles *troubles);

/* Anybody. */
void troubles_add(struct troubles *troubles, struct trouble trouble);

void troubles_note(struct troubles *troubles, const char *format, va_list arguments);

/* The main thread: is there anything new? */
bool troubles_are_new(struct troubles *troubles);

/* The main thread: print what is new. */
void troubles_say(struct troubles *troubles);

/* The main thread: has there been any? */
bool troubles_ever(struct troubles *troubles);

#endif
