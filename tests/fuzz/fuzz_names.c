/*
 * A name or a value from outside, on its way to the terminal and into a file of checksums: it is
 * shown without anything that a terminal would act on, and can be read back.
 *
 * The input is the name, up to a NUL.
 */
#include "fuzz.h"

#include "hearing.h"
#include "sys/say.h"
#include "watch/checksums.h"
#include "watch/errors.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

enum { CUT_MIN = 200 }; /* what is shorter when it is quoted is not cut */

static unsigned hexadecimal(char digit)
{
    static const char digits[] = "0123456789abcdef";
    const char *const at = strchr(digits, digit);

    MUST(digit && at);
    return (unsigned)(at - digits);
}

/* What LENGTH bytes of a quoted TEXT stand for, to RAW: how many bytes. */
static size_t read_back(const char *text, size_t length, char *raw)
{
    const char *const end = text + length;
    size_t count = 0;

    while (text < end) {
        if (*text != '\\') {
            raw[count++] = *text++;
        } else if (text[1] == 'x') {
            raw[count++] = (char)(hexadecimal(text[2]) << 4 | hexadecimal(text[3]));
            text += 4;
        } else {
            raw[count++] = text[1];
            text += 2;
        }
    }
    return count;
}

static void must_be_quoted(const struct quoted *quoted, const char *name)
{
    const size_t length = strlen(quoted->text);
    const char *const inside = quoted->text + 1;
    char raw[sizeof quoted->text];
    size_t count;

    MUST(length >= 2 && quoted->text[0] == '\'' && quoted->text[length - 1] == '\'');
    count = read_back(inside, length - 2, raw);
    if (count == strlen(name) && memcmp(raw, name, count) == 0)
        return;
    MUST(length >= CUT_MIN && memcmp(inside + length - 5, "...", 3) == 0);
    count = read_back(inside, length - 5, raw);
    MUST(count < strlen(name) && memcmp(raw, name, count) == 0);
}

static void check_quotes(const char *name)
{
    const struct quoted value = quote_value(name);
    const struct quoted plain = quote_name(name);

    MUST(plain_is(value.text, strlen(value.text), false));
    MUST(plain_is(plain.text, strlen(plain.text), false));
    must_be_quoted(&value, name);
    if (plain.text[0] == '\'')
        must_be_quoted(&plain, name);
    else
        MUST(*name && strcmp(plain.text, name) == 0 && !strchr(name, ' '));
    MUST(!is_plain_text(name) || plain_is(name, strlen(name), false));
}

/* As sha256sum -c reads a line. */
static void must_be_line_of(const char *line, const char *hex, const char *name)
{
    const bool is_escaped = *line == '\\';

    line += is_escaped;
    MUST(strncmp(line, hex, strlen(hex)) == 0 && strncmp(line + strlen(hex), "  ", 2) == 0);
    line += strlen(hex) + 2;
    for (; *name; name++) {
        char byte = *line++;

        MUST(byte && !strchr("\r\n", byte));
        if (is_escaped && byte == '\\') {
            byte = *line++;
            MUST(byte && strchr("\\nr", byte));
            if (byte == 'n')
                byte = '\n';
            else if (byte == 'r')
                byte = '\r';
        }
        MUST(byte == *name);
    }
    MUST(strcmp(line, "\n") == 0);
}

static char *written(void (*write)(FILE *to, struct checksums *checksums),
                     struct checksums *checksums)
{
    char *text = NULL;
    size_t length;
    FILE *const to = open_memstream(&text, &length);

    MUST(to);
    write(to, checksums);
    MUST(fclose(to) == 0 && strlen(text) == length);
    return text;
}

static void check_sums(char *name)
{
    const struct checksum sum = {
        .name = name, .hex = "00112233445566778899aabbccddeeff", .is_file = true};
    struct checksums checksums;
    char *text;

    checksums_make(&checksums, "md5");
    MUST(checksums_add(&checksums, &sum, 1) == 0);
    text = written(checksums_write_lines, &checksums);
    must_be_line_of(text, sum.hex, name);
    free(text);
    text = written(checksums_write_text, &checksums);
    MUST(strchr(text, '\n') == text + strlen(text) - 1 && plain_is(text, strlen(text), true));
    free(text);
    checksums_free(&checksums);
}

static void check_troubles(const char *name)
{
    static struct hearing hearing;
    struct errors errors;

    MUST(errors_make(&errors) == 0);
    errors_add(&errors, (struct error_entry){.object = name,
                                             .operation = "write",
                                             .offset = UINT64_MAX - 1,
                                             .error = -ENOSPC});
    hearing_begin(&hearing);
    errors_say(&errors);
    hearing_end(&hearing);
    hearing_must_be_a_line(&hearing);
    MUST(strstr(hearing.text, quote_name(name).text));
    errors_free(&errors);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *const name = malloc(size + 1);

    MUST(name);
    memcpy(name, data, size);
    name[size] = '\0';
    check_quotes(name);
    check_sums(name);
    check_troubles(name);
    free(name);
    return 0;
}
