/*
 * Redact: puts *** in the place of each secret, wherever reads have cut it. In linear time,
 * whatever the secrets and the stream are like: each byte is looked at a few times at most.
 *
 * Secrets that overlap in the stream are one mask, of all they cover; those that only touch are
 * two. Bytes that may be the beginning of a secret are held until that is known; all others go on
 * at once. Where the stream ends, or is stopped, what is held is masked, although it is a part of a
 * secret only.
 *
 * What comes out contains no secret, unless an asterisk of a mask makes one of what stands beside
 * it. It does not depend on where the input is cut, as far as both ends of it are the same. All
 * that has seen a secret lies in memory that no core dump contains, and that is wiped when it is
 * given back. The reader's, but for making and freeing.
 */
#ifndef SLABCAT_REDACT_H
#define SLABCAT_REDACT_H

#include <stdbool.h>
#include <stddef.h>

struct redact;
struct secrets;

/* What redact_end has to say at most. */
#define REDACT_END_MAX ((size_t)3)

/*
 * IS_STRIPPED: the stream has been through a strip, so a secret with escapes in it is looked for
 * without them as well. 0 or -ENOMEM. SECRETS are not needed any more then. Free wipes; of NULL it
 * does nothing.
 */
int redact_make(struct redact **made, const struct secrets *secrets, bool is_stripped);
void redact_free(struct redact *redact);

/* How many bytes nothing has come out for yet, and how many those can be at most. */
size_t redact_held(const struct redact *redact);
size_t redact_hold_max(const struct redact *redact);

/*
 * What is known to go out after another LENGTH bytes goes to OUT, which has room for LENGTH and
 * redact_held more, and is not where they are: how many. *EARLY of those, from the first one on,
 * stand for bytes that were held before, the whole of a mask that begins with such a byte as well.
 */
size_t redact_bytes(struct redact *redact, const unsigned char *bytes, size_t length,
                    unsigned char *out, size_t *early);

/*
 * The stream has ended, or is stopped: the rest, as above, which is one mask, or nothing where one
 * has just come out that covers it. What follows would be a new stream.
 */
size_t redact_end(struct redact *redact, unsigned char *out);

#endif
