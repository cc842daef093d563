#include "transform/press.h"

#include "transform/press_codec.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

/* zlib asks for more room than 6 bytes when a flush begins, or it marks it twice. */
enum { ROOM_MIN = 64, PRESS_KINDS = PRESS_GZIP + 1 };

struct press {
    const struct press_codec *codec;
    void *state;
    bool has_made;   /* a frame has been finished, since the last press_begin */
    bool is_open;    /* the current one has bytes in it */
    bool has_inside; /* some of them have not come out */
    bool is_ending;  /* it is being finished */
    size_t size;     /* of what waits: [from, to) */
    size_t from;
    size_t to;
    unsigned char waiting[];
};

static const struct press_codec *codec_of(enum press_kind kind)
{
    static const struct press_codec *const codecs[PRESS_KINDS] = {
#ifdef WITH_zstd
        [PRESS_ZSTD] = &press_zstd,
#endif
#ifdef WITH_zlib
        [PRESS_GZIP] = &press_gzip,
#endif
    };

    return (unsigned)kind < PRESS_KINDS ? codecs[kind] : NULL;
}

bool press_is_there(enum press_kind kind)
{
    return codec_of(kind) != NULL;
}

void press_levels(enum press_kind kind, int *least, int *most)
{
    const struct press_codec *codec = codec_of(kind);

    assert(codec);
    *least = codec->least_level;
    *most = codec->most_level();
}

const char *press_version(enum press_kind kind)
{
    const struct press_codec *codec = codec_of(kind);

    return codec ? codec->version() : NULL;
}

int press_make(struct press **made, enum press_kind kind, int level)
{
    const struct press_codec *codec = codec_of(kind);
    struct press *press;
    int result;

    if (!codec)
        return -ENOTSUP;
    if (level == PRESS_LEVEL_DEFAULT)
        level = codec->default_level;
    if (level < codec->least_level || level > codec->most_level())
        return -EINVAL;
    press = malloc(sizeof *press + codec->room());
    if (!press)
        return -ENOMEM;
    *press = (struct press){.codec = codec, .size = codec->room()};
    assert(press->size >= ROOM_MIN);
    result = codec->open(&press->state, level);
    if (result < 0) {
        free(press);
        return result;
    }
    *made = press;
    return 0;
}

void press_free(struct press *press)
{
    if (!press)
        return;
    press->codec->close(press->state);
    free(press);
}

static bool has_room(const struct press *press)
{
    return press->size - press->to >= ROOM_MIN;
}

/* One step of the codec's, its output behind what waits. 1: done, 0: not yet, or -errno. */
static int step(struct press *press, enum press_step what, struct press_move *move)
{
    int result;

    move->to = press->waiting + press->to;
    move->room = press->size - press->to;
    result = press->codec->step(press->state, what, move);
    press->to = press->size - move->room;
    return result;
}

/* The same for a flush or an end, which have to have room to begin. */
static int bring_out(struct press *press, enum press_step what)
{
    /* no bytes, but a place: a codec moves it on by as many */
    struct press_move move = {.bytes = press->waiting};

    return has_room(press) ? step(press, what, &move) : 0;
}

ssize_t press_feed(struct press *press, const unsigned char *bytes, size_t length)
{
    struct press_move move = {.bytes = bytes, .length = length};
    int result;

    if (press->is_ending) {
        result = press_end(press);
        if (result <= 0)
            return result;
    }
    while (move.length > 0 && has_room(press)) {
        result = step(press, PRESS_FEED, &move);
        if (result < 0)
            return result;
    }
    if (move.length < length)
        press->is_open = press->has_inside = true;
    return (ssize_t)(length - move.length);
}

int press_flush(struct press *press)
{
    int result;

    if (press->is_ending)
        return press_end(press);
    if (!press->has_inside)
        return 1;
    result = bring_out(press, PRESS_FLUSH);
    if (result == 1)
        press->has_inside = false;
    return result;
}

int press_end(struct press *press)
{
    int result;

    if (!press->is_open && press->has_made)
        return 1;
    press->is_ending = true;
    result = bring_out(press, PRESS_END);
    if (result == 1) {
        press->has_made = true;
        press->is_open = press->has_inside = press->is_ending = false;
    }
    return result;
}

void press_begin(struct press *press)
{
    assert(!press->is_open && !press->is_ending);
    press->has_made = false;
}

bool press_has_inside(const struct press *press)
{
    return press->has_inside;
}

size_t press_waiting(struct press *press, unsigned char **bytes)
{
    *bytes = press->waiting + press->from;
    return press->to - press->from;
}

void press_wrote(struct press *press, size_t bytes)
{
    assert(bytes <= press->to - press->from);
    press->from += bytes;
    if (press->from == press->to)
        press->from = press->to = 0;
}
