#include "sys/units.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct unit {
    const char *name;
    uint64_t factor;
};

#define KIBI UINT64_C(1024)
#define KILO UINT64_C(1000)

static const struct unit size_units[] = {
    {"", 1},
    {"B", 1},
    {"K", KIBI},
    {"k", KIBI},
    {"KiB", KIBI},
    {"M", KIBI *KIBI},
    {"m", KIBI *KIBI},
    {"MiB", KIBI *KIBI},
    {"G", KIBI *KIBI *KIBI},
    {"g", KIBI *KIBI *KIBI},
    {"GiB", KIBI *KIBI *KIBI},
    {"T", KIBI *KIBI *KIBI *KIBI},
    {"t", KIBI *KIBI *KIBI *KIBI},
    {"TiB", KIBI *KIBI *KIBI *KIBI},
    {"kB", KILO},
    {"KB", KILO},
    {"MB", KILO *KILO},
    {"GB", KILO *KILO *KILO},
    {"TB", KILO *KILO *KILO *KILO},
    {NULL, 0},
};

static const struct unit time_units[] = {
    {"ns", 1},
    {"us", KILO},
    {"ms", KILO *KILO},
    {"s", KILO *KILO *KILO},
    {"m", 60 * KILO *KILO *KILO},
    {"h", 3600 * KILO *KILO *KILO},
    {NULL, 0},
};

static const struct unit count_units[] = {
    {"", 1},
    {"K", KILO},
    {"k", KILO},
    {"M", KILO *KILO},
    {"G", KILO *KILO *KILO},
    {"T", KILO *KILO *KILO *KILO},
    {NULL, 0},
};

static const struct unit *find_unit(const struct unit *units, const char *name, size_t length)
{
    for (; units->name; units++) {
        if (strlen(units->name) == length && memcmp(units->name, name, length) == 0)
            return units;
    }
    return NULL;
}

static const char decimal[] = "0123456789";

/* The digits at *TEXT, which moves behind them all, also when they are too many: -ERANGE. */
static int take_whole(const char **text, uint64_t *number)
{
    const char *digits = *text;
    int error = 0;

    *number = 0;
    for (; **text >= '0' && **text <= '9'; ++*text) {
        if (__builtin_mul_overflow(*number, 10U, number) ||
            __builtin_add_overflow(*number, (uint64_t)(**text - '0'), number))
            error = -ERANGE;
    }
    return *text == digits ? -EINVAL : error;
}

/*
 * 0.DIGITS, of which there are so many PLACES, of FACTOR: rounded down, *IS_CUT if that cuts
 * anything. From the last digit on, so that it is exact for any number of them: rounding down at
 * each step is rounding down once.
 */
static uint64_t part_of(uint64_t factor, const char *digits, size_t places, bool *is_cut)
{
    uint64_t part = 0;

    *is_cut = false;
    while (places-- > 0) {
        part += factor * (uint64_t)(digits[places] - '0');
        *is_cut = *is_cut || part % 10;
        part /= 10;
    }
    return part;
}

/* IS_WHOLE: what is counted comes whole; half a slab is none. */
static int parse(const char *text, size_t length, const struct unit *units, bool is_whole,
                 uint64_t *result)
{
    const char *const end = text + length;
    const struct unit *unit;
    size_t places = 0; /* behind the point, and right before TEXT */
    uint64_t whole;
    bool is_cut;
    int error = take_whole(&text, &whole);

    if (error == -EINVAL)
        return error;
    if (*text == '.') {
        places = strspn(++text, decimal);
        if (!places)
            return -EINVAL;
        text += places;
    }
    unit = find_unit(units, text, (size_t)(end - text));
    if (!unit) { /* 0 is 0 in any unit */
        *result = 0;
        return text == end && !error && !whole && strspn(text - places, "0") == places ? 0
                                                                                       : -EINVAL;
    }
    *result = part_of(unit->factor, text - places, places, &is_cut);
    if (is_whole && is_cut)
        return -EINVAL;
    if (error || __builtin_mul_overflow(whole, unit->factor, &whole) ||
        __builtin_add_overflow(whole, *result, result))
        return -ERANGE;
    return 0;
}

int parse_size(const char *text, uint64_t *bytes)
{
    return parse(text, strlen(text), size_units, false, bytes);
}

int parse_time(const char *text, uint64_t *ns)
{
    return parse(text, strlen(text), time_units, false, ns);
}

int parse_count(const char *text, uint64_t *count)
{
    return parse(text, strlen(text), count_units, true, count);
}

