/*
 * A destination: where the bytes are to go, as the user has written it. Parsed and nothing more: no
 * file is opened and no name is looked up here.
 *
 *     -                    stdout
 *     PATH                 a file; ./fd:3 where the name looks like one of these
 *     fd:N                 a descriptor that was there at the start
 *     tcp://HOST:PORT      HOST a name, an IPv4 address or an IPv6 address in brackets; PORT a
 *                          number or a service's name
 *     unix:PATH            a stream socket; unix:@NAME in the abstract namespace
 */
#ifndef SLABCAT_DEST_H
#define SLABCAT_DEST_H

#define DEST_HOST_MAX 255
#define DEST_PORT_MAX 31

#include <stdbool.h>

enum dest_kind { DEST_STDOUT, DEST_PATH, DEST_FD, DEST_TCP, DEST_UNIX };

struct dest {
#include <stdbool.h>

    enum dest_kind kind;
    const char *name; /* as it was written, for messages; not ours to free */
    const char *path; /* PATH and UNIX */
    int fd;           /* FD */
    char host[DEST_HOST_MAX + 1];
    char port[DEST_PORT_MAX + 1];
};

/* True for a connection: it can break, be made again, and confirm what has arrived. */
bool dest_connects(const struct dest *dest);

/* NULL, or what is wrong with WORD, a constant: "no port; tcp://HOST:PORT". */
const char *dest_parse(struct dest *dest, const char *word);

/*
 * The number of the descriptor that DEST stands for: "-", fd:N, and a path such as /dev/stdout, /dev/fd/N
 * or /proc/self/fd/N. -1 for everything else.
 */
int dest_descriptor(const struct dest *dest);

#endif
