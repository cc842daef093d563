/*
 * JSON as RFC 8259 has it, and no more: is a text that, and what does it say? Numbers are checked
 * as they are written, and nothing is allocated.
 */
#ifndef SLABCAT_FUZZ_JSON_H
#define SLABCAT_FUZZ_JSON_H

#include "plain.h"

#include <stdlib.h>
#include <string.h>

enum { JSON_DEPTH_MAX = 8 };

struct json {
    const char *at;
    const char *end;
    int depth;
};

static inline bool json_value(struct json *json);

static inline void json_skip_blanks(struct json *json)
{
    while (json->at < json->end && *json->at && strchr(" \t\r\n", *json->at))
        json->at++;
}

static inline bool json_accept(struct json *json, char expected)
{
    if (json->at == json->end || *json->at != expected)
        return false;
    json->at++;
    return true;
}

static inline bool json_word(struct json *json, const char *word)
{
    const size_t length = strlen(word);

    if ((size_t)(json->end - json->at) < length || memcmp(json->at, word, length) != 0)
        return false;
    json->at += length;
    return true;
}

static inline bool json_escape(struct json *json)
{
    int i;

    if (json->at == json->end)
        return false;
    if (*json->at != 'u')
        return *json->at && strchr("\"\\/bfnrt", *json->at++);
    json->at++;
    for (i = 0; i < 4; i++, json->at++) {
        if (json->at == json->end || !*json->at || !strchr("0123456789abcdefABCDEF", *json->at))
            return false;
    }
    return true;
}

static inline bool json_string(struct json *json)
{
    if (!json_accept(json, '"'))
        return false;
    while (json->at < json->end && *json->at != '"') {
        uint32_t number;
        const size_t used = plain_character((const unsigned char *)json->at,
                                            (size_t)(json->end - json->at), &number);

        if (!used || number < 0x20)
            return false;
        json->at += used;
        if (number == '\\' && !json_escape(json))
            return false;
    }
    return json_accept(json, '"');
}

static inline size_t json_digits(struct json *json)
{
    const char *const start = json->at;

    while (json->at < json->end && *json->at >= '0' && *json->at <= '9')
        json->at++;
    return (size_t)(json->at - start);
}

static inline bool json_number(struct json *json)
{
    const bool has_sign = json_accept(json, '-');
    const bool is_zero = json->at < json->end && *json->at == '0';
    const size_t whole = json_digits(json);

    (void)has_sign;
    if (!whole || (is_zero && whole > 1))
        return false;
    if (json_accept(json, '.') && !json_digits(json))
        return false;
    if (!json_accept(json, 'e') && !json_accept(json, 'E'))
        return true;
    if (!json_accept(json, '+'))
        json_accept(json, '-');
    return json_digits(json) > 0;
}

/* Members or elements up to CLOSING. */
static inline bool json_list(struct json *json, char closing)
{
    if (++json->depth > JSON_DEPTH_MAX)
        return false;
    json_skip_blanks(json);
    if (!json_accept(json, closing)) {
        do {
            json_skip_blanks(json);
            if (closing == '}') {
                if (!json_string(json))
                    return false;
                json_skip_blanks(json);
                if (!json_accept(json, ':'))
                    return false;
            }
            if (!json_value(json))
                return false;
            json_skip_blanks(json);
        } while (json_accept(json, ','));
        if (!json_accept(json, closing))
            return false;
    }
    json->depth--;
    return true;
}

/* What JSON is at is a value, which it goes behind. */
static inline bool json_value(struct json *json)
{
    json_skip_blanks(json);
    if (json_accept(json, '{'))
        return json_list(json, '}');
    if (json_accept(json, '['))
        return json_list(json, ']');
    if (json->at < json->end && *json->at == '"')
        return json_string(json);
    return json_word(json, "true") || json_word(json, "false") || json_word(json, "null") ||
           json_number(json);
}

/* All of TEXT is one value. */
static inline bool json_is(const char *text, size_t length)
{
    struct json json = {text, text + length, 0};

    if (!json_value(&json))
        return false;
    json_skip_blanks(&json);
    return json.at == json.end;
}

/*
 * The value of NAME in the object at TEXT, "" if it has none: only for what json_is, and a member
 * of the object itself.
 */
static inline const char *json_member(const char *text, const char *name)
{
    struct json json = {text, text + strlen(text), 0};

    json_skip_blanks(&json);
    if (!json_accept(&json, '{'))
        return "";
    do {
        const char *key;
        size_t length;

        json_skip_blanks(&json);
        key = json.at + 1;
        if (!json_string(&json))
            return "";
        length = (size_t)(json.at - key) - 1;
        json_skip_blanks(&json);
        json_accept(&json, ':');
        json_skip_blanks(&json);
        if (length == strlen(name) && memcmp(key, name, length) == 0)
            return json.at;
        if (!json_value(&json))
            return "";
        json_skip_blanks(&json);
    } while (json_accept(&json, ','));
    return "";
}

/* The number that the object at TEXT gives NAME. False: it is null, or not there. */
static inline bool json_number_of(const char *text, const char *name, uint64_t *number)
{
    const char *const value = json_member(text, name);
    char *end;

    *number = strtoull(value, &end, 10);
    return end != value;
}

#endif
