#include "tests/soak/lines.h"

#include "tests/unit/chance.h"

#include <string.h>

static const char red[] = "\033[1;31m";
static const char plain[] = "\033[0m";

/* What line NUMBER is made of. */
struct making {
    uint64_t seed; /* of its letters */
    size_t body;
    bool is_red;
    bool has_secret;
    bool has_end;
};

static struct making making_of(const struct lines *lines, uint64_t number)
{
    uint64_t seed = lines->seed + number * UINT64_C(0x2545f4914f6cdd1d);
    const uint64_t drawn = chance(&seed);
    const size_t longest = lines->longest + 1;
    /* one of 64 is as long as may be, some are empty */
    const size_t most = drawn % 64 == 0 ? longest : longest < 150 ? longest : 150;

    return (struct making){
        .seed = seed,
        .body = drawn % 64 == 1 ? 0 : (size_t)((drawn >> 8) % most),
        .is_red = lines->is_colored && (drawn >> 40) % 4 == 0,
        .has_secret = lines->has_secrets && (drawn >> 44) % 8 == 0,
        .has_end = !lines->is_open || number + 1 != lines->count,
    };
}

/* LENGTH letters; whole words are stored, so there is room for 8 bytes more. */
static char *put_letters(char *place, size_t length, uint64_t seed)
{
    size_t at;

    for (at = 0; at < length; at += 8) {
        const uint64_t letters =
            (chance(&seed) & UINT64_C(0x0f0f0f0f0f0f0f0f)) + UINT64_C(0x6161616161616161);

        memcpy(place + at, &letters, sizeof letters);
    }
    return place + length;
}

static char *put_text(char *place, const char *text)
{
    return stpcpy(place, text);
}

size_t lines_make(const struct lines *lines, uint64_t number, bool delivered, char *line)
{
    const struct making making = making_of(lines, number);
    char *place = line + LINE_DIGITS;
    int digit;

    for (digit = LINE_DIGITS - 1; digit >= 0; digit--) {
        line[digit] = (char)('0' + number % 10);
        number /= 10;
    }
    *place++ = ' ';
    if (making.is_red && !delivered)
        place = put_text(place, red);
    place = put_letters(place, making.body, making.seed);
    if (making.has_secret)
        place = put_text(place, delivered ? LINE_MASK : LINE_SECRET);
    if (making.is_red && !delivered)
        place = put_text(place, plain);
    if (making.has_end)
        *place++ = lines->ender;
    return (size_t)(place - line);
}

size_t lines_length(const struct lines *lines, uint64_t number, bool delivered)
{
    const struct making making = making_of(lines, number);
    size_t length = LINE_DIGITS + 1 + making.body + making.has_end;

    if (making.is_red && !delivered)
        length += strlen(red) + strlen(plain);
    if (making.has_secret)
        length += strlen(delivered ? LINE_MASK : LINE_SECRET);
    return length;
}
