/*
 * Progress: the line on stderr that is drawn again and again, and leaves the terminal as it was.
 *
 * Nobody waits for it: a frame that the terminal does not take at once is left out, and a job in
 * the background draws none. Where the terminal cannot erase (TERM=dumb) or there is none, each
 * frame is a line of its own. The main thread's.
 */
#ifndef SLABCAT_PROGRESS_H
#define SLABCAT_PROGRESS_H

#include "watch/display.h"
#include "watch/line.h"
#include "watch/snapshot.h"

#include <stdbool.h>
#include <stdint.h>

struct progress {
    bool is_on;
    bool can_erase;
    bool is_drawn; /* the cursor stands behind a line that can be erased */
    struct line_view view;
    uint64_t expected;  /* of the input; 0: nobody knows */
    uint64_t last_time; /* of the frame before */
    uint64_t last_in;
    uint64_t last_out;
};

/* EXPECTED bytes in all; 0: nobody knows. */
void progress_start(struct progress *progress, const struct display *display, uint64_t expected);

/*
 * A new frame, but none before the first byte has come; the last one has the rates of the whole, and
 * ends the line.
 */
void progress_draw(struct progress *progress, const struct snapshot *snapshot);
void progress_end(struct progress *progress, const struct snapshot *snapshot);

/* The terminal has another size: the same frame again. */
void progress_redraw(struct progress *progress);

/* Make room for a message; the next frame brings the line back. */
void progress_erase(struct progress *progress);

#endif
