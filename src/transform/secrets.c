#include "transform/secrets.h"

#include "sys/say.h"
#include "sys/sealed.h"
#include "sys/units.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { COUNT_MAX = SECRETS_MAX / SECRET_MIN };

/* What a file of SECRETS_MAX bytes in one line has besides: the line's end. */
enum { LINE_END_MAX = 2 };

struct secrets {
    size_t used; /* of text */
    size_t count;
    size_t name_count;
    struct secret list[COUNT_MAX];
    const char *names[COUNT_MAX]; /* of the environment's: each has brought a secret at least */
    unsigned char text[SECRETS_MAX];
};

/* Where secrets come from, for messages, and what is different there. */
struct origin {
    const char *option;
    struct quoted name;
    bool is_one; /* the text is one secret, whatever lines it has; and has no lines to speak of */
};

/* A piece of text that is looked at: a value, a file, a line. */
struct piece {
    const unsigned char *bytes;
    size_t length;
};

int secrets_make(struct secrets **made)
{
    *made = sealed_make(sizeof **made);
    return *made ? 0 : -ENOMEM;
}

void secrets_free(struct secrets *secrets)
{
    sealed_free(secrets, sizeof *secrets);
}

size_t secrets_count(const struct secrets *secrets)
{
    return secrets->count;
}

struct secret secrets_at(const struct secrets *secrets, size_t index)
{
    assert(index < secrets->count);
    return secrets->list[index];
}

static int refuse(const struct origin *origin, const char *reason)
{
    say("%s %s: %s", origin->option, origin->name.text, reason);
    return -EINVAL;
}

static int refuse_short(const struct origin *origin, size_t line, size_t length)
{
    if (origin->is_one)
        say("%s %s: a secret of %zu bytes; %zu are the least", origin->option, origin->name.text,
            length, SECRET_MIN);
    else
        say("%s %s, line %zu: a secret of %zu bytes; %zu are the least", origin->option,
            origin->name.text, line, length, SECRET_MIN);
    return -EINVAL;
}

static int refuse_much(const struct origin *origin)
{
    say("%s %s: more than %s of secrets in all", origin->option, origin->name.text,
        print_size(SECRETS_MAX).text);
    return -E2BIG;
}

/* The next secret grows by so much; it is none before end_secret. */
static bool put(struct secrets *secrets, size_t *length, const void *bytes, size_t more)
{
    if (more > SECRETS_MAX - secrets->used - *length)
        return false;
    memcpy(secrets->text + secrets->used + *length, bytes, more);
    *length += more;
    return true;
}

static void end_secret(struct secrets *secrets, size_t length)
{
    assert(length >= SECRET_MIN && secrets->count < COUNT_MAX);
    secrets->list[secrets->count++] = (struct secret){secrets->text + secrets->used, length};
    secrets->used += length;
}

/* The next line of TEXT from *AT on, without its end, which *AT goes behind. */
static struct piece next_line(struct piece text, size_t *at)
{
    const unsigned char *start = text.bytes + *at;
    const unsigned char *end = memchr(start, '\n', text.length - *at);
    struct piece line = {start, end ? (size_t)(end - start) : text.length - *at};

    *at += line.length + (end != NULL);
    if (line.length > 0 && line.bytes[line.length - 1] == '\r')
        line.length--;
    return line;
}

static int add_line(struct secrets *secrets, const struct origin *origin, struct piece line)
{
    size_t length = 0;

    if (!put(secrets, &length, line.bytes, line.length))
        return refuse_much(origin);
    end_secret(secrets, length);
    return 0;
}

/* All of TEXT, of several lines, with LINE_END between them. */
static int add_joined(struct secrets *secrets, const struct origin *origin, struct piece text,
                      const char *line_end)
{
    size_t at = 0;
    size_t length = 0;

    while (at < text.length) {
        const bool is_first = at == 0;
        const struct piece line = next_line(text, &at);

        if (!is_first && !put(secrets, &length, line_end, strlen(line_end)))
            return refuse_much(origin);
        if (!put(secrets, &length, line.bytes, line.length))
            return refuse_much(origin);
    }
    if (length < SECRET_MIN)
        return refuse_short(origin, 0, length);
    end_secret(secrets, length);
    return 0;
}

static int add_whole(struct secrets *secrets, const struct origin *origin, struct piece text)
{
    const int error = add_joined(secrets, origin, text, "\n");

    return error ? error : add_joined(secrets, origin, text, "\r\n");
}

/* A line such as -----BEGIN PRIVATE KEY-----, of which OPENING is the beginning. */
static bool is_pem_mark(struct piece line, const char *opening)
{
    static const char closing[] = "-----";
    const size_t opening_length = strlen(opening);
    const size_t closing_length = sizeof closing - 1;

    return line.length >= opening_length + closing_length &&
           memcmp(line.bytes, opening, opening_length) == 0 &&
           memcmp(line.bytes + line.length - closing_length, closing, closing_length) == 0;
}

/* The block that begins with the line before AT, up to its END line, which *AT goes behind. */
static int add_pem(struct secrets *secrets, const struct origin *origin, struct piece text,
                   size_t from, size_t *at)
{
    while (*at < text.length) {
        const struct piece line = next_line(text, at);
        const size_t end = (size_t)(line.bytes + line.length - text.bytes);
        int error = 0;

        if (is_pem_mark(line, "-----BEGIN "))
            break;
        if (is_pem_mark(line, "-----END ")) {
            /* a value that is nothing but a block is there as a whole already */
            if (origin->is_one && from == 0 && end == text.length)
                return 0;
            return add_whole(secrets, origin, (struct piece){text.bytes + from, end - from});
        }
        if (line.length >= SECRET_MIN)
            error = add_line(secrets, origin, line);
        if (error)
            return error;
    }
    return refuse(origin, "a PEM block without its END line");
}

