/*
 * Secrets: what files and values are made of, what is refused and in which words, and that nothing
 * of it stays anywhere.
 */
#include "check.h"
#include "sys/sealed.h"
#include "transform/redact.h"
#include "transform/secrets.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct secrets *secrets;
static char said[4096]; /* on stderr, by the last call */

/* Everything of ours that is given back while is_watched comes by here. */
static bool is_watched;
static size_t given_back;
static size_t not_wiped;

int munmap(void *memory, size_t size) /* NOLINT(readability-inconsistent*) */
{
    const unsigned char *bytes = memory;
    size_t i;

    for (i = 0; is_watched && i < size; i++) {
        given_back++;
        not_wiped += bytes[i] != 0;
    }
    return (int)syscall(SYS_munmap, memory, size);
}

static void start(void)
{
    CHECK_EQUAL(secrets_make(&secrets), 0);
}

static void stop(void)
{
    secrets_free(secrets);
}

/* What CALL said is in said. */
static int hear(int (*call)(struct secrets *, const char *), const char *argument)
{
    const int file = memfd_create("stderr", 0);
    const int before = dup(STDERR_FILENO);
    int result;
    ssize_t length;

    dup2(file, STDERR_FILENO);
    result = call(secrets, argument);
    dup2(before, STDERR_FILENO);
    length = pread(file, said, sizeof said - 1, 0);
    said[length < 0 ? 0 : length] = '\0';
    close(before);
    close(file);
    return result;
}

static int add_env(const char *value)
{
    setenv("SECRETS_TEST", value, 1);
    return hear(secrets_add_env, "SECRETS_TEST");
}

/* Through a file that is always called the same. */
static int add_file(const void *bytes, size_t length)
{
    static const char path[] = "/tmp/secrets_test.XXXXXX";
    char name[sizeof path];
    char *quoted;
    int result;
    int fd;

    memcpy(name, path, sizeof path);
    fd = mkstemp(name);
    CHECK(write(fd, bytes, length) == (ssize_t)length);
    close(fd);
    result = hear(secrets_add_file, name);
    unlink(name);
    quoted = strstr(said, name);
    if (quoted)
        memcpy(quoted, path, sizeof path - 1);
    return result;
}

static int add_text(const char *text)
{
    return add_file(text, strlen(text));
}

static bool is_secret(size_t index, const char *text)
{
    const struct secret secret = secrets_at(secrets, index);

    return secret.length == strlen(text) && memcmp(secret.bytes, text, secret.length) == 0;
}

TEST(a_file_has_one_secret_a_line)
{
    start();
    CHECK_EQUAL(add_text("first\nsecond \r\n\n\r\nfirst\nlast"), 0);
    CHECK_TEXT(said, "");
    CHECK_EQUAL(secrets_count(secrets), 4);
    CHECK(is_secret(0, "first"));
    CHECK(is_secret(1, "second "));
    CHECK(is_secret(2, "first"));
    CHECK(is_secret(3, "last"));
    stop();
}

TEST(a_byte_order_mark_is_no_secret)
{
    start();
    CHECK_EQUAL(add_text("\xef\xbb\xbf"
                         "first\n"),
                0);
    CHECK(is_secret(0, "first"));
    stop();
}

TEST(nul_bytes_belong_to_a_secret)
{
    start();
    CHECK_EQUAL(add_file("a\0b\0\n\0\0\0\0", 9), 0);
    CHECK_EQUAL(secrets_count(secrets), 2);
    CHECK(secrets_at(secrets, 0).length == 4);
    CHECK(memcmp(secrets_at(secrets, 0).bytes, "a\0b\0", 4) == 0);
    CHECK(memcmp(secrets_at(secrets, 1).bytes, "\0\0\0\0", 4) == 0);
    stop();
}

#define BEGIN "-----BEGIN PRIVATE KEY-----"
#define END   "-----END PRIVATE KEY-----"

