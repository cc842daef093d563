/* Digests against the sums that everybody knows. */
#include "check.h"
#include "transform/digest.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

static const struct {
    const char *name;
    const char *of_abc;
    const char *of_nothing;
} known[] = {
    {"md5", "900150983cd24fb0d6963f7d28e17f72", "d41d8cd98f00b204e9800998ecf8427e"},
    {"sha1", "a9993e364706816aba3e25717850c26c9cd0d89d",
     "da39a3ee5e6b4b0d3255bfef95601890afd80709"},
    {"sha256", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
     "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"sha512",
     "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
     "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
     "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
     "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e"},
    {"blake2b512",
     "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"
     "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923",
     "786a02f742015903c6c6fd852552d272912f4740e15847618a86e217f71f5419"
     "d25e1031afee585313896444934eb04b903a685b1448b755d56f701afe9be2ce"},
    {"sha3-256", "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532",
     "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a"},
};

#define NEEDS_LIBCRYPTO                                                                            \
    do {                                                                                           \
        if (!digest_is_there())                                                                    \
            SKIP("built without libcrypto");                                                       \
    } while (0)

TEST(without_the_library_there_is_none)
{
    struct digest *digest = NULL;

    CHECK(digest_is_there() == (digest_version() != NULL));
    if (!digest_is_there())
        CHECK_EQUAL(digest_make(&digest, "sha256"), -ENOTSUP);
    digest_free(NULL);
}

TEST(the_version_is_a_number)
{
    NEEDS_LIBCRYPTO;
    CHECK(*digest_version() >= '1' && *digest_version() <= '9');
}

TEST(known_sums_come_out)
{
    char hex[DIGEST_HEX_MAX];
    size_t i;

    NEEDS_LIBCRYPTO;
    for (i = 0; i < sizeof known / sizeof *known; i++) {
        struct digest *digest = NULL;

        CHECK_EQUAL(digest_make(&digest, known[i].name), 0);
        if (!digest)
            continue;
        digest_add(digest, "abc", 3);
        CHECK_EQUAL(digest_finish(digest, hex), 0);
        CHECK_TEXT(hex, known[i].of_abc);
        /* it has begun anew, twice */
        CHECK_EQUAL(digest_finish(digest, hex), 0);
        CHECK_TEXT(hex, known[i].of_nothing);
        digest_add(digest, NULL, 0);
        digest_add(digest, "abc", 3);
        CHECK_EQUAL(digest_finish(digest, hex), 0);
        CHECK_TEXT(hex, known[i].of_abc);
        digest_free(digest);
    }
}

TEST(in_pieces_is_as_in_one)
{
    static unsigned char bytes[100000];
    char whole[DIGEST_HEX_MAX];
    char pieces[DIGEST_HEX_MAX];
    struct digest *digest = NULL;
    size_t at;
    size_t step;

    NEEDS_LIBCRYPTO;
    for (at = 0; at < sizeof bytes; at++)
        bytes[at] = (unsigned char)(at * UINT64_C(0x9e3779b97f4a7c15) >> 56);
    CHECK_EQUAL(digest_make(&digest, "sha256"), 0);
    digest_add(digest, bytes, sizeof bytes);
    CHECK_EQUAL(digest_finish(digest, whole), 0);
    for (step = 1; step < sizeof bytes; step = step * 3 + 1) {
        for (at = 0; at < sizeof bytes; at += step) {
            const size_t left = sizeof bytes - at;

            digest_add(digest, bytes + at, step < left ? step : left);
        }
        CHECK_EQUAL(digest_finish(digest, pieces), 0);
        CHECK_TEXT(pieces, whole);
    }
    digest_free(digest);
}

TEST(what_is_unknown_or_as_long_as_one_likes_is_refused)
{
    static const char *const names[] = {"",         "sha257",   "sha256 ", "SHA256\n",
                                        "shake128", "shake256", "null",    "aes-256-cbc"};
    struct digest *digest = NULL;
    size_t i;

    NEEDS_LIBCRYPTO;
    for (i = 0; i < sizeof names / sizeof *names; i++)
        CHECK_EQUAL(digest_make(&digest, names[i]), -ENOTSUP);
    CHECK(!digest);
}
