/*
 * The intake: what the reader and the direct loop have in common on the side of the input. It
 * reads, counts, reports what fails, moves on to the next input, and knows when there is nothing
 * more to wait for. Belongs to the one thread that reads.
 *
 * Draining begins when the main thread says so. From then on nobody is waited for: files are left
 * where they are, and an input with a producer is frozen before each read, so that the producer is
 * stopped and what it holds is known. It is over when a frozen input is empty.
 *
 * With settings.stop_at the end comes after so many bytes of all inputs together: none behind them
 * is taken, and no input is frozen, counted or closed for others, who may read on from there. A
 * message that would go beyond is not cut: the end comes before it.
 *
 * With transforms (transform/chain.h) what is taken is what they have made of the input. Bytes that
 * were read count as in at once; what is still held in the chain is inside as well.
 */
#ifndef SLABCAT_INTAKE_H
#define SLABCAT_INTAKE_H

#include "flow/flow.h"
#include "flow/method.h"
#include "input/source.h"
#include "input/staging.h"

#include <stddef.h>
#include <sys/types.h>

struct chain;

/* The transforms, between what is read and what is taken. */
struct feed {
    struct chain *chain; /* NULL: there are none */
    uint64_t ns;         /* spent in it, with --explain */
    uint64_t given;      /* bytes that it has given so far */
    size_t read;         /* bytes it was fed that the pace has not been told of */
    bool emptied;        /* that left the input empty */
    bool has_ended;      /* nothing more is fed */
};

struct intake {
    struct flow *flow;
    struct source source;
    struct staging staging;
    struct choice choice; /* how the bytes of the open input move */
    struct feed feed;
};

/* Close what is open, and free the chain. */
void intake_close(struct intake *intake);

/* Open the next input that can be opened, or the first. False at the end of the list. */
bool intake_next(struct intake *intake);

/* Where bytes may go: with a duct as pages into it, if the kernel will, otherwise into memory. */
struct place {
    struct duct *duct;
    unsigned char *bytes;
    size_t room;
    size_t ahead; /* unless 0: so many may be staged, if that can be done */
};

struct taken {
    bool piped;   /* the bytes went into the duct */
    bool emptied; /* they were all there was at the time */
    size_t read;  /* so many bytes of input were read for them: others, if there are transforms */
};

/*
 * The room that the next message must have, because it is to be stored as it is; 1 where bytes are
 * just bytes.
 */
size_t intake_message_room(const struct intake *intake);

/*
 * Bytes, or -EAGAIN when there are none right now, or 0 when there will be no more at all. -EXFULL:
 * the duct takes no more, and copying is not to be. -ERESTART: ask again; another input may be open
 * now, which may want another place; or, if TAKEN says that something was read, that has been for
 * the transforms alone, and what came before is not to wait for it.
 */
ssize_t intake_take(struct intake *intake, const struct place *place, struct taken *taken);

/* How many bytes may still be taken: stop_at, less what has been. SIZE_MAX: all there are. */
size_t intake_left(const struct intake *intake);

/*
 * So many bytes have gone from the open input to the output without having been in our hands, in a
 * call that BEGAN then.
 */
void intake_passed(struct intake *intake, size_t bytes, uint64_t began);

/*
 * The reader cannot take anything at the moment: when draining, at least let nothing more come in.
 */
void intake_hold(struct intake *intake);

/* The reader goes: stop the producers of all inputs that have not ended, and count what is left. */
void intake_end(struct intake *intake);

#endif
