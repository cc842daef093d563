/* The spill against a model: what goes in comes out, pages on their way stay what they are, and the
 * disk gets its space back. */
#include "check.h"
#include "io/duct.h"
#include "io/spill.h"
#include "io/transfer.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK = 300000 };
#define MIB ((uint64_t)1 << 20)

static unsigned char bytes[CHUNK + 16];
static unsigned char expected[CHUNK + 16];
static struct spill spill;
static struct duct *duct;
static uint64_t put; /* bytes of the stream that went in, and that came out */
static uint64_t taken;
static uint32_t seed;

static uint32_t chance(uint32_t below)
{
    seed = seed * 1664525 + 1013904223;
    return (uint32_t)(((uint64_t)seed * below) >> 32);
}

/* No two places of the stream look alike. */
static unsigned char stream_at(uint64_t offset)
{
    return (unsigned char)((offset / 8 * UINT64_C(0x9e3779b97f4a7c15)) >> (offset % 8 * 8));
}

static void fill(unsigned char *to, uint64_t offset, size_t length)
{
    size_t i;

    for (i = 0; i < length; i++)
        to[i] = stream_at(offset + i);
}

static bool is_stream(const unsigned char *got, uint64_t offset, size_t length)
{
    fill(expected, offset, length);
    return memcmp(got, expected, length) == 0;
}

static void start(void)
{
    put = taken = 0;
    seed = 1;
    CHECK_EQUAL(spill_open(&spill, spill_directory(NULL)), 0);
    CHECK_EQUAL(duct_open(&duct, CHUNK), 0);
}

static void stop(void)
{
    spill_close(&spill);
    duct_close(duct);
}

static void put_bytes(size_t length)
{
    ssize_t done;

    fill(bytes, put, length);
    done = spill_put(&spill, bytes, length);
    CHECK_EQUAL(done, length);
    put += length;
}

static void put_pages(size_t length)
{
    size_t done = 0;

    fill(bytes, put, length);
    length = (size_t)write(duct->in, bytes, length);
    while (done < length) {
        const ssize_t now = spill_put_pages(&spill, duct, length - done);

        CHECK(now > 0);
        if (now <= 0)
            return;
        done += (size_t)now;
    }
    put += length;
}

static void take_bytes(size_t room)
{
    const ssize_t got = spill_take(&spill, bytes, room);

    CHECK(got > 0 && (size_t)got <= room);
    CHECK(is_stream(bytes, taken, (size_t)got));
    taken += (uint64_t)got;
}

static void take_pages(size_t room)
{
    const ssize_t got = spill_take_pages(&spill, duct, room);

    CHECK(got > 0 && (size_t)got <= room);
    if (got <= 0)
        return;
    CHECK_EQUAL(duct_pull(duct, bytes, (size_t)got), 0);
    CHECK(is_stream(bytes, taken, (size_t)got));
    taken += (uint64_t)got;
}

static uint64_t on_disk(void)
{
    struct stat status;

    CHECK_EQUAL(fstat(spill.fd, &status), 0);
    return (uint64_t)status.st_blocks * 512;
}

TEST(any_mixture_of_calls_is_a_queue)
{
    unsigned i;

    start();
    for (i = 0; i < 4000; i++) {
        /* it fills for a while, and then it is emptied, mostly */
        const bool fills = chance(10) < (i / 200 % 2 ? 2 : 8);
        const size_t length = 1 + chance(chance(4) ? 5000 : CHUNK);

        if (fills && chance(2))
            put_pages(length);
        else if (fills)
            put_bytes(length);
        else if (put > taken && chance(2))
            take_pages(length);
        else if (put > taken)
            take_bytes(length);
        CHECK_EQUAL(spill_held(&spill), put - taken);
    }
    while (put > taken)
        take_bytes(CHUNK);
    CHECK_EQUAL(on_disk(), 0);
    stop();
}

TEST(space_is_given_back_behind_what_has_been_taken)
{
    const uint64_t whole = 40 * MIB;

    start();
    while (put < whole)
        put_bytes(CHUNK);
    CHECK(on_disk() >= whole);
    while (taken < whole / 2)
        take_bytes(CHUNK);
    if (!spill.keeps_space) /* else the file system cannot */
        CHECK(on_disk() <= put - taken + 2 * MIB);
    CHECK(spill.returns > 0);
    while (put > taken)
        take_pages(CHUNK);
    CHECK_EQUAL(on_disk(), 0);
    put_bytes(1000);
    take_bytes(1000);
    stop();
}

