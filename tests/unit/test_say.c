#include "sys/say.h"

#include "check.h"

#include <string.h>

TEST(plain_names_stay_plain)
{
    CHECK_TEXT(quote_name("out.log").text, "out.log");
    CHECK_TEXT(quote_name("/var/log/a-b_c.1").text, "/var/log/a-b_c.1");
    CHECK_TEXT(quote_name("caf\xc3\xa9").text, "caf\xc3\xa9");
}

TEST(names_with_anything_else_are_quoted)
{
    CHECK_TEXT(quote_name("").text, "''");
    CHECK_TEXT(quote_name("a b").text, "'a b'");
    CHECK_TEXT(quote_name("a\nb").text, "'a\\x0ab'");
    CHECK_TEXT(quote_name("\x1b[31mred").text, "'\\x1b[31mred'");
    CHECK_TEXT(quote_name("it's").text, "'it\\'s'");
    CHECK_TEXT(quote_name("a\\b").text, "'a\\\\b'");
    CHECK_TEXT(quote_name("\x7f").text, "'\\x7f'");
}

TEST(values_are_always_quoted)
{
    CHECK_TEXT(quote_value("64X").text, "'64X'");
    CHECK_TEXT(quote_value("").text, "''");
}

TEST(what_only_looks_like_text_is_spelled_out)
{
    CHECK_TEXT(quote_value("\xc2\x9b").text, "'\\xc2\\x9b'"); /* C1: CSI */
    /* right to left: NOLINTNEXTLINE(misc-misleading-bidirectional) */
    CHECK_TEXT(quote_value("\xe2\x80\xae").text, "'\\xe2\\x80\\xae'");
    CHECK_TEXT(quote_value("\xff\xfe").text, "'\\xff\\xfe'");          /* no UTF-8 */
    CHECK_TEXT(quote_value("\xc0\xaf").text, "'\\xc0\\xaf'");          /* too long a form */
    CHECK_TEXT(quote_value("\xe0\x81\x81").text, "'\\xe0\\x81\\x81'"); /* the same */
    CHECK_TEXT(quote_value("\xed\xa0\x80").text, "'\\xed\\xa0\\x80'"); /* half a pair */
    CHECK_TEXT(quote_value("\xf4\x90\x80\x80").text, "'\\xf4\\x90\\x80\\x80'"); /* beyond Unicode */
    CHECK_TEXT(quote_value("\xe2\x82").text, "'\\xe2\\x82'");                   /* cut short */
    CHECK_TEXT(quote_value("\xf0\x9f\x98\x80").text, "'\xf0\x9f\x98\x80'");
}

TEST(long_text_is_cut_and_says_so)
{
    char text[1000];
    struct quoted quoted;
    size_t i;

    for (i = 1; i < sizeof text; i++) {
        memset(text, i % 2 ? '\x01' : 'a', i);
        text[i] = '\0';
        quoted = quote_name(text);
        CHECK(strlen(quoted.text) < sizeof quoted.text);
    }
    CHECK_TEXT(quoted.text + strlen(quoted.text) - 4, "...'");
}
