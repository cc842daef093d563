/*
 * What comes out of the transforms, and of all of them behind each other, does not depend on where
 * reads cut the input, nor on where room ends; and the chain is nothing but them behind each other.
 *
 * The first bytes of an input choose the reads, the rooms, what is in front of lines and which
 * parts of the stream are secrets; the others are the stream.
 */
#include "fuzz.h"

#include "sys/clock.h"
#include "tests/unit/chance.h"
#include "transform/chain.h"
#include "transform/redact.h"
#include "transform/secrets.h"
#include "transform/stamp.h"
#include "transform/strip.h"

#include <stdbool.h>
#include <string.h>
#include <unistd.h>

struct choices {
    uint64_t seed;  /* of the cuts and rooms */
    size_t longest; /* read */
    size_t split;   /* what is behind it came later */
    bool is_narrow; /* little room for what is stamped */
    struct stamp_settings stamp;
    char format[64];
    struct secrets *secrets; /* NULL: none */
};

/* What of an input each of its first bytes chooses. */
enum { SEED, LONGEST, SPLIT, KIND, LOOKS, SECRETS, CHOICES };

/* Transforms that are on. */
enum { STRIP = 1, REDACT = 2, STAMP = 4, ALL = 7 };

struct output {
    unsigned char *bytes;
    size_t length;
    size_t size;
};

static unsigned char *room_in(struct output *output, size_t room)
{
    while (output->size - output->length < room) {
        output->size = 2 * output->size + 256;
        output->bytes = realloc(output->bytes, output->size);
        MUST(output->bytes);
    }
    return output->bytes + output->length;
}

/* The transforms, and where they are in a stream. */
struct row {
    unsigned on;
    bool is_narrow;
    uint64_t seed;
    struct strip strip;
    struct redact *redact; /* if it is on */
    struct stamp stamp;
    struct arrival held_since;
    struct output output;
};

static struct arrival at_second(uint64_t second)
{
    return (struct arrival){second * NS_PER_SECOND + 123456789, second * NS_PER_SECOND};
}

static void put_stamped(struct row *row, const unsigned char *bytes, size_t length, size_t early,
                        const struct arrival *now)
{
    while (length) {
        const size_t room = row->is_narrow ? 1 + any(&row->seed, 80) : 4096;
        unsigned char *out = room_in(&row->output, room);
        size_t used;
        const size_t made =
            stamp_bytes(&row->stamp, bytes, length, early, &row->held_since, now, out, room, &used);

        MUST(used <= length && made > 0 && made <= room);
        row->output.length += made;
        bytes += used;
        length -= used;
        early = early > used ? early - used : 0;
    }
}

static void put_out(struct row *row, const unsigned char *bytes, size_t length, size_t early,
                    const struct arrival *now)
{
    if (row->on & STAMP) {
        put_stamped(row, bytes, length, early, now);
    } else if (length) {
        memcpy(room_in(&row->output, length), bytes, length);
        row->output.length += length;
    }
}

static void put_redacted(struct row *row, const unsigned char *bytes, size_t length, size_t early,
                         const struct arrival *now)
{
    unsigned char *out;
    size_t made;

    if (!row->redact) {
        put_out(row, bytes, length, early, now);
        return;
    }
    out = malloc(length + redact_held(row->redact) + 1);
    MUST(out);
    made = redact_bytes(row->redact, bytes, length, out, &early);
    MUST(early <= made && redact_held(row->redact) <= redact_hold_max(row->redact));
    put_out(row, out, made, early, now);
    free(out);
}

/* One read. Buffers are hardly larger than promised, so that a sanitizer sees them left. */
static void give(struct row *row, const unsigned char *bytes, size_t length, struct arrival now)
{
    unsigned char *left = malloc(length + 1);
    const bool had_held = row->strip.held;
    size_t made;

    MUST(left);
    if (row->on & STRIP) {
        made = strip_bytes(&row->strip, bytes, length, left);
        MUST(made + row->strip.held <= length + had_held);
        MUST(!memchr(left, 0x1B, made));
        put_redacted(row, left, made, row->strip.early, &now);
        if (row->strip.held && length)
            row->held_since = now;
    } else {
        put_redacted(row, bytes, length, 0, &now);
    }
    free(left);
}

