/*
 * Redact against a slow and obvious one: every secret is looked for at every place, what overlaps is
 * joined. Whatever the secrets, the text and the cuts, the same must come out, and nothing may be
 * held that is not the beginning of a secret.
 */
#include "check.h"
#include "transform/redact.h"
#include "transform/secrets.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { TEXT_MAX = 1 << 19, PIECE_MAX = 1 << 16 };

static struct secrets *secrets;
static struct redact *redact;

static unsigned char text[TEXT_MAX];
static size_t text_length;

/* What must come out, and for which place of the text each byte of it stands. */
static unsigned char expected[TEXT_MAX + 3];
static size_t origin[TEXT_MAX + 3];
static size_t expected_length;

static uint32_t random_state = 1;

static uint32_t any(uint32_t below)
{
    random_state = random_state * 1664525 + 1013904223;
    return (uint32_t)((uint64_t)(random_state >> 8) * below >> 24);
}

static void add_secrets(const void *lines, size_t length)
{
    const int fd = memfd_create("secrets", 0);
    char path[64];

    CHECK(write(fd, lines, length) == (ssize_t)length);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    CHECK_EQUAL(secrets_add_file(secrets, path), 0);
    close(fd);
}

static void start(const char *lines)
{
    CHECK_EQUAL(secrets_make(&secrets), 0);
    if (lines)
        add_secrets(lines, strlen(lines));
}

static void make(bool is_stripped)
{
    CHECK_EQUAL(redact_make(&redact, secrets, is_stripped), 0);
}

static void stop(void)
{
    redact_free(redact);
    secrets_free(secrets);
}

static void set_text(const char *new_text)
{
    text_length = strlen(new_text);
    memcpy(text, new_text, text_length);
}

/* Where the longest secret ends that begins AT, at END at most; AT: there is none. */
static size_t secret_end(size_t at, size_t end)
{
    size_t longest = 0;
    size_t i;

    for (i = 0; i < secrets_count(secrets); i++) {
        const struct secret secret = secrets_at(secrets, i);

        if (secret.length <= end - at && secret.length > longest &&
            memcmp(text + at, secret.bytes, secret.length) == 0)
            longest = secret.length;
    }
    return at + longest;
}

/* The beginning of a secret that the text up to END ends with: where it begins. */
static size_t part_start(size_t end)
{
    size_t longest = 0;
    size_t i;
    size_t length;

    for (i = 0; i < secrets_count(secrets); i++) {
        const struct secret secret = secrets_at(secrets, i);

        for (length = longest + 1; length <= end && length <= secret.length; length++) {
            if (memcmp(text + end - length, secret.bytes, length) == 0)
                longest = length;
        }
    }
    return end - longest;
}

/*
 * The next mask from FROM on, over all that overlaps; false: there is none. What begins at PART goes
 * to the END.
 */
static bool next_mask(size_t from, size_t end, size_t part, size_t *mask, size_t *mask_end)
{
    size_t at;

    *mask_end = 0;
    for (at = from; at < end && (*mask_end == 0 || at < *mask_end); at++) {
        const size_t until = at == part ? end : secret_end(at, end);

        if (until == at)
            continue;
        if (*mask_end == 0)
            *mask = at;
        if (until > *mask_end)
            *mask_end = until;
    }
    return *mask_end > 0;
}

static void expect(unsigned char byte, size_t place)
{
    expected[expected_length] = byte;
    origin[expected_length++] = place;
}

static void compute_expected(void)
{
    const size_t part = part_start(text_length);
    size_t at = 0;
    size_t mask = 0;
    size_t mask_end = 0;
    size_t i;

    expected_length = 0;
    while (at < text_length) {
        const bool is_mask = next_mask(at, text_length, part, &mask, &mask_end);

        for (; at < (is_mask ? mask : text_length); at++)
            expect(text[at], at);
        for (i = 0; is_mask && i < 3; i++)
            expect('*', mask);
        at = is_mask ? mask_end : text_length;
    }
}

/* How many of the first END bytes are held, when nothing goes out that need not. */
static size_t expected_held(size_t end)
{
    const size_t part = part_start(end);
    size_t at = 0;
    size_t mask = 0;
    size_t mask_end = 0;

    while (next_mask(at, end, end, &mask, &mask_end) && mask <= part)
        at = mask_end;
    return end - (at > part ? at : part);
}

/* Feeds LENGTH bytes more; what comes out must be what is expected behind *DONE bytes. */
static bool feed(size_t at, size_t length, size_t *done)
{
    /* its own memory, exactly as large, so that a sanitizer sees what goes too far */
    const size_t room = length + redact_held(redact);
    unsigned char *in = malloc(length + 1);
    unsigned char *out = malloc(room + 1);
    size_t early = 0;
    size_t got;
    size_t early_expected = 0;
    bool is_right;

    memcpy(in + 1, text + at, length);
    got = redact_bytes(redact, in + 1, length, out + 1, &early);
    is_right = got <= room && *done + got <= expected_length &&
               memcmp(out + 1, expected + *done, got) == 0;
    while (is_right && early_expected < got && origin[*done + early_expected] < at)
        early_expected++;
    is_right = is_right && early == early_expected;
    is_right = is_right && redact_held(redact) <= redact_hold_max(redact);
    *done += got;
    free(in);
    free(out);
    return is_right;
}

static bool finish(size_t *done)
{
    unsigned char *out = malloc(REDACT_END_MAX);
    const size_t got = redact_end(redact, out);
    const bool is_right = *done + got == expected_length &&
                          memcmp(out, expected + *done, got) == 0 && redact_held(redact) == 0;

    free(out);
    return is_right;
}

/* The text in three parts. */
static bool is_right_cut(size_t first, size_t second)
{
    size_t done = 0;

    return feed(0, first, &done) && feed(first, second - first, &done) &&
           feed(second, text_length - second, &done) && finish(&done);
}

static bool is_right_byte_by_byte(void)
{
    size_t done = 0;
    size_t at;

    for (at = 0; at < text_length; at++) {
        if (!feed(at, 1, &done) || redact_held(redact) != expected_held(at + 1))
            return false;
    }
    return finish(&done);
}

static bool is_right_in_pieces(uint32_t longest)
{
    size_t done = 0;
    size_t at = 0;

    while (at < text_length) {
        size_t length = any(longest + 1);

        if (length > text_length - at)
            length = text_length - at;
        if (!feed(at, length, &done))
            return false;
        at += length;
    }
    return finish(&done);
}

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
    CHECK(feed(0, text_length, &done) && finish(&done));
    set_text("2 and hunter2");
    compute_expected();
    done = 0;
    CHECK(feed(0, text_length, &done) && finish(&done));
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
    memcpy(text + used, "a\r\nbc!", 6);
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
    CHECK(clock() - began < 6 * CLOCKS_PER_SEC);
    return total + redact_end(redact, out);
}

static void repeat(const char *part)
{
    const size_t length = strlen(part);

    for (text_length = 0; text_length + length <= PIECE_MAX; text_length += length)
        memcpy(text + text_length, part, length);
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

enum { TEN_MB = 10000000 };

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
    memcpy(text + 1000, "__", 2);
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
