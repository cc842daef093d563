/*
 * Strip: what goes and what stays, wherever the input is cut, against a second opinion that reads
 * the whole text.
 */
#include "chance.h"
#include "check.h"
#include "slow.h"
#include "transform/strip.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TEXT_MAX = 512 };

struct text {
    unsigned char bytes[TEXT_MAX];
    size_t length;
};

static void append(struct text *text, const void *bytes, size_t length)
{
    memcpy(text->bytes + text->length, bytes, length);
    text->length += length;
}

static bool is_same(const struct text *one, const struct text *other)
{
    return one->length == other->length && memcmp(one->bytes, other->bytes, one->length) == 0;
}

static void show(const char *what, const unsigned char *bytes, size_t length)
{
    size_t i;

    printf("# %s:", what);
    for (i = 0; i < length; i++)
        printf(bytes[i] > ' ' && bytes[i] < 0x7F ? " %c" : " %02x", bytes[i]);
    printf("\n");
}

/* One read; in a buffer that is exactly as large as promised, so that a sanitizer sees it left. */
static void feed(struct strip *strip, const unsigned char *bytes, size_t length, struct text *to)
{
    unsigned char *in = malloc(length ? length : 1);
    unsigned char *out = malloc(length + 1);

    memcpy(in, bytes, length);
    append(to, out, strip_bytes(strip, in, length, out));
    CHECK(strip->held <= 1);
    free(in);
    free(out);
}

static void end(struct strip *strip, struct text *to)
{
    unsigned char last;

    append(to, &last, strip_end(strip, &last));
}

/* TEXT in three reads. */
static struct text stripped(const unsigned char *bytes, size_t length, size_t cut, size_t next_cut)
{
    struct text out = {.length = 0};
    struct strip strip = {0};

    feed(&strip, bytes, cut, &out);
    feed(&strip, bytes + cut, next_cut - cut, &out);
    feed(&strip, bytes + next_cut, length - next_cut, &out);
    end(&strip, &out);
    return out;
}

/*
 * The second opinion. First the text is taken apart: into bytes of ASCII, controls of C1, and other
 * text, which is a character or as much as there is of one.
 */
enum sort { ASCII, C1, OTHER };

struct token {
    enum sort sort;
    unsigned code; /* of ASCII and C1 */
    size_t start;
    size_t length;
};

struct reading {
    const unsigned char *bytes;
    struct token tokens[TEXT_MAX];
    size_t count;
    struct text out;
};

/* Is there a character of which these bytes are the beginning, or the whole? By its number. */
static bool may_become_character(const unsigned char *bytes, size_t length, unsigned *least)
{
    static const unsigned smallest[5] = {0, 0, 0x80, 0x800, 0x10000};
    const size_t whole = bytes[0] >= 0xF8   ? 0
                         : bytes[0] >= 0xF0 ? 4
                         : bytes[0] >= 0xE0 ? 3
                         : bytes[0] >= 0xC0 ? 2
                                            : 0;
    unsigned most;
    unsigned number;
    size_t i;

    if (length > whole)
        return false;
    *least = most = bytes[0] & (0x7FU >> whole);
    for (i = 1; i < whole; i++) {
        if (i < length && (bytes[i] & 0xC0) != 0x80)
            return false;
        *least = *least << 6 | (i < length ? bytes[i] & 0x3FU : 0);
        most = most << 6 | (i < length ? bytes[i] & 0x3FU : 0x3FU);
    }
    for (number = *least; number <= most && number <= 0x10FFFF; number++)
        if (number >= smallest[whole] && (number < 0xD800 || number > 0xDFFF))
            return true;
    return false;
}

static struct token token_at(const unsigned char *bytes, size_t length, size_t start)
{
    const unsigned char *first = bytes + start;
    struct token token = {ASCII, *first, start, 1};
    unsigned code = 0;
    unsigned longer;