static size_t length_before_per_second(const char *text)
{
    const size_t length = strlen(text);

    return length > 2 && strcmp(text + length - 2, "/s") == 0 ? length - 2 : length;
}

int parse_rate(const char *text, uint64_t *per_second)
{
    return parse(text, length_before_per_second(text), count_units, true, per_second);
}

int parse_byte_rate(const char *text, uint64_t *bytes_per_second)
{
    const size_t length = length_before_per_second(text);

    if (!length || text[length - 1] != 'B')
        return -EINVAL;
    return parse(text, length, size_units, false, bytes_per_second);
}

int parse_size_rate(const char *text, uint64_t *bytes_per_second)
{
    return parse(text, length_before_per_second(text), size_units, false, bytes_per_second);
}

int parse_percent(const char *text, uint64_t *percent)
{
    static const struct unit percent_units[] = {{"", 1}, {"%", 1}, {NULL, 0}};

    return parse(text, strlen(text), percent_units, true, percent);
}

struct printed print_size(uint64_t bytes)
{
    static const char letters[] = {'T', 'G', 'M', 'K'};
    struct printed out;
    size_t i;

    for (i = 0; i < sizeof letters; i++) {
        uint64_t factor = UINT64_C(1) << (10 * (sizeof letters - i));

        if (bytes >= factor && bytes % factor == 0) {
            snprintf(out.text, sizeof out.text, "%" PRIu64 "%c", bytes / factor, letters[i]);
            return out;
        }
    }
    snprintf(out.text, sizeof out.text, "%" PRIu64, bytes);
    return out;
}

struct printed print_time(uint64_t ns)
{
    static const struct unit units[] = {
        {"s", KILO * KILO * KILO}, {"ms", KILO * KILO}, {"us", KILO}, {"ns", 1}};
    struct printed out = {"0"};
    size_t i;

    for (i = 0; ns && i < sizeof units / sizeof units[0]; i++) {
        if (ns % units[i].factor == 0) {
            snprintf(out.text, sizeof out.text, "%" PRIu64 "%s", ns / units[i].factor,
                     units[i].name);
            break;
        }
    }
    return out;
}

/* UNITS from the largest to one whose factor is 1. */
static struct printed print_about(uint64_t value, const struct unit *units)
{
    struct printed out;
    char fraction[12] = "";
    uint64_t scale = 1;
    uint64_t digits;
    int places = 0;

    while (units->factor > value && units->factor > 1)
        units++;
    while (units->factor > 1 && places < 3 && value / units->factor * scale < 1000) {
        scale *= 10;
        places++;
    }
    digits = value / units->factor * scale +
             (value % units->factor * scale + units->factor / 2) / units->factor;
    while (places > 0 && digits % 10 == 0) {
        digits /= 10;
        scale /= 10;
        places--;
    }
    if (places)
        snprintf(fraction, sizeof fraction, ".%0*u", places, (unsigned)(digits % scale));
    snprintf(out.text, sizeof out.text, "%" PRIu64 "%s%s", digits / scale, fraction, units->name);
    return out;
}

struct printed print_about_size(uint64_t bytes)
{
    static const struct unit units[] = {
        {"TiB", KIBI * KIBI * KIBI * KIBI},
        {"GiB", KIBI * KIBI * KIBI},
        {"MiB", KIBI * KIBI},
        {"KiB", KIBI},
        {"B", 1},
    };
    return print_about(bytes, units);
}

struct printed print_about_time(uint64_t ns)
{
    static const struct unit units[] = {
        {"h", 3600 * KILO * KILO * KILO},
        {"m", 60 * KILO * KILO * KILO},
        {"s", KILO * KILO * KILO},
        {"ms", KILO * KILO},
        {"us", KILO},
        {"ns", 1},
    };
    return print_about(ns, units);
}

struct printed print_about_count(uint64_t count)
{
    static const struct unit units[] = {
        {"T", KILO * KILO * KILO * KILO},
        {"G", KILO * KILO * KILO},
        {"M", KILO * KILO},
        {"K", KILO},
        {"", 1},
    };
    return print_about(count, units);
}

struct printed print_about_byte_rate(uint64_t bytes_per_second)
{
    static const struct unit units[] = {
        {"TB/s", KILO * KILO * KILO * KILO},
        {"GB/s", KILO * KILO * KILO},
        {"MB/s", KILO * KILO},
        {"kB/s", KILO},
        {"B/s", 1},
    };
    return print_about(bytes_per_second, units);
}
