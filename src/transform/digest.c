#include "transform/digest.h"

#include <assert.h>
#include <errno.h>

#ifdef WITH_crypto

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

struct digest {
    EVP_MD_CTX *context;
};

#if OPENSSL_VERSION_NUMBER >= 0x30000000L
typedef EVP_MD *algorithm_t;

static algorithm_t algorithm_named(const char *name)
{
    return EVP_MD_fetch(NULL, name, NULL);
}

static void algorithm_free(algorithm_t algorithm)
{
    EVP_MD_free(algorithm);
}
#else
typedef const EVP_MD *algorithm_t;

static algorithm_t algorithm_named(const char *name)
{
    return EVP_get_digestbyname(name);
}

static void algorithm_free(algorithm_t algorithm)
{
    (void)algorithm;
}
#endif

bool digest_is_there(void)
{
    return true;
}

const char *digest_version(void)
{
    /* "OpenSSL 3.0.19 27 Jan 2026" */
    const char *words = OpenSSL_version(OPENSSL_VERSION);
    const char *space = strchr(words, ' ');

    return space ? space + 1 : words;
}

/* A sum that is as long as one likes is none to compare with. */
static bool has_fixed_length(const EVP_MD *algorithm)
{
    return EVP_MD_size(algorithm) > 0 && EVP_MD_size(algorithm) <= (DIGEST_HEX_MAX - 1) / 2 &&
           !(EVP_MD_flags(algorithm) & EVP_MD_FLAG_XOF);
}

int digest_make(struct digest **made, const char *algorithm)
{
    algorithm_t found = algorithm_named(algorithm);
    struct digest *digest = calloc(1, sizeof *digest);
    int result = 0;

    if (!digest || !(digest->context = EVP_MD_CTX_new()))
        result = -ENOMEM;
    else if (!found || !has_fixed_length(found) ||
             EVP_DigestInit_ex(digest->context, found, NULL) != 1)
        result = -ENOTSUP;
    if (found)
        algorithm_free(found);
    if (result < 0) {
        ERR_clear_error();
        digest_free(digest);
        return result;
    }
    *made = digest;
    return 0;
}

void digest_free(struct digest *digest)
{
    if (digest)
        EVP_MD_CTX_free(digest->context);
    free(digest);
}

int digest_add(struct digest *digest, const void *bytes, size_t length)
{
    return EVP_DigestUpdate(digest->context, bytes, length) == 1 ? 0 : -EIO;
}

int digest_finish(struct digest *digest, char hex[DIGEST_HEX_MAX])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char sum[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    size_t i;

    if (EVP_DigestFinal_ex(digest->context, sum, &length) != 1)
        return -EIO;
    assert(2 * (size_t)length < DIGEST_HEX_MAX);
    for (i = 0; i < length; i++) {
        hex[2 * i] = digits[sum[i] >> 4];
        hex[2 * i + 1] = digits[sum[i] & 15];
    }
    hex[2 * (size_t)length] = '\0';
    return EVP_DigestInit_ex(digest->context, NULL, NULL) == 1 ? 0 : -EIO;
}

#else

bool digest_is_there(void)
{
    return false;
}

const char *digest_version(void)
{
    return NULL;
}

int digest_make(struct digest **made, const char *algorithm)
{
    (void)made;
    (void)algorithm;
    return -ENOTSUP;
}

/* None can be made, so that none comes here. */
void digest_free(struct digest *digest)
{
    assert(!digest);
    (void)digest;
}

int digest_add(struct digest *digest, const void *bytes, size_t length)
{
    (void)digest;
    (void)bytes;
    (void)length;
    return -ENOTSUP;
}

int digest_finish(struct digest *digest, char hex[DIGEST_HEX_MAX])
{
    (void)digest;
    hex[0] = '\0';
    return -ENOTSUP;
}

#endif
