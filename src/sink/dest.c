#include "sink/dest.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

/* What follows PREFIX in WORD; NULL when WORD begins with something else. */
static const char *after(const char *word, const char *prefix)
{
    const size_t length = strlen(prefix);

    return strncmp(word, prefix, length) == 0 ? word + length : NULL;
}

/* WORD begins like a URL, whatever for. A path with "://" behind a slash or a blank does not. */
static bool has_scheme(const char *word)
{
    const char *at = word;

    if (!isalpha((unsigned char)*at))
        return false;
    while (isalnum((unsigned char)*at) || (*at && strchr("+-.", *at)))
        at++;
    return after(at, "://") != NULL;
}

/* TEXT is digits and nothing else: their number, at most LIMIT; otherwise -1. */
static long number_of(const char *text, long limit)
{
    long number = 0;

    if (!*text)
        return -1;
    for (; *text; text++) {
        if (!isdigit((unsigned char)*text))
            return -1;
        number = number * 10 + (*text - '0');
        if (number > limit)
            return -1;
    }
    return number;
}

static const char *parse_fd(struct dest *dest, const char *text)
{
    const long number = number_of(text, INT_MAX);

    if (number < 0)
        return "no descriptor's number; fd:N";
    dest->kind = DEST_FD;
    dest->fd = (int)number;
    return NULL;
}

static const char *parse_unix(struct dest *dest, const char *text)
{
    if (!*text || strcmp(text, "@") == 0)
        return "no path; unix:PATH";
    if (strlen(text) >= sizeof((struct sockaddr_un *)NULL)->sun_path)
        return "a socket's path has at most 107 bytes";
    dest->kind = DEST_UNIX;
    dest->path = text;
    return NULL;
}

/* A service's name, if it is no number: whether there is one of that name is not asked here. */
static const char *parse_port(struct dest *dest, const char *text)
{
    const size_t length = strlen(text);
    bool named = false;
    const char *at;

    if (length == 0)
        return "no port; tcp://HOST:PORT";
    for (at = text; *at; at++) {
        if (!isalnum((unsigned char)*at) && !strchr("+-._", *at))
            return "a port is a number or a service's name";
        named |= isalpha((unsigned char)*at) != 0;
    }
    if (!named && number_of(text, 65535) < 1)
        return "a port is in 1..65535";
    if (length > DEST_PORT_MAX)
        return "no service has so long a name";
    memcpy(dest->port, text, length + 1);
    return NULL;
}

static const char *parse_host(struct dest *dest, const char *text, size_t length)
{
    size_t i;

    if (length == 0)
        return "no host; tcp://HOST:PORT";
    if (length > DEST_HOST_MAX)
        return "no host has so long a name";
    for (i = 0; i < length; i++) {
        if ((unsigned char)text[i] <= ' ' || text[i] == 0x7f || strchr("/?#@\\[]", text[i]))
            return "no name or address of a host";
    }
    memcpy(dest->host, text, length);
    dest->host[length] = '\0';
    return NULL;
}

/* The zone behind a % says which network a link-local address is meant for. */
static bool is_ipv6(const char *host)
{
    char address[INET6_ADDRSTRLEN];
    const size_t length = strcspn(host, "%");
    struct in6_addr parsed;

    if (length >= sizeof address)
        return false;
    memcpy(address, host, length);
    address[length] = '\0';
    return inet_pton(AF_INET6, address, &parsed) == 1;
}

static const char *parse_bracketed(struct dest *dest, const char *text)
{
    const char *const end = strchr(text, ']');
    const char *wrong;

    if (!end)
        return "a bracket is open; tcp://[ADDRESS]:PORT";
    wrong = parse_host(dest, text, (size_t)(end - text));
    if (wrong)
        return wrong;
    if (!is_ipv6(dest->host))
        return "no IPv6 address in the brackets";
    if (end[1] && end[1] != ':')
        return "a port follows the brackets; tcp://[ADDRESS]:PORT";
    return parse_port(dest, end[1] ? end + 2 : "");
}

static const char *parse_tcp(struct dest *dest, const char *text)
{
    const char *const colon = strchr(text, ':');
    const char *wrong;

    dest->kind = DEST_TCP;
    if (*text == '[')
        return parse_bracketed(dest, text + 1);
    if (!colon)
        return *text ? "no port; tcp://HOST:PORT" : "no host; tcp://HOST:PORT";
    if (strchr(colon + 1, ':'))
        return "an IPv6 address wants brackets; tcp://[ADDRESS]:PORT";
    wrong = parse_host(dest, text, (size_t)(colon - text));
    return wrong ? wrong : parse_port(dest, colon + 1);
}

const char *dest_parse(struct dest *dest, const char *word)
{
    const char *rest;

    *dest = (struct dest){.kind = DEST_PATH, .name = word, .path = word, .fd = -1};
    if (!*word)
        return "empty; PATH, -, fd:N, tcp://HOST:PORT or unix:PATH";
    if (strcmp(word, "-") == 0) {
        dest->kind = DEST_STDOUT;
        return NULL;
    }
    if ((rest = after(word, "fd:")))
        return parse_fd(dest, rest);
    if ((rest = after(word, "unix:")))
        return parse_unix(dest, rest);
    if ((rest = after(word, "tcp://")))
        return parse_tcp(dest, rest);
    /* who forgets the slashes wants no file of that name */
    if (after(word, "tcp:"))
        return "the slashes are missing; tcp://HOST:PORT, or ./tcp:... for a file";
    if (has_scheme(word))
        return "unknown scheme; tcp://HOST:PORT or unix:PATH, or ./ before a file's name";
    return NULL;
}

static int descriptor_of_path(const char *path)
{
    static const char *const standard[] = {"/dev/stdin", "/dev/stdout", "/dev/stderr"};
    static const char *const folders[] = {"/dev/fd/", "/proc/self/fd/"};
    const char *rest;
    int i;

    for (i = STDIN_FILENO; i <= STDERR_FILENO; i++) {
        if (strcmp(path, standard[i]) == 0)
            return i;
    }
    for (i = 0; i < (int)(sizeof folders / sizeof folders[0]); i++) {
        if ((rest = after(path, folders[i])))
            return (int)number_of(rest, INT_MAX);
    }
    return -1;
}

int dest_descriptor(const struct dest *dest)
{
    switch (dest->kind) {
    case DEST_STDOUT: return STDOUT_FILENO;
    case DEST_FD: return dest->fd;
    case DEST_PATH: return descriptor_of_path(dest->path);
    case DEST_TCP:
    case DEST_UNIX: break;
    }
    return -1;
}

bool dest_connects(const struct dest *dest)
{
    return dest->kind == DEST_TCP || dest->kind == DEST_UNIX;
}
