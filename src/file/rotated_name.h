/*
 * The names that rotated files have, and what time such a name tells.
 *
 *     app.log      app.log.20261121T183203.123456Z
 *     app.log.zst  app.log.20261121T183203.123456Z.zst   the same with .gz
 *
 * Of two names of one file the later one is the greater one, byte by byte, to the end of the year
 * 9999. Times are microseconds since 1970, in UTC. Pure; any thread.
 */
#ifndef SLABCAT_ROTATED_NAME_H
#define SLABCAT_ROTATED_NAME_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a name is longer by than the one it is made from. */
#define ROTATED_MORE 24

/* The last time that can be told: 9999-12-31T23:59:59.999999Z. */
#define ROTATED_LAST UINT64_C(253402300799999999)

struct rotated {
    const char *name;   /* the file's own, without a directory; any bytes */
    size_t stem;        /* so much of it stands in front of the time, */
    const char *suffix; /* and this behind it: .gz, .zst or "" */
};

/* NAME stays valid. */
void rotated_of(struct rotated *rotated, const char *name);

/* The name at TIME, at most ROTATED_LAST. TEXT has room for all of it. */
void rotated_name(const struct rotated *rotated, uint64_t time, char *text, size_t room);

/* TEXT is what rotated_name makes of *TIME, to the byte. Of anything else: false. */
bool rotated_time(const struct rotated *rotated, const char *text, uint64_t *time);

#endif
