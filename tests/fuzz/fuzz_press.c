/*
 * Press and digest: however a stream is cut, flushed and ended on its way, and however little of
 * what comes out is taken at a time, the libraries' own decoders give it back; what a flush or an
 * end has brought out is enough for all that was fed before. And the checksum of its parts is that
 * of the whole.
 *
 * The first bytes choose the kind, the level and the order of events; the others are the stream.
 */
#include "fuzz.h"

#include "tests/unit/chance.h"
#include "tests/unit/decoder.h"
#include "transform/digest.h"

enum { KIND, LEVEL, SEED, PORTION, HEAD };

struct line {
    struct press *press;
    struct decoder decoder;
    uint64_t seed;
    size_t portion;
    unsigned ends;
};

/* Some of what waits goes to the decoder: all of it if LEAVES_NONE. */
static void carry(struct line *line, bool leaves_none)
{
    unsigned char *bytes;
    size_t waiting = press_waiting(line->press, &bytes);

    while (waiting > 0) {
        const size_t most = 1 + any(&line->seed, line->portion);
        const size_t part = waiting < most ? waiting : most;

        MUST(decode(&line->decoder, bytes, part));
        press_wrote(line->press, part);
        if (!leaves_none)
            break;
        waiting = press_waiting(line->press, &bytes);
    }
}

/* A flush or an end until it is done; then all that was FED can be decoded. */
static void bring_out(struct line *line, int (*step)(struct press *press), size_t fed)
{
    int result;
    int rounds = 0;

    while ((result = step(line->press)) == 0) {
        carry(line, any(&line->seed, 2));
        MUST(++rounds < 1 << 16);
    }
    MUST(result == 1 && !press_has_inside(line->press));
    carry(line, true);
    MUST(line->decoder.length == fed);
}

static void feed_all(struct line *line, const unsigned char *bytes, size_t length)
{
    size_t fed = 0;

    while (fed < length) {
        const size_t most = 1 + any(&line->seed, line->portion);
        const size_t part = length - fed < most ? length - fed : most;
        const ssize_t taken = press_feed(line->press, bytes + fed, part);

        MUST(taken >= 0 && (size_t)taken <= part);
        fed += (size_t)taken;
        if (taken == 0)
            carry(line, true);
        switch (any(&line->seed, 8)) {
        case 0: bring_out(line, press_flush, fed); break;
        case 1:
            bring_out(line, press_end, fed);
            MUST(line->decoder.is_between_frames);
            if (any(&line->seed, 2))
                press_begin(line->press);
            break;
        case 2: MUST(press_flush(line->press) >= 0); break; /* begun, and then bytes come */
        case 3: carry(line, false); break;
        default: break;
        }
    }
    bring_out(line, press_end, length);
    MUST(line->decoder.is_between_frames && line->decoder.frames > 0);
}

static void check_press(const uint8_t *head, const unsigned char *stream, size_t length)
{
    const enum press_kind kind = head[KIND] & 1 ? PRESS_ZSTD : PRESS_GZIP;
    unsigned char *const back = malloc(length + 1); /* a byte more: room that stays */
    struct line line = {.seed = head[SEED], .portion = 1 + (size_t)head[PORTION] * 4};

    MUST(back);
    if (press_is_there(kind)) {
        MUST(press_make(&line.press, kind, 1 + head[LEVEL] % 4) == 0);
        decoder_open(&line.decoder, kind, back, length + 1);
        feed_all(&line, stream, length);
        MUST(line.decoder.length == length);
        MUST(length == 0 || memcmp(back, stream, length) == 0);
        decoder_close(&line.decoder);
        press_free(line.press);
    }
    free(back);
}

static void check_digest(const uint8_t *head, const unsigned char *stream, size_t length)
{
    static const char *const algorithms[] = {"sha256", "md5", "blake2b512"};
    uint64_t seed = head[SEED];
    char whole[DIGEST_HEX_MAX];
    char parts[DIGEST_HEX_MAX];
    struct digest *digest;
    size_t at = 0;

    if (!digest_is_there() || digest_make(&digest, algorithms[head[LEVEL] % 3]) != 0)
        return;
    digest_add(digest, stream, length);
    MUST(digest_finish(digest, whole) == 0);
    while (at < length) {
        const size_t part = any(&seed, (length - at < 64 ? length - at : 64) + 1);

        digest_add(digest, stream + at, part);
        at += part;
    }
    MUST(digest_finish(digest, parts) == 0 && strcmp(whole, parts) == 0);
    MUST(strlen(whole) % 2 == 0 && strspn(whole, "0123456789abcdef") == strlen(whole));
    digest_free(digest);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < HEAD)
        return 0;
    check_press(data, data + HEAD, size - HEAD);
    check_digest(data, data + HEAD, size - HEAD);
    return 0;
}
