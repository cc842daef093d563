/*
 * The terminal that stderr may be: its size, whether it is ours to write to, and writing that never
 * waits for it.
 */
#ifndef SLABCAT_TERMINAL_H
#define SLABCAT_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

/* $COLUMNS, or what the terminal says, or 80. */
unsigned terminal_width(int fd);

/* It obeys escape sequences: $TERM is neither empty nor dumb. */
bool terminal_can_erase(void);

/* It may be written to in colour: $NO_COLOR is empty. */
bool terminal_wants_color(void);

/* FD is no terminal of a job in the background; nobody has asked that one for its opinion. */
bool terminal_is_ours(int fd);

/* Who does not take a line for so long is stuck, and given up on. */
enum { STUCK_AFTER_MS = 200 };

/*
 * Without waiting for longer than PATIENCE_MS, and without being stopped for writing from the
 * background. False: not all of it went. FD may be anything.
 */
bool terminal_write(int fd, const char *text, size_t length, unsigned patience_ms);

#endif
