/*
 * Redact on what is meant to make it slow: ten megabytes each, with secrets that are long, that are
 * alike, or that are in each other.
 */
#include "redaction.h"
#include "slow.h"

#include <time.h>

enum { TEN_MB = 10000000, PIECE_MAX = 1 << 16 };

/* SIZE bytes that repeat the text, in pieces; how much comes out, and that it is soon. */
static uint64_t pour(size_t size)
{
    static unsigned char out[2 * PIECE_MAX];
    const clock_t began = clock();
    uint64_t total = 0;
    size_t early;

    while (size > 0) {
        const size_t length = text_length < size ? text_length : size;

        total += redact_bytes(redact, text, length, out, &early);
        size -= length;
    }
    /* 0.2 s at most; 10 MB times the length of a secret would be minutes */
    CHECK(clock() - began < 6 * CLOCKS_PER_SEC * (clock_t)slow());
    return total + redact_end(redact, out);
}

static void repeat(const char *part)
{
    const size_t length = strlen(part);

    for (text_length = 0; text_length < PIECE_MAX / length * length; text_length++)
        text[text_length] = (unsigned char)part[text_length % length];
}

/* A secret of LENGTH letters, but for the last one. */
static void add_long(size_t length, char letter, char last)
{
    char *line = malloc(length);

    memset(line, letter, length);
    line[length - 1] = last;
    add_secrets(line, length);
    free(line);
}

TEST(ten_megabytes_of_a_secret_s_beginning_are_linear)
{
    start(NULL);
    add_long(SECRETS_MAX, 'a', 'b');
    make(false);
    CHECK_EQUAL(redact_hold_max(redact), SECRETS_MAX - 1);
    repeat("a");
    CHECK_EQUAL(pour(TEN_MB), TEN_MB - (SECRETS_MAX - 1) + 3);
    stop();
    start("abcdabcdabcdX\nbcda_bcda");
    make(false);
    repeat("abcd");
    CHECK_EQUAL(pour(TEN_MB), TEN_MB - 12 + 3);
    stop();
}

TEST(ten_megabytes_of_one_secret_in_the_other_are_linear)
{
    size_t length;

    start(NULL);
    add_long(SECRETS_MAX, 'a', 'a');
    make(false);
    repeat("a");
    CHECK_EQUAL(pour(TEN_MB), 3);
    stop();

    start("aaaa");
    for (length = 5; length < 300; length++)
        add_long(length, 'a', length % 2 ? 'a' : 'b');
    make(false);
    CHECK_EQUAL(pour(TEN_MB), 3);
    repeat("aaab");
    CHECK_EQUAL(pour(TEN_MB), TEN_MB);
    stop();
}

/* Masks that are held, for as long as the long one might still begin before them. */
TEST(ten_megabytes_of_masks_that_wait_are_linear)
{
    char *line = malloc(60000);
    size_t i;

    start("secret");
    for (i = 0; i < 60000; i++)
        line[i] = "secret,"[i % 7];
    line[59999] = 'X';
    add_secrets(line, 60000);
    make(false);
    repeat("secret,");
    /* 8571 of them are in what is held in the end */
    CHECK(pour(TEN_MB) < (uint64_t)TEN_MB * 4 / 7);
    text_length = 65000;
    memset(text, 'X', text_length);
    memcpy(text + 10, line, 50000);
    memset(text + 1000, '_', 2);
    compute_expected();
    CHECK(is_right_in_pieces(700));
    CHECK(is_right_cut(500, 30000));
    stop();
    free(line);
}

TEST(a_filter_that_hits_everywhere_is_linear)
{
    start("abcd1111\nbcda2222\ncdab3333\ndabc4444");
    make(false);
    repeat("abcd");
    CHECK_EQUAL(pour(TEN_MB), TEN_MB - 4 + 3);
    stop();
}

TEST(a_secret_may_have_64_kib)
{
    unsigned char *line = malloc(SECRETS_MAX);
    size_t i;

    start(NULL);
    for (i = 0; i < SECRETS_MAX; i++)
        line[i] = (unsigned char)(32 + any(224));
    add_secrets(line, SECRETS_MAX);
    make(false);
    text_length = 0;
    for (i = 0; i < 3; i++) {
        memcpy(text + text_length, line, SECRETS_MAX - (i == 1));
        text_length += SECRETS_MAX - (i == 1);
        text[text_length++] = '\n';
    }
    compute_expected();
    CHECK_EQUAL(expected_length, 3 + 1 + SECRETS_MAX - 1 + 1 + 3 + 1);
    CHECK(is_right_in_pieces(20000));
    CHECK(is_right_in_pieces(100));
    stop();
    free(line);
}