    if (*first < 0x80)
        return token;
    token.sort = *first < 0xA0 ? C1 : OTHER;
    while (start + token.length <= length && may_become_character(first, token.length, &longer)) {
        token.sort = OTHER;
        code = longer;
        token.length++;
    }
    if (token.length > 1)
        token.length--;
    if (token.length == 2 && code >= 0x80 && code < 0xA0) {
        token.sort = C1;
        token.code = code;
    }
    return token;
}

static void keep(struct reading *reading, size_t at)
{
    append(&reading->out, reading->bytes + reading->tokens[at].start, reading->tokens[at].length);
}

static bool is_ascii(const struct token *token, unsigned least, unsigned most)
{
    return token->sort == ASCII && token->code >= least && token->code <= most;
}

static bool is_cancel(const struct token *token)
{
    return is_ascii(token, 0x18, 0x18) || is_ascii(token, 0x1A, 0x1A);
}

/* What ends a sequence and is read as if there had been none. */
static bool breaks_out(const struct token *token)
{
    return token->sort == C1 || is_ascii(token, '\n', '\n') || is_ascii(token, 0x1B, 0x1B);
}

/* From AT on, over what a CSI or an escape may contain besides: to the byte that decides. */
static size_t past_others(struct reading *reading, size_t at, unsigned least, unsigned most)
{
    for (; at < reading->count; at++) {
        const struct token *token = &reading->tokens[at];

        if (token->sort == OTHER || breaks_out(token) || is_cancel(token))
            break;
        if (is_ascii(token, 0, 0x1F))
            keep(reading, at);
        else if (!is_ascii(token, least, most) && token->code != 0x7F)
            break;
    }
    return at;
}

/* Behind the final byte that should be there, or behind what cancels it. */
static size_t past_final(const struct reading *reading, size_t at)
{
    const struct token *token = &reading->tokens[at];

    return at < reading->count && token->sort == ASCII && !breaks_out(token) ? at + 1 : at;
}

static size_t past_string(const struct reading *reading, size_t at, bool bell_ends)
{
    for (; at < reading->count && !breaks_out(&reading->tokens[at]); at++)
        if (is_cancel(&reading->tokens[at]) || (bell_ends && is_ascii(&reading->tokens[at], 7, 7)))
            return at + 1;
    return at;
}

static size_t past_introduced(struct reading *reading, unsigned letter, size_t at)
{
    switch (letter) {
    case '[': return past_final(reading, past_others(reading, at, 0x20, 0x3F));
    case ']': return past_string(reading, at, true);
    case 'P':
    case 'X':
    case '^':
    case '_': return past_string(reading, at, false);
    default: return at;
    }
}

static size_t past_escape(struct reading *reading, size_t at)
{
    const size_t first = past_others(reading, at, 1, 0);

    if (first == reading->count)
        return first;
    if (is_ascii(&reading->tokens[first], 0x20, 0x2F))
        return past_final(reading, past_others(reading, first, 0x20, 0x2F));
    at = past_final(reading, first);
    return is_cancel(&reading->tokens[first]) || at == first
               ? at
               : past_introduced(reading, reading->tokens[first].code, at);
}

static struct text second_opinion(const unsigned char *bytes, size_t length)
{
    static struct reading reading;
    size_t at;

    reading.bytes = bytes;
    reading.count = reading.out.length = 0;
    for (at = 0; at < length; at += reading.tokens[reading.count++].length)
        reading.tokens[reading.count] = token_at(bytes, length, at);
    for (at = 0; at < reading.count;) {
        const struct token *token = &reading.tokens[at++];

        if (token->sort == C1)
            at = past_introduced(&reading, token->code - 0x40, at);
        else if (is_ascii(token, 0x1B, 0x1B))
            at = past_escape(&reading, at);
        else
            keep(&reading, at - 1);
    }
    return reading.out;
}

struct strip_case {
    const char *in;
    const char *out;
};

