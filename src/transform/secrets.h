/*
 * Secrets: the texts that are to be masked. Main reads them before there are threads, from the
 * environment and from files, never from the command line, which others can see.
 *
 * They lie in memory that no core dump contains and that is wiped when it is given back; the
 * environment's copy is wiped by secrets_forget_env, once nobody needs it any more. No message
 * contains any of them.
 *
 * A file has one secret a line (LF or CRLF; empty lines are none). A PEM block in it, from its
 * BEGIN line to its END line, is one as a whole, and so is each line between them. So is a value of
 * the environment that has such blocks, or several lines: as a whole, and by its lines.
 *
 * A whole is there twice, with LF and with CRLF between its lines; a secret that is given twice is
 * there twice. A line of less than SECRET_MIN bytes is refused, but inside of a whole it is merely
 * none of its own.
 */
#ifndef SLABCAT_SECRETS_H
#define SLABCAT_SECRETS_H

#include <stddef.h>

/* Less would mask ordinary words; and so much text in all is room enough for anybody's keys. */
#define SECRET_MIN  ((size_t)4)
#define SECRETS_MAX ((size_t)64 << 10)

struct secrets;

struct secret {
    const unsigned char *bytes;
    size_t length;
};

/* 0 or -errno. Free wipes; of NULL it does nothing. */
int secrets_make(struct secrets **made);
void secrets_free(struct secrets *secrets);

/*
 * 0, or -errno after having said what is wrong, in one line; then there may be more secrets than
 * before, but not all. NAME must stay until secrets_forget_env. PATH can be a pipe, which is read
 * to its end.
 */
int secrets_add_env(struct secrets *secrets, const char *name);
int secrets_add_file(struct secrets *secrets, const char *path);

/*
 * What the environment has been asked for is not there any more: for us, nor for who looks at us.
 * Who got it before, such as a child, keeps it.
 */
void secrets_forget_env(struct secrets *secrets);

size_t secrets_count(const struct secrets *secrets);
struct secret secrets_at(const struct secrets *secrets, size_t index);

#endif
