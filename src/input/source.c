#include "input/source.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
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

bool source_is_stdin(const char *name)
{
    /* opened by its path it would be held open twice, and its producer could not be stopped */
    return strcmp(name, "-") == 0 || strcmp(name, "/dev/stdin") == 0;
}

bool source_has_producer_to_come(struct source *source)
{
    struct endpoint end;

    /* asked for each input: what has been looked at once is remembered, as there may be many */
    if (source->next_stdin < source->next)
        source->next_stdin = source->next;
    while (source->next_stdin < source->count &&
           !source_is_stdin(source->names[source->next_stdin]))
        source->next_stdin++;
    if (source->next_stdin == source->count || source->stdin_spent || source->stdin_closed)
        return false;
    return !endpoint_adopt(&end, ENDPOINT_INPUT, STDIN_FILENO, "stdin") &&
           endpoint_has_producer(&end);
}

bool source_is_all_files(const struct source *source, uint64_t *bytes)
{
    struct stat status;
    int i;

    *bytes = 0;
    for (i = source->next; i < source->count; i++) {
        const char *name = source->names[i];
        const off_t start = source_is_stdin(name) ? lseek(STDIN_FILENO, 0, SEEK_CUR) : 0;

        if ((source_is_stdin(name) ? fstat(STDIN_FILENO, &status) : stat(name, &status)) < 0 ||
            !S_ISREG(status.st_mode))
            return false;
        if (start >= 0 && start < status.st_size)
            *bytes += (uint64_t)(status.st_size - start);
    }
    return true;
}

void source_skip_files(struct source *source)
{
    while (source->next < source->count &&
           (source->stdin_spent || !source_is_stdin(source->names[source->next])))
        source->next++;
}

void source_leave(struct source *source)
{
    source_close(source);
    source->next = source->count;
}

static int open_named(struct source *source, const char *name)
{
    if (!source_is_stdin(name)) {
        source->name = name;
        return endpoint_open_input(&source->end, name);
    }
    source->name = "stdin";
    if (source->stdin_closed)
        return -EBADF;
    return endpoint_adopt(&source->end, ENDPOINT_INPUT, STDIN_FILENO, source->name);
}

int source_advance(struct source *source)
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
    source->opened++;
    return SOURCE_OPENED;
}

void source_close(struct source *source)
{
    if (!source->is_open)
        return;
    source->is_open = false;
    if (source->end.fd == STDIN_FILENO)
        source->end.fd = -1;
    endpoint_close(&source->end);
}

void source_give_up(struct source *source)
{
    if (!source->is_open)
        return;
    source->is_open = false;
    if (source_is_stdin(source->names[source->next - 1]))
        source->stdin_spent = true;
    endpoint_close(&source->end);
}
