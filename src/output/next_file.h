/*
 * The next file: a path output goes on in another file, because somebody has rotated the old one away
 * (HUP) or because it is to be rotated here: it is as large or as old as it may be
 * (file/rotation.h).
 *
 * Either happens between lines, and where the bytes are compressed between frames; what has no end
 * of a line for long is no stream of lines, and cut anywhere. For the writer, and for main before
 * there is one.
 */
#ifndef SLABCAT_NEXT_FILE_H
#define SLABCAT_NEXT_FILE_H

#include "output/output.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Main, before the output is opened: a path output is rotated if SETTINGS say so. What an earlier run
 * has left is not touched yet. 0, or -errno after having said why.
 */
int next_file_prepare(struct output *output, const struct settings *settings);

/* Main, when all outputs are open: what an earlier run has left is rotated away, unless it is to be gone on with. */
int next_file_begin(struct output *output, const struct settings *settings);

/*
 * Called by the main thread after next_file_begin. When all outputs have begun, next_file_settle deletes the
 * oldest files if there are too many. When one of them has failed, next_file_take_back gives the file that
 * an earlier run has left its name back.
 */
void next_file_settle(struct output *output);
void next_file_take_back(struct output *output);

/* The file is to be opened again as soon as that cuts nothing, because somebody asks for it. */
void next_file_ask(struct output *output);

/* Go on with what has been asked for; also with what has become due. */
void next_file_try(struct output *output);

/* So many bytes more may be written to the file; SIZE_MAX: that is no question. */
size_t next_file_room(const struct output *output);

/*
 * No whole line fits into that room. May the file be given up for another one, because it has
 * something, and it is between lines or has met none for long? Then do so.
 */
bool next_file_may_force(const struct output *output);
void next_file_force(struct output *output);

/* When the file will be too old; NEVER. */
uint64_t next_file_due(const struct output *output);

#endif
