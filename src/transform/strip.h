/*
 * Strip: takes terminal escapes out of a stream: CSI, OSC, DCS, APC, PM and SOS sequences, escapes
 * of two bytes and with intermediates, and the C1 controls, which do the same in one byte or as a
 * character of UTF-8. Whole characters of UTF-8 are kept, whatever bytes they are made of; so is
 * what is not UTF-8, unless it is a control; a byte that continues what may yet become a character
 * is none. What a terminal would print or do all the same while a sequence is going on (a tab
 * within a CSI) is kept, too.
 *
 * A machine over bytes with a bounded state. A newline ends whatever has been begun, so an escape
 * that is never finished costs the rest of its line at most. What comes out does not depend on
 * where the input is cut. The reader's; it knows no descriptor and no clock.
 */
#ifndef SLABCAT_STRIP_H
#define SLABCAT_STRIP_H

#include <stddef.h>

/* All 0: at the beginning of a stream. */
struct strip {
    unsigned char place; /* in which sequence, if any */
    unsigned char tail;  /* which bytes the character of UTF-8 that has begun still needs */
    unsigned char held;  /* so many bytes may be the beginning of a control: 1 at most */
    unsigned char
        early; /* so many of those that went out last, the first ones, had been held before */
};

/*
 * What is left of LENGTH bytes goes to OUT, with what was held before in front of it: how many. OUT
 * may be where they are, less what is held; if they lie elsewhere it has room for one more.
 */
size_t strip_bytes(struct strip *strip, const unsigned char *bytes, size_t length,
                   unsigned char *out);

/* The stream has ended: what was held goes to OUT, 1 byte at most. */
size_t strip_end(struct strip *strip, unsigned char *out);

#endif
