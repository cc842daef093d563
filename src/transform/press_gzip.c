/* The codec for gzip. Built where zlib is. */
#include "transform/press_codec.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#define ZLIB_CONST /* what is read is const */
#include <zlib.h>

enum {
    LEVEL_DEFAULT = 6,
    LEVEL_MIN = 1,
    LEVEL_MAX = 9,
    WINDOW_BITS = 15 + 16, /* all there is, and a gzip header in place of zlib's */
    MEMORY_LEVEL = 8,      /* zlib's default */
    ROOM = 128 << 10,
};

static int gzip_most_level(void)
{
    return LEVEL_MAX;
}

static const char *gzip_version(void)
{
    return zlibVersion();
}

static size_t gzip_room(void)
{
    return ROOM;
}

static void gzip_close(void *state)
{
    if (state)
        deflateEnd(state);
    free(state);
}

static int gzip_open(void **state, int level)
{
    z_stream *stream = calloc(1, sizeof *stream);
    int result;

    if (!stream)
        return -ENOMEM;
    result = deflateInit2(stream, level, Z_DEFLATED, WINDOW_BITS, MEMORY_LEVEL, Z_DEFAULT_STRATEGY);
    if (result != Z_OK) {
        free(stream);
        return result == Z_MEM_ERROR ? -ENOMEM : -EIO;
    }
    *state = stream;
    return 0;
}

static uInt at_most(size_t length)
{
    return length < UINT_MAX ? (uInt)length : UINT_MAX;
}

static int gzip_step(void *state, enum press_step step, struct press_move *move)
{
    static const int flushes[] = {
        [PRESS_FEED] = Z_NO_FLUSH, [PRESS_FLUSH] = Z_SYNC_FLUSH, [PRESS_END] = Z_FINISH};
    z_stream *stream = state;
    const uInt length = at_most(move->length);
    const uInt room = at_most(move->room);
    int result;

    stream->next_in = move->bytes;
    stream->avail_in = length;
    stream->next_out = move->to;
    stream->avail_out = room;
    result = deflate(stream, flushes[step]);
    move->bytes += length - stream->avail_in;
    move->length -= length - stream->avail_in;
    move->to += room - stream->avail_out;
    move->room -= room - stream->avail_out;

    if (result == Z_STREAM_END)
        return deflateReset(stream) == Z_OK ? 1 : -EIO;
    /* Z_BUF_ERROR: there was nothing to do, which is no error */
    if (result != Z_OK && result != Z_BUF_ERROR)
        return -EIO;
    return step == PRESS_FLUSH && stream->avail_out > 0;
}

const struct press_codec press_gzip = {
    .default_level = LEVEL_DEFAULT,
    .least_level = LEVEL_MIN,
    .most_level = gzip_most_level,
    .version = gzip_version,
    .room = gzip_room,
    .open = gzip_open,
    .close = gzip_close,
    .step = gzip_step,
};
