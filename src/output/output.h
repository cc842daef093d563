/*
 * An output: one of the outputs of a pour, how far it has come, and if it is a connection, whether
 * there is one right now. Opened by the main thread before there are others; the writer's (or the
 * direct loop's) from then on.
 *
 *                         +-------- breaks, with --reconnect --------+
 *                         v                                          |
 *     (opened) ------> RESTING --> DIALING --> READY --> PARTING ----+--> DONE
 *         |                                      ^          |
 *         +--------------------------------------+          +--> FAILED, from everywhere: it is said,
 *                                                                and the output is left out
 *
 * What is no connection (connection.h) is READY, and DONE once it has been closed. One that is
 * RESTING or DIALING is DONE as well when nothing is left to send.
 *
 * Nothing here waits: what an output waits for is told by output_fd, output_events and output_due.
 */
#ifndef SLABCAT_OUTPUT_H
#define SLABCAT_OUTPUT_H

#include "config/settings.h"
#include "flow/flow.h"
#include "io/endpoint.h"
#include "net/connection.h"
#include "output/compressor.h"
#include "sink/dest.h"
#include "sink/rate_limit.h"
#include "transform/digest.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct duct;
struct outputs;
struct worker;
struct rotation;

enum output_state {
    OUTPUT_RESTING, /* there is no connection; one will be tried when it is due */
    OUTPUT_DIALING, /* it is being made */
    OUTPUT_READY,   /* takes bytes */
    OUTPUT_CLOSING, /* has been given all there is; the peer is to close as well */
    OUTPUT_DONE,
    OUTPUT_FAILED
};

/* Why nothing could be written the last time. */
enum output_wants {
    WANTS_BYTES,  /* there are none for it */
    WANTS_ROOM,   /* it takes none */
    WANTS_TIME,   /* the rate limit */
    WANTS_WORKER, /* what is being written for it */
    WANTS_OTHERS, /* the next bytes are pages, which all outputs have to take together */
    WANTS_LINE,   /* the end of a line whose beginning is in the ring */
};

/* For a file that other programs may append to as well (appending.h). */
struct whole_lines {
    uint64_t hold;   /* how long the beginning of a line may wait for its end; ns */
    bool is_holding; /* the beginning of a line waits */
    uint64_t due;    /* with is_holding: when it is written without its end */
    size_t held;     /* with is_holding: how many bytes of the line there are */
    bool is_long;    /* the current line is longer than a slab, and written without waiting */
};

/*
 * What the main thread reads of an output when it has to leave without the writer. The writer alone
 * stores; each is a position in the stream.
 */
struct claim {
    _Atomic uint64_t arrived; /* as confirmed; UINT64_MAX: the output has failed and is left out */
    _Atomic uint64_t asked;   /* where the write that is under way would bring it to, or 0 */
    _Atomic uint64_t since;   /* when the call that is under way began; 0: there is none */
};

struct output {
    struct flow *flow;
    const struct outputs *all; /* it is one of these */
    struct target *target;     /* what the reader knows of it */
    const struct dest *dest;
    const char *name;    /* for messages */
    struct endpoint end; /* with READY and PARTING */
    enum output_state state;
    enum output_wants wants;
    int error;   /* with FAILED: why, -errno; 0: it has not been in time */
    bool is_new; /* its file has been created for it, and nothing has begun yet */

    uint64_t written;   /* this much of the stream has been written */
    uint64_t confirmed; /* and this much has arrived, as far as the kernel tells; at most at */
    struct claim claim; /* the same for others to read, with the write that is under way */
    bool resends;       /* what is not confirmed stays in the ring, to be written again */
    struct rate_limit rate_limit;
    unsigned quick;        /* times in a row it was full, and soon no more */
    bool may_grow;         /* a pipe that has not been asked for more */
    struct worker *worker; /* a file among several outputs: who writes it */
    struct duct *relay;    /* of several outputs: pages on their way, already its own */
    size_t relayed;

    bool is_to_reopen;   /* as soon as it is between lines */
    uint64_t uncut;      /* written since that was asked for */
    bool has_ended_line; /* the last that was written was the end of a line, or is unknown */

