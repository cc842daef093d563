#include "cli/help.h"

#include "cli/options.h"

#ifndef SLABCAT_VERSION
#error "SLABCAT_VERSION comes from the Makefile"
#endif

static void print_row(FILE *to, const struct option_row *row)
{
    char name[32];

    if (row->id == OPTION_GROUP) {
        fprintf(to, "%s:\n", row->help);
        return;
    }
    snprintf(name, sizeof name, "%s%s%s", row->long_name, *row->argument ? " " : "", row->argument);
    if (row->short_name)
        fprintf(to, "  -%c, --%-25s %s\n", row->short_name, name, row->help);
    else
        fprintf(to, "      --%-25s %s\n", name, row->help);
}

void print_help(FILE *to)
{
    size_t i;

    fputs("Usage: slabcat [OPTION]... [FILE]...\n"
          "Read standard input, or the FILEs in turn (- is standard input), into a ring of\n"
          "slabs, and write it to standard output.\n\n",
          to);
    for (i = 0; i < option_row_count; i++)
        print_row(to, &option_rows[i]);
    fputs("\nSIZE is 64K, 1.5M (1024) or 64kB, 1MB (1000). TIME is 500us, 100ms, 2s, 1m.\n"
          "Example: app | slabcat -s 64K -n 8 > out.log          Manual: man slabcat\n",
          to);
}

void print_version(FILE *to)
{
    fputs("slabcat " SLABCAT_VERSION "\n", to);
}
