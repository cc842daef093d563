#include "input/gap.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct grouped {
    char text[32];
};

/* 1234567 as 1,234,567 */
static struct grouped group(uint64_t number)
{
    struct grouped grouped;
    char digits[24];
    const size_t length = (size_t)snprintf(digits, sizeof digits, "%" PRIu64, number);
    char *to = grouped.text;
    size_t i;

    for (i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            *to++ = ',';
        *to++ = digits[i];
    }
    *to = '\0';
    return grouped;
}

size_t gap_write(char line[GAP_LINE_MAX], uint64_t lines, uint64_t bytes, char delimiter)
{
    const size_t length = (size_t)snprintf(
        line, GAP_LINE_MAX, "slabcat: %s line%s (%s byte%s) dropped here", group(lines).text,
        lines == 1 ? "" : "s", group(bytes).text, bytes == 1 ? "" : "s");

    line[length] = delimiter; /* in place of the end of the string */
    return length + 1;
}
