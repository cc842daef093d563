/*
 * The file of --redact-file and a value of --redact-env: what secrets come of them is what
 * secrets.h says, and where none do, one line says why, with none of them in it.
 *
 * The input is the file; up to a NUL it is the value, too.
 */
#include "fuzz.h"

#include "hearing.h"
#include "transform/secrets.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

enum { EXPECTED_MAX = 512, INPUT_MAX = 8192 };

struct bytes {
    const unsigned char *at;
    size_t length;
};

/* What is expected: lines, which lie in the input, and wholes, which are put together. */
struct expected {
    struct bytes secrets[EXPECTED_MAX];
    size_t count;
    unsigned char text[4 * INPUT_MAX]; /* of the wholes */
    size_t used;
    bool is_refused;
};

static void expect(struct expected *expected, const unsigned char *at, size_t length)
{
    MUST(expected->count < EXPECTED_MAX);
    expected->secrets[expected->count++] = (struct bytes){at, length};
}

/* The lines of TEXT, without their ends: how many; a last one without its newline is one. */
static size_t split(struct bytes text, struct bytes *lines)
{
    const unsigned char *const end = text.at + text.length;
    const unsigned char *at = text.at;
    size_t count = 0;

    while (at < end) {
        const unsigned char *newline = at;
        struct bytes line = {at, 0};

        while (newline < end && *newline != '\n')
            newline++;
        line.length = (size_t)(newline - at);
        if (line.length > 0 && line.at[line.length - 1] == '\r')
            line.length--;
        MUST(count < INPUT_MAX);
        lines[count++] = line;
        at = newline + 1;
    }
    return count;
}

static bool begins_with(struct bytes line, const char *word)
{
    return line.length >= strlen(word) && memcmp(line.at, word, strlen(word)) == 0;
}

static bool is_mark(struct bytes line, const char *word)
{
    return begins_with(line, word) && line.length >= strlen(word) + 5 &&
           memcmp(line.at + line.length - 5, "-----", 5) == 0;
}

/* The lines from FIRST to LAST as one, with either end between them. */
static void expect_whole(struct expected *expected, const struct bytes *lines, size_t first,
                         size_t last)
{
    static const char *const ends[] = {"\n", "\r\n"};
    size_t end;
    size_t i;

    for (end = 0; end < 2; end++) {
        unsigned char *const start = expected->text + expected->used;
        unsigned char *to = start;

        for (i = first; i <= last; i++) {
            to = mempcpy(to, lines[i].at, lines[i].length);
            if (i < last)
                to = mempcpy(to, ends[end], strlen(ends[end]));
        }
        expected->used += (size_t)(to - start);
        expected->is_refused = expected->is_refused || to - start < (ptrdiff_t)SECRET_MIN;
        expect(expected, start, (size_t)(to - start));
    }
}

/* Blocks and lines of their own. A value that is nothing but a block has been one already. */
static void expect_lines(struct expected *expected, const struct bytes *lines, size_t count,
                         bool is_value)
{
    size_t i;
    size_t k;

    for (i = 0; i < count && !expected->is_refused; i++) {
        if (is_mark(lines[i], "-----BEGIN ")) {
            for (k = i + 1; k < count && !is_mark(lines[k], "-----END "); k++) {
                if (is_mark(lines[k], "-----BEGIN "))
                    break;
                if (lines[k].length >= SECRET_MIN)
                    expect(expected, lines[k].at, lines[k].length);
            }
            expected->is_refused = k == count || !is_mark(lines[k], "-----END ");
            if (!expected->is_refused && !(is_value && i == 0 && k == count - 1))
                expect_whole(expected, lines, i, k);
            i = k;
        } else if (lines[i].length >= SECRET_MIN) {
            expect(expected, lines[i].at, lines[i].length);
        } else if (lines[i].length > 0 && !is_value) {
            expected->is_refused = true;
        }
    }
    expected->is_refused = expected->is_refused || expected->count == 0;
}

static void expect_of_file(struct expected *expected, struct bytes file)
{
    static struct bytes lines[INPUT_MAX];

    if (begins_with(file, "\xef\xbb\xbf"))
        file = (struct bytes){file.at + 3, file.length - 3};
    expect_lines(expected, lines, split(file, lines), false);
}

