#include "cli/help.h"

#include "cli/options.h"
#include "transform/libraries.h"

#ifndef SLABCAT_VERSION
#error "SLABCAT_VERSION comes from the Makefile"
#endif

static void print_row(FILE *to, const struct option_row *row)
{
    const char *between = *row->argument ? " " : "";
    char name[64];

    if (option_is_optional(row))
        snprintf(name, sizeof name, "%s[=%s", row->long_name, row->argument + 1);
    else
        snprintf(name, sizeof name, "%s%s%s", row->long_name, between, row->argument);
    if (row->short_name)
        fprintf(to, "  -%c, --%-25s %s\n", row->short_name, name, row->help);
    else
        fprintf(to, "      --%-25s %s\n", name, row->help);
}

void print_help(FILE *to)
{
    const char *heading = NULL; /* of the rows to come, unless it has been printed */
    size_t i;

    fputs("Usage: slabcat [OPTION]... [FILE]...  such as  app | slabcat -n 64 -o app.log\n"
          "Take standard input, or the FILEs, through a ring of slabs to standard output.\n",
          to);
    for (i = 0; i < option_row_count; i++) {
        const struct option_row *row = &option_rows[i];

        if (row->id == OPTION_GROUP) {
            heading = row->help;
        } else if (!row->is_detail) {
            if (heading)
                fprintf(to, "%s:\n", heading);
            heading = NULL;
            print_row(to, row);
        }
    }
    fputs("SIZE: 64K, 1.5M, or by 1000: 64kB. TIME: 100ms, 2s. All options: man slabcat\n", to);
}

void print_version(FILE *to)
{
    fputs("slabcat " SLABCAT_VERSION "\n", to);
    libraries_print(to);
}