static void check_cases(const struct strip_case *cases, size_t count)
{
    size_t i;

    for (i = 0; i < count; i++) {
        const unsigned char *in = (const unsigned char *)cases[i].in;
        const size_t length = strlen(cases[i].in);
        struct text expected = {.length = 0};
        const struct text out = stripped(in, length, 0, 0);
        const struct text second = second_opinion(in, length);

        append(&expected, cases[i].out, strlen(cases[i].out));
        CHECK(is_same(&out, &expected));
        CHECK(is_same(&second, &expected));
        if (!is_same(&out, &expected) || !is_same(&second, &expected)) {
            show("in", in, length);
            show("out", out.bytes, out.length);
            show("second opinion", second.bytes, second.length);
        }
    }
}

#define CHECK_CASES(cases) check_cases(cases, sizeof(cases) / sizeof(cases)[0])

TEST(escapes_of_every_form_go)
{
    static const struct strip_case cases[] = {
        {"plain", "plain"},
        {"a\033[31mred\033[0m b", "ared b"},
        {"\033[1;38;5;200;48:2::1:2:3mx\033[Ky", "xy"},
        {"\033[?25l\033[>c\033[!p\033[0 q\033[ @z", "z"},
        {"\033(B\033)0\033 F\033#8\033%Gx", "x"},
        {"\033( /B[31mx", "[31mx"},
        {"\0337a\0338\033cb\033=\033>\033Mc\033\\d", "abcd"},
        {"\033]0;title\007a\033]8;;http://b/\033\\link\033]8;;\033\\ c", "alink c"},
        {"\033]52;c;c2VjcmV0\033\\x", "x"},
        {"\033Pq#0;2;0;0\007;0~\033\\a\033Xsos\007\033\\b\033^pm\033\\c\033_apc\033\\d", "abcd"},
        {"\033[\033[31mx", "x"},
        {"\033\033\033[31mx", "x"},
        {"\033]0;a\033[31mx", "x"},
        {"\033]0;a\033cx", "x"},
    };

    CHECK_CASES(cases);
}

TEST(controls_of_c1_do_the_same)
{
    static const struct strip_case cases[] = {
        {"a\x9b"
         "31mb\xc2\x9b"
         "31mc",
         "abc"},
        {"a\x9d"
         "0;t\007b\xc2\x9d"
         "0;t\xc2\x9c"
         "c\x9d"
         "0;t\x9c"
         "d",
         "abcd"},
        {"\x90q\x9c"
         "a\xc2\x98s\033\\b\x9es\xc2\x9c"
         "c\x9f\x9c"
         "d",
         "abcd"},
        {"a\x84\x85\x9c\xc2\x8d\xc2\x80"
         "b",
         "ab"},
        {"\033[3\x9b"
         "1mx\033[3\xc2\x85mx",
         "xmx"},
        {"\033]0;a\x85x", "x"},
    };

    CHECK_CASES(cases);
}

TEST(characters_stay_whole)
{
    static const struct strip_case cases[] = {
        {"\xe2\x9c\x9c \xc3\x9b \xf0\x9f\x92\x9b \xe2\x80\x9b",
         "\xe2\x9c\x9c \xc3\x9b \xf0\x9f\x92\x9b \xe2\x80\x9b"},
        {"\xc2\xa0\xc2\xbf", "\xc2\xa0\xc2\xbf"},
        {"\033]0;\xe2\x9c\x9c\xc3\x9c\xf0\x90\x9c\x9c still\007x", "x"},
        {"\033P\xc2\xa3\xe2\x9c\x9c still\xc2\x9cx", "x"},
        {"\033[3\xe2\x9c\x9c", "\xe2\x9c\x9c"},
        {"\033\xc2\xa3 \033(\xe2\x82\xac", "\xc2\xa3 \xe2\x82\xac"},
        {"\033[3\xc2\xa3m\033[3\xc2m", "\xc2\xa3m\xc2m"},
    };

    CHECK_CASES(cases);
}

