/*
 * Decodes what a press makes, by the libraries' own decoders, as it comes: what a taker behind a
 * pipe would have by now. For the tests; what has not been built in fails.
 */
#ifndef SLABCAT_DECODER_H
#define SLABCAT_DECODER_H

#include "transform/press.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#ifdef WITH_zstd
#include <zstd.h>
#endif
#ifdef WITH_zlib
#define ZLIB_CONST
#include <zlib.h>
#endif

struct decoder {
    enum press_kind kind;
    void *state;
    unsigned char *to; /* what has been decoded */
    size_t room;
    size_t length;
    size_t encoded;  /* so many bytes it has seen */
    unsigned frames; /* that have come to their end */
    bool is_between_frames;
};

static inline void decoder_open(struct decoder *decoder, enum press_kind kind, unsigned char *to,
                                size_t room)
{
    *decoder = (struct decoder){.kind = kind, .room = room, .is_between_frames = true};
    decoder->to = to;
#ifdef WITH_zstd
    if (kind == PRESS_ZSTD)
        decoder->state = ZSTD_createDCtx();
#endif
#ifdef WITH_zlib
    if (kind == PRESS_GZIP) {
        decoder->state = calloc(1, sizeof(z_stream));
        if (decoder->state)
            inflateInit2((z_stream *)decoder->state, 15 + 16);
    }
#endif
}

static inline void decoder_close(struct decoder *decoder)
{
    (void)decoder;
#ifdef WITH_zstd
    if (decoder->kind == PRESS_ZSTD)
        ZSTD_freeDCtx(decoder->state);
#endif
#ifdef WITH_zlib
    if (decoder->kind == PRESS_GZIP) {
        inflateEnd(decoder->state);
        free(decoder->state);
    }
#endif
}

/* How many bytes it has taken and whether they were good; those behind a frame's end are left. */
static inline bool decode_some(struct decoder *decoder, const unsigned char *bytes, size_t length,
                               size_t *taken)
{
    (void)decoder;
    (void)bytes;
    (void)length;
    *taken = 0;
#ifdef WITH_zstd
    if (decoder->kind == PRESS_ZSTD) {
        ZSTD_inBuffer in = {bytes, length, 0};
        ZSTD_outBuffer out = {decoder->to, decoder->room, decoder->length};
        const size_t result = ZSTD_decompressStream(decoder->state, &out, &in);

        *taken = in.pos;
        decoder->length = out.pos;
        decoder->is_between_frames = result == 0;
        decoder->frames += result == 0;
        return !ZSTD_isError(result);
    }
#endif
#ifdef WITH_zlib
    if (decoder->kind == PRESS_GZIP) {
        z_stream *stream = decoder->state;
        int result;

        stream->next_in = bytes;
        stream->avail_in = (uInt)length;
        stream->next_out = decoder->to + decoder->length;
        stream->avail_out = (uInt)(decoder->room - decoder->length);
        result = inflate(stream, Z_SYNC_FLUSH);
        *taken = length - stream->avail_in;
        decoder->length = decoder->room - stream->avail_out;
        decoder->is_between_frames = result == Z_STREAM_END;
        decoder->frames += result == Z_STREAM_END;
        if (result == Z_STREAM_END)
            return inflateReset(stream) == Z_OK;
        return result == Z_OK;
    }
#endif
    return false;
}

/* Are these the next bytes of a stream? */
static inline bool decode(struct decoder *decoder, const unsigned char *bytes, size_t length)
{
    size_t taken;

    decoder->encoded += length;
    while (length > 0) {
        if (!decode_some(decoder, bytes, length, &taken) || taken == 0)
            return false;
        bytes += taken;
        length -= taken;
    }
    return true;
}

#endif
