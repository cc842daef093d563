/*
 * Numbers as people write them: every text is read as slow arithmetic by hand reads it, and what is
 * printed is read back as the same number, or as about the same where that is all it promises.
 *
 * The input is a text for every parser; its last eight bytes are besides a number for every
 * printer.
 */
#include "fuzz.h"

#include "plain.h"
#include "sys/units.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

struct factor {
    const char *name;
    unsigned base; /* factor = times x base ^ exponent */
    unsigned exponent;
    unsigned times;
};

static const struct factor sizes[] = {
    {"", 1, 0, 1},       {"B", 1, 0, 1},      {"K", 1024, 1, 1},   {"k", 1024, 1, 1},
    {"KiB", 1024, 1, 1}, {"M", 1024, 2, 1},   {"m", 1024, 2, 1},   {"MiB", 1024, 2, 1},
    {"G", 1024, 3, 1},   {"g", 1024, 3, 1},   {"GiB", 1024, 3, 1}, {"T", 1024, 4, 1},
    {"t", 1024, 4, 1},   {"TiB", 1024, 4, 1}, {"kB", 1000, 1, 1},  {"KB", 1000, 1, 1},
    {"MB", 1000, 2, 1},  {"GB", 1000, 3, 1},  {"TB", 1000, 4, 1},  {NULL, 0, 0, 0}};
static const struct factor times[] = {{"ns", 1, 0, 1},   {"us", 1000, 1, 1}, {"ms", 1000, 2, 1},
                                      {"s", 1000, 3, 1}, {"m", 1000, 3, 60}, {"h", 1000, 3, 3600},
                                      {NULL, 0, 0, 0}};
static const struct factor counts[] = {{"", 1, 0, 1},     {"K", 1000, 1, 1}, {"k", 1000, 1, 1},
                                       {"M", 1000, 2, 1}, {"G", 1000, 3, 1}, {"T", 1000, 4, 1},
                                       {NULL, 0, 0, 0}};
static const struct factor percents[] = {{"", 1, 0, 1}, {"%", 1, 0, 1}, {NULL, 0, 0, 0}};

/* A number digit by digit, the last one first; so many that nothing here is cut. */
enum { DIGITS_MAX = 2048, TEXT_MAX = 1024 };

struct digits {
    unsigned char at[DIGITS_MAX];
};

static void multiply(struct digits *number, unsigned by)
{
    unsigned carry = 0;
    size_t i;

    for (i = 0; i < DIGITS_MAX; i++) {
        carry += number->at[i] * by;
        number->at[i] = (unsigned char)(carry % 10);
        carry /= 10;
    }
    MUST(carry == 0);
}

/* The digits from PLACES on: 0, or -ERANGE. */
static int number_above(const struct digits *number, size_t places, uint64_t *result)
{
    unsigned __int128 sum = 0;
    size_t i;

    for (i = DIGITS_MAX; i-- > places;) {
        sum = sum * 10 + number->at[i];
        if (sum > UINT64_MAX)
            return -ERANGE;
    }
    *result = (uint64_t)sum;
    return 0;
}

static bool is_zero(const struct digits *number, size_t below)
{
    size_t i;

    for (i = 0; i < below; i++) {
        if (number->at[i])
            return false;
    }
    return true;
}

static const struct factor *find(const struct factor *factors, const char *name, size_t length)
{
    for (; factors->name; factors++) {
        if (strlen(factors->name) == length && strncmp(factors->name, name, length) == 0)
            return factors;
    }
    return NULL;
}

