/*
 * Give a file another name, never one that is taken. Both names are in DIRECTORY, a descriptor.
 * 0 or -errno; -EEXIST: TO is there, and still what it was.
 */
#ifndef SLABCAT_RENAME_H
#define SLABCAT_RENAME_H

int rename_to_free(int directory, const char *from, const char *to);

/*
 * The same in two steps, a second link and the first one's end, for kernels and file systems that
 * know no better; rename_to_free does it where it must. A crash in between leaves both names.
 */
int rename_by_link(int directory, const char *from, const char *to);

#endif
