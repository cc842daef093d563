/* What --help and --version print. Both are made for stdout, so that they can be piped. */
#ifndef SLABCAT_HELP_H
#define SLABCAT_HELP_H

#include <stdio.h>

void print_help(FILE *to);
void print_version(FILE *to);

#endif
