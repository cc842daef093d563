/*
 * The chain: what is done to the bytes before they go into the ring, one transform behind the other
 * and always in this order: strip, redact, stamp. Escapes go first, so that a secret with a colour
 * in the middle is found; times come last, so that nothing takes them apart.
 *
 *     input --> place |raw| --> strip --> redact |clean, waits| --> stamp --> give --> ring
 *
 * What comes out does not depend on how the input was cut into reads. Nothing waits for more
 * than the bytes that may be the beginning of a secret (or 1 byte, of a control). What has not been
 * through redact lies in sealed memory (sys/sealed.h) only.
 *
 * The reader's, but for making and freeing. It knows no descriptor and reads no clock.
 */
#ifndef SLABCAT_CHAIN_H
#define SLABCAT_CHAIN_H

#include "transform/stamp.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct chain;
struct secrets;

struct chain_settings {
    bool strips;
    const struct secrets *secrets; /* NULL: nothing is redacted */
    struct stamp_settings stamp;
};

/* NOW is the beginning of time for elapsed. 0 or -errno. */
int chain_make(struct chain **made, const struct chain_settings *settings, uint64_t now);

/* Also NULL. */
void chain_free(struct chain *chain);

/*
 * What is read at once, so that it stays in the cache; and the most, for a message that is longer.
 */
#define CHAIN_READ     ((size_t)64 << 10)
#define CHAIN_READ_MAX ((size_t)1 << 20)

/* Where the next bytes of the input go, CHAIN_READ_MAX at most, once nothing waits. */
unsigned char *chain_place(struct chain *chain);

/* LENGTH bytes have been put there, which came NOW. */
void chain_took(struct chain *chain, size_t length, const struct arrival *now);

/* No more will come: what is held comes out. Nothing waits. */
void chain_end(struct chain *chain, const struct arrival *now);

/* To OUT what waits, as far as ROOM goes, which is 1 at least: how many bytes; 0: nothing waits. */
size_t chain_give(struct chain *chain, unsigned char *out, size_t room);

/* How many bytes wait to be given, before they are stamped; and how many are held. */
size_t chain_waiting(const struct chain *chain);
size_t chain_held(const struct chain *chain);

#endif
