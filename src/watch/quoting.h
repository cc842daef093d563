/* Texts in reports for machines. */
#ifndef SLABCAT_QUOTING_H
#define SLABCAT_QUOTING_H

#include <stdio.h>

/* In quotes, escaped as JSON and Prometheus both want it. TEXT is printable. */
void write_string(FILE *to, const char *text);

#endif
