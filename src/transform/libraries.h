/* Which of the libraries that slabcat can be built with have been, for --version. Main's. */
#ifndef SLABCAT_LIBRARIES_H
#define SLABCAT_LIBRARIES_H

#include <stdio.h>

/* "with zstd 1.5.4, ..." and "without zlib, ...": a line each, if there are any. */
void libraries_print(FILE *to);

#endif
