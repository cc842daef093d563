#include "io/describe.h"

#include "sys/pipes.h"
#include "sys/units.h"

#include <stdio.h>

void describe(char *text, size_t room, const struct endpoint *end)
{
    switch (end->kind) {
    case ENDPOINT_FILE:
        snprintf(text, room, "a file%s", end->appends ? " open for appending" : "");
        break;
    case ENDPOINT_PIPE:
        snprintf(text, room, "a pipe of %s", print_size(pipe_capacity(end->fd)).text);
        break;
    case ENDPOINT_SOCKET:
        snprintf(text, room, "a socket%s", end->keeps_messages ? " that keeps messages" : "");
        break;
    case ENDPOINT_TERMINAL: snprintf(text, room, "a terminal"); break;
    case ENDPOINT_DEVICE: snprintf(text, room, "a device"); break;
    }
}
