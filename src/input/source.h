/*
 * Where the bytes come from: the FILEs of the command line one after the other. "-", /dev/stdin and
 * an empty list are stdin. At most one is open. The reader thread owns it while it runs.
 */
#ifndef SLABCAT_SOURCE_H
#define SLABCAT_SOURCE_H

#include "io/endpoint.h"

#include <stdbool.h>
#include <stdint.h>

struct source {
    char *const *names;
    int count;
    int next;         /* the first of names that has not been opened */
    int next_stdin;   /* no name before this one, and from next on, is stdin */
    const char *name; /* of the one that was tried last, for messages */
    uint64_t offset;  /* bytes read from the open one */
    unsigned opened;  /* how many have been open so far, this one included */
    bool is_open;
    bool stdin_closed; /* at start: descriptor 0 is not ours to read */
    bool stdin_spent;  /* given up for good, and closed */
    struct endpoint end;
};

void source_init(struct source *source, char *const *names, int count, bool stdin_closed);

/* NAME, of an input, stands for standard input. */
bool source_is_stdin(const char *name);

enum source_state { SOURCE_NONE_LEFT, SOURCE_OPENED };

/* stdin is still to come, and somebody fills it. */
bool source_has_producer_to_come(struct source *source);

/* All that is to come is regular files, of so many BYTES in all, by now. */
bool source_is_all_files(const struct source *source, uint64_t *bytes);

/* Of what is still to come, leave out all but stdin, and that too when it has been given up. */
void source_skip_files(struct source *source);

/* Nothing more is wanted of any of them: all are left to others as they are, stdin stays open. */
void source_leave(struct source *source);

/*
 * Close the open input and open the next: an enum source_state, or -errno when it cannot be opened;
 * then call again for the one behind it.
 */
int source_advance(struct source *source);

/* Close what is open. stdin stays open: it may be named again, and others may still read it. */
void source_close(struct source *source);

/* Close what is open, stdin too, so that its producer learns that nobody reads any more. */
void source_give_up(struct source *source);

#endif
