/*
 * Secrets: the texts that are to be masked. Main reads them before there are threads, from the
 * environment and from files, never from the command line, which others can see.
 *
 * They lie in memory that no core dump contains and that is wiped when it is given back; the
 * environment's copy is wiped by secrets_forget_env, once nobody needs it any more. No message
 * contains any of them.
 *
 * A file has one secret a line (LF or CRLF; empty lines are none). A PEM block in it, from its BEGIN
 * line to its END line, is one as a whole, and so is each line between them. So is a value of the
 * environment that is such a block, or has several lines: as a whole, and by its lines.
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

int secrets_make(struct secrets **made);
void secrets_free(struct secrets *secrets);

/* 0, or -errno after having said what is wrong, in one line. */
int secrets_add_env(struct secrets *secrets, const char *name);
int secrets_add_file(struct secrets *secrets, const char *path);

/* What the environment has been asked for is not there any more: for us, nor for who looks at us. */
void secrets_forget_env(struct secrets *secrets);

size_t secrets_count(const struct secrets *secrets);
struct secret secrets_at(const struct secrets *secrets, size_t index);

#endif