static void finish(struct row *row, struct arrival now)
{
    unsigned char last[REDACT_END_MAX];
    size_t made = strip_end(&row->strip, last);

    put_redacted(row, last, made, row->strip.early, &now);
    if (!row->redact)
        return;
    made = redact_end(row->redact, last);
    MUST(made <= sizeof last);
    put_out(row, last, made, made, &now);
    redact_free(row->redact);
}

/* The stream through what is ON, in the reads that are chosen or, if it IS_WHOLE, in few ones. */
static struct output through(const struct choices *choices, unsigned on, bool is_whole,
                             const unsigned char *bytes, size_t length)
{
    const struct arrival times[] = {at_second(1000), at_second(2000)};
    struct row row = {.on = on,
                      .is_narrow = choices->is_narrow && !is_whole,
                      .seed = choices->seed,
                      .held_since = times[1]};
    /* what is redacted may be held for several reads, and only one time is told for all of it */
    const size_t early = on & REDACT ? 0 : choices->split;
    const size_t split = early < length ? early : length;
    size_t at = 0;

    if (on & REDACT)
        MUST(redact_make(&row.redact, choices->secrets, on & STRIP) == 0);
    stamp_start(&row.stamp, &choices->stamp, 1000 * NS_PER_SECOND - 1);
    while (at < length) {
        const bool is_late = at >= split;
        const size_t most = (is_late ? length : split) - at;
        size_t read = is_whole ? most : any(&row.seed, choices->longest + 1);

        read = read < most ? read : most;
        give(&row, bytes + at, read, times[is_late]);
        at += read;
    }
    finish(&row, times[1]);
    return row.output;
}

/* All that waits, in the rooms that are chosen. */
static void take_out(struct chain *chain, uint64_t *seed, bool is_narrow, struct output *output)
{
    while (chain_waiting(chain) > 0) {
        const size_t room = is_narrow ? 1 + any(seed, 80) : 4096;
        const size_t made = chain_give(chain, room_in(output, room), room);

        MUST(made > 0 && made <= room);
        output->length += made;
    }
}

/* The same stream through the chain; all of it comes at the second time. */
static struct output through_chain(const struct choices *choices, unsigned on,
                                   const unsigned char *bytes, size_t length)
{
    const struct chain_settings settings = {
        .strips = on & STRIP,
        .secrets = on & REDACT ? choices->secrets : NULL,
        .stamp = on & STAMP ? choices->stamp : (struct stamp_settings){.delimiter = '\n'}};
    const struct arrival now = at_second(2000);
    struct output output = {0};
    uint64_t seed = choices->seed + 1;
    struct chain *chain;
    size_t at = 0;

    MUST(chain_make(&chain, &settings, 1000 * NS_PER_SECOND - 1) == 0);
    while (at < length) {
        size_t read = any(&seed, choices->longest + 1);

        read = read < length - at ? read : length - at;
        memcpy(chain_place(chain), bytes + at, read);
        chain_took(chain, read, &now);
        take_out(chain, &seed, choices->is_narrow, &output);
        at += read;
    }
    chain_end(chain, &now);
    take_out(chain, &seed, choices->is_narrow, &output);
    MUST(chain_held(chain) == 0);
    chain_free(chain);
    return output;
}

static void must_be_same(const struct output *one, const struct output *other)
{
    MUST(one->length == other->length);
    MUST(one->length == 0 || memcmp(one->bytes, other->bytes, one->length) == 0);
}

/* An asterisk of a mask can make one of what stands beside it, but only one with asterisks. */
static void must_have_no_secret(const struct output *output, const struct secrets *secrets)
{
    size_t i;

    for (i = 0; i < secrets_count(secrets); i++) {
        const struct secret secret = secrets_at(secrets, i);

        MUST(memchr(secret.bytes, '*', secret.length) || output->length == 0 ||
             !memmem(output->bytes, output->length, secret.bytes, secret.length));
    }
}

static void compare(const struct choices *choices, unsigned on, const unsigned char *bytes,
                    size_t length)
{
    struct output whole = through(choices, on, true, bytes, length);
    struct output cut = through(choices, on, false, bytes, length);

    must_be_same(&whole, &cut);
    if (on == STRIP) {
        struct output again = through(choices, on, false, whole.bytes, whole.length);

        must_be_same(&whole, &again);
        free(again.bytes);
    }
    if ((on & REDACT) && !(on & STAMP))
        must_have_no_secret(&whole, choices->secrets);
    free(whole.bytes);
    free(cut.bytes);
}

