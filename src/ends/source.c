#include "ends/source.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

void source_init(struct source *source, char *const *names, int count, bool stdin_closed)
{
    static char standard_input[] = "-";
    static char *const stdin_alone[] = {standard_input};

    *source = (struct source){.names = names, .count = count, .stdin_closed = stdin_closed};
    if (count == 0) {
        source->names = stdin_alone;
        source->count = 1;
    }
}

static int open_named(struct source *source, const char *name)
{
    if (strcmp(name, "-") != 0) {
        source->name = name;
        return end_open_input(&source->end, name);
    }
    source->name = "stdin";
    if (source->stdin_closed)
        return -EBADF;
    return end_adopt(&source->end, END_INPUT, STDIN_FILENO, source->name);
}

int source_advance(struct source *source, const struct end *output)
{
    int error;

    source_close(source);
    if (source->next == source->count)
        return SOURCE_NONE_LEFT;
    source->offset = 0;
    error = open_named(source, source->names[source->next++]);
    if (error)
        return error;
    source->is_open = true;
    if (end_feeds_itself(&source->end, output)) {
        source_close(source);
        return SOURCE_IS_OUTPUT;
    }
    return SOURCE_OPENED;
}

void source_close(struct source *source)
{
    if (!source->is_open)
        return;
    source->is_open = false;
    /* stdin stays open: it may be named again, and others may still read it */
    if (source->end.fd != STDIN_FILENO)
        end_close(&source->end);
    else if (source->end.own_fd >= 0)
        close(source->end.own_fd);
}
