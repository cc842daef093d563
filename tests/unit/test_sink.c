#include "sink/sink.h"

#include "io/duct.h"
#include "sys/clock.h"

#include "loopback.h"

#include "check.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>

static const struct dest to_stdout = {.kind = DEST_STDOUT, .name = "-", .fd = -1};

/* A sink that writes to a pipe, and the side of the pipe from which that can be read. */
struct trial {
    struct sink sink;
    int reader;
};

static struct trial trial_of(uint64_t rate, uint64_t burst)
{
    const struct settings settings = {.rate_limit = rate, .burst = burst};
    struct trial trial;
    int ends[2];

    must(pipe2(ends, O_CLOEXEC), "pipe2");
    sink_init(&trial.sink, &to_stdout, &settings);
    CHECK_EQUAL(endpoint_adopt(&trial.sink.end, ENDPOINT_OUTPUT, ends[1], "pipe"), 0);
    trial.reader = ends[0];
    return trial;
}

static void end(struct trial *trial)
{
    endpoint_close(&trial->sink.end);
    close(trial->reader);
}

static struct iovec part(char *text)
{
    return (struct iovec){.iov_base = text, .iov_len = strlen(text)};
}

TEST(a_fresh_sink_has_written_nothing_and_has_a_name)
{
    const struct settings settings = {0};
    const struct dest path = {.kind = DEST_PATH, .name = "log", .path = "log", .fd = -1};
    struct sink sink;

    sink_init(&sink, &to_stdout, &settings);
    CHECK_TEXT(sink.name, "stdout");
    sink_init(&sink, &path, &settings);
    CHECK_TEXT(sink.name, "log");
    CHECK_EQUAL(sink.written, 0);
    CHECK(sink.end.fd < 0);
    CHECK_EQUAL(sink_room(&sink, 0, 12345), 12345);
}

TEST(what_is_written_arrives_and_is_counted)
{
    struct trial trial = trial_of(0, 0);
    const struct iovec parts[] = {part("one "), part("two")};
    char got[16] = "";

    CHECK_EQUAL(sink_write(&trial.sink, parts, 2, 7, clock_now()), 7);
    CHECK_EQUAL(read(trial.reader, got, sizeof got - 1), 7);
    CHECK_TEXT(got, "one two");
    CHECK_EQUAL(trial.sink.file_size, 7);
    CHECK(trial.sink.file_since > 0);
    end(&trial);
}

TEST(a_call_under_way_is_known_to_the_main_thread_until_it_has_been_counted)
{
    struct trial trial = trial_of(0, 0);
    const struct iovec bytes = part("abc");
    struct claim *claim = &trial.sink.claim;

    trial.sink.written = 100;
    sink_confirm(&trial.sink, 90);
    CHECK_EQUAL(atomic_load(&claim->arrived), 90);
    sink_write(&trial.sink, &bytes, 1, 3, 1000);
    CHECK_EQUAL(atomic_load(&claim->asked), 103);
    CHECK_EQUAL(atomic_load(&claim->since), 1000);
    sink_answered(&trial.sink);
    CHECK_EQUAL(atomic_load(&claim->asked), 0);
    CHECK_EQUAL(atomic_load(&claim->since), 0);
    /* compressed bytes take it no further */
    sink_write(&trial.sink, &bytes, 1, 0, 2000);
    CHECK_EQUAL(atomic_load(&claim->asked), 100);
    end(&trial);
}

TEST(a_full_pipe_takes_a_part_and_then_nothing)
{
    static char many[1 << 20];
    struct trial trial = trial_of(0, 0);
    const struct iovec bytes = {.iov_base = many, .iov_len = sizeof many};
    ssize_t put = sink_write(&trial.sink, &bytes, 1, sizeof many, clock_now());

    CHECK(put > 0 && put < (ssize_t)sizeof many);
    CHECK_EQUAL(trial.sink.file_size, (uint64_t)put);
    CHECK_EQUAL(sink_write(&trial.sink, &bytes, 1, sizeof many, clock_now()),
                (unsigned long)-EAGAIN);
    CHECK_EQUAL(trial.sink.file_size, (uint64_t)put);
    end(&trial);
}

TEST(an_error_counts_nothing)
{
    struct trial trial = trial_of(0, 0);
    const struct iovec bytes = part("abc");

    signal(SIGPIPE, SIG_IGN);
    close(trial.reader);
    CHECK_EQUAL(sink_write(&trial.sink, &bytes, 1, 3, clock_now()), (unsigned long)-EPIPE);
    CHECK_EQUAL(trial.sink.file_size, 0);
    trial.reader = -1;
    end(&trial);
}

TEST(pages_of_a_duct_arrive_and_are_counted)
{
    struct trial trial = trial_of(0, 0);
    struct duct *duct;
    char got[16] = "";

    CHECK_EQUAL(duct_open(&duct, 4096), 0);
    CHECK_EQUAL(write(duct->in, "pages", 5), 5);
    CHECK_EQUAL(sink_splice(&trial.sink, duct, 5, clock_now()), 5);
    CHECK_EQUAL(read(trial.reader, got, sizeof got - 1), 5);
    CHECK_TEXT(got, "pages");
    CHECK_EQUAL(trial.sink.file_size, 5);
    duct_close(duct);
    end(&trial);
}

TEST(the_rate_limit_lets_no_more_pass_than_its_burst)
{
    struct trial trial = trial_of(1, 100);
    static char bytes[100];
    const struct iovec whole = {.iov_base = bytes, .iov_len = sizeof bytes};

    CHECK_EQUAL(sink_room(&trial.sink, 0, 5000), 100);
    CHECK_EQUAL(sink_write(&trial.sink, &whole, 1, 100, clock_now()), 100);
    /* at 1 byte a second the next 100 take 100 s */
    CHECK_EQUAL(sink_room(&trial.sink, 100, 5000), 0);
    CHECK(rate_limit_due(&trial.sink.rate_limit) > clock_now());
    end(&trial);
}

TEST(the_checksum_is_that_of_what_was_taken_whoever_wrote_it)
{
    struct trial trial = trial_of(0, 0);
    const struct iovec parts[] = {part("a"), part("bcd")};
    struct digest *alike;
    char hex[DIGEST_HEX_MAX];
    char expected[DIGEST_HEX_MAX];

    if (!digest_is_there()) {
        end(&trial);
        SKIP("no libcrypto");
    }
    CHECK_EQUAL(digest_make(&trial.sink.sum.digest, "sha256"), 0);
    CHECK_EQUAL(digest_make(&alike, "sha256"), 0);
    CHECK_EQUAL(sink_write(&trial.sink, parts, 2, 4, clock_now()), 4);
    /* a worker has written the first 3 of the 4 bytes */
    sink_took(&trial.sink, parts, 2, 3);
    digest_add(alike, "abcdabc", 7);
    CHECK_EQUAL(trial.sink.sum.bytes, 7);
    CHECK_EQUAL(trial.sink.file_size, 7);
    CHECK_EQUAL(digest_finish(trial.sink.sum.digest, hex), 0);
    CHECK_EQUAL(digest_finish(alike, expected), 0);
    CHECK_TEXT(hex, expected);
    digest_free(trial.sink.sum.digest);
    digest_free(alike);
    end(&trial);
}
