#include "transform/chain.h"

#include "sys/sealed.h"
#include "transform/redact.h"
#include "transform/strip.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct chain {
    bool strips;
    bool stamps;
    struct strip strip;
    struct redact *redact; /* NULL: nothing is masked */
    struct stamp stamp;

    unsigned char *sealed; /* the two buffers behind each other */
    size_t room;
    unsigned char *raw;   /* what is read; stripped where it is */
    unsigned char *clean; /* what redact makes of it */

    const unsigned char *waits; /* in one of them */
    size_t waiting;
    size_t early;         /* of what waits: stands for bytes that came before */
    struct arrival first; /* when those came */
    struct arrival now;   /* when the others came */

    bool raw_is_in_line;   /* the last byte that came in did not end a line */
    bool clean_is_in_line; /* nor did the last one that was passed on */
    bool has_swallowed;    /* what came in then has not come out: held, or a line's escapes */
    struct arrival swallowed_at;
};

int chain_make(struct chain **made, const struct chain_settings *settings, uint64_t now)
{
    struct chain *chain = calloc(1, sizeof *chain);
    const size_t hold_of_strip = 1;
    size_t hold = REDACT_END_MAX;
    int error = -ENOMEM;

    if (!chain)
        return error;
    if (settings->secrets) {
        error = redact_make(&chain->redact, settings->secrets, settings->strips);
        if (error)
            goto cleanup;
        hold += redact_hold_max(chain->redact);
    }
    /* pages that are never touched take no memory */
    chain->room = 2 * (hold_of_strip + CHAIN_READ_MAX) + hold;
    chain->sealed = sealed_make(chain->room);
    error = chain->sealed ? 0 : -ENOMEM;
    if (error)
        goto cleanup;
    chain->raw = chain->sealed + hold_of_strip;
    chain->clean = chain->raw + CHAIN_READ_MAX;
    chain->strips = settings->strips;
    chain->stamps = settings->stamp.kind != STAMP_NONE || settings->stamp.prefix;
    stamp_start(&chain->stamp, &settings->stamp, now);
    *made = chain;
    return 0;
cleanup:
    chain_free(chain);
    return error;
}

void chain_free(struct chain *chain)
{
    if (!chain)
        return;
    redact_free(chain->redact);
    sealed_free(chain->sealed, chain->room);
    free(chain);
}

unsigned char *chain_place(struct chain *chain)
{
    return chain->raw;
}

static bool ends_line(const struct chain *chain, const unsigned char *bytes, size_t length)
{
    return bytes[length - 1] == (unsigned char)chain->stamp.settings.delimiter;
}

/*
 * LENGTH bytes wait now, EARLY of which came before *NOW. A line whose beginning was swallowed came
 * when that did, although what is left of it comes now.
 */
static void wait_with(struct chain *chain, const unsigned char *bytes, size_t length, size_t early,
                      const struct arrival *now)
{
    chain->waits = bytes;
    chain->waiting = length;
    chain->early = early;
    chain->now = *now;
    chain->first = chain->has_swallowed ? chain->swallowed_at : *now;
    if (chain->has_swallowed && !early && !chain->clean_is_in_line)
        chain->early = 1;
    if (length > 0)
        chain->clean_is_in_line = !ends_line(chain, bytes, length);
}

/*
 * After LENGTH bytes that came in at once: what of them, or of those before, is to come out later?
 */
static void note_swallowed(struct chain *chain, size_t length)
{
    const size_t held = chain_held(chain);
    const bool is_swallowed = held > 0 || (chain->raw_is_in_line && !chain->clean_is_in_line);
    const bool is_older = chain->has_swallowed && (chain->waiting == 0 || held > length);

    chain->has_swallowed = is_swallowed;
    if (is_swallowed && !is_older)
        chain->swallowed_at = chain->now;
}

void chain_took(struct chain *chain, size_t length, const struct arrival *now)
{
    unsigned char *bytes = chain->raw;
    size_t left = length;
    size_t early = 0;

    if (!length)
        return;
    chain->raw_is_in_line = !ends_line(chain, bytes, length);
    if (chain->strips) {
        bytes -= chain->strip.held;
        left = strip_bytes(&chain->strip, chain->raw, left, bytes);
        early = chain->strip.early;
    }
    if (chain->redact) {
        size_t held_before;

        left = redact_bytes(chain->redact, bytes, left, chain->clean, &held_before);
        bytes = chain->clean;
        early = early > held_before ? early : held_before;
    }
    wait_with(chain, bytes, left, early, now);
    note_swallowed(chain, length);
}

void chain_end(struct chain *chain, const struct arrival *now)
{
    const size_t left = chain->strips ? strip_end(&chain->strip, chain->raw) : 0;
    size_t length = left;
    size_t early = left;

    if (!chain->redact) {
        wait_with(chain, chain->raw, length, early, now);
        return;
    }
    length = redact_bytes(chain->redact, chain->raw, left, chain->clean, &early);
    length += redact_end(chain->redact, chain->clean + length);
    wait_with(chain, chain->clean, length, length, now);
}

size_t chain_give(struct chain *chain, unsigned char *out, size_t room)
{
    size_t used = chain->waiting < room ? chain->waiting : room;
    size_t given = used;

    if (!chain->waiting)
        return 0;
    if (chain->stamps)
        given = stamp_bytes(&chain->stamp, chain->waits, chain->waiting, chain->early,
                            &chain->first, &chain->now, out, room, &used);
    else
        memcpy(out, chain->waits, used);
    chain->waits += used;
    chain->waiting -= used;
    chain->early -= used < chain->early ? used : chain->early;
    return given;
}

size_t chain_waiting(const struct chain *chain)
{
    return chain->waiting;
}

size_t chain_held(const struct chain *chain)
{
    return chain->strip.held + (chain->redact ? redact_held(chain->redact) : 0);
}
