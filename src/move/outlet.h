/*
 * An outlet: one of the outputs of a pour, how far it has come, and if it is a connection, whether
 * there is one right now. Opened by the main thread before there are others; the writer's (or the
 * direct loop's) from then on.
 *
 *                         +-------- breaks, with --reconnect --------+
 *                         v                                          |
 *     (opened) ------> RESTING --> DIALING --> READY --> PARTING ----+--> DONE
 *         |                                      ^          |
 *         +--------------------------------------+          +--> FAILED, from everywhere: it is said,
 *                                                                and the outlet is left out
 *
 * What is no connection (connection.h) is READY, and DONE once it has been closed. One that is
 * RESTING or DIALING is DONE as well when nothing is left to send.
 *
 * Nothing here waits: what an outlet waits for is told by outlet_fd, outlet_events and outlet_due.
 */
#ifndef SLABCAT_OUTLET_H
#define SLABCAT_OUTLET_H

#include "config/settings.h"
#include "ends/dest.h"
#include "ends/end.h"
#include "move/connection.h"
#include "move/packing.h"
#include "move/valve.h"
#include "transform/digest.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct duct;
struct hand;
struct pour;
struct rotation;

#define PHRASE_ROOM 64

enum outlet_state {
    OUTLET_RESTING, /* there is no connection; one will be tried when it is due */
    OUTLET_DIALING, /* it is being made */
    OUTLET_READY,   /* takes bytes */
    OUTLET_PARTING, /* has been given all there is; the peer is to close as well */
    OUTLET_DONE,
    OUTLET_FAILED
};

/* Why nothing could be written the last time. */
enum outlet_wants {
    WANTS_BYTES,  /* there are none for it */
    WANTS_ROOM,   /* it takes none */
    WANTS_TIME,   /* the rate limit */
    WANTS_HAND,   /* what is being written for it */
    WANTS_OTHERS, /* the next bytes are pages, which all outlets have to take together */
    WANTS_LINE,   /* the end of a line whose beginning is in the ring */
};

/* For a file that other programs may append to as well (appending.h). */
struct appending {
    uint64_t hold;   /* how long the beginning of a line may wait for its end; ns */
    bool is_holding; /* the beginning of a line waits */
    uint64_t due;    /* with is_holding: when it is written without its end */
    size_t held;     /* with is_holding: how many bytes of the line there are */
    bool is_long;    /* the current line is longer than a slab, and written without waiting */
};

/*
 * What the main thread reads of an outlet when it has to leave without the writer. The writer alone
 * stores; each is a position in the stream.
 */
struct claim {
    _Atomic uint64_t arrived; /* as confirmed; UINT64_MAX: the outlet has failed and is left out */
    _Atomic uint64_t asked;   /* where the write that is under way would bring it to, or 0 */
    _Atomic uint64_t since;   /* when the call that is under way began; 0: there is none */
};

struct outlet {
    const struct dest *dest;
    const char *name; /* for messages */
    struct end end;   /* with READY and PARTING */
    enum outlet_state state;
    enum outlet_wants wants;
    int error;                  /* with FAILED: why, -errno; 0: it has not been in time */
    bool is_new;                /* its file has been created for it, and nothing has begun yet */
    struct end first;           /* as it was at the start: for the reader */
    char first_is[PHRASE_ROOM]; /* for --explain: "a pipe of 64K" */

    uint64_t at;        /* this much of the stream has been written */
    uint64_t confirmed; /* and this much has arrived, as far as the kernel tells; at most at */
    struct claim claim; /* the same for others to read, with the write that is under way */
    bool is_kept;       /* what is not confirmed stays in the ring, to be written again */
    struct valve valve;
    unsigned quick;     /* times in a row it was full, and soon no more */
    bool may_grow;      /* a pipe that has not been asked for more */
    struct hand *hand;  /* a file among several outputs: who writes it */
    struct duct *relay; /* of several outputs: pages on their way, already its own */
    size_t relayed;

    bool is_to_reopen;   /* as soon as it is between lines */
    uint64_t uncut;      /* written since that was asked for */
    bool has_ended_line; /* the last that was written was the end of a line, or is unknown */

    struct appending appending;
    struct packing packing;    /* with compressed bytes */
    struct digest *digest;     /* of what its end has been given; NULL: nobody wants it */
    uint64_t digested;         /* so many bytes of that, ever */
    uint64_t digest_ns;        /* spent on them, if somebody wants to know */
    bool is_timed;             /* they do */
    struct rotation *rotation; /* its file gets another name now and then; NULL: never */
    bool is_to_rotate;         /* is_to_reopen, and that before */
    bool is_away;              /* it has the other name already, and there is no next one yet */
    uint64_t file_size;        /* what its file has, as far as that is ours */
    uint64_t file_since;       /* when the first of that was written */
    uint64_t file_began;       /* where in the stream its file begins */
    uint64_t file_size_max;    /* 0: there is no limit */
    uint64_t file_age_max;     /* ns; likewise */

