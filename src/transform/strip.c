#include "transform/strip.h"

#include <stdint.h>
#include <string.h>

/* Where in a sequence: in none, behind ESC, behind ESC and intermediates, and so on. */
enum place { GROUND, ESCAPE, ESCAPE_MORE, CSI, OSC, STRING, PLACES };

/* What a byte below 0xA0 is to a sequence; all others are TEXT. */
enum kind {
    CONTROL, /* those of C0 that have no other name here */
    BELL,
    NEWLINE,
    CANCEL, /* CAN and SUB */
    ESC,
    MIDDLE, /* intermediates */
    DIGIT,  /* parameters */
    FINAL,
    TO_CSI, /* these four are finals, too */
    TO_OSC,
    TO_STRING,
    DELETE,
    TEXT,
    KINDS
};

/* GNU C's ranges keep this readable; gcc and clang have known them for decades. */
static const unsigned char kinds[256] = {
    [0x00 ... 0x06] = CONTROL,
    [0x07] = BELL,
    [0x08 ... 0x09] = CONTROL,
    [0x0A] = NEWLINE,
    [0x0B ... 0x17] = CONTROL,
    [0x18] = CANCEL,
    [0x19] = CONTROL,
    [0x1A] = CANCEL,
    [0x1B] = ESC,
    [0x1C ... 0x1F] = CONTROL,
    [0x20 ... 0x2F] = MIDDLE,
    [0x30 ... 0x3F] = DIGIT,
    [0x40 ... 0x4F] = FINAL,
    ['P'] = TO_STRING, /* DCS */
    [0x51 ... 0x57] = FINAL,
    ['X'] = TO_STRING, /* SOS */
    [0x59 ... 0x5A] = FINAL,
    ['['] = TO_CSI,
    ['\\'] = FINAL, /* ST: as any other escape it ends the string it stands in */
    [']'] = TO_OSC,
    ['^'] = TO_STRING, /* PM */
    ['_'] = TO_STRING, /* APC */
    [0x60 ... 0x7E] = FINAL,
    [0x7F] = DELETE,
    [0x80 ... 0xFF] = TEXT,
};

/* Where a byte leads to; KEEP: and it goes out. */
enum { KEEP = 8, PLACE = 7 };

static const unsigned char moves[PLACES][KINDS] = {
    [GROUND] =
        {[CONTROL... CANCEL] = GROUND | KEEP, [ESC] = ESCAPE, [MIDDLE... TEXT] = GROUND | KEEP},
    [ESCAPE] = {[CONTROL... BELL] = ESCAPE | KEEP,
                [NEWLINE] = GROUND | KEEP,
                [CANCEL] = GROUND,
                [ESC] = ESCAPE,
                [MIDDLE] = ESCAPE_MORE,
                [DIGIT... FINAL] = GROUND,
                [TO_CSI] = CSI,
                [TO_OSC] = OSC,
                [TO_STRING] = STRING,
                [DELETE] = ESCAPE,
                [TEXT] = GROUND | KEEP},
    [ESCAPE_MORE] = {[CONTROL... BELL] = ESCAPE_MORE | KEEP,
                     [NEWLINE] = GROUND | KEEP,
                     [CANCEL] = GROUND,
                     [ESC] = ESCAPE,
                     [MIDDLE] = ESCAPE_MORE,
                     [DIGIT... TO_STRING] = GROUND,
                     [DELETE] = ESCAPE_MORE,
                     [TEXT] = GROUND | KEEP},
    [CSI] = {[CONTROL... BELL] = CSI | KEEP,
             [NEWLINE] = GROUND | KEEP,
             [CANCEL] = GROUND,
             [ESC] = ESCAPE,
             [MIDDLE... DIGIT] = CSI,
             [FINAL... TO_STRING] = GROUND,
             [DELETE] = CSI,
             [TEXT] = GROUND | KEEP},
    [OSC] = {[CONTROL] = OSC,
             [BELL] = GROUND,
             [NEWLINE] = GROUND | KEEP,
             [CANCEL] = GROUND,
             [ESC] = ESCAPE,
             [MIDDLE... TEXT] = OSC},
    [STRING] = {[CONTROL... BELL] = STRING,
                [NEWLINE] = GROUND | KEEP,
                [CANCEL] = GROUND,
                [ESC] = ESCAPE,
                [MIDDLE... TEXT] = STRING},
};

/* What a character still needs: nothing, so many bytes, or what may stand behind its first one. */
enum tail { NONE, ONE, TWO, THREE, AFTER_C2, AFTER_E0, AFTER_ED, AFTER_F0, AFTER_F4, TAILS };

static const unsigned char tails[256] = {
    [0xC2] = AFTER_C2,     [0xC3 ... 0xDF] = ONE,   [0xE0] = AFTER_E0,
    [0xE1 ... 0xEC] = TWO, [0xED] = AFTER_ED,       [0xEE ... 0xEF] = TWO,
    [0xF0] = AFTER_F0,     [0xF1 ... 0xF3] = THREE, [0xF4] = AFTER_F4,
};

