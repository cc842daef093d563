/*
 * Redact: what comes out, what is held, and that both are the same wherever a text is cut.
 */
#include "redaction.h"

/* For a failure: which secrets, which text. */
static void tell(const char *how)
{
    size_t i;

    printf("# %s:", how);
    for (i = 0; i < secrets_count(secrets); i++)
        printf(" %.*s", (int)secrets_at(secrets, i).length, secrets_at(secrets, i).bytes);
    printf(" in %.*s\n", (int)text_length, text);
}

static bool is_right_everywhere(void)
{
    size_t cut;

    compute_expected();
    for (cut = 0; cut <= text_length; cut++) {
        if (!is_right_cut(cut, cut))
            return false;
    }
    return is_right_byte_by_byte() && is_right_in_pieces(5);
}

/* OUT of TEXT, whatever the cuts. */
static void check_text(const char *lines, const char *new_text, const char *out)
{
    start(lines);
    make(false);
    set_text(new_text);
    CHECK(is_right_everywhere());
    expected[expected_length] = '\0';
    CHECK_TEXT((char *)expected, out);
    stop();
}

TEST(secrets_are_masked)
{
    check_text("hunter2", "the password is hunter2.\n", "the password is ***.\n");
    check_text("hunter2", "hunter2", "***");
    check_text("hunter2\nhunter3", "hunter2hunter3 hunter1", "****** hunter1");
    check_text("hunter2", "nothing\n", "nothing\n");
    check_text("hunter2", "", "");
}

TEST(what_overlaps_is_one_mask_and_what_touches_are_two)
{
    check_text("abcd\ncdef", "<abcdef>", "<***>");
    check_text("abcd\ncdef", "<abcdcdef>", "<******>");
    check_text("aaaa", "<aaaa><aaaaa><aaaaaaaaaaaa>", "<***><***><***>");
    check_text("abcdefgh\ncdef", "<abcdefgh><abcdefg><cdef>", "<***><ab***g><***>");
    check_text("abcdefghijkl\nbcde\nghij", "<abcdefghijk>", "<a***f***k>");
}

TEST(what_the_stream_ends_with_is_masked_if_a_secret_begins_like_that)
{
    check_text("hunter2", "the password is hunter", "the password is ***");
    check_text("hunter2", "h", "***");
    check_text("hunter2", "hunter2h", "******");
    check_text("abcd\ncdef", "abcde", "***");
    check_text("abcdefgh\ncdef", "abcdefg", "***");
    check_text("abcdefgh\nabcd", "abcdefg", "***");
    check_text("abcdefgh\nabcd", "abcdefgx", "***efgx");
}

TEST(what_follows_an_end_is_a_new_stream)
{
    size_t done = 0;

    start("hunter2");
    make(false);
    set_text("hunter");
    compute_expected();
    CHECK(feed(0, text_length, &done) && finish(done));
    set_text("2 and hunter2");
    compute_expected();
    done = 0;
    CHECK(feed(0, text_length, &done) && finish(done));
    stop();
}

/* Over few letters, so that nearly everything overlaps; some are parts of others. */
static size_t random_secret(char *to, char *first, size_t *first_length, uint32_t letters,
                            uint32_t least)
{
    size_t length = least + any(10);
    size_t i;

    if (*first_length > least && any(3) == 0) {
        const size_t from = any((uint32_t)(*first_length - least + 1));

        length = least + any((uint32_t)(*first_length - from - least + 1));
        memcpy(to, first + from, length);
    } else {
        for (i = 0; i < length; i++)
            to[i] = (char)('a' + any(letters));
        memcpy(first, to, length);
        *first_length = length;
    }
    return length;
}

static void random_secrets(uint32_t letters, uint32_t least)
{
    char lines[512];
    char first[32];
    size_t first_length = 0;
    size_t used = 0;
    uint32_t count = 1 + any(6);

    while (count-- > 0) {
        used += random_secret(lines + used, first, &first_length, letters, least);
        lines[used++] = '\n';
    }
    add_secrets(lines, used);
}

/* Letters, parts of secrets and whole ones. */
static void random_text(size_t length, uint32_t letters)
{
    text_length = 0;
    while (text_length < length) {
        const struct secret secret = secrets_at(secrets, any((uint32_t)secrets_count(secrets)));
        const size_t part = any(2) ? secret.length : any((uint32_t)secret.length);

        if (any(3) == 0 && part <= length - text_length) {
            memcpy(text + text_length, secret.bytes, part);
            text_length += part;
        } else {
            text[text_length++] = (unsigned char)('a' + any(letters));
        }
    }
}

TEST(the_same_comes_out_wherever_a_text_is_cut)
{
    int round;

    for (round = 0; round < 1500 && !test_failed; round++) {
        const uint32_t letters = 1 + any(4);

        start(NULL);
        random_secrets(letters, 4 + any(6));
        make(false);
        random_text(20 + any(80), letters);
        if (!is_right_everywhere()) {
            tell("cut");
            CHECK(false);
        }
        stop();
    }
}