TEST(what_is_not_utf_8_stays_unless_it_is_a_control)
{
    static const struct strip_case cases[] = {
        {"\xff\xfe\xc0\xc1\xf5\xa0\xbf", "\xff\xfe\xc0\xc1\xf5\xa0\xbf"},
        {"\xc2", "\xc2"},
        {"\xc2\xc2\xc2x\xc2\n", "\xc2\xc2\xc2x\xc2\n"},
        {"\xe0\x80x\xe0\x9b"
         "1mx\xe0\xa0\x9bx",
         "\xe0x\xe0x\xe0\xa0\x9bx"},
        {"\xed\xa0\x9b"
         "1mx\xed\x9f\x9b",
         "\xed\xa0x\xed\x9f\x9b"},
        {"\xf0\x8f\xf0\x90\x9b\x9b\x9b"
         "1m",
         "\xf0\xf0\x90\x9b\x9b"},
        {"\xf4\x90\x9c\xf4\x8f\x9c\x9c", "\xf4\xf4\x8f\x9c\x9c"},
        {"\xe2\x9c"
         "a\xe2\033[mb",
         "\xe2\x9c"
         "a\xe2"
         "b"},
    };

    CHECK_CASES(cases);
}

TEST(other_controls_are_kept_where_a_terminal_would_do_them)
{
    static const struct strip_case cases[] = {
        {"a\tb\rc\bd\007\x7f\x18\x1a", "a\tb\rc\bd\007\x7f\x18\x1a"},
        {"\033[3\t1\r\x7fmx\033\b(\007Bx", "\t\rx\b\007x"},
        {"\033]0;\ta\r\b\007x\033P\007\t\033\\x", "xx"},
    };

    CHECK_CASES(cases);
}

TEST(a_newline_and_a_cancel_end_whatever_has_been_begun)
{
    static const struct strip_case cases[] = {
        {"\033\nm\033[3\nm\033(\nm\033]0;\nm\033P\nm", "\nm\nm\nm\nm\nm"},
        {"\033\x18m\033[3\x1am\033(\x18m\033]0;\x1am\033P\x18m", "mmmmm"},
        {"\x9b\nm\xc2\x9d\nm", "\nm\nm"},
    };

    CHECK_CASES(cases);
}

TEST(nul_is_text_but_in_a_string)
{
    static const char in[] = "a\0b\033[3\0m\033]0;\0\007c";
    const struct text out = stripped((const unsigned char *)in, sizeof in - 1, 0, 0);

    CHECK_EQUAL(out.length, 5);
    CHECK(memcmp(out.bytes, "a\0b\0c", 5) == 0);
}

static const char nasty[] =
    "a\033[1;31mb\033]0;\xe2\x9c\x9c\007c\033Pq\xc2\x9c\x9b?2 h\xc2\xa3\xc2\x9b"
    "3\tm\xf0\x9f\x92\x9b\xe0\x9bm\xc2\xc2\xc2\x90z\n\033( Bd\033\033[\x18\xed\x9f\x9f\xf4\x8f"
    "\033_\xc2\xa0\n\xe2\x9d\033]8;;\033\\\x9d"
    "52;\x85z\033[";

TEST(it_does_not_matter_where_reads_cut)
{
    const unsigned char *in = (const unsigned char *)nasty;
    const size_t length = sizeof nasty - 1;
    const struct text whole = stripped(in, length, 0, 0);
    const struct text second = second_opinion(in, length);
    size_t cut;
    size_t next;

    CHECK(is_same(&whole, &second));
    for (cut = 0; cut <= length; cut++) {
        for (next = cut; next <= length; next++) {
            const struct text out = stripped(in, length, cut, next);

            CHECK(is_same(&out, &whole));
        }
    }
}

/* Bytes at the borders of what they can mean. */
static unsigned char interesting(uint64_t *seed)
{
    static const unsigned char bytes[] =
        "\033\033\033\033[[]]PX^_\\\\ "
        "(/0;?@mz~\x7f\n\a\t\r\x18\x1a\x80\x85\x8f\x90\x91\x98\x9b\x9b\x9c\x9c"
        "\x9d\x9e\x9f\xa0\xaf\xbf\xc0\xc2\xc2\xc2\xc2\xc3\xdf\xe0\xe0\xe1\xe2\xec\xed\xed\xee\xef"
        "\xf0\xf0\xf1"
        "\xf3\xf4\xf4\xf5\xff";

    return any(seed, 10) ? bytes[any(seed, sizeof bytes)] : (unsigned char)chance(seed);
}

