/* The values of the options that have to do with looking at the bytes; values.h declares them. */
#include "cli/values.h"

#include "sys/say.h"
#include "transform/digest.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

int take_secret_source(const struct option_row *row, const char *value, bool is_file,
                       struct config *config)
{
    /* who writes NAME=VALUE or $NAME in place of NAME has given us the secret: it is not repeated */
    if (!*value || (!is_file && strchr(value, '='))) {
        say("--%s: not the name of a %s", row->long_name, is_file ? "file" : "variable");
        return -EINVAL;
    }
    if (config->secret_source_count == SECRET_SOURCES_MAX) {
        say("--%s: one too many; from 1 to %d variables and files", row->long_name,
            SECRET_SOURCES_MAX);
        return -EINVAL;
    }
    config->secret_sources[config->secret_source_count++] =
        (struct secret_source){.name = value, .is_file = is_file};
    return 0;
}

int take_timestamp(const struct option_row *row, const char *value, struct stamp_settings *stamp)
{
    static const struct {
        const char *word;
        enum stamp_kind kind;
    } words[] = {
        {"", STAMP_ISO},      {"iso", STAMP_ISO},         {"iso-us", STAMP_ISO_US},
        {"unix", STAMP_UNIX}, {"elapsed", STAMP_ELAPSED}, {"delta", STAMP_DELTA},
    };
    size_t i;

    for (i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(value, words[i].word) == 0) {
            stamp->kind = words[i].kind;
            return 0;
        }
    }
    stamp->kind = STAMP_FORMAT;
    stamp->format = value;
    if (strchr(value, '%') && stamp_check_format(value) == 0)
        return 0;
    say("--%s %s: not iso, iso-us, unix, elapsed, delta or a format of strftime of at most %d "
        "bytes, "
        "such as %%H:%%M:%%.S",
        row->long_name, quote_value(value).text, STAMP_TEXT_MAX);
    return -EINVAL;
}

int take_prefix(const struct option_row *row, const char *value, const char **prefix)
{
    *prefix = value;
    if (*value && strlen(value) <= STAMP_TEXT_MAX && is_plain_text(value))
        return 0;
    say("--%s %s: not a printable text of at most %d bytes", row->long_name,
        quote_value(value).text, STAMP_TEXT_MAX);
    return -EINVAL;
}

static int not_built_in(const struct option_row *row, const char *value, const char *library)
{
    say("--%s %s: slabcat was built without %s; `make deps` installs what it needs for that",
        row->long_name, quote_value(value).text, library);
    return -EINVAL;
}

/* There is no libcrypto here. */
static int no_libcrypto(const struct option_row *row, const char *value)
{
    const char *const why = digest_why_not();

    if (!why)
        return not_built_in(row, value, "libcrypto");
    say("--%s %s: libcrypto cannot be loaded: %s", row->long_name, quote_value(value).text,
        quote_value(why).text);
    return -EINVAL;
}

int take_digest(const struct option_row *row, const char *value, const char **algorithm)
{
    struct digest *digest;
    int error;

    *algorithm = value;
    if (!digest_is_there())
        return no_libcrypto(row, value);
    error = digest_make(&digest, value);
    if (!error) {
        digest_free(digest);
        return 0;
    }
    if (error == -ENOTSUP)
        say("--%s %s: not a checksum that libcrypto knows, such as sha256, sha512 or blake2b512",
            row->long_name, quote_value(value).text);
    else
        say("--%s %s: %s", row->long_name, quote_value(value).text, strerror(-error));
    return -EINVAL;
}

int take_digest_file(const struct option_row *row, const char *value, struct config *config)
{
    if (take_path(row, value, &config->display.digest_file))
        return -EINVAL;
    if (!digest_is_there())
        return no_libcrypto(row, value);
    if (!config->settings.digest)
        config->settings.digest = "sha256";
    return 0;
}

/* LEVEL in TEXT, behind a colon. False: that is none from LEAST to MOST. */
static bool parse_level(const char *text, int least, int most, int *level)
{
    char *end;
    long number;

    if (*text < '0' || *text > '9')
        return false;
    errno = 0;
    number = strtol(text, &end, 10);
    *level = (int)number;
    return !errno && !*end && number >= least && number <= most;
}

int take_compress(const struct option_row *row, const char *value, struct settings *settings)
{
    static const struct {
        const char *word;
        enum press_kind kind;
        const char *library;
    } words[] = {{"zstd", PRESS_ZSTD, "libzstd"}, {"gzip", PRESS_GZIP, "zlib"}};
    const size_t length = strcspn(value, ":");
    int least;
    int most;
    size_t i;

    for (i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strlen(words[i].word) != length || strncmp(value, words[i].word, length) != 0)
            continue;
        if (!press_is_there(words[i].kind))
            return not_built_in(row, value, words[i].library);
        press_levels(words[i].kind, &least, &most);
        settings->compress = words[i].kind;
        settings->compress_level = PRESS_LEVEL_DEFAULT;
        if (!value[length] ||
            parse_level(value + length + 1, least, most, &settings->compress_level))
            return 0;
        say("--%s %s: not a level from %d to %d, such as %s:%d", row->long_name,
            quote_value(value).text, least, most, words[i].word, most < 9 ? most : 9);
        return -EINVAL;
    }
    say("--%s %s: not zstd, gzip, or one of them with :LEVEL", row->long_name,
        quote_value(value).text);
    return -EINVAL;
}

int take_keep(const struct option_row *row, const char *value, uint64_t *count)
{
    int error = take_count(row, value, UINT32_MAX, count);

    if (!error && !*count) {
        say("--%s %s: 1 at least; without it all stay", row->long_name, quote_value(value).text);
        error = -EINVAL;
    }
    return error;
}
