/*
 * Three places in the stream matter: what has been seen, what has gone out, and between them what
 * is held. In what is held there may be masks that are known but for their beginning, which a
 * longer secret could still take further to the left:
 *
 *     ... gone ...|. held .[ mask ]. held .[ mask ].. held ..|
 *                 ^gone                                      ^seen
 *
 * No secret that ends later begins before seen - depth of the automaton's state. So what is left of
 * that can go, and a mask that begins there or before it too; if it grows to the right after that,
 * gone moves on, and nothing comes out.
 */
#include "transform/redact.h"

#include "sys/sealed.h"
#include "transform/automaton.h"
#include "transform/secrets.h"
#include "transform/strip.h"

#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>

static const char mask_text[] = "***";
static const size_t mask_length = sizeof mask_text - 1;
static_assert(sizeof mask_text - 1 == REDACT_END_MAX, "the end is one mask");

/* Places in the stream. */
struct mask {
    uint64_t start;
    uint64_t end;
};

struct redact {
    struct automaton automaton;
    unsigned char *texts; /* of all that is looked for */
    size_t texts_size;
    struct mask *masks; /* held ones, apart from each other; a ring */
    size_t masks_max;
    size_t masks_first;
    size_t masks_count;

    uint32_t state;
    uint64_t seen;
    uint64_t gone;
};

/* What one call reads and writes. */
struct pass {
    const unsigned char *held_end; /* behind what stood in the stream before start */
    const unsigned char *bytes;
    uint64_t start; /* where in the stream they begin */
    unsigned char *out;
    size_t length; /* of out */
    size_t early;
};

/* SECRET, and if IS_STRIPPED what is left of it, go behind *USED bytes of texts. */
static size_t add_patterns(struct redact *redact, struct secret secret, bool is_stripped,
                           size_t *used, size_t *lengths)
{
    unsigned char *text = redact->texts + *used;
    unsigned char *left = text + secret.length;
    struct strip strip = {0};
    size_t length;

    memcpy(text, secret.bytes, secret.length);
    *used += secret.length;
    lengths[0] = secret.length;
    if (!is_stripped)
        return 1;
    length = strip_bytes(&strip, secret.bytes, secret.length, left);
    length += strip_end(&strip, left + length);
    if (length < SECRET_MIN || (length == secret.length && memcmp(left, text, length) == 0))
        return 1;
    *used += length;
    lengths[1] = length;
    return 2;
}

static int make_patterns(struct redact *redact, const struct secrets *secrets, bool is_stripped)
{
    const size_t count = secrets_count(secrets);
    const size_t lengths_size = (2 * count + 1) * sizeof(size_t);
    size_t *lengths = sealed_make(lengths_size);
    size_t patterns = 0;
    size_t used = 0;
    size_t size = 1; /* that strip_bytes wants more */
    size_t i;
    int error = -ENOMEM;

    for (i = 0; i < count; i++)
        size += 2 * secrets_at(secrets, i).length;
    redact->texts = sealed_make(size);
    redact->texts_size = size;
    if (redact->texts && lengths) {
        for (i = 0; i < count; i++)
            patterns += add_patterns(redact, secrets_at(secrets, i), is_stripped, &used,
                                     lengths + patterns);
        error = automaton_make(&redact->automaton, redact->texts, lengths, patterns);
    }
    sealed_free(lengths, lengths_size);
    return error;
}

int redact_make(struct redact **made, const struct secrets *secrets, bool is_stripped)
{
    struct redact *redact = sealed_make(sizeof *redact);
    int error = -ENOMEM;

    if (redact)
        error = make_patterns(redact, secrets, is_stripped);
    if (!error) {
        /* those held are apart, and begin behind the first byte of what may become a secret */
        redact->masks_max = redact->automaton.longest / SECRET_MIN + 1;
        redact->masks = sealed_make(redact->masks_max * sizeof *redact->masks);
        if (!redact->masks)
            error = -ENOMEM;
    }
    if (error) {
        redact_free(redact);
        redact = NULL;
    }
    *made = redact;
    return error;
}

void redact_free(struct redact *redact)
{
    if (!redact)
        return;
    automaton_free(&redact->automaton);
    sealed_free(redact->texts, redact->texts_size);
    sealed_free(redact->masks, redact->masks_max * sizeof *redact->masks);
    sealed_free(redact, sizeof *redact);
}

size_t redact_held(const struct redact *redact)
{
    return (size_t)(redact->seen - redact->gone);
}

size_t redact_hold_max(const struct redact *redact)
{
    const size_t longest = redact->automaton.longest;

    return longest > 0 ? longest - 1 : 0;
}

