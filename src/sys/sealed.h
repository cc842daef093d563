/*
 * Memory for what nobody else is to see: pages of our own, zeroed, that no core dump contains, and
 * that are wiped before they are given back. Any thread's.
 */
#ifndef SLABCAT_SEALED_H
#define SLABCAT_SEALED_H

#include <stddef.h>

/* NULL: there is none. Its pages are taken as they are touched. */
void *sealed_make(size_t size);

/* Of exactly what sealed_make gave; NULL is fine. It touches every page of it. */
void sealed_free(void *memory, size_t size);

/* Zeroes, even if nobody reads them any more. For any memory. */
void sealed_wipe(void *memory, size_t size);

#endif
