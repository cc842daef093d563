#include "transform/digest.h"

#include <assert.h>
#include <errno.h>

#ifdef WITH_crypto

#include <dlfcn.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

/*
 * The library is loaded by the first digest: linked, it would cost each start 0.8 ms, although few
 * of them want one. Its functions by their own names, and of their own types.
 */
static const char library_name[] = "libcrypto.so.3";

#define EACH_FUNCTION(DO)                                                                          \
    DO(ERR_clear_error)                                                                            \
    DO(EVP_DigestFinal_ex)                                                                         \
    DO(EVP_DigestInit_ex)                                                                          \
    DO(EVP_DigestUpdate)                                                                           \
    DO(EVP_MD_CTX_free)                                                                            \
    DO(EVP_MD_CTX_new)                                                                             \
    DO(EVP_MD_fetch)                                                                               \
    DO(EVP_MD_free)                                                                                \
    DO(EVP_MD_get_flags)                                                                           \
    DO(EVP_MD_get_size)                                                                            \
    DO(OpenSSL_version)

struct crypto {
#define DECLARE(name) __typeof__ (&(name))(name);
    EACH_FUNCTION(DECLARE)
#undef DECLARE
};

struct digest {
    struct crypto crypto;
    EVP_MD_CTX *context;
    bool has_failed; /* something could not be added */
};

/* FUNCTION is where its address goes. */
static bool find(void *library, const char *name, void *function)
{
    void *const symbol = dlsym(library, name);

    memcpy(function, &symbol, sizeof symbol);
    return symbol;
}

static bool load(struct crypto *crypto)
{
    /* it does not like to be loaded again: it stays */
    void *const library = dlopen(library_name, RTLD_LAZY | RTLD_LOCAL | RTLD_NODELETE);
    bool is_whole = library;

#define FIND(name) is_whole = is_whole && find(library, #name, &crypto->name);
    EACH_FUNCTION(FIND)
#undef FIND
    return is_whole;
}

bool digest_is_there(void)
{
    struct crypto crypto;

    return load(&crypto);
}

const char *digest_why_not(void)
{
    const char *const why = dlerror();

    return why ? why : library_name;
}

const char *digest_version(void)
{
    struct crypto crypto;
    const char *words;
    const char *space;

    if (!load(&crypto))
        return NULL;
    /* "OpenSSL 3.0.19 27 Jan 2026" */
    words = crypto.OpenSSL_version(OPENSSL_VERSION);
    space = strchr(words, ' ');
    return space ? space + 1 : words;
}

/* A sum that is as long as one likes is none to compare with. */
static bool has_fixed_length(const struct crypto *crypto, const EVP_MD *algorithm)
{
    const int length = crypto->EVP_MD_get_size(algorithm);

    return length > 0 && length <= (DIGEST_HEX_MAX - 1) / 2 &&
           !(crypto->EVP_MD_get_flags(algorithm) & EVP_MD_FLAG_XOF);
}

/* 0 or -errno. */
static int begin(struct digest *digest, const char *algorithm)
{
    const struct crypto *crypto = &digest->crypto;
    EVP_MD *found = crypto->EVP_MD_fetch(NULL, algorithm, NULL);
    int error = 0;

    digest->context = crypto->EVP_MD_CTX_new();
    if (!digest->context)
        error = -ENOMEM;
    else if (!found || !has_fixed_length(crypto, found) ||
             crypto->EVP_DigestInit_ex(digest->context, found, NULL) != 1)
        error = -ENOTSUP;
    crypto->EVP_MD_free(found);
    if (error)
        crypto->ERR_clear_error();
    return error;
}

int digest_make(struct digest **made, const char *algorithm)
{
    struct digest *digest = calloc(1, sizeof *digest);
    int error;

    if (!digest)
        return -ENOMEM;
    error = load(&digest->crypto) ? begin(digest, algorithm) : -ENOTSUP;
    if (error)
        digest_free(digest);
    else
        *made = digest;
    return error;
}

void digest_free(struct digest *digest)
{
    if (digest && digest->context)
        digest->crypto.EVP_MD_CTX_free(digest->context);
    free(digest);
}

void digest_add(struct digest *digest, const void *bytes, size_t length)
{
    if (digest->crypto.EVP_DigestUpdate(digest->context, bytes, length) != 1)
        digest->has_failed = true;
}

int digest_finish(struct digest *digest, char hex[DIGEST_HEX_MAX])
{
    static const char digits[] = "0123456789abcdef";
    const struct crypto *crypto = &digest->crypto;
    unsigned char sum[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    size_t i;

    if (digest->has_failed || crypto->EVP_DigestFinal_ex(digest->context, sum, &length) != 1)
        return -EIO;
    assert(2 * (size_t)length < DIGEST_HEX_MAX);
    for (i = 0; i < length; i++) {
        hex[2 * i] = digits[sum[i] >> 4];
        hex[2 * i + 1] = digits[sum[i] & 15];
    }
    hex[2 * (size_t)length] = '\0';
    return crypto->EVP_DigestInit_ex(digest->context, NULL, NULL) == 1 ? 0 : -EIO;
}

#else

bool digest_is_there(void)
{
    return false;
}

const char *digest_why_not(void)
{
    return NULL;
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

void digest_add(struct digest *digest, const void *bytes, size_t length)
{
    (void)digest;
    (void)bytes;
    (void)length;
}

int digest_finish(struct digest *digest, char hex[DIGEST_HEX_MAX])
{
    (void)digest;
    hex[0] = '\0';
    return -ENOTSUP;
}

#endif