static size_t depth_of(const struct redact *redact)
{
    return automaton_fact(&redact->automaton, redact->state, AUTOMATON_DEPTH);
}

/* What is held is what the state stands for, or the end of it: it can be read in the pattern. */
static const unsigned char *held_end(const struct redact *redact)
{
    const size_t path = automaton_fact(&redact->automaton, redact->state, AUTOMATON_PATH);

    return redact->texts + path + depth_of(redact);
}

static void copy(struct pass *pass, const unsigned char *bytes, size_t length)
{
    memcpy(pass->out + pass->length, bytes, length);
    pass->length += length;
}

/* What stands in the stream from gone on, up to END, goes out as it is. */
static void let_go(struct redact *redact, struct pass *pass, uint64_t end)
{
    if (redact->gone < end && redact->gone < pass->start) {
        const uint64_t held_end = end < pass->start ? end : pass->start;
        const size_t length = (size_t)(held_end - redact->gone);

        copy(pass, pass->held_end - (pass->start - redact->gone), length);
        pass->early += length;
        redact->gone = held_end;
    }
    if (redact->gone < end) {
        copy(pass, pass->bytes + (redact->gone - pass->start), (size_t)(end - redact->gone));
        redact->gone = end;
    }
}

/* Masks that begin at CUT or before it cannot begin anywhere else any more. */
static void settle(struct redact *redact, struct pass *pass, uint64_t cut)
{
    while (redact->masks_count > 0 && redact->masks[redact->masks_first].start <= cut) {
        const struct mask mask = redact->masks[redact->masks_first];

        let_go(redact, pass, mask.start);
        copy(pass, (const unsigned char *)mask_text, mask_length);
        if (mask.start < pass->start)
            pass->early += mask_length;
        redact->gone = mask.end;
        redact->masks_first = (redact->masks_first + 1) % redact->masks_max;
        redact->masks_count--;
    }
}

/* A secret, with all it overlaps: masks that are held, or the one that has gone out last. */
static void add_mask(struct redact *redact, struct mask mask)
{
    while (redact->masks_count > 0) {
        const size_t last = (redact->masks_first + redact->masks_count - 1) % redact->masks_max;

        if (redact->masks[last].end <= mask.start)
            break;
        if (redact->masks[last].start < mask.start)
            mask.start = redact->masks[last].start;
        redact->masks_count--;
    }
    if (mask.start < redact->gone) {
        redact->gone = mask.end;
        return;
    }
    assert(redact->masks_count < redact->masks_max);
    redact->masks[(redact->masks_first + redact->masks_count) % redact->masks_max] = mask;
    redact->masks_count++;
}

static void look_at(struct redact *redact, struct pass *pass, size_t length)
{
    const struct automaton *automaton = &redact->automaton;
    const unsigned char *bytes = pass->bytes;
    uint32_t state = redact->state;
    size_t at = 0;
    size_t until = 0;

    while (at < length) {
        const uint32_t next = automaton_step(automaton, state, bytes[at++]);
        size_t depth;
        size_t secret;

        state = next & ~AUTOMATON_STOP;
        if (!(next & AUTOMATON_STOP))
            continue;
        depth = automaton_fact(automaton, state, AUTOMATON_DEPTH);
        secret = automaton_fact(automaton, state, AUTOMATON_LONGEST);
        if (secret > 0) {
            const uint64_t end = pass->start + at;

            add_mask(redact, (struct mask){end - secret, end});
            settle(redact, pass, end - depth);
        } else if (at >= depth + until) {
            at = automaton_skip(automaton, bytes, at - depth, length, &until);
            state = AUTOMATON_ROOT;
        }
    }
    redact->state = state;
}

size_t redact_bytes(struct redact *redact, const unsigned char *bytes, size_t length,
                    unsigned char *out, size_t *early)
{
    struct pass pass = {.held_end = held_end(redact), .bytes = bytes, .start = redact->seen};
    uint64_t cut;

    pass.out = out;
    look_at(redact, &pass, length);
    redact->seen += length;
    cut = redact->seen - depth_of(redact);
    settle(redact, &pass, cut);
    let_go(redact, &pass, cut);
    *early = pass.early;
    return pass.length;
}

size_t redact_end(struct redact *redact, unsigned char *out)
{
    const size_t depth = depth_of(redact);
    /* what is less than the state stands for is the rest of what a mask covers already */
    const size_t length = depth > 0 && depth == redact_held(redact) ? mask_length : 0;

    memcpy(out, mask_text, length);
    redact->state = AUTOMATON_ROOT;
    redact->masks_first = redact->masks_count = 0;
    redact->gone = redact->seen;
    return length;
}
