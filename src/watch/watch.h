/*
 * Watching: everything the user sees of a stream while it runs and at its end: the progress line, the
 * reports, the advice. It reads the meters and never steers. The main thread's; it may wait for a
 * stuck stderr for a moment, or for the disk of a stats file, but no mover waits for it.
 */
#ifndef SLABCAT_WATCH_H
#define SLABCAT_WATCH_H

#include "watch/display.h"
#include "watch/progress.h"
#include "watch/snapshot.h"

#include <stdbool.h>
#include <stdint.h>

struct watch {
    const struct display *display;
    struct watched watched;
    struct progress progress;
    uint64_t next_frame;
    uint64_t next_stats;
    unsigned checksums; /* so many checksums have been put into their file */
    bool stats_failed;  /* the last report could not be written, and that has been said */
    bool sums_failed;   /* the same of the checksums */
    bool is_trial;      /* nothing has begun: files are tried, and not changed */
};

/*
 * The stream in WATCHED is going to begin; EXPECTED bytes come, or 0. What is wrong with files is found
 * without changing them: -errno after having said so.
 */
int watch_prepare(struct watch *watch, const struct display *display, const struct watched *watched,
                  uint64_t expected);

/* It begins: files get their first content, before a byte is read. -errno after having said so. */
int watch_begin(struct watch *watch);

/* When watch_tick wants to be called next; NEVER: it does not. */
uint64_t watch_due(const struct watch *watch);
void watch_tick(struct watch *watch, uint64_t now);

/* SIGUSR1 and SIGWINCH. */
void watch_report(struct watch *watch);
void watch_resized(struct watch *watch);

/* Somebody is about to write to stderr. */
void watch_make_room(struct watch *watch);

/* Something could not be written the last time. */
bool watch_has_failed(const struct watch *watch);

/* It is over, and REST is what is left. */
void watch_end(struct watch *watch, const struct rest *rest);

#endif