/* What units.h says TEXT of LENGTH bytes means. */
static int expect(const char *text, size_t length, const struct factor *factors, bool is_whole,
                  uint64_t *result)
{
    static const char decimal[] = "0123456789";
    static struct digits number;
    const size_t before = strspn(text, decimal);
    const bool has_point = text[before] == '.';
    const size_t places = has_point ? strspn(text + before + 1, decimal) : 0;
    const size_t all = before + has_point + places;
    const struct factor *factor = find(factors, text + all, length - all);
    size_t i;

    if (!before || (has_point && !places))
        return -EINVAL;
    memset(&number, 0, sizeof number);
    for (i = 0; i < before; i++)
        number.at[places + before - 1 - i] = (unsigned char)(text[i] - '0');
    for (i = 0; i < places; i++)
        number.at[places - 1 - i] = (unsigned char)(text[before + 1 + i] - '0');
    if (!factor && (all < length || !is_zero(&number, DIGITS_MAX)))
        return -EINVAL;
    for (i = 0; factor && i < factor->exponent; i++)
        multiply(&number, factor->base);
    if (factor)
        multiply(&number, factor->times);
    if (is_whole && !is_zero(&number, places))
        return -EINVAL;
    return number_above(&number, places, result);
}

typedef int parser(const char *text, uint64_t *number);

/* Of LENGTH bytes of TEXT the number is made; HAS_SENSE: the rest may be there. */
static void read_as(parser *parse, const char *text, size_t length, bool has_sense,
                    const struct factor *factors, bool is_whole)
{
    uint64_t number = 0;
    uint64_t expected = 0;
    const int error = parse(text, &number);

    MUST(error == (has_sense ? expect(text, length, factors, is_whole, &expected) : -EINVAL));
    MUST(error || number == expected);
}

static void read_all(const char *text)
{
    const size_t length = strlen(text);
    const bool is_rate = length > 2 && strcmp(text + length - 2, "/s") == 0;
    const size_t before = is_rate ? length - 2 : length;
    const bool has_unit = before > 0 && text[before - 1] == 'B';

    read_as(parse_size, text, length, true, sizes, false);
    read_as(parse_time, text, length, true, times, false);
    read_as(parse_count, text, length, true, counts, true);
    read_as(parse_percent, text, length, true, percents, true);
    read_as(parse_rate, text, before, true, counts, true);
    read_as(parse_byte_rate, text, before, has_unit, sizes, false);
    read_as(parse_size_rate, text, before, true, sizes, false);
}

static void must_be_exact(struct printed printed, parser *parse, uint64_t number)
{
    uint64_t back;

    MUST(memchr(printed.text, '\0', sizeof printed.text));
    MUST(parse(printed.text, &back) == 0 && back == number);
}

/* To four digits; more there are only of the largest unit. */
static void must_be_about(struct printed printed, parser *parse, uint64_t number,
                          const char *largest)
{
    const char *const text = printed.text;
    const size_t before = strspn(text, "0123456789");
    const size_t behind = text[before] == '.' ? strspn(text + before + 1, "0123456789") : 0;
    const char *const unit = text + before + (behind ? behind + 1 : 0);
    const uint64_t slack = number / 2000 + 1; /* half of the fourth digit */
    uint64_t back;
    int error;

    MUST(memchr(text, '\0', sizeof printed.text) && plain_is(text, strlen(text), false));
    MUST(before + behind <= 4 || strcmp(unit, largest) == 0);
    error = parse(text, &back);
    MUST(error == 0 || (error == -ERANGE && number > UINT64_MAX - slack));
    MUST(error || (back > number ? back - number : number - back) <= slack);
}

static void print_all(uint64_t number)
{
    must_be_exact(print_size(number), parse_size, number);
    must_be_exact(print_time(number), parse_time, number);
    must_be_about(print_about_size(number), parse_size, number, "TiB");
    must_be_about(print_about_time(number), parse_time, number, "h");
    must_be_about(print_about_count(number), parse_count, number, "T");
    must_be_about(print_about_byte_rate(number), parse_byte_rate, number, "TB/s");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[TEXT_MAX + 1] = "";
    uint64_t number = 0;

    if (size > 0)
        memcpy(text, data, size < TEXT_MAX ? size : TEXT_MAX);
    read_all(text);
    if (size >= sizeof number)
        memcpy(&number, data + size - sizeof number, sizeof number);
    print_all(number);
    print_all(number >> 23);
    print_all(~number >> 47);
    return 0;
}
