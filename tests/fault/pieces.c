#include "tests/fault/pieces.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool is_prefix(const struct bytes *some, const struct bytes *whole)
{
    return some->length <= whole->length && memcmp(some->at, whole->at, some->length) == 0;
}

bool is_same(const struct bytes *a, const struct bytes *b)
{
    return a->length == b->length && is_prefix(a, b);
}

/* Lines of the stream in their order, and nothing else. */
bool are_lines_of(const struct bytes *some, const struct bytes *whole)
{
    const char *at = whole->at;
    const char *line = some->at;

    while (line < some->at + some->length) {
        const char *end = memchr(line, '\n', some->length - (size_t)(line - some->at));
        const size_t length = end ? (size_t)(end - line) + 1 : 0;

        if (!length)
            return false;
        if (strncmp(line, "slabcat: ", 9) != 0) {
            while (at < whole->at + whole->length && strncmp(at, line, length) != 0)
                at = strchr(at, '\n') + 1;
            if (at >= whole->at + whole->length)
                return false;
            at += length;
        }
        line += length;
    }
    return true;
}

/* Parts of WHOLE from its beginning, one behind the other: a file is read as far as it goes. */
bool are_beginnings_of(const struct bytes *some, const struct bytes *whole)
{
    const size_t head = 60;
    const char *at = some->at;

    while (at < some->at + some->length) {
        const size_t left = some->length - (size_t)(at - some->at);
        const char *next = left > head ? memmem(at + 1, left - 1, whole->at, head) : NULL;
        const struct bytes piece = {(char *)at, next ? (size_t)(next - at) : left, 0};

        if (!is_prefix(&piece, whole))
            return false;
        at += piece.length;
    }
    return true;
}

/* How much of WHOLE the pieces cover, each of which begins within what there is. */
size_t covered(const struct outcome *outcome, const struct bytes *whole)
{
    size_t reach = 0;
    int i;

    for (i = 0; i < outcome->output_count; i++) {
        const struct bytes *piece = &outcome->outputs[i];
        const size_t head = piece->length < 120 ? piece->length : 120;
        const char *at = piece->length ? memmem(whole->at, whole->length, piece->at, head) : NULL;

        if (!piece->length)
            continue;
        if (!at || (size_t)(at - whole->at) > reach ||
            (size_t)(at - whole->at) + piece->length > whole->length ||
            memcmp(at, piece->at, piece->length) != 0)
            return SIZE_MAX;
        if ((size_t)(at - whole->at) + piece->length > reach)
            reach = (size_t)(at - whole->at) + piece->length;
    }
    return reach;
}

/* What the tool makes of it; what it says about an end that is missing is nobody's concern. */
struct bytes unpacked(const struct bytes *packed, const char *tool)
{
    struct bytes plain = {.at = calloc(1, 1 << 17), .room = 1 << 17};
    char command[64];
    FILE *file = fopen("packed", "we");
    FILE *output;

    if (!plain.at || !file || fwrite(packed->at, 1, packed->length, file) != packed->length)
        abort();
    fclose(file);
    snprintf(command, sizeof command, "%s -dc <packed 2>/dev/null", tool);
    output = packed->length ? popen(command, "re") : NULL; /* NOLINT(cert-env33-c) */
    if (output) {
        plain.length = fread(plain.at, 1, plain.room, output);
        pclose(output);
    }
    return plain;
}
