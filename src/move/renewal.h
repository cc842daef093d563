/*
 * Renewal: a path output goes on in another file, because somebody has rotated the old one away
 * (HUP) or because it is to be rotated here: it is as large or as old as it may be
 * (ends/rotation.h).
 *
 * Either happens between lines, and where the bytes are compressed between frames; what has no end
 * of a line for long is no stream of lines, and cut anywhere. For the writer, and for main before
 * there is one.
 */
#ifndef SLABCAT_RENEWAL_H
#define SLABCAT_RENEWAL_H

#include "move/outlet.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Main, before the outlet is opened: a path output is rotated if SETTINGS say so. What an earlier run
 * has left is not touched yet. 0, or -errno after having said why.
 */
int renewal_prepare(struct outlet *outlet, const struct settings *settings);

/* Main, when all outlets are open: what an earlier run has left is rotated away, unless it is to be gone on with. */
int renewal_begin(struct outlet *outlet, const struct settings *settings);

/*
 * Called by the main thread after renewal_begin. When all outlets have begun, renewal_settle deletes the
 * oldest files if there are too many. When one of them has failed, renewal_take_back gives the file that
 * an earlier run has left its name back.
 */
void renewal_settle(struct outlet *outlet);
void renewal_take_back(struct outlet *outlet);

/* The file is to be opened again as soon as that cuts nothing, because somebody asks for it. */
void renewal_ask(struct pour *pour, struct outlet *outlet);

/* Go on with what has been asked for; also with what has become due. */
void renewal_try(struct pour *pour, struct outlet *outlet);

/* So many bytes more may be written to the file; SIZE_MAX: that is no question. */
size_t renewal_room(const struct outlet *outlet);

/*
 * No whole line fits into that room. May the file be given up for another one, because it has
 * something, and it is between lines or has met none for long? Then do so.
 */
bool renewal_may_force(const struct outlet *outlet);
void renewal_force(struct pour *pour, struct outlet *outlet);

/* When the file will be too old; NEVER. */
uint64_t renewal_due(const struct outlet *outlet);

#endif
