#include "sys/say.h"

#include "sys/terminal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool say_raw(const char *text, size_t length)
{
    return terminal_write(STDERR_FILENO, text, length, STUCK_AFTER_MS);
}

bool say(const char *format, ...)
{
    char line[2048] = "slabcat: ";
    size_t length = strlen(line);
    va_list arguments;
    int more;

    va_start(arguments, format);
    more = vsnprintf(line + length, sizeof line - length, format, arguments);
    va_end(arguments);
    if (more > 0)
        length += (size_t)more;
    if (length > sizeof line - 2)
        length = sizeof line - 2;
    line[length++] = '\n';
    return say_raw(line, length);
}

/*
 * One character of UTF-8 at TEXT: its length and its number, or 1 and the byte itself as no
 * character.
 */
static size_t decode(const unsigned char *text, unsigned *number, bool *valid)
{
    static const unsigned least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t length = text[0] < 0x80 ? 1 : text[0] >= 0xf0 ? 4 : text[0] >= 0xe0 ? 3 : 2;
    size_t i;

    *number = text[0];
    *valid = text[0] < 0x80;
    if (*valid || text[0] < 0xc2 || text[0] > 0xf4)
        return 1;
    *number = text[0] & (0x7fU >> length);
    for (i = 1; i < length; i++) {
        if ((text[i] & 0xc0) != 0x80) {
            *number = text[0];
            return 1;
        }
        *number = *number << 6 | (text[i] & 0x3fU);
    }
    *valid =
        *number >= least[length] && *number <= 0x10ffff && (*number < 0xd800 || *number > 0xdfff);
    if (!*valid)
        *number = text[0];
    return *valid ? length : 1;
}

/* Controls, and the characters that make text look like other text: joiners and direction marks. */
static bool is_printable(unsigned number)
{
    if (number < 0x20 || (number >= 0x7f && number < 0xa0) || number == 0xad)
        return false;
    if ((number >= 0x200b && number <= 0x200f) || (number >= 0x2028 && number <= 0x202e))
        return false;
    if ((number >= 0x2060 && number <= 0x206f) || number == 0xfeff || number == 0x061c)
        return false;
    return number < 0xe000 || (number > 0xf8ff && number < 0xe0000);
}

bool is_plain_text(const char *text)
{
    const unsigned char *in = (const unsigned char *)text;

    while (*in) {
        unsigned number;
        bool valid;
        const size_t used = decode(in, &number, &valid);

        if (!valid || !is_printable(number))
            return false;
        in += used;
    }
    return true;
}

static struct quoted quote(const char *text, bool always)
{
    struct quoted out;
    const unsigned char *in = (const unsigned char *)text;
    const size_t reserve = sizeof "'..."; /* what may have to follow, with its terminating 0 */
    size_t length = 0;
    bool plain = *in != '\0';

    out.text[length++] = '\'';
    while (*in) {
        unsigned number;
        bool valid;
        size_t used = decode(in, &number, &valid);
        bool shown = valid && is_printable(number) && number != '\'' && number != '\\';

        if (length + 4 + reserve > sizeof out.text) {
            memcpy(out.text + length, "...", 3);
            length += 3;
            plain = false;
            break;
        }
        if (shown) {
            memcpy(out.text + length, in, used);
            length += used;
        } else if (valid && (number == '\'' || number == '\\')) {
            out.text[length++] = '\\';
            out.text[length++] = (char)number;
        } else {
            used = 1;
            length += (size_t)snprintf(out.text + length, 5, "\\x%02x", *in);
        }
        if (!shown || number == ' ')
            plain = false;
        in += used;
    }
    out.text[length++] = '\'';
    out.text[length] = '\0';
    if (plain && !always) {
        memmove(out.text, out.text + 1, length - 2);
        out.text[length - 2] = '\0';
    }
    return out;
}

struct quoted quote_value(const char *text)
{
    return quote(text, true);
}

struct quoted quote_name(const char *text)
{
    return quote(text, false);
}