    struct connection connection;
};

/* A destination as the main thread opens it: 0, or -errno after having said what is wrong. */
int outlet_open(struct outlet *outlet, const struct dest *dest, const struct settings *settings);

/*
 * All of them are open. Try whether the outlet can begin, without changing its file; begin, which is
 * the first step that changes it; or take back what begin has done, as far as that is possible,
 * because another outlet cannot begin. 0, or -errno after having said so.
 */
int outlet_try(const struct outlet *outlet, const struct settings *settings);
int outlet_begin(struct outlet *outlet, const struct settings *settings);
void outlet_take_back(struct outlet *outlet);

/* Nothing is written to the outlet: remove the file that has been created for it. */
void outlet_discard(struct outlet *outlet);

/*
 * Main, before there are other threads: what stands between the stream and the end. 0 or -errno.
 * And when there are none any more.
 */
int outlet_dress(struct outlet *outlet, const struct settings *settings, bool is_only_one);
void outlet_undress(struct outlet *outlet);

/* It is neither done nor left out. */
bool outlet_is_in_use(const struct outlet *outlet);

/* A connection that there is none of right now. */
bool outlet_is_apart(const struct outlet *outlet);

/* How much of the stream it will not ask for again. */
uint64_t outlet_settled(const struct outlet *outlet);

/* Another BYTES of the stream have been written to it, or are in its press. */
void outlet_wrote(struct outlet *outlet, size_t bytes);

/* This much of the stream has arrived. */
void outlet_confirm(struct outlet *outlet, uint64_t position);

/*
 * At the time NOW a call is about to be made that may not return: one that takes the outlet BYTES further, or
 * another one. outlet_was_answered: it has returned, and what came of it has been counted.
 */
void outlet_calls(struct outlet *outlet, uint64_t now);
void outlet_ask(struct outlet *outlet, size_t bytes, uint64_t now);
void outlet_was_answered(struct outlet *outlet);

/*
 * How many of LENGTH bytes the rate limit lets pass now: FEWEST or more, if it ever lets so many pass
 * at once. 0: none now, and the outlet wants time.
 */
size_t outlet_allowed(struct outlet *outlet, size_t fewest, size_t length);

/*
 * The first LENGTH bytes of the COUNT parts, or as many that nobody has seen, have gone to its end.
 */
void outlet_left(struct outlet *outlet, const struct iovec *parts, int count, size_t length);
void outlet_left_unseen(struct outlet *outlet, size_t length);

/* Its hand, if it has one, does what it is doing, and then no more: 0, or what that failed with. */
int outlet_free_hand(struct outlet *outlet);

/* It cannot be used any more, because OPERATION failed with ERROR. */
void outlet_broke(struct pour *pour, struct outlet *outlet, const char *operation, int error);

/* A state that is not READY: go on as far as that goes without waiting. True: it has changed. */
bool outlet_advance(struct pour *pour, struct outlet *outlet);

/* It was found ready for REVENTS, although there was no room to wait for. */
void outlet_noticed(struct pour *pour, struct outlet *outlet, short revents);

/*
 * It has been given all there is: a connection begins to part; all else, and one that is apart, is
 * synced and closed.
 */
void outlet_part(struct pour *pour, struct outlet *outlet);

/* All that was written has arrived. */
void outlet_arrived(struct pour *pour, struct outlet *outlet);

/* It is not waited for any longer, nor made again: OPERATION, a constant, failed with ERROR. */
void outlet_give_up(struct pour *pour, struct outlet *outlet, const char *operation, int error);

/* It will not be waited for any longer: close it; what has not arrived counts as not delivered. */
void outlet_leave(struct pour *pour, struct outlet *outlet);

/* What its end has been given is complete; of its files the newest KEEP are remembered, or all. */
void outlet_sum_up(struct pour *pour, struct outlet *outlet, uint64_t keep);

/* Sync its end, if that is asked for, and close it; what fails is trouble. */
void outlet_close_end(struct pour *pour, struct outlet *outlet);

/* What to poll, and for what; -1: nothing. And when to go on in any case; NEVER. */
int outlet_fd(const struct outlet *outlet);
short outlet_events(const struct outlet *outlet);
uint64_t outlet_due(struct outlet *outlet);

#endif
