#include "transform/chain.h"

#include "transform/secrets.h"

#include "check.h"

#include <stdlib.h>
#include <string.h>

#define SECOND UINT64_C(1000000000)

/* Escapes, secrets and lines, in each other and cut off. */
static const char nasty[] = "plain\n"
                            "\033[31mred\033[0m hunter2 \xe2\x9c\x9c\n"
                            "hun\033[1mter2 and hunhunter2\n"
                            "\n\n"
                            "\033]0;hunter2\007title swordfish swordfis\n"
                            "\xc2\x9b"
                            "1mc1\xc2\xa3 sword\033[\nfish\n"
                            "two\nlines\none two\nlin\n"
                            "last hunt";

static struct secrets *make_secrets(void)
{
    struct secrets *secrets = NULL;

    setenv("TEST_PASSWORD", "hunter2", 1);
    setenv("TEST_FISH", "swordfish", 1);
    setenv("TEST_LINES", "two\nlines", 1);
    if (secrets_make(&secrets) || secrets_add_env(secrets, "TEST_PASSWORD") ||
        secrets_add_env(secrets, "TEST_FISH") || secrets_add_env(secrets, "TEST_LINES"))
        abort();
    return secrets;
}

struct taker {
    struct chain *chain;
    char text[4096];
    size_t length;
};

static void begin(struct taker *taker, const struct chain_settings *settings)
{
    taker->length = 0;
    if (chain_make(&taker->chain, settings, 0))
        abort();
}

/* All that waits, ROOM bytes at a time. */
static void drain(struct taker *taker, size_t room)
{
    size_t given;

    while ((given = chain_give(taker->chain, (unsigned char *)taker->text + taker->length, room)))
        taker->length += given;
}

static void feed(struct taker *taker, const char *bytes, size_t length, uint64_t when, size_t room)
{
    const struct arrival now = {.real = when, .clock = when};

    memcpy(chain_place(taker->chain), bytes, length);
    chain_took(taker->chain, length, &now);
    drain(taker, room);
}

static const char *end(struct taker *taker, uint64_t when)
{
    const struct arrival now = {.real = when, .clock = when};

    chain_end(taker->chain, &now);
    drain(taker, 64);
    taker->text[taker->length] = '\0';
    CHECK_EQUAL(chain_held(taker->chain), 0);
    CHECK_EQUAL(chain_waiting(taker->chain), 0);
    chain_free(taker->chain);
    return taker->text;
}

static struct chain_settings all_of_it(const struct secrets *secrets)
{
    return (struct chain_settings){
        .strips = true,
        .secrets = secrets,
        .stamp = {.kind = STAMP_UNIX, .prefix = "> ", .delimiter = '\n'},
    };
}

TEST(strip_comes_first_then_redact_then_stamp)
{
    struct secrets *secrets = make_secrets();
    const struct chain_settings settings = all_of_it(secrets);
    struct taker taker;

    begin(&taker, &settings);
    feed(&taker, nasty, sizeof nasty - 1, SECOND, 64);
    CHECK_TEXT(end(&taker, SECOND), "1.000000 > plain\n"
                                    "1.000000 > red *** \xe2\x9c\x9c\n"
                                    "1.000000 > *** and hun***\n"
                                    "1.000000 > \n1.000000 > \n"
                                    "1.000000 > title *** swordfis\n"
                                    "1.000000 > c1\xc2\xa3 sword\n"
                                    "1.000000 > fish\n"
                                    "1.000000 > ***\n"
                                    "1.000000 > one two\n"
                                    "1.000000 > lin\n"
                                    "1.000000 > last ***");
    secrets_free(secrets);
}

TEST(it_does_not_matter_where_reads_cut)
{
    struct secrets *secrets = make_secrets();
    const struct chain_settings settings = all_of_it(secrets);
    const size_t length = sizeof nasty - 1;
    struct taker whole;
    struct taker cut;
    size_t i;
    size_t k;

    begin(&whole, &settings);
    feed(&whole, nasty, length, SECOND, 64);
    end(&whole, SECOND);
    for (i = 0; i <= length; i++) {
        for (k = i; k <= length; k += 3) {
            begin(&cut, &settings);
            feed(&cut, nasty, i, SECOND, 1 + i % 7);
            feed(&cut, nasty + i, k - i, SECOND, 1 + k % 5);
            feed(&cut, nasty + k, length - k, SECOND, 64);
            CHECK_TEXT(end(&cut, SECOND), whole.text);
        }
    }
    begin(&cut, &settings);
    for (i = 0; i < length; i++)
        feed(&cut, nasty + i, 1, SECOND, 1);
    CHECK_TEXT(end(&cut, SECOND), whole.text);
    secrets_free(secrets);
}