static size_t lines_in(struct piece text, size_t from, size_t to)
{
    size_t lines = 0;

    while (from < to) {
        next_line(text, &from);
        lines++;
    }
    return lines;
}

static int add_lines(struct secrets *secrets, const struct origin *origin, struct piece text)
{
    size_t number = 0;
    size_t at = 0;
    int error = 0;

    while (!error && at < text.length) {
        const size_t from = at;
        const struct piece line = next_line(text, &at);
        const size_t behind = at;

        number++;
        if (is_pem_mark(line, "-----BEGIN ")) {
            error = add_pem(secrets, origin, text, from, &at);
            number += lines_in(text, behind, at);
        } else if (line.length >= SECRET_MIN) {
            error = add_line(secrets, origin, line);
        } else if (line.length > 0 && !origin->is_one) {
            error = refuse_short(origin, number, line.length);
        }
    }
    return error;
}

/* What of the value that ENTRY of the environment gives NAME; NULL: it is another one's. */
static char *value_in(char *entry, const char *name)
{
    const size_t length = strlen(name);

    return strncmp(entry, name, length) == 0 && entry[length] == '=' ? entry + length + 1 : NULL;
}

static int add_value(struct secrets *secrets, const struct origin *origin, const char *value)
{
    struct piece text = {(const unsigned char *)value, strlen(value)};
    int error = 0;

    while (text.length > 0 && strchr("\r\n", text.bytes[text.length - 1]))
        text.length--;
    for (; text.length > 0 && strchr("\r\n", *text.bytes); text.length--)
        text.bytes++;
    if (text.length == 0)
        return refuse(origin, "it is empty");
    if (text.length < SECRET_MIN)
        return refuse_short(origin, 0, text.length);
    if (memchr(text.bytes, '\n', text.length))
        error = add_whole(secrets, origin, text);
    return error ? error : add_lines(secrets, origin, text);
}

int secrets_add_env(struct secrets *secrets, const char *name)
{
    const struct origin origin = {"--redact-env", quote_value(name), true};
    bool is_set = false;
    char **entry;

    /* a name that is there twice has two values, and who gets which depends on the program */
    for (entry = environ; entry && *entry && !strchr(name, '='); entry++) {
        const char *value = value_in(*entry, name);
        const int error = value ? add_value(secrets, &origin, value) : 0;

        if (error)
            return error;
        is_set = is_set || value;
    }
    if (is_set) {
        secrets->names[secrets->name_count++] = name;
        return 0;
    }
    /* whoever has written "$TOKEN" for TOKEN has given us the secret for a name */
    say("--redact-env, number %zu: no variable of that name is set, which is not shown, as it "
        "may be a secret",
        secrets->name_count + 1);
    return -EINVAL;
}

void secrets_forget_env(struct secrets *secrets)
{
    while (secrets->name_count > 0) {
        const char *name = secrets->names[--secrets->name_count];
        char **entry;

        for (entry = environ; entry && *entry; entry++) {
            char *value = value_in(*entry, name);

            if (value)
                sealed_wipe(value, strlen(value));
        }
        unsetenv(name);
    }
}

/* All of the file, as far as there is ROOM: how many bytes, or -errno. */
static ssize_t read_file(const char *path, unsigned char *bytes, size_t room)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    size_t length = 0;
    ssize_t got = fd < 0 ? -1 : 1;
    int error;

    while (got > 0 && length < room) {
        got = read(fd, bytes + length, room - length);
        if (got > 0)
            length += (size_t)got;
        else if (got < 0 && errno == EINTR)
            got = 1;
    }
    error = got < 0 ? -errno : 0;
    if (fd >= 0)
        close(fd);
    return error ? error : (ssize_t)length;
}

/* Editors of other systems put this in front of a text. */
static struct piece without_byte_order_mark(struct piece text)
{
    static const char mark[] = "\xef\xbb\xbf";
    const size_t length = sizeof mark - 1;

    if (text.length >= length && memcmp(text.bytes, mark, length) == 0)
        return (struct piece){text.bytes + length, text.length - length};
    return text;
}

int secrets_add_file(struct secrets *secrets, const char *path)
{
    const struct origin origin = {"--redact-file", quote_value(path), false};
    const size_t room = SECRETS_MAX + LINE_END_MAX + 1;
    unsigned char *bytes = sealed_make(room); /* no stdio: its buffers stay in the heap */
    const size_t count = secrets->count;
    const ssize_t length = bytes ? read_file(path, bytes, room) : -ENOMEM;
    int error;

    if (length < 0) {
        error = (int)length;
        say("%s %s: %s", origin.option, origin.name.text, strerror(-error));
    } else if ((size_t)length == room) {
        error = refuse_much(&origin);
    } else {
        error = add_lines(secrets, &origin,
                          without_byte_order_mark((struct piece){bytes, (size_t)length}));
        if (!error && secrets->count == count)
            error = refuse(&origin, "no secret in it");
    }
    sealed_free(bytes, room);
    return error;
}