TEST(the_same_comes_out_for_any_two_cuts)
{
    int round;
    size_t first;
    size_t second;

    for (round = 0; round < 100 && !test_failed; round++) {
        const uint32_t letters = 1 + any(3);

        start(NULL);
        random_secrets(letters, 4 + any(3));
        make(false);
        random_text(40, letters);
        compute_expected();
        for (first = 0; first <= text_length; first++) {
            for (second = first; second <= text_length; second++)
                CHECK(is_right_cut(first, second));
        }
        if (test_failed)
            tell("two cuts");
        stop();
    }
}

/* Here most of the text is skipped by the filter. */
TEST(rare_secrets_are_found_in_long_texts)
{
    int round;
    size_t i;

    for (round = 0; round < 12 && !test_failed; round++) {
        start(NULL);
        random_secrets(26, 4 + (uint32_t)round % 6);
        make(false);
        text_length = 20000;
        for (i = 0; i < text_length; i++)
            text[i] = (unsigned char)('a' + any(26));
        for (i = 0; i < 200; i++) {
            const struct secret secret = secrets_at(secrets, any((uint32_t)secrets_count(secrets)));

            memcpy(text + any((uint32_t)(text_length - secret.length)), secret.bytes,
                   secret.length - any(2));
        }
        compute_expected();
        CHECK(is_right_cut(text_length, text_length));
        CHECK(is_right_in_pieces(3));
        CHECK(is_right_in_pieces(30));
        CHECK(is_right_in_pieces(3000));
        for (i = 0; i < secrets_count(secrets); i++)
            CHECK(!memmem(expected, expected_length, secrets_at(secrets, i).bytes,
                          secrets_at(secrets, i).length));
        stop();
    }
}

TEST(any_bytes_may_be_in_a_secret)
{
    static const char lines[] = "\x00\xff\x00\xfe\n"
                                "\x80\x00\x00\x00\x00\x00\n";
    size_t i;

    start(NULL);
    add_secrets(lines, sizeof lines - 1);
    make(false);
    for (text_length = 0; text_length < 400; text_length++)
        text[text_length] = (unsigned char)"\x00\xff\x80\x00\xfe"[any(5)];
    for (i = 0; i < 40; i++)
        memcpy(text + any(390), secrets_at(secrets, i % 2).bytes,
               secrets_at(secrets, i % 2).length);
    CHECK(is_right_everywhere());
    stop();
}

TEST(all_256_bytes_may_be_in_secrets)
{
    unsigned char lines[300];
    size_t used = 0;
    unsigned i;

    for (i = 0; i < 256; i++) {
        if (i != '\n' && i != '\r')
            lines[used++] = (unsigned char)i;
    }
    start(NULL);
    add_secrets(lines, used);
    setenv("REDACT_TEST", "a\r\nbc", 1);
    CHECK_EQUAL(secrets_add_env(secrets, "REDACT_TEST"), 0);
    make(false);
    memcpy(text, lines, used);
    memcpy(text + used, (char[]){'a', '\r', '\n', 'b', 'c', '!'}, 6);
    text_length = used + 6;
    CHECK(is_right_everywhere());
    expected[expected_length] = '\0';
    CHECK_TEXT((char *)expected, "******!");
    stop();
}

TEST(a_secret_of_several_lines_is_one)
{
    start(NULL);
    setenv("REDACT_TEST", "first line\nx\nlast line\n", 1);
    CHECK_EQUAL(secrets_add_env(secrets, "REDACT_TEST"), 0);
    make(false);
    set_text("<first line\nx\nlast line>\n<first line\r\nx\r\nlast line>\n<last line\nx\n>");
    CHECK(is_right_everywhere());
    expected[expected_length] = '\0';
    CHECK_TEXT((char *)expected, "<***>\n<***>\n<***\nx\n>");
    stop();
}

TEST(a_progress_dot_goes_at_once)
{
    size_t done = 0;
    size_t at;

    start("hunter2");
    make(false);
    set_text("compiling......... hush");
    compute_expected();
    for (at = 0; at < text_length; at++) {
        CHECK(feed(at, 1, &done));
        CHECK_EQUAL(redact_held(redact),
                    text[at] == 'h' || (at > 0 && text[at - 1] == 'h' && text[at] == 'u')
                        ? 1 + (text[at] == 'u')
                        : 0);
    }
    stop();
}

TEST(after_a_strip_secrets_are_looked_for_without_their_escapes)
{
    static const char lines[] = "\x1b[1mbold\x1b[0m secret\n\x1b[1mbo\x1b[0m\n";
    size_t early;
    unsigned char out[128];
    size_t got;

    start(NULL);
    add_secrets(lines, sizeof lines - 1);
    make(true);
    set_text("a bold secret, a bo, \x1b[1mbold\x1b[0m secret.");
    got = redact_bytes(redact, text, text_length, out, &early);
    out[got] = '\0';
    CHECK_TEXT((char *)out, "a ***, a bo, ***.");
    redact_free(redact);
    make(false);
    got = redact_bytes(redact, text, text_length, out, &early);
    out[got] = '\0';
    CHECK_TEXT((char *)out, "a bold secret, a bo, ***.");
    stop();
}

TEST(without_secrets_everything_goes_on)
{
    start(NULL);
    make(false);
    CHECK_EQUAL(redact_hold_max(redact), 0);
    set_text("anything");
    CHECK(is_right_everywhere());
    stop();
}