TEST(random_bytes_come_out_as_the_second_opinion_says)
{
    uint64_t seed = 7;
    int round;

    for (round = 0; round < 20000 && !test_failed; round++) {
        unsigned char in[80];
        const size_t length = any(&seed, sizeof in + 1);
        const size_t cut = any(&seed, length + 1);
        struct text out;
        struct text second;
        size_t i;

        for (i = 0; i < length; i++)
            in[i] = interesting(&seed);
        out = stripped(in, length, cut, cut + any(&seed, length - cut + 1));
        second = second_opinion(in, length);
        CHECK(is_same(&out, &second));
        if (test_failed) {
            show("in", in, length);
            show("out", out.bytes, out.length);
            show("second opinion", second.bytes, second.length);
        }
    }
}

TEST(long_runs_of_text_are_looked_at_byte_by_byte)
{
    unsigned char in[TEXT_MAX / 4];
    const unsigned char stops[] = {0x1B, 0x80, 0x9B, 0xC2, 0xFF};
    size_t length;
    size_t at;
    size_t i;

    for (length = 1; length <= 80; length++) {
        for (at = 0; at < length; at++) {
            for (i = 0; i < sizeof stops; i++) {
                struct text out;
                struct text second;

                memset(in, at % 2 ? 0x1C : 0x7F, length);
                in[at] = stops[i];
                out = stripped(in, length, 0, 0);
                second = second_opinion(in, length);
                CHECK(is_same(&out, &second));
            }
        }
    }
}

TEST(it_is_told_whether_what_was_held_has_gone_out)
{
    static const struct {
        const char *next;
        unsigned early;
        unsigned held;
    } cases[] = {{"\xa3", 1, 0}, {"\x9b", 0, 0}, {"\x85\xc2\xa3", 0, 0}, {"\xc2", 1, 1},
                 {"x", 1, 0},    {"\033", 1, 0}, {"\x85x", 0, 0},        {"", 0, 1}};
    size_t i;

    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct strip strip = {0};
        struct text out = {.length = 0};

        feed(&strip, (const unsigned char *)"\xc2", 1, &out);
        CHECK_EQUAL(out.length, 0);
        CHECK_EQUAL(strip.held, 1);
        CHECK_EQUAL(strip.early, 0);
        feed(&strip, (const unsigned char *)cases[i].next, strlen(cases[i].next), &out);
        CHECK_EQUAL(strip.early, cases[i].early);
        CHECK_EQUAL(strip.held, cases[i].held);
    }
}

/* 10 MB of UNIT again and again: the seconds of CPU time that takes. */
static double seconds_for(const char *unit, size_t read)
{
    static unsigned char in[1 << 16];
    static unsigned char out[sizeof in + 1];
    const clock_t before = clock();
    struct strip strip = {0};
    size_t done;
    size_t i;

    for (i = 0; i < sizeof in; i++)
        in[i] = (unsigned char)unit[i % strlen(unit)];
    for (done = 0; done < 10 << 20; done += read)
        strip_bytes(&strip, in + done % sizeof in, read, out);
    return (double)(clock() - before) / CLOCKS_PER_SEC;
}

TEST(time_is_linear_whatever_comes)
{
    CHECK(seconds_for("\033[;;;;;", 1 << 16) < 2 * slow());
    CHECK(seconds_for("\033]0;aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\033\033P", 1 << 16) <
          2 * slow());
    CHECK(seconds_for("\xc2", 1 << 16) < 2 * slow());
    CHECK(seconds_for("\xf0\x9f\x92", 1 << 16) < 2 * slow());
    CHECK(seconds_for("\xe2\x9c\x9c\033", 16) < 2 * slow());
}
