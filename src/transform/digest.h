/*
 * Digest: a checksum of what has been written, by libcrypto. One thread adds to it; who else wants
 * to know the sum asks when that has ended.
 */
#ifndef SLABCAT_DIGEST_H
#define SLABCAT_DIGEST_H

#include <stdbool.h>
#include <stddef.h>

#define DIGEST_HEX_MAX 129 /* 64 bytes, and the end */

struct digest;

/* Has slabcat been built for libcrypto, and is that here to be loaded? */
bool digest_is_there(void);

/*
 * Why it is not, in words of the loader's, which name files; NULL: slabcat has not been built for
 * it. To be asked right after digest_is_there.
 */
const char *digest_why_not(void);

/* Its version, as it says, up to a space or the end; NULL: it has not been built in. */
const char *digest_version(void);

/*
 * 0 or -errno. -ENOTSUP: libcrypto knows no such digest, or none of a fixed length of 64 bytes at
 * most, or has not been built in.
 */
int digest_make(struct digest **made, const char *algorithm);
void digest_free(struct digest *digest); /* NULL is nothing to do */

/* What fails is known to digest_finish. */
void digest_add(struct digest *digest, const void *bytes, size_t length);

/* The sum so far, in lower-case hexadecimal digits; then it begins anew. 0 or -errno. */
int digest_finish(struct digest *digest, char hex[DIGEST_HEX_MAX]);

#endif
