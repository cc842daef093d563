/*
 * What comes out of the transforms, and of all of them behind each other, does not depend on where
 * reads cut the input, nor on where room ends.
 *
 * The first bytes of an input choose the reads, the rooms and what is in front of lines; the others
 * are the stream. What is redacted belongs between strip and stamp, in give() and finish().
 */
#include "fuzz.h"

#include "sys/clock.h"
#include "tests/unit/chance.h"
#include "transform/stamp.h"
#include "transform/strip.h"

#include <stdbool.h>
#include <string.h>

struct choices {
    uint64_t seed;  /* of the cuts and rooms */
    size_t longest; /* read */
    size_t split;   /* what is behind it came later */
    bool is_narrow; /* little room for what is stamped */
    struct stamp_settings stamp;
    char format[64];
};

enum { SEED, LONGEST, SPLIT, KIND, LOOKS, CHOICES };

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

/* The transforms that are on, and where they are in a stream. */
struct chain {
    bool strips;
    bool stamps;
    bool is_narrow;
    uint64_t seed;
    struct strip strip;
    struct stamp stamp;
    struct arrival held_since;
    struct output output;
};

static struct arrival at_second(uint64_t second)
{
    return (struct arrival){second * NS_PER_SECOND + 123456789, second * NS_PER_SECOND};
}

static void put_stamped(struct chain *chain, const unsigned char *bytes, size_t length,
                        size_t early, const struct arrival *now)
{
    while (length) {
        const size_t room = chain->is_narrow ? 1 + any(&chain->seed, 80) : 4096;
        unsigned char *out = room_in(&chain->output, room);
        size_t used;
        const size_t made = stamp_bytes(&chain->stamp, bytes, length, early, &chain->held_since,
                                        now, out, room, &used);

        MUST(used <= length && made > 0 && made <= room);
        chain->output.length += made;
        bytes += used;
        length -= used;
        early = early > used ? early - used : 0;
    }
}

static void put_out(struct chain *chain, const unsigned char *bytes, size_t length, size_t early,
                    const struct arrival *now)
{
    if (chain->stamps) {
        put_stamped(chain, bytes, length, early, now);
    } else if (length) {
        memcpy(room_in(&chain->output, length), bytes, length);
        chain->output.length += length;
    }
}

/* One read. Buffers are exactly as large as promised, so that a sanitizer sees them left. */
static void give(struct chain *chain, const unsigned char *bytes, size_t length, struct arrival now)
{
    unsigned char *in = malloc(length + 1);
    unsigned char *left = malloc(length + 1);
    const bool had_held = chain->strip.held;
    size_t made;

    MUST(in && left);
    memcpy(in, bytes, length);
    if (chain->strips) {
        made = strip_bytes(&chain->strip, in, length, left);
        MUST(made + chain->strip.held <= length + had_held);
        MUST(!memchr(left, 0x1B, made));
        put_out(chain, left, made, chain->strip.early, &now);
        if (chain->strip.held && length)
            chain->held_since = now;
    } else {
        put_out(chain, in, length, 0, &now);
    }
    free(in);
    free(left);
}

static void finish(struct chain *chain, struct arrival now)
{
    unsigned char last;
    const size_t made = strip_end(&chain->strip, &last);

    put_out(chain, &last, made, chain->strip.early, &now);
}

/* The stream through the chain, in the reads that are chosen or, if it IS_WHOLE, in few ones. */
static struct output through(const struct choices *choices, bool strips, bool stamps, bool is_whole,
                             const unsigned char *bytes, size_t length)
{
    struct chain chain = {.strips = strips,
                          .stamps = stamps,
                          .is_narrow = choices->is_narrow && !is_whole,
                          .seed = choices->seed};
    const struct arrival times[] = {at_second(1000), at_second(2000)};
    const size_t split = choices->split < length ? choices->split : length;
    size_t at = 0;

    stamp_start(&chain.stamp, &choices->stamp, 1000 * NS_PER_SECOND - 1);
    while (at < length) {
        const bool is_late = at >= split;
        const size_t most = (is_late ? length : split) - at;
        size_t read = is_whole ? most : any(&chain.seed, choices->longest + 1);

        read = read < most ? read : most;
        give(&chain, bytes + at, read, times[is_late]);
        at += read;
    }
    finish(&chain, times[1]);
    return chain.output;
}

static void must_be_same(const struct output *one, const struct output *other)
{
    MUST(one->length == other->length);
    MUST(one->length == 0 || memcmp(one->bytes, other->bytes, one->length) == 0);
}

static void compare(const struct choices *choices, bool strips, bool stamps,
                    const unsigned char *bytes, size_t length)
{
    struct output whole = through(choices, strips, stamps, true, bytes, length);
    struct output cut = through(choices, strips, stamps, false, bytes, length);

    must_be_same(&whole, &cut);
    if (strips && !stamps) {
        struct output again = through(choices, true, false, false, whole.bytes, whole.length);

        must_be_same(&whole, &again);
        free(again.bytes);
    }
    free(whole.bytes);
    free(cut.bytes);
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct choices choices;

    if (size < CHOICES)
        return 0;
    choose(&choices, data, data + CHOICES, size - CHOICES);
    compare(&choices, true, false, data + CHOICES, size - CHOICES);
    compare(&choices, false, true, data + CHOICES, size - CHOICES);
    compare(&choices, true, true, data + CHOICES, size - CHOICES);
    return 0;
}