static void compare_chain(const struct choices *choices, unsigned on, const unsigned char *bytes,
                          size_t length)
{
    struct choices at_once = *choices;
    struct output row;
    struct output chain = through_chain(choices, on, bytes, length);

    at_once.split = 0;
    row = through(&at_once, on, true, bytes, length);
    must_be_same(&row, &chain);
    free(row.bytes);
    free(chain.bytes);
}

/* The stream's first bytes as a format, if it is one. */
static void choose_format(struct choices *choices, const unsigned char *bytes, size_t length)
{
    const size_t most = sizeof choices->format - 1;

    if (length > 0)
        memcpy(choices->format, bytes, length < most ? length : most);
    choices->format[strcspn(choices->format, "\n")] = '\0';
    choices->stamp.format = choices->format;
    if (stamp_check_format(choices->format) != 0)
        choices->stamp.kind = STAMP_ISO_US;
}

static void choose(struct choices *choices, const unsigned char *head, const unsigned char *bytes,
                   size_t length)
{
    static const char delimiters[] = {'\n', '\n', '\0', 'm'};

    *choices = (struct choices){
        .seed = head[SEED],
        .longest = head[LONGEST] % 64 + 1,
        .split = length * (head[SPLIT] % 8) / 8,
        .is_narrow = head[LOOKS] & 1,
        .stamp = {.kind = (enum stamp_kind)(head[KIND] % (STAMP_FORMAT + 1)),
                  .is_local = head[LOOKS] & 2,
                  .prefix = head[LOOKS] & 4 ? "> " : NULL,
                  .delimiter = delimiters[head[LOOKS] >> 3 & 3]},
    };
    if (choices->stamp.kind == STAMP_FORMAT)
        choose_format(choices, bytes, length);
}

/*
 * Some parts of the stream as secrets, NULL if there are none. An environment that has a name
 * several times is how more than one gets in.
 */
static struct secrets *choose_secrets(unsigned char choice, const unsigned char *bytes,
                                      size_t length)
{
    enum { MOST = 4, NAME = 2, LONGEST_SECRET = 24 };
    char entries[MOST][NAME + LONGEST_SECRET + 1] = {0};
    char *own[MOST + 1] = {0};
    char **const others = environ;
    struct secrets *secrets = NULL;
    uint64_t seed = choice;
    size_t count = 0;
    size_t i;
    int error;

    for (i = 0; i < choice % (MOST + 1U) && length > SECRET_MIN; i++) {
        const size_t from = any(&seed, length - SECRET_MIN);
        const size_t most = length - from < LONGEST_SECRET ? length - from : LONGEST_SECRET;
        const size_t size = SECRET_MIN + any(&seed, most - SECRET_MIN + 1);

        /* what cannot be in a value, and what would make it shorter than a secret may be */
        if (bytes[from] == '\n' || bytes[from + size - 1] == '\n' ||
            memchr(bytes + from, '\r', size) || memchr(bytes + from, '\0', size))
            continue;
        memcpy(entries[count], "X=", NAME);
        memcpy(entries[count] + NAME, bytes + from, size);
        own[count] = entries[count];
        count++;
    }
    if (count == 0)
        return NULL;
    MUST(secrets_make(&secrets) == 0);
    environ = own;
    error = secrets_add_env(secrets, "X");
    environ = others;
    if (!error)
        return secrets;
    secrets_free(secrets); /* it looks like the beginning of a PEM block */
    return NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *stream;
    struct choices choices;
    unsigned on;

    if (size < CHOICES)
        return 0;
    stream = data + CHOICES;
    size -= CHOICES;
    choose(&choices, data, stream, size);
    choices.secrets = choose_secrets(data[SECRETS], stream, size);
    for (on = STRIP; on <= ALL; on++)
        if (choices.secrets || !(on & REDACT))
            compare(&choices, on, stream, size);
    /* for some of them: the chain has much memory, which is wiped */
    on = data[SPLIT] / 8 % (4 * ALL);
    if (on >= STRIP && on <= ALL && (choices.secrets || !(on & REDACT)))
        compare_chain(&choices, on, stream, size);
    secrets_free(choices.secrets);
    return 0;
}