TEST(without_any_of_them_bytes_stay_as_they_are)
{
    const struct chain_settings settings = {.stamp = {.delimiter = '\n'}};
    struct taker taker;

    begin(&taker, &settings);
    feed(&taker, nasty, sizeof nasty - 1, SECOND, 3);
    CHECK_TEXT(end(&taker, SECOND), nasty);
}

TEST(a_line_has_the_time_of_its_first_byte)
{
    struct secrets *secrets = make_secrets();
    const struct chain_settings settings = all_of_it(secrets);
    struct taker taker;

    begin(&taker, &settings);
    feed(&taker, "one ", 4, 1 * SECOND, 64);
    feed(&taker, "still one\n", 10, 2 * SECOND, 64);
    /* which is an escape that is left out */
    feed(&taker, "\033[1m", 4, 3 * SECOND, 64);
    feed(&taker, "bold\ntwo", 8, 4 * SECOND, 64);
    feed(&taker, "\n", 1, 5 * SECOND, 64);
    /* or is held, because it may begin a secret */
    feed(&taker, "hunt", 4, 6 * SECOND, 64);
    feed(&taker, "ing\nmore\n", 9, 7 * SECOND, 64);
    feed(&taker, "hun", 3, 8 * SECOND, 64);
    feed(&taker, "ter2\n", 5, 9 * SECOND, 64);
    /* or is half of a character that may be a control */
    feed(&taker, "\xc2", 1, 10 * SECOND, 64);
    feed(&taker, "\xa3\nend", 5, 11 * SECOND, 64);
    CHECK_TEXT(end(&taker, 12 * SECOND), "1.000000 > one still one\n"
                                         "3.000000 > bold\n"
                                         "4.000000 > two\n"
                                         "6.000000 > hunting\n"
                                         "7.000000 > more\n"
                                         "8.000000 > ***\n"
                                         "10.000000 > \xc2\xa3\n"
                                         "11.000000 > end");
    secrets_free(secrets);
}

TEST(only_what_may_become_a_secret_is_held)
{
    struct secrets *secrets = make_secrets();
    const struct chain_settings settings = {.secrets = secrets, .stamp = {.delimiter = '\n'}};
    struct taker taker;

    begin(&taker, &settings);
    feed(&taker, "....", 4, SECOND, 64);
    CHECK_EQUAL(taker.length, 4);
    CHECK_EQUAL(chain_held(taker.chain), 0);
    feed(&taker, ".hunter", 7, SECOND, 64);
    CHECK_EQUAL(taker.length, 5);
    CHECK_EQUAL(chain_held(taker.chain), 6);
    feed(&taker, ".", 1, SECOND, 64);
    CHECK_EQUAL(taker.length, 12);
    CHECK_EQUAL(chain_held(taker.chain), 0);
    end(&taker, SECOND);
    secrets_free(secrets);
}

TEST(a_stream_of_controls_alone_gives_nothing_and_holds_nothing)
{
    const struct chain_settings settings = {.strips = true, .stamp = {.delimiter = '\n'}};
    struct taker taker;
    int i;

    begin(&taker, &settings);
    for (i = 0; i < 1000; i++)
        feed(&taker, "\033[38;5;1m", 9, SECOND, 64);
    CHECK_EQUAL(taker.length, 0);
    CHECK_EQUAL(chain_held(taker.chain), 0);
    end(&taker, SECOND);
}

TEST(as_much_as_can_be_read_at_once)
{
    const struct chain_settings settings = {.strips = true,
                                            .stamp = {.prefix = "p", .delimiter = '\n'}};
    const struct arrival now = {.real = SECOND, .clock = SECOND};
    unsigned char out[1000];
    struct chain *chain;
    size_t total = 0;
    size_t given;

    if (chain_make(&chain, &settings, 0))
        abort();
    memset(chain_place(chain), '\n', CHAIN_READ_MAX);
    chain_took(chain, CHAIN_READ_MAX, &now);
    while ((given = chain_give(chain, out, sizeof out)) > 0)
        total += given;
    CHECK_EQUAL(total, 2 * CHAIN_READ_MAX);
    chain_free(chain);
}
