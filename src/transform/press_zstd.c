/* The codec for zstd. Built where libzstd is. */
#include "transform/press_codec.h"

#include <errno.h>
#include <zstd.h>
#include <zstd_errors.h>

/*
 * The tool compresses pieces of 8 MiB in a thread of its own, which takes 38 MiB of memory to our 8
 * and costs a fifth of the ratio when each MiB is flushed. We go on in one piece, which is 0.9 %
 * larger for a log, and up to 2.2 % for text that repeats itself. A window of 4 MiB would save that
 * of such text, but none of a log's, and takes 4 % more time.
 */

static const char *zstd_version(void)
{
    return ZSTD_versionString();
}

static int errno_of(size_t code)
{
    return ZSTD_getErrorCode(code) == ZSTD_error_memory_allocation ? -ENOMEM : -EIO;
}

static void zstd_close(void *state)
{
    ZSTD_freeCCtx(state);
}

static int zstd_open(void **state, int level)
{
    ZSTD_CCtx *context = ZSTD_createCCtx();
    ZSTD_inBuffer nothing = {NULL, 0, 0};
    ZSTD_outBuffer nowhere = {NULL, 0, 0};
    size_t code;

    if (!context)
        return -ENOMEM;
    code = ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level);
    /* a checksum in each frame, as the tool writes it */
    if (!ZSTD_isError(code))
        code = ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
    /* high levels need hundreds of MiB, which come with the first call */
    if (!ZSTD_isError(code))
        code = ZSTD_compressStream2(context, &nowhere, &nothing, ZSTD_e_continue);
    if (ZSTD_isError(code)) {
        zstd_close(context);
        return errno_of(code);
    }
    *state = context;
    return 0;
}

static int zstd_step(void *state, enum press_step step, struct press_move *move)
{
    static const ZSTD_EndDirective directives[] = {
        [PRESS_FEED] = ZSTD_e_continue, [PRESS_FLUSH] = ZSTD_e_flush, [PRESS_END] = ZSTD_e_end};
    ZSTD_inBuffer in = {move->bytes, move->length, 0};
    ZSTD_outBuffer out = {move->to, move->room, 0};
    size_t left = ZSTD_compressStream2(state, &out, &in, directives[step]);

    if (ZSTD_isError(left))
        return errno_of(left);
    move->bytes += in.pos;
    move->length -= in.pos;
    move->to += out.pos;
    move->room -= out.pos;
    return step != PRESS_FEED && left == 0;
}

const struct press_codec press_zstd = {
    .default_level = ZSTD_CLEVEL_DEFAULT,
    .least_level = 1,
    .most_level = ZSTD_maxCLevel,
    .version = zstd_version,
    .room = ZSTD_CStreamOutSize,
    .open = zstd_open,
    .close = zstd_close,
    .step = zstd_step,
};