    struct whole_lines lines;
    struct compressor compressor; /* with compressed bytes */
    struct digest *digest;        /* of what its end has been given; NULL: nobody wants it */
    uint64_t digested;            /* so many bytes of that, ever */
    uint64_t digest_ns;           /* spent on them, if somebody wants to know */
    bool is_timed;                /* they do */
    struct rotation *rotation;    /* its file gets another name now and then; NULL: never */
    bool is_to_rotate;            /* is_to_reopen, and that before */
    bool is_renamed;              /* it has the other name already, and there is no next one yet */
    uint64_t file_size;           /* what its file has, as far as that is ours */
    uint64_t file_since;          /* when the first of that was written */
    uint64_t file_began;          /* where in the stream its file begins */
    uint64_t file_size_max;       /* 0: there is no limit */
    uint64_t file_age_max;        /* ns; likewise */

    struct connection connection;
};

struct outputs {
    struct output list[OUTPUTS_MAX];
    int count;
};

/* A destination as the main thread opens it: 0, or -errno after having said what is wrong. */
int output_open(struct output *output, const struct dest *dest, const struct outputs *all,
                struct flow *flow);

/*
 * All of them are open. Try whether the output can begin, without changing its file; begin, which is
 * the first step that changes it; or take back what begin has done, as far as that is possible,
 * because another output cannot begin. 0, or -errno after having said so.
 */
int output_try(const struct output *output, const struct settings *settings);
int output_begin(struct output *output, const struct settings *settings);
void output_take_back(struct output *output);

/* Nothing is written to the output: remove the file that has been created for it. */
void output_discard(struct output *output);

/*
 * Main, before there are other threads: what stands between the stream and the end. 0 or -errno.
 * And when there are none any more.
 */
int output_add_layers(struct output *output, const struct settings *settings, bool is_only_one);
void output_drop_layers(struct output *output);

/* It is neither done nor left out. */
bool output_is_in_use(const struct output *output);

/* A connection that there is none of right now. */
bool output_is_disconnected(const struct output *output);

/* How much of the stream it will not ask for again. */
uint64_t output_settled(const struct output *output);

/* Another BYTES of the stream have been written to it, or are in its press. */
void output_wrote(struct output *output, size_t bytes);

/* This much of the stream has arrived. */
void output_confirm(struct output *output, uint64_t position);

/*
 * At the time NOW a call is about to be made that may not return: one that takes the output BYTES further, or
 * another one. output_was_answered: it has returned, and what came of it has been counted.
 */
void output_calls(struct output *output, uint64_t now);
void output_ask(struct output *output, size_t bytes, uint64_t now);
void output_was_answered(struct output *output);

/*
 * How many of LENGTH bytes the rate limit lets pass now: FEWEST or more, if it ever lets so many pass
 * at once. 0: none now, and the output wants time.
 */
size_t output_allowed(struct output *output, size_t fewest, size_t length);

/*
 * The first LENGTH bytes of the COUNT parts, or as many that nobody has seen, have gone to its end.
 */
void output_left(struct output *output, const struct iovec *parts, int count, size_t length);
void output_left_unseen(struct output *output, size_t length);

/* Its hand, if it has one, does what it is doing, and then no more: 0, or what that failed with. */
int output_free_worker(struct output *output);

/* It cannot be used any more, because OPERATION failed with ERROR. */
void output_broke(struct output *output, const char *operation, int error);

/* A state that is not READY: go on as far as that goes without waiting. True: it has changed. */
bool output_advance(struct output *output);

/* It was found ready for REVENTS, although there was no room to wait for. */
void output_noticed(struct output *output, short revents);

/*
 * It has been given all there is: a connection begins to part; all else, and one that is apart, is
 * synced and closed.
 */
void output_finish(struct output *output);

/* All that was written has arrived. */
void output_arrived(struct output *output);

/* It is not waited for any longer, nor made again: OPERATION, a constant, failed with ERROR. */
void output_give_up(struct output *output, const char *operation, int error);

/* It will not be waited for any longer: close it; what has not arrived counts as not delivered. */
void output_leave(struct output *output);

/* What its end has been given is complete; of its files the newest KEEP are remembered, or all. */
void output_sum_up(struct output *output, uint64_t keep);

/* Sync its end, if that is asked for, and close it; what fails is trouble. */
void output_close_end(struct output *output);

/* What to poll, and for what; -1: nothing. And when to go on in any case; NEVER. */
int output_fd(const struct output *output);
short output_events(const struct output *output);
uint64_t output_due(struct output *output);

#endif
