/*
 * Destinations as they are written: what is taken for a host, a port, a descriptor or a path is
 * what stands there, and everything else is refused with a reason.
 *
 * The input is the word, up to a NUL.
 */
#include "fuzz.h"

#include "plain.h"
#include "sink/dest.h"

#include <ctype.h>
#include <limits.h>
#include <string.h>
#include <sys/un.h>

/* 1 to 65535, or a name. */
static void must_be_port(const char *port)
{
    const size_t length = strlen(port);
    unsigned long number = 0;
    size_t i;

    MUST(length > 0 && length <= DEST_PORT_MAX);
    for (i = 0; port[i]; i++)
        MUST(isalnum((unsigned char)port[i]) || strchr("+-._", port[i]));
    if (strspn(port, "0123456789") < length)
        return;
    for (i = 0; port[i] && number <= 65535; i++)
        number = number * 10 + (unsigned long)(port[i] - '0');
    MUST(number >= 1 && number <= 65535);
}

static void must_be_host(const char *host)
{
    size_t i;

    MUST(*host && strlen(host) <= DEST_HOST_MAX);
    for (i = 0; host[i]; i++)
        MUST((unsigned char)host[i] > ' ' && !strchr("/?#@\\[]\x7f", host[i]));
}

/* Put together again it is the same word. */
static void must_be_tcp(const struct dest *dest, const char *word)
{
    char again[DEST_HOST_MAX + DEST_PORT_MAX + sizeof "tcp://[]:"];
    const char *const form = strchr(dest->host, ':') ? "tcp://[%s]:%s" : "tcp://%s:%s";

    must_be_host(dest->host);
    must_be_port(dest->port);
    snprintf(again, sizeof again, form, dest->host, dest->port);
    if (word[strlen("tcp://")] == '[')
        snprintf(again, sizeof again, "tcp://[%s]:%s", dest->host, dest->port);
    MUST(strcmp(again, word) == 0);
}

static void must_be_descriptor(const struct dest *dest, const char *word)
{
    const char *digits = word + strlen("fd:");
    char again[16];

    MUST(strncmp(word, "fd:", 3) == 0 && dest->fd >= 0);
    digits += strspn(digits, "0");
    digits -= *digits == '\0'; /* a 0 alone */
    snprintf(again, sizeof again, "%d", dest->fd);
    MUST(strcmp(again, digits) == 0);
}

/* Something that has another meaning, or that nobody means by a file's name. */
static int is_scheme(const char *word)
{
    size_t length = 0;

    while (isalnum((unsigned char)word[length]) ||
           (length && word[length] && strchr("+-.", word[length])))
        length++;
    return isalpha((unsigned char)*word) && strncmp(word + length, "://", 3) == 0;
}

static void must_be_path(const struct dest *dest, const char *word)
{
    MUST(dest->path == word && *word && strcmp(word, "-") != 0);
    MUST(strncmp(word, "fd:", 3) != 0 && strncmp(word, "unix:", 5) != 0);
    MUST(strncmp(word, "tcp:", 4) != 0 && !is_scheme(word));
}

static void check(const char *word)
{
    struct dest dest;
    const char *const reason = dest_parse(&dest, word);

    if (reason) {
        MUST(*reason && plain_is(reason, strlen(reason), false));
        return;
    }
    MUST(dest.name == word);
    switch (dest.kind) {
    case DEST_STDOUT: MUST(strcmp(word, "-") == 0); break;
    case DEST_FD: must_be_descriptor(&dest, word); break;
    case DEST_TCP: must_be_tcp(&dest, word); break;
    case DEST_UNIX:
        MUST(strncmp(word, "unix:", 5) == 0 && dest.path == word + 5 && *dest.path);
        MUST(strlen(dest.path) < sizeof((struct sockaddr_un *)NULL)->sun_path);
        break;
    case DEST_PATH: must_be_path(&dest, word); break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *const word = malloc(size + 1);

    MUST(word);
    memcpy(word, data, size);
    word[size] = '\0';
    check(word);
    free(word);
    return 0;
}