static void check_block(size_t from)
{
    CHECK(is_secret(from, "AAAA"));
    CHECK(is_secret(from + 1, "BBBB"));
    CHECK(is_secret(from + 2, BEGIN "\nAAAA\nBBBB\nC=\n" END));
    CHECK(is_secret(from + 3, BEGIN "\r\nAAAA\r\nBBBB\r\nC=\r\n" END));
}

TEST(a_pem_block_is_a_secret_as_a_whole_and_by_its_lines)
{
    start();
    CHECK_EQUAL(add_text("before\n" BEGIN "\nAAAA\nBBBB\nC=\n" END "\nbehind\n" BEGIN
                         "\r\nAAAA\r\nBBBB\r\nC=\r\n" END "\r\n"),
                0);
    CHECK_EQUAL(secrets_count(secrets), 10);
    CHECK(is_secret(0, "before"));
    check_block(1);
    CHECK(is_secret(5, "behind"));
    check_block(6);
    stop();
}

TEST(a_pem_block_needs_its_end)
{
    start();
    CHECK_EQUAL(add_text("x234\n" BEGIN "\nAAAA\n"), -EINVAL);
    CHECK_TEXT(
        said,
        "slabcat: --redact-file '/tmp/secrets_test.XXXXXX': a PEM block without its END line\n");
    CHECK_EQUAL(add_text(BEGIN "\nAAAA\n" BEGIN "\nAAAA\n" END "\n"), -EINVAL);
    CHECK_EQUAL(add_text(BEGIN), -EINVAL);
    stop();
}

TEST(a_value_is_one_secret)
{
    start();
    CHECK_EQUAL(add_env("a value with spaces"), 0);
    CHECK_EQUAL(add_env("1234\n"), 0);
    CHECK_EQUAL(secrets_count(secrets), 2);
    CHECK(is_secret(0, "a value with spaces"));
    CHECK(is_secret(1, "1234"));
    stop();
}

TEST(a_value_of_several_lines_is_a_secret_as_a_whole_and_by_its_lines)
{
    start();
    CHECK_EQUAL(add_env("{\n  \"key\": 1\n}\n"), 0);
    CHECK_EQUAL(secrets_count(secrets), 3);
    CHECK(is_secret(0, "{\n  \"key\": 1\n}"));
    CHECK(is_secret(1, "{\r\n  \"key\": 1\r\n}"));
    CHECK(is_secret(2, "  \"key\": 1"));
    stop();

    start();
    CHECK_EQUAL(add_env(BEGIN "\nAAAA\nBBBB\nC=\n" END "\n"), 0);
    CHECK_EQUAL(secrets_count(secrets), 4);
    CHECK(is_secret(0, BEGIN "\nAAAA\nBBBB\nC=\n" END));
    CHECK(is_secret(3, "BBBB"));
    stop();

    start();
    CHECK_EQUAL(add_env("word\n" BEGIN "\nAAAA\nBBBB\nC=\n" END "\n"), 0);
    CHECK_EQUAL(secrets_count(secrets), 7);
    CHECK(is_secret(2, "word"));
    check_block(3);
    stop();
}

TEST(what_is_too_short_is_refused_and_not_shown)
{
    start();
    CHECK_EQUAL(add_text("first\n\n" BEGIN "\nAAAA\n" END "\r\nxq\r\n"), -EINVAL);
    CHECK_TEXT(said, "slabcat: --redact-file '/tmp/secrets_test.XXXXXX', line 6: a secret of 2 "
                     "bytes; 4 are the least\n");
    CHECK_EQUAL(add_text("first\nx\n"), -EINVAL);
    CHECK_EQUAL(add_env("xqz"), -EINVAL);
    CHECK_TEXT(said,
               "slabcat: --redact-env 'SECRETS_TEST': a secret of 3 bytes; 4 are the least\n");
    CHECK_EQUAL(add_env("a\r\nb"), -EINVAL);
    CHECK_EQUAL(add_env(""), -EINVAL);
    CHECK_TEXT(said, "slabcat: --redact-env 'SECRETS_TEST': it is empty\n");
    CHECK_EQUAL(add_env("\n\r\n"), -EINVAL);
    stop();
}

