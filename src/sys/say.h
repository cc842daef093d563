/*
 * Speaking to the user: whole lines on stderr, each from one write, each after "slabcat: ".
 *
 * What came from outside (a name, a value) goes through quote_*: it keeps printable text and spells
 * out everything a terminal could act on. A stderr that does not take a line within 0.2 s is given
 * up on: a stuck terminal stops nothing.
 */
#ifndef SLABCAT_SAY_H
#define SLABCAT_SAY_H

#include <stdbool.h>
#include <stddef.h>

/* False: stderr is stuck or gone. Who has more to say need not try. */
bool say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* TEXT as it is, whole lines of it. The same policy. */
bool say_raw(const char *text, size_t length);

/* TEXT can be printed as it is: it is UTF-8 without controls or look-alikes. */
bool is_plain_text(const char *text);

struct quoted {
    char text[256];
};

/* TEXT in '...', safe to print, cut with "..." when long. */
struct quoted quote_value(const char *text);

/* The same for a name: without the quotes where nothing in it needs them. */
struct quoted quote_name(const char *text);

#endif
