/* The line that says what is missing. */
#include "check.h"
#include "input/gap.h"

#include <string.h>

static const char *text_of(uint64_t lines, uint64_t bytes)
{
    static char line[GAP_LINE_MAX];

    line[gap_write(line, lines, bytes, '\n') - 1] = '\0';
    return line;
}

TEST(numbers_have_groups_of_three)
{
    CHECK_TEXT(text_of(1234, 56789), "slabcat: 1,234 lines (56,789 bytes) dropped here");
    CHECK_TEXT(text_of(999, 1000), "slabcat: 999 lines (1,000 bytes) dropped here");
    CHECK_TEXT(text_of(1234567, 12), "slabcat: 1,234,567 lines (12 bytes) dropped here");
}

TEST(one_is_one)
{
    CHECK_TEXT(text_of(1, 1), "slabcat: 1 line (1 byte) dropped here");
}

TEST(the_largest_fits)
{
    char line[GAP_LINE_MAX];
    const size_t length = gap_write(line, UINT64_MAX, UINT64_MAX, '\n');

    CHECK(length < sizeof line);
    CHECK(memcmp(line + length - 6, " here\n", 6) == 0);
}

TEST(it_ends_as_the_lines_of_the_stream_do)
{
    char line[GAP_LINE_MAX];

    CHECK(line[gap_write(line, 5, 5, '\0') - 1] == '\0');
}