TEST(a_file_without_secrets_is_refused)
{
    start();
    CHECK_EQUAL(add_text(""), -EINVAL);
    CHECK_TEXT(said, "slabcat: --redact-file '/tmp/secrets_test.XXXXXX': no secret in it\n");
    CHECK_EQUAL(add_text("\n\r\n\n"), -EINVAL);
    CHECK_EQUAL(hear(secrets_add_file, "/nowhere/\033"), -ENOENT);
    CHECK_TEXT(said, "slabcat: --redact-file '/nowhere/\\x1b': No such file or directory\n");
    CHECK_EQUAL(hear(secrets_add_file, "/"), -EISDIR);
    CHECK_TEXT(said, "slabcat: --redact-file '/': Is a directory\n");
    stop();
}

/* What was meant as a name may be the secret itself. */
TEST(what_is_no_name_is_not_shown)
{
    static const char no_name[] =
        "slabcat: --redact-env, number 1: no variable of that name is set, "
        "which is not shown, as it may be a secret\n";

    start();
    unsetenv("SECRETS_TEST");
    CHECK_EQUAL(hear(secrets_add_env, "SECRETS_TEST"), -EINVAL);
    CHECK_TEXT(said, no_name);
    setenv("SECRETS_TEST", "token123=word", 1);
    CHECK_EQUAL(hear(secrets_add_env, "SECRETS_TEST=token123"), -EINVAL);
    CHECK_TEXT(said, no_name);
    setenv("SECRETS_TEST", "token123", 1);
    CHECK_EQUAL(hear(secrets_add_env, "token123"), -EINVAL);
    CHECK_TEXT(said, no_name);
    CHECK_EQUAL(hear(secrets_add_env, "to-ken123"), -EINVAL);
    CHECK_TEXT(said, no_name);
    CHECK_EQUAL(hear(secrets_add_env, ""), -EINVAL);
    CHECK_TEXT(said, no_name);
    CHECK_EQUAL(secrets_count(secrets), 0);
    stop();
}

TEST(secrets_max_bytes_are_not_too_much)
{
    const size_t room = SECRETS_MAX + 3;
    char *line = malloc(room);

    memset(line, 's', room);
    memcpy(line + SECRETS_MAX, "\r\n", 3);
    start();
    CHECK_EQUAL(add_file(line, SECRETS_MAX + 2), 0);
    CHECK_EQUAL(secrets_at(secrets, 0).length, SECRETS_MAX);
    CHECK_EQUAL(add_text("more"), -E2BIG);
    CHECK_TEXT(said,
               "slabcat: --redact-file '/tmp/secrets_test.XXXXXX': more than 64K of secrets in "
               "all\n");
    CHECK_EQUAL(add_env("more"), -E2BIG);
    CHECK_EQUAL(add_env("more\nmore"), -E2BIG);
    stop();

    start();
    line[SECRETS_MAX] = 's';
    CHECK_EQUAL(add_file(line, SECRETS_MAX + 1), -E2BIG);
    CHECK_EQUAL(add_file(line, SECRETS_MAX + 3), -E2BIG);
    stop();
    free(line);
}

TEST(as_many_secrets_as_fit_can_be_had)
{
    char *lines = malloc(SECRETS_MAX);
    size_t i;

    for (i = 0; i < SECRETS_MAX; i++)
        lines[i] = "abcd\n"[i % 5];
    start();
    for (i = 0; i < 5; i++)
        CHECK_EQUAL(add_file(lines, SECRETS_MAX / 5 / 4 * 5), 0);
    CHECK_EQUAL(add_text("abcd\nabcd\nabcd\nabcd\n"), 0);
    CHECK_EQUAL(secrets_count(secrets), SECRETS_MAX / SECRET_MIN);
    CHECK_EQUAL(add_text("abcd"), -E2BIG);
    stop();
    free(lines);
}

static void *write_slowly(void *argument)
{
    const int *end = argument;
    size_t i;

    for (i = 0; i < 3; i++) {
        CHECK(write(*end, "sec", 3) == 3);
        usleep(2000);
        CHECK(write(*end, "ret\n", 4) == 4);
    }
    close(*end);
    return NULL;
}

