/*
 * The ring, its two doorbells and the way to the end, as a model for spin. What is checked, in every order in which the
 * steps of the threads can follow each other:
 *
 *   - first in, first out: what is written is what was read, byte by byte, and never what has not been published;
 *   - no slab is owned twice: what the writer holds is neither stored to nor free;
 *   - no wake-up is lost: when everybody sleeps there is nothing that could be done (judge, below);
 *   - every byte that a producer could write is delivered, or the output has failed or somebody has said ABANDON, and
 *     then those that are missing are counted;
 *   - nobody goes round for ever (check asks for cycles), so that all this is reached from every state.
 *
 * A thread's step is what happens under the ring's lock, or one access to an atomic, or the storing or writing of a
 * byte. Spin executes steps one after the other, in an order that all threads agree upon. So this does not show what a
 * missing lock or a weaker order of memory would do: that is for TSan, with tests/unit/test_ring.c and all of
 * tests/cli; hand.pml has the one place where the order of a store and a load decides, with store buffers. Left out,
 * because they are other ways of filling and emptying a slab: ducts, the stage, the spill, several inputs, connections.
 *
 * By -D: SLABS, SIZE (of a slab), BYTES that the producer has at most, OUTLETS (1), FILL (bytes that --start-fill
 * wants; 0), MESSAGES (a slab may be closed before it is full), NAPS (rests of the reader; 0), SIGNALS (1: TERM, 2:
 * ABANDON, 3: both, 0: none), INT (that, too), MAIN_WAITS (the main thread sleeps until both have ended). The flush
 * timer is always there. BUG_*: the bugs that `check --mutants` plants.
 */
#ifndef SLABS
#define SLABS 2
#endif
#ifndef SIZE
#define SIZE 2
#endif
#ifndef BYTES
#define BYTES 5
#endif
#ifndef OUTLETS
#define OUTLETS 1
#endif
#ifndef FILL
#define FILL 0
#endif
#ifndef NAPS
#define NAPS 0
#endif
#ifndef SIGNALS
#define SIGNALS 1
#endif

#define READER 0
#define WRITER 1
#define MAIN   2
#define BELLS  3
#include "bell.pml"

#define FLOWING    0
#define UNTIL_EOF 1
#define DRAINING   2
#define ABANDON    3
byte level;
bool input_has_ended;
bool writer_has_ended;
bool output_has_ended;
bool has_concluded;

/*
 * The input, a pipe, and the outputs. A byte is its place in the stream. What happens outside is seen when somebody
 * looks; so it happens then (input_goes_on, output_goes_on), and whoever goes to sleep decides what will wake him, if
 * anything.
 */
local byte produced; /* write() has returned for so many */
byte taken;    /* so many of them have been read */
local byte unread;   /* so many were left in it when it was given up */
local bool is_eof;   /* the producer has closed it */
local bool is_frozen;
local bool has_room[OUTLETS]; /* bytes are taken at the moment */
local bool has_stalled[OUTLETS];
local bool is_broken[OUTLETS]; /* the consumer has gone, or a disk is full */

#define is_readable (!is_frozen && (produced > taken || is_eof))

/* The producer writes, and closes its end at some time or keeps it open for ever. */
/* environment */
inline input_goes_on()
{
    do
    :: produced < BYTES && produced < taken + SIZE && !is_frozen && !is_eof -> produced++
    :: break
    od;
    if
    :: !is_frozen && !is_eof -> is_eof = true
    :: true
    fi
}

/* The consumer takes what comes; stalls once, for a while or for ever; and may go away at any time. */
/* environment */
inline output_goes_on(o)
{
    if
    :: !has_room[o] -> has_room[o] = true
    :: has_room[o] && !has_stalled[o] ->
        has_room[o] = false;
        has_stalled[o] = true
    :: true
    fi;
    if
    :: !is_broken[o] -> is_broken[o] = true
    :: true
    fi
}

#include "slabs.pml"

byte total; /* so much has ever been published */

#define is_ring_full (in_use == SLABS && !youngest_is_open)

#include "ring_calls.pml"

#include "ring_reader.pml"
#include "ring_writer.pml"

/* src/threads/movers.c: movers_have_ended */
#define has_ended (input_has_ended && output_has_ended)

/* src/flow/flow.c: flow_set_level */
inline flow_set_level(to)
{
    level = to;
#ifndef BUG_SILENT_STOP
    d_step {
        bell_wake_always(READER);
        bell_wake_always(WRITER)
    }
#else
    bell_wake_always(WRITER)
#endif
}

/* Signals come at any time, or never; deadlines pass at any time. */
/* src/control/session.c: event_loop */
proctype conductor()
{
#ifdef MAIN_WAITS
    bool was_rung;
#endif

    do
#ifdef INT
    :: level == FLOWING -> flow_set_level(UNTIL_EOF)
#endif
#if SIGNALS & 1
    :: level < DRAINING -> flow_set_level(DRAINING)
#endif
#if SIGNALS & 2
    :: level < ABANDON -> flow_set_level(ABANDON)
#endif
    :: break
    od;
#ifdef MAIN_WAITS
    do
    :: has_ended -> break
    :: else -> wait_for(MAIN, false, was_rung, false, _)
    od;
    has_concluded = true
#else
    skip
#endif
}

/* Everybody sleeps or has gone: that has to be because there is nothing to do. */
#define has_all_there_is(o) (state[o] != READY || (!is_broken[o] && written[o] == total))
#define is_kept_waiting(o)  (state[o] == READY && !has_room[o] && !is_broken[o] && written[o] < total)
#define rests(o)            (has_all_there_is(o) || is_kept_waiting(o) || (is_filling && !is_broken[o]))
#define has_gone(o)         (state[o] == FAILED)
#define has_everything(o)   (state[o] == FAILED || written[o] == produced)
#define is_input_silent     (taken == produced && !is_eof && level < DRAINING && !is_held)

/* environment: the judge */
proctype judge()
{
    timeout;
    d_step {
        assert(level != ABANDON || has_ended);
        if
        :: !output_has_ended ->
            assert(each(rests) && some(in_use_still));
            /* with the end of the input each of them parts when it has everything */
            assert(!input_has_ended || some(is_kept_waiting))
        :: else
        fi;
        if
        :: !input_has_ended -> assert(!output_has_ended && (is_ring_full || is_input_silent))
        :: else -> assert(produced == taken + unread)
        fi;
#if FILL
        assert(!is_filling || !is_filled || output_has_ended);
#endif
        if
        :: has_ended ->
#ifdef MAIN_WAITS
            assert(has_concluded);
#endif
            assert(level == ABANDON || each(has_everything));
            assert(each(has_gone) || level == ABANDON || unread == 0);
            assert(each(has_gone) || level == ABANDON || (total == produced && base == produced))
        :: else
        fi
    }
}

init {
    atomic {
        for (i : 0 .. OUTLETS - 1) {
            has_room[i] = true
        }
        for (i : 0 .. SLABS - 1) {
            slabs[i].next = NONE;
            for (k : 0 .. SIZE - 1) {
                slabs[i].content[k] = NONE
            }
        }
        run writer();
        run reader();
        run conductor();
        run judge()
    }
}