/* Well-formed bytes, as Unicode's table 3-7 has them; C2 with one below is a control of C1. */
static const struct {
    unsigned char least;
    unsigned char most;
    unsigned char next;
} ranges[TAILS] = {
    [NONE] = {1, 0, NONE},          [ONE] = {0x80, 0xBF, NONE},      [TWO] = {0x80, 0xBF, ONE},
    [THREE] = {0x80, 0xBF, TWO},    [AFTER_C2] = {0xA0, 0xBF, NONE}, [AFTER_E0] = {0xA0, 0xBF, ONE},
    [AFTER_ED] = {0x80, 0x9F, ONE}, [AFTER_F0] = {0x90, 0xBF, TWO},  [AFTER_F4] = {0x80, 0x8F, TWO},
};

static inline int is_in_range(unsigned char byte, unsigned char tail)
{
    return byte >= ranges[tail].least && byte <= ranges[tail].most;
}

enum { ASCII_BLOCK = 32 };

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* Bit 7 of some byte, if any of WORD's is ESC or beyond ASCII. */
static inline uint64_t stops_in(uint64_t word)
{
    return (word | ((word ^ EACH(0x1B)) - EACH(1))) & EACH(0x80);
}

static inline uint64_t word_at(const unsigned char *bytes)
{
    uint64_t word;

    memcpy(&word, bytes, sizeof word);
    return word;
}

/* How many of the bytes, from the first one on, are ASCII and not ESC. */
static size_t ascii_run(const unsigned char *bytes, size_t length)
{
    size_t at = 0;

    while (length - at >= ASCII_BLOCK &&
           !(stops_in(word_at(bytes + at)) | stops_in(word_at(bytes + at + 8)) |
             stops_in(word_at(bytes + at + 16)) | stops_in(word_at(bytes + at + 24))))
        at += ASCII_BLOCK;
    for (; length - at >= sizeof(uint64_t); at += sizeof(uint64_t)) {
        const uint64_t stops = stops_in(word_at(bytes + at));

        /* a borrow goes to later bytes only, where the first one is the lowest */
        if (stops && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)
            return at + (size_t)__builtin_ctzll(stops) / 8;
        if (stops)
            break;
    }
    while (at < length && bytes[at] < 0x80 && bytes[at] != 0x1B)
        at++;
    return at;
}

/* The length of the well-formed character of several bytes here; 0: there is none, or a part. */
static size_t character_at(const unsigned char *bytes, size_t length)
{
    unsigned char tail = tails[bytes[0]];
    size_t at = 1;

    if (tail == NONE)
        return 0;
    for (; tail != NONE; tail = ranges[tail].next, at++)
        if (at == length || !is_in_range(bytes[at], tail))
            return 0;
    return at;
}

/* How many of the bytes, from the first one on, are kept, whatever comes behind them. */
static size_t plain_run(const unsigned char *bytes, size_t length)
{
    size_t at = 0;

    while (at < length) {
        const size_t run = bytes[at] < 0x80 ? ascii_run(bytes + at, length - at)
                                            : character_at(bytes + at, length - at);

        if (run == 0)
            break;
        at += run;
    }
    return at;
}

/* One byte; how many go to OUT, 2 at most. */
static inline size_t step(struct strip *strip, unsigned char byte, unsigned char *out)
{
    const unsigned char tail = strip->tail;
    size_t made = 0;
    unsigned char move;

    strip->tail = NONE;
    if (tail == AFTER_C2 && byte >= 0x80 && byte <= 0x9F) {
        strip->held = 0;
    } else {
        if (strip->held)
            out[made++] = 0xC2;
        strip->held = 0;
        if (is_in_range(byte, tail)) {
            strip->tail = ranges[tail].next;
            out[made] = byte;
            return made + (strip->place == GROUND);
        }
    }
    /* a control of C1 is ESC and the byte that is less by 0x40 */
    if (byte >= 0x80 && byte <= 0x9F) {
        strip->place = ESCAPE;
        byte = (unsigned char)(byte - 0x40);
    }
    move = moves[strip->place][kinds[byte]];
    strip->place = move & PLACE;
    strip->tail = tails[byte];
    if (!(move & KEEP))
        return made;
    if (strip->tail == AFTER_C2) {
        strip->held = 1;
        return made;
    }
    out[made] = byte;
    return made + 1;
}

size_t strip_bytes(struct strip *strip, const unsigned char *bytes, size_t length,
                   unsigned char *out)
{
    struct strip now = *strip;
    const unsigned char was_held = now.held;
    size_t at = 0;
    size_t made = 0;

    now.early = 0;
    while (at < length) {
        if (now.place == GROUND && now.tail == NONE) {
            const size_t run = plain_run(bytes + at, length - at);

            if (out + made != bytes + at)
                memmove(out + made, bytes + at, run);
            made += run;
            at += run;
            if (at == length)
                break;
        }
        made += step(&now, bytes[at], out + made);
        if (at++ == 0)
            now.early = was_held && made; /* a control's second byte sends nothing out */
    }
    *strip = now;
    return made;
}

size_t strip_end(struct strip *strip, unsigned char *out)
{
    const size_t held = strip->held;

    if (held)
        out[0] = 0xC2;
    *strip = (struct strip){.early = strip->held};
    return held;
}
