/*
 * What may reach a terminal: text without anything that it would act on. A second opinion beside
 * sys/say.c, and on purpose not the same code.
 */
#ifndef SLABCAT_FUZZ_PLAIN_H
#define SLABCAT_FUZZ_PLAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How many bytes the first character of UTF-8 in TEXT of LENGTH bytes has; 0: it is none. */
static inline size_t plain_character(const unsigned char *text, size_t length, uint32_t *number)
{
    static const struct {
        unsigned char mask, lead;
        uint32_t least, most;
    } forms[] = {{0x80, 0x00, 0, 0x7f},
                 {0xe0, 0xc0, 0x80, 0x7ff},
                 {0xf0, 0xe0, 0x800, 0xffff},
                 {0xf8, 0xf0, 0x10000, 0x10ffff}};
    size_t form;
    size_t i;

    for (form = 0; form < 4 && (text[0] & forms[form].mask) != forms[form].lead; form++)
        ;
    if (form == 4 || length <= form)
        return 0;
    *number = text[0] & (unsigned char)~forms[form].mask;
    for (i = 1; i <= form; i++) {
        if (text[i] >> 6 != 2)
            return 0;
        *number = (*number << 6) + (text[i] & 63U);
    }
    if (*number < forms[form].least || *number > forms[form].most || *number >> 11 == 0x1b)
        return 0;
    return form + 1;
}

/* Controls of both sets, and what turns the direction of text. */
static inline bool plain_is_harmful(uint32_t number)
{
    return number < 0x20 || (number >= 0x7f && number <= 0x9f) ||
           (number >= 0x202a && number <= 0x202e) || (number >= 0x2066 && number <= 0x2069);
}

/* TEXT can be shown as it is; newlines are fine if they MAY_END. */
static inline bool plain_is(const void *text, size_t length, bool may_end)
{
    const unsigned char *at = text;

    while (length > 0) {
        uint32_t number;
        const size_t used = plain_character(at, length, &number);

        if (!used || (plain_is_harmful(number) && !(may_end && number == '\n')))
            return false;
        at += used;
        length -= used;
    }
    return true;
}

#endif