TEST(a_file_may_be_a_pipe)
{
    pthread_t writer;
    char path[64];
    int ends[2];

    start();
    CHECK_EQUAL(pipe(ends), 0);
    snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
    pthread_create(&writer, NULL, write_slowly, &ends[1]);
    CHECK_EQUAL(hear(secrets_add_file, path), 0);
    pthread_join(writer, NULL);
    CHECK_EQUAL(secrets_count(secrets), 3);
    CHECK(is_secret(2, "secret"));
    close(ends[0]);
    stop();
}

TEST(the_environment_forgets)
{
    char first[] = "FORGET_TEST=value1";
    char twice[] = "FORGET_TEST=value2";
    char other[] = "FORGET_TEST2=value3";
    char *entries[] = {first, other, twice, NULL};
    char **before = environ;

    start();
    environ = entries;
    CHECK_EQUAL(secrets_add_env(secrets, "FORGET_TEST"), 0);
    CHECK_EQUAL(secrets_count(secrets), 2);
    secrets_forget_env(secrets);
    CHECK(!getenv("FORGET_TEST"));
    CHECK(getenv("FORGET_TEST2") == strchr(other, '=') + 1);
    environ = before;
    CHECK_TEXT(other, "FORGET_TEST2=value3");
    CHECK(memcmp(first, "FORGET_TEST=\0\0\0\0\0\0", sizeof first) == 0);
    CHECK(memcmp(twice, "FORGET_TEST=\0\0\0\0\0\0", sizeof twice) == 0);
    CHECK(is_secret(0, "value1"));
    CHECK(is_secret(1, "value2"));
    stop();
}

/* Is the mapping that MEMORY lies in left out of core dumps? */
static bool is_sealed(const void *memory)
{
    FILE *maps = fopen("/proc/self/smaps", "re");
    bool is_in = false;
    bool is_left_out = false;
    char line[512];

    while (maps && fgets(line, sizeof line, maps)) {
        char *end;
        const uintptr_t from = strtoul(line, &end, 16);

        if (*end == '-')
            is_in = (uintptr_t)memory >= from && (uintptr_t)memory < strtoul(end + 1, NULL, 16);
        else if (is_in && strncmp(line, "VmFlags:", 8) == 0)
            is_left_out = strstr(line, " dd") != NULL;
    }
    if (maps)
        fclose(maps);
    return is_left_out;
}

TEST(what_has_seen_secrets_is_in_no_core_dump)
{
    struct redact *redact;

    start();
    CHECK_EQUAL(add_text("first\nsecond\n"), 0);
    CHECK_EQUAL(redact_make(&redact, secrets, true), 0);
    CHECK(!is_sealed(said));
    CHECK(is_sealed(secrets));
    CHECK(is_sealed(secrets_at(secrets, 1).bytes));
    CHECK(is_sealed(redact));
    redact_free(redact);
    stop();
}

TEST(what_has_seen_secrets_is_wiped)
{
    unsigned char memory[] = "secret";
    struct redact *redact;
    unsigned char out[64];
    size_t early;

    sealed_wipe(memory, sizeof memory);
    CHECK(memcmp(memory, "\0\0\0\0\0\0", sizeof memory) == 0);

    is_watched = true;
    start();
    CHECK_EQUAL(add_text("first\nsecond\n"), 0);
    CHECK(given_back > SECRETS_MAX); /* what the file was read into */
    CHECK_EQUAL(redact_make(&redact, secrets, true), 0);
    CHECK_EQUAL(redact_bytes(redact, (const unsigned char *)"a first sec", 11, out, &early), 6);
    given_back = 0;
    redact_free(redact);
    CHECK(given_back > 4000);
    given_back = 0;
    stop();
    is_watched = false;
    CHECK(given_back > SECRETS_MAX);
    CHECK_EQUAL(not_wiped, 0);
}

TEST(nothing_can_be_freed)
{
    secrets_free(NULL);
    redact_free(NULL);
    sealed_free(NULL, 1);
}
