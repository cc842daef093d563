/*
 * The file behind a path output: created, and later opened again when it has been rotated away.
 * What stands at the path may be a FIFO or a device as well.
 */
#ifndef SLABCAT_OUTFILE_H
#define SLABCAT_OUTFILE_H

#include "io/endpoint.h"

#include <stdbool.h>
#include <sys/types.h>

/*
 * Open or create PATH (0666 minus umask), for appending or at its beginning; nothing is truncated
 * yet. Waits for the reader of a FIFO, as any open does. Where others can write, their symbolic links
 * are not followed, here and below: -EACCES. *IS_NEW: it has been created for us.
 */
int outfile_open(struct endpoint *end, const char *path, bool append, bool *is_new);

/*
 * Remove PATH, which has been created for END and is not needed after all. It stays if it is another
 * file by now, has another name, has something in it, or is open in another program.
 */
void outfile_discard(const struct endpoint *end, const char *path);

/*
 * Check whether END can be truncated, by truncating it to its present size. The modification time stays
 * as it was, if the file is ours. Returns 0 or -errno. All outputs are checked before the first one is
 * emptied.
 */
int outfile_try_truncate(const struct endpoint *end);

/* It is to hold only what comes now. */
int outfile_truncate(const struct endpoint *end);

/* There is a name that may lead elsewhere by now. */
bool outfile_can_reopen(const struct endpoint *end);

/* What a successor is created with: nobody may read or write it who may not do so with END. */
mode_t outfile_mode(const struct endpoint *end);

/*
 * Open what is at PATH now into FRESH, to go on at its end, or create it (MODE minus umask): 1; 0
 * when it is the same file as OLD, or -errno. Nothing is truncated: whatever is there now, somebody
 * put there after us.
 */
int outfile_reopen(struct endpoint *fresh, const struct endpoint *old, const char *path,
                   mode_t mode);

/*
 * END writes next where a line begins: behind a DELIMITER, or at the beginning. 1, 0, or -errno when
 * that cannot be known.
 */
int outfile_is_between_lines(const struct endpoint *end, char delimiter);

#endif