/* Pages that wait in a pipe, far behind the place where the file is read and freed by now. */
static void rest_while(void (*go_on)(void))
{
    struct duct *resting;
    uint64_t at;
    size_t rests = 0;

    CHECK_EQUAL(duct_open(&resting, CHUNK), 0);
    at = taken;
    while (rests < CHUNK / 2) {
        const ssize_t got = spill_take_pages(&spill, resting, CHUNK / 2 - rests);

        CHECK(got > 0);
        if (got <= 0)
            break;
        rests += (size_t)got;
        taken += (uint64_t)got;
    }
    go_on();
    CHECK_EQUAL(duct_pull(resting, bytes, rests), 0);
    CHECK(is_stream(bytes, at, rests));
    duct_close(resting);
}

static void take_much(void)
{
    const uint64_t until = taken + 3 * MIB + CHUNK;

    while (taken < until && put > taken)
        take_bytes(CHUNK);
}

static void take_all_and_begin_again(void)
{
    while (put > taken)
        take_bytes(CHUNK);
    put_bytes(CHUNK);
    put_pages(CHUNK);
}

TEST(pages_on_their_way_stay_what_they_are_when_their_place_is_freed)
{
    start();
    while (put < 64 * MIB)
        put_bytes(CHUNK);
    while (put > taken + 4 * MIB)
        rest_while(take_much);
    rest_while(take_all_and_begin_again);
    stop();
}

TEST(a_limit_refuses_what_is_beyond_it_and_keeps_the_rest)
{
    struct rlimit limit;
    struct rlimit little;

    start();
    signal(SIGXFSZ, SIG_IGN);
    CHECK_EQUAL(getrlimit(RLIMIT_FSIZE, &limit), 0);
    little = (struct rlimit){.rlim_cur = CHUNK + 1000, .rlim_max = limit.rlim_max};
    CHECK_EQUAL(setrlimit(RLIMIT_FSIZE, &little), 0);
    put_bytes(CHUNK);
    fill(bytes, put, 5000);
    CHECK_EQUAL(spill_put(&spill, bytes, 5000), 1000);
    put += 1000;
    CHECK_EQUAL(-spill_put(&spill, bytes, 5000), EFBIG);
    CHECK_EQUAL(write(duct->in, bytes, 5000), 5000);
    CHECK_EQUAL(-spill_put_pages(&spill, duct, 5000), EFBIG);
    CHECK_EQUAL(duct_pull(duct, bytes, 5000), 0); /* nothing of it has gone */
    CHECK_EQUAL(spill_held(&spill), put);
    while (put > taken)
        take_bytes(CHUNK);
    put_bytes(CHUNK); /* an empty file begins again */
    CHECK_EQUAL(setrlimit(RLIMIT_FSIZE, &limit), 0);
    stop();
}

TEST(a_full_duct_takes_no_more_and_loses_nothing)
{
    struct duct *small;
    size_t rests = 0;
    ssize_t got;

    start();
    put_bytes(CHUNK);
    CHECK_EQUAL(duct_open(&small, 4096), 0);
    while ((got = spill_take_pages(&spill, small, CHUNK)) > 0)
        rests += (size_t)got;
    CHECK_EQUAL(-got, EAGAIN);
    CHECK_EQUAL(duct_pull(small, bytes, rests), 0);
    CHECK(is_stream(bytes, 0, rests));
    taken = rests;
    while (put > taken)
        take_bytes(CHUNK);
    duct_close(small);
    stop();
}

TEST(a_file_that_somebody_has_cut_is_an_error)
{
    start();
    put_bytes(CHUNK);
    CHECK_EQUAL(ftruncate(spill.fd, 0), 0);
    CHECK_EQUAL(-spill_take(&spill, bytes, CHUNK), EIO);
    stop();
}

TEST(the_file_is_ours_alone_and_has_no_name)
{
    struct stat status;

    start();
    CHECK_EQUAL(fstat(spill.fd, &status), 0);
    CHECK_EQUAL(status.st_nlink, 0);
    CHECK_EQUAL(status.st_mode & 07777, 0600);
    stop();
}

TEST(the_directory_is_the_one_asked_for_or_tmpdir_or_tmp)
{
    const char *const before = getenv("TMPDIR");

    CHECK_TEXT(spill_directory("/var"), "/var");
    setenv("TMPDIR", "/dev/shm", 1);
    CHECK_TEXT(spill_directory(NULL), "/dev/shm");
    CHECK_TEXT(spill_directory("/var"), "/var");
    setenv("TMPDIR", "", 1);
    CHECK_TEXT(spill_directory(NULL), "/tmp");
    unsetenv("TMPDIR");
    CHECK_TEXT(spill_directory(NULL), "/tmp");
    if (before)
        setenv("TMPDIR", before, 1);
    CHECK_EQUAL(-spill_open(&spill, "/nowhere/at/all"), ENOENT);
    CHECK_EQUAL(-spill_open(&spill, "/dev/null"), ENOTDIR);
}
