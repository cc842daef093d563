/*
 * What a press asks of a library. A codec takes bytes from one place and puts others to another:
 * what waits, what has been flushed and what is a frame is the press's to know. For press.c alone.
 */
#ifndef SLABCAT_PRESS_CODEC_H
#define SLABCAT_PRESS_CODEC_H

#include <stddef.h>

enum press_step { PRESS_FEED, PRESS_FLUSH, PRESS_END };

/* From so many bytes, to so much room; a step moves all four on. */
struct press_move {
    const unsigned char *bytes;
    size_t length;
    unsigned char *to;
    size_t room;
};

struct press_codec {
    int default_level;
    int least_level;
    int (*most_level)(void);
    const char *(*version)(void);
    size_t (*room)(void); /* for what comes out, as the library likes it */

    /* 0 or -errno; all the memory it needs is had now, not in mid-stream */
    int (*open)(void **state, int level);
    void (*close)(void *state); /* NULL is nothing to do */

    /*
     * Goes on until the room is used up or there is nothing more to do; a flush and an end have no
     * bytes. 1: a flush or an end is done, and behind an end the next frame can begin. 0: there is
     * more to do, or it was a feed. -errno.
     */
    int (*step)(void *state, enum press_step step, struct press_move *move);
};

/* Those that have been built in. */
extern const struct press_codec press_zstd;
extern const struct press_codec press_gzip;

#endif
