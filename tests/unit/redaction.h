/*
 * For tests of redact: a slow and obvious one to compare it with. Every secret is looked for at
 * every place of a text, and what overlaps is joined. Whatever the cuts, the same must come out,
 * and nothing may be held that is not the beginning of a secret.
 */
#ifndef SLABCAT_REDACTION_H
#define SLABCAT_REDACTION_H

#include "check.h"
#include "transform/redact.h"
#include "transform/secrets.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { TEXT_MAX = 1 << 19 };

static struct secrets *secrets;
static struct redact *redact;

static unsigned char text[TEXT_MAX];
static size_t text_length;

/* What must come out, and for which place of the text each byte of it stands. */
static unsigned char expected[TEXT_MAX + 3];
static size_t origin[TEXT_MAX + 3];
static size_t expected_length;

static uint32_t random_state = 1;

static inline uint32_t any(uint32_t below)
{
    random_state = random_state * 1664525 + 1013904223;
    return (uint32_t)((uint64_t)(random_state >> 8) * below >> 24);
}

static inline void add_secrets(const void *lines, size_t length)
{
    const int fd = memfd_create("secrets", 0);
    char path[64];

    CHECK(write(fd, lines, length) == (ssize_t)length);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    CHECK_EQUAL(secrets_add_file(secrets, path), 0);
    close(fd);
}

static inline void start(const char *lines)
{
    CHECK_EQUAL(secrets_make(&secrets), 0);
    if (lines)
        add_secrets(lines, strlen(lines));
}

static inline void make(bool is_stripped)
{
    CHECK_EQUAL(redact_make(&redact, secrets, is_stripped), 0);
}

static inline void stop(void)
{
    redact_free(redact);
    secrets_free(secrets);
}

static inline void set_text(const char *new_text)
{
    text_length = strlen(new_text);
    memcpy(text, new_text, text_length);
}

/* Where the longest secret ends that begins AT, at END at most; AT: there is none. */
static inline size_t secret_end(size_t at, size_t end)
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
static inline size_t part_start(size_t end)
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
 * The next mask from FROM on, over all that overlaps; false: there is none. What begins at PART
 * goes to the END.
 */
static inline bool next_mask(size_t from, size_t end, size_t part, size_t *mask, size_t *mask_end)
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

static inline void expect(unsigned char byte, size_t place)
{
    expected[expected_length] = byte;
    origin[expected_length++] = place;
}

static inline void compute_expected(void)
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
static inline size_t expected_held(size_t end)
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
static inline bool feed(size_t at, size_t length, size_t *done)
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

static inline bool finish(size_t done)
{
    unsigned char *out = malloc(REDACT_END_MAX);
    const size_t got = redact_end(redact, out);
    const bool is_right = done + got == expected_length && memcmp(out, expected + done, got) == 0 &&
                          redact_held(redact) == 0;

    free(out);
    return is_right;
}

/* The text in three parts. */
static inline bool is_right_cut(size_t first, size_t second)
{
    size_t done = 0;

    return feed(0, first, &done) && feed(first, second - first, &done) &&
           feed(second, text_length - second, &done) && finish(done);
}

static inline bool is_right_byte_by_byte(void)
{
    size_t done = 0;
    size_t at;

    for (at = 0; at < text_length; at++) {
        if (!feed(at, 1, &done) || redact_held(redact) != expected_held(at + 1))
            return false;
    }
    return finish(done);
}

static inline bool is_right_in_pieces(uint32_t longest)
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
    return finish(done);
}

#endif