static void expect_of_value(struct expected *expected, struct bytes value)
{
    static struct bytes lines[INPUT_MAX];
    size_t count;

    while (value.length > 0 && strchr("\r\n", value.at[value.length - 1]))
        value.length--;
    while (value.length > 0 && strchr("\r\n", *value.at))
        value = (struct bytes){value.at + 1, value.length - 1};
    expected->is_refused = value.length < SECRET_MIN;
    if (expected->is_refused)
        return;
    count = split(value, lines);
    if (memchr(value.at, '\n', value.length))
        expect_whole(expected, lines, 0, count - 1);
    if (!expected->is_refused)
        expect_lines(expected, lines, count, true);
}

/* Among those from FIRST on. */
static bool is_there(const struct secrets *secrets, size_t first, struct bytes expected)
{
    size_t i;

    for (i = first; i < secrets_count(secrets); i++) {
        const struct secret secret = secrets_at(secrets, i);

        if (secret.length == expected.length &&
            memcmp(secret.bytes, expected.at, expected.length) == 0)
            return true;
    }
    return false;
}

/* It consists of our own words, the name and numbers: nothing that was read. */
static void must_keep_still(const struct hearing *hearing)
{
    static const char *const reasons[] = {": a PEM block without its END line", ": no secret in it",
                                          ": it is empty", ": a secret of ",
                                          ": more than 64K of secrets in all"};
    static const char option[] = "slabcat: --redact-";
    const char *const said = hearing->text + strcspn(hearing->text, " ");
    const char *reason = strstr(said, ", line ");
    size_t i;

    hearing_must_be_a_line(hearing);
    MUST(strncmp(hearing->text, option, strlen(option)) == 0);
    if (!reason)
        reason = strstr(said, ": ");
    else
        reason += strlen(", line ") + strspn(reason + strlen(", line "), "0123456789");
    MUST(reason);
    for (i = 0; i < sizeof reasons / sizeof reasons[0] &&
                strncmp(reason, reasons[i], strlen(reasons[i])) != 0;
         i++)
        ;
    MUST(i < sizeof reasons / sizeof reasons[0]);
}

/* Those from FIRST on are new. */
static void compare(const struct secrets *secrets, size_t first, int error,
                    const struct expected *expected, const struct hearing *hearing)
{
    size_t i;

    MUST((error != 0) == expected->is_refused);
    if (error) {
        must_keep_still(hearing);
        return;
    }
    MUST(hearing->length == 0 && secrets_count(secrets) == first + expected->count);
    for (i = 0; i < expected->count; i++)
        MUST(is_there(secrets, first, expected->secrets[i]));
}

static int add_value(struct secrets *secrets, struct bytes value)
{
    static char entry[INPUT_MAX + 8];
    char *own[] = {entry, NULL};
    char **const environment = environ;
    int error;

    snprintf(entry, sizeof entry, "VALUE=%.*s", (int)value.length, (const char *)value.at);
    environ = own;
    error = secrets_add_env(secrets, "VALUE");
    environ = environment;
    return error;
}

static int add_file(struct secrets *secrets, struct bytes text)
{
    const int file = memfd_create("secrets", MFD_CLOEXEC);
    char path[40];
    int error;

    MUST(file >= 0 && write(file, text.at, text.length) == (ssize_t)text.length);
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    error = secrets_add_file(secrets, path);
    close(file);
    return error;
}

static void check(struct secrets *secrets, struct bytes input, bool is_value)
{
    static struct hearing hearing;
    static struct expected expected;
    const size_t first = secrets_count(secrets);
    int error;

    expected.count = expected.used = 0;
    expected.is_refused = false;
    if (is_value)
        expect_of_value(&expected, input);
    else
        expect_of_file(&expected, input);
    hearing_begin(&hearing);
    error = is_value ? add_value(secrets, input) : add_file(secrets, input);
    hearing_end(&hearing);
    compare(secrets, first, error, &expected, &hearing);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* so many lines and wholes that what is expected has room */
    const size_t length = size < EXPECTED_MAX * SECRET_MIN ? size : EXPECTED_MAX * SECRET_MIN;
    const uint8_t *const end = length ? memchr(data, '\0', length) : NULL;

    struct secrets *secrets;

    if (!length)
        return 0;
    MUST(secrets_make(&secrets) == 0);
    check(secrets, (struct bytes){data, length}, false);
    check(secrets, (struct bytes){data, end ? (size_t)(end - data) : length}, true);
    secrets_free(secrets);
    return 0;
}
