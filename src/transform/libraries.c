#include "transform/libraries.h"

#include "transform/digest.h"
#include "transform/press.h"

#include <stdbool.h>
#include <string.h>

struct library {
    const char *name;
    const char *version; /* up to a space or the end; NULL: it has not been built in */
};

static void print_those(FILE *to, const struct library *libraries, size_t count, bool are_there)
{
    const char *before = are_there ? "with " : "without ";
    bool has_some = false;
    size_t i;

    for (i = 0; i < count; i++) {
        const struct library *library = &libraries[i];

        if (are_there != (library->version != NULL))
            continue;
        fprintf(to, "%s%s", has_some ? ", " : before, library->name);
        if (are_there)
            fprintf(to, " %.*s", (int)strcspn(library->version, " "), library->version);
        has_some = true;
    }
    if (has_some)
        fputc('\n', to);
}

void libraries_print(FILE *to)
{
    const struct library libraries[] = {
        {"zstd", press_version(PRESS_ZSTD)},
        {"zlib", press_version(PRESS_GZIP)},
        {"libcrypto", digest_version()},
    };
    const size_t count = sizeof libraries / sizeof *libraries;

    print_those(to, libraries, count, true);
    print_those(to, libraries, count, false);
}
