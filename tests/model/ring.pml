/*
 * The ring, its two doorbells and the way to the end, as a model for spin. What is checked, in every order in which the
 * steps of the threads can follow each other:
 *
 *   - first in, first out: what is written is what was read, byte by byte, and never what has not been published;
 *   - no slab is owned twice: what the writer holds is neither stored to nor free;
 *   - no wake-up is lost: when everybody sleeps there is nothing that could be done (at_rest, below);
 *   - every byte that a producer could write is delivered, or the output has failed or somebody has said LEAVING, and
 *     then those that are missing are counted;
 *   - nobody goes round for ever (check asks for cycles), so that all this is reached from every state.
 *
 * A thread's step is what happens under the ring's lock, or one access to an atomic, or the storing or writing of a byte.
 * Spin executes steps one after the other, in an order that all threads agree upon. So this does not show what a missing
 * lock or a weaker order of memory would do: that is for TSan, with tests/unit/test_ring.c and all of tests/cli; hand.pml
 * has the one place where the order of a store and a load decides, with store buffers. Left out, because they are other
 * ways of filling and emptying a slab: ducts, the stage, the spill, several inputs, connections.
 *
 * By -D: SLABS, SIZE (of a slab), BYTES that the producer has at most, OUTLETS (1), FILL (bytes that --start-fill wants;
 * 0), MESSAGES (a slab may be closed before it is full), NAPS (rests of the reader, 1), TERM (0: no signals).
 * BUG_*: the bugs that tests/model/mutants plants.
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

#define NONE 255

#define READER 0
#define WRITER 1
#define MAIN   2
#define BELLS  3
#include "bell.pml"

#define FLOWING    0
#define LAST_WORDS 1
#define DRAINING   2
#define LEAVING    3
byte level;
bool input_has_ended;
bool writer_has_ended;
bool output_has_ended;
bool has_concluded;

/*
 * The input, a pipe, and the outputs. A byte is its place in the stream. What happens outside is seen when somebody looks;
 * so it happens then (input_goes_on, output_goes_on), and whoever goes to sleep decides what will wake him, if anything.
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

/* The ring. Fields of a slab that is free are 0, its content is none. */
typedef slab_type {
    byte content[SIZE];
    byte filled;
    byte published;
    byte drained;
    byte next
}
slab_type slabs[SLABS];
byte untouched;
byte free = NONE;
byte oldest = NONE;
byte youngest = NONE;
byte in_use;
bool youngest_is_open;

byte total;            /* so much has ever been published */
byte in_hand = NONE;   /* the slab that somebody is writing from */
/* scratch, within one step */
hidden byte i, k, rest, before, gone;

#define is_ring_full (in_use == SLABS && !youngest_is_open)

/* src/ring/ring.c: empty */
inline make_empty(s)
{
    slabs[s].filled = 0;
    slabs[s].published = 0;
    slabs[s].drained = 0;
    for (k : 0 .. SIZE - 1) {
        slabs[s].content[k] = NONE
    }
}

/* src/ring/ring.c: inside_pop_free */
inline inside_pop_free(s)
{
    if
    :: free != NONE ->
        s = free;
        free = slabs[s].next
    :: free == NONE && untouched < SLABS ->
        s = untouched;
        untouched++
    :: else ->
        s = NONE
    fi;
    if
    :: s != NONE ->
        in_use++;
        slabs[s].next = NONE;
        make_empty(s)
    :: else
    fi
}

/* src/ring/ring.c: inside_push_free */
inline inside_push_free(s)
{
    assert(s != in_hand);
    make_empty(s);
    slabs[s].next = free;
    free = s;
    in_use--
}

/* src/ring/ring.c: inside_append */
inline inside_append(s)
{
    if
    :: youngest != NONE -> slabs[youngest].next = s
    :: else -> oldest = s
    fi;
    youngest = s;
    youngest_is_open = true
}

/* src/ring/ring.c: free_oldest */
inline free_oldest()
{
    gone = oldest;
    oldest = slabs[gone].next;
    if
    :: oldest == NONE -> youngest = NONE
    :: else
    fi;
    inside_push_free(gone)
}

/* src/ring/ring.c: inside_close_youngest */
inline inside_close_youngest()
{
    youngest_is_open = false;
    if
    :: slabs[youngest].drained == slabs[youngest].published -> free_oldest()
    :: else
    fi
}

/* Nothing in it belongs to the writer or waits for publication. */
#ifndef BUG_EMPTY_TOO_SOON
#define is_done_with(s) (slabs[s].drained == slabs[s].published && slabs[s].published == slabs[s].filled)
#else
#define is_done_with(s) (slabs[s].drained == slabs[s].published)
#endif

/* src/ring/ring.c: ring_claim */
inline ring_claim(s)
{
    d_step {
        if
        :: youngest_is_open ->
            s = youngest;
            if
            :: is_done_with(s) ->
                assert(s != in_hand);
                make_empty(s)
            :: else
            fi
        :: else ->
            inside_pop_free(s);
            if
            :: s != NONE -> inside_append(s)
            :: else
            fi
        fi
    }
}

/* src/ring/ring.c: publish */
inline publish(s, is_to_close)
{
    d_step {
        assert(s == youngest && youngest_is_open);
        assert(slabs[s].published <= slabs[s].filled && slabs[s].filled <= SIZE);
        total = total + slabs[s].filled - slabs[s].published;
        slabs[s].published = slabs[s].filled;
        if
        :: slabs[s].filled > 0 && (is_to_close || slabs[s].filled == SIZE) -> inside_close_youngest()
        :: else
        fi
    }
}

/* I: how many bytes to skip, and then, how many of these are in S. */
/* src/ring/ring.c: find */
inline find(s)
{
    s = oldest;
    do
    :: s == NONE -> break
    :: s != NONE && i < slabs[s].published - slabs[s].drained -> break
    :: else ->
        i = i - (slabs[s].published - slabs[s].drained);
        s = slabs[s].next
    od;
    assert(s != NONE || i == 0)
}

/* One span, as one outlet takes it: COUNT bytes of slab S from AT on. */
/* src/ring/ring.c: ring_take */
inline ring_take(past, s, at, count)
{
    d_step {
        i = past;
        find(s);
        count = 0;
        if
        :: s != NONE ->
            at = slabs[s].drained + i;
            count = slabs[s].published - at
        :: else
        fi;
        i = 0
    }
}

/* src/ring/ring.c: drain_oldest */
inline drain_oldest()
{
    assert(oldest != NONE && slabs[oldest].drained < slabs[oldest].published);
    slabs[oldest].drained++;
    if
    :: slabs[oldest].drained == slabs[oldest].published && !(oldest == youngest && youngest_is_open) -> free_oldest()
    :: else
    fi
}

/* src/ring/ring.c: ring_release */
inline ring_release(bytes, freed)
{
    d_step {
        before = in_use;
        rest = bytes;
        do
        :: rest > 0 ->
            rest--;
            drain_oldest()
        :: else -> break
        od;
        freed = in_use < before
    }
}

/* src/move/movers.c: reader_has_to_leave */
#define reader_has_to_leave (level == LEAVING || writer_has_ended)

/* Bytes are stored that the writer must not be given yet. */
#define is_held (youngest_is_open && slabs[youngest].filled > slabs[youngest].published)

/* src/move/reader.c: reader_announce */
inline reader_announce()
{
    if
    :: is_unannounced ->
        is_unannounced = false;
        bell_ring(WRITER)
    :: else
    fi
}

/* src/move/intake.c: intake_hold */
inline intake_hold()
{
    if
    :: level >= DRAINING -> is_frozen = true
    :: level < DRAINING
    fi
}

/* src/move/reader.c: reader_claim */
inline reader_claim(s)
{
    do
    :: atomic { reader_has_to_leave -> s = NONE; break }
    :: !reader_has_to_leave ->
        atomic {
            ring_claim(s);
            if
            :: s != NONE -> break
            :: else
            fi
        }
        reader_announce();
        bell_listen(READER);
#ifndef BUG_READER_LOOKS_ONCE
        atomic {
            ring_claim(s);
            if
            :: s != NONE -> break
            :: else
            fi
        }
#endif
        if
        :: reader_has_to_leave -> break
        :: !reader_has_to_leave
        fi;
        intake_hold();
        wait_for(READER, false, was_rung, false, _)
    od
}

/* src/move/reader.c: close_slab */
inline close_slab(s)
{
    publish(s, true);
    is_unannounced = true;
    reader_announce()
}

/* What is next may be a message that does not fit any more. */
/* src/move/reader.c: claim_room */
inline claim_room(s)
{
    reader_claim(s);
#ifdef MESSAGES
    if
    :: s != NONE && slabs[s].filled > 0 ->
        close_slab(s);
        reader_claim(s)
    :: true
    fi
#endif
}

/* src/move/intake.c: take_from */
inline take_from(s)
{
    atomic {
        input_goes_on();
        k = produced - taken;
        if
        :: k > SIZE - slabs[s].filled -> k = SIZE - slabs[s].filled
        :: else
        fi;
        is_end = k == 0 && is_eof;
        is_empty = k < SIZE - slabs[s].filled;
        assert(s == youngest && youngest_is_open);
        for (i : 1 .. k) {
            slabs[s].content[slabs[s].filled] = taken;
            slabs[s].filled++;
            taken++
        }
        k = 0
    }
}

/* src/move/intake.c: take_open */
inline take_open(s)
{
    if
    :: level >= DRAINING -> /* src/move/intake.c: thaw_what_is_left */
        atomic {
            input_goes_on();
            is_frozen = true;
            is_end = produced == taken
        }
        if
        :: !is_end ->
            is_frozen = false;
            take_from(s)
        :: else
        fi
    :: level < DRAINING -> take_from(s)
    fi
}

/* The pace decides as it likes, but what is due is published, and so is what has not emptied the input. */
/* src/move/reader.c: reader_pace */
inline reader_pace()
{
    if
    :: atomic { is_due || !is_empty -> is_due = false; publishes = true }
    :: is_empty && !is_due -> publishes = true
    :: is_empty && !is_due -> publishes = false
    fi
}

/* src/move/reader.c: reader_follow */
inline reader_follow()
{
    reader_announce();
    if
    :: is_empty ->
        is_empty = false;
        if
        :: level >= DRAINING
        :: atomic { level < DRAINING -> input_goes_on() }
#ifdef BUG_NO_FLUSH_TIMER
            wait_for(READER, is_readable, was_rung, false, _)
#else
            wait_for(READER, is_readable || is_held, was_rung, !rung[READER] && !is_readable, is_due)
#endif
#if NAPS
        :: atomic { level < DRAINING && naps > 0 ->
            naps--; }
            wait_for(READER, true, was_rung, false, _)
#endif
        fi
    :: else
    fi
}

/* src/move/reader.c: fill */
inline fill(s)
{
    take_open(s);
    if
    :: !is_end ->
        reader_pace();
        if
        :: publishes ->
#ifdef BUG_RINGS_BEFORE_PUBLISHING
            bell_ring(WRITER);
            publish(s, false);
            publishes = false
#else
            atomic {
                publish(s, false);
                is_unannounced = true;
                publishes = false
            }
#endif
        :: else
        fi;
        reader_follow()
    :: else
    fi
}

/* src/move/intake.c: intake_end */
inline intake_end()
{
    atomic {
        input_goes_on();
#ifndef BUG_COUNTS_BEFORE_FREEZING
        is_frozen = true;
#endif
        unread = produced - taken
    }
#ifdef BUG_COUNTS_BEFORE_FREEZING
    atomic {
        input_goes_on();
        is_frozen = true
    }
#endif
}

/* src/move/pour.c: end_input */
inline end_input()
{
    intake_end();
    input_has_ended = true;
#ifndef BUG_SILENT_END_OF_INPUT
    bell_toll(WRITER);
#endif
#ifdef MAIN_WAITS
    bell_toll(MAIN)
#endif
}

/* src/move/reader.c: run_reader */
/* src/move/pour.c: reader_thread */
proctype reader()
{
    byte s = NONE;
#if NAPS
    byte naps = NAPS;
#endif
    bool is_end;
    bool was_rung;
    bool is_empty;
    bool is_due;
    bool publishes;
    bool is_unannounced;

    do
    :: is_end -> break
    :: else ->
        claim_room(s);
        if
        :: s == NONE -> break
        :: else
        fi;
        fill(s)
    od;
#ifndef BUG_LEAVES_WITH_A_SLAB
    atomic {
        ring_claim(s);
        if
        :: s != NONE
        :: else -> goto end
        fi
    }
    publish(s, false);
end:
#endif
    end_input()
}

#define READY  0
#define DONE   1
#define FAILED 2
local byte state[OUTLETS];
local bool wants_room[OUTLETS]; /* otherwise, bytes */
local byte written[OUTLETS];
local byte base; /* so much has been released */
#if FILL
bool is_filling = true;
byte empty_at;
#else
#define is_filling false
#endif

#if OUTLETS == 1
#define each(condition)  (condition(0))
#define some(condition)  (condition(0))
#else
#define each(condition)  (condition(0) && condition(1))
#define some(condition)  (condition(0) || condition(1))
#endif
#define AGAIN 0
#define IDLE  1
#define OVER  2
#define in_use_still(o)  (state[o] == READY)
#define wants_bytes(o)   (state[o] == READY && !wants_room[o])
#define has_news(o)      (state[o] == READY && (is_broken[o] || (wants_room[o] && has_room[o])))

/* src/move/outlet.c: outlet_broke */
inline outlet_broke(o)
{
    state[o] = FAILED
}

/* src/ends/end.c: end_write */
inline put(o, s, at, bytes)
{
    for (i : 1 .. bytes) {
        assert(slabs[s].content[at] == written[o]);
        written[o]++;
        at++
    }
    wants_room[o] = false;
    has_moved = true
}

#define forget_span() in_hand = NONE; s = NONE; at = 0; count = 0

/* One byte or all of them: a write may always be short. */
/* src/move/drain.c: write_memory */
inline write_memory(o, s, at, count)
{
    atomic {
        output_goes_on(o);
        if
        :: is_broken[o] ->
            outlet_broke(o);
            has_moved = true
        :: !is_broken[o] && !has_room[o] -> wants_room[o] = true
        :: !is_broken[o] && has_room[o] -> put(o, s, at, count)
        :: !is_broken[o] && has_room[o] && count > 1 -> put(o, s, at, 1)
        fi;
        forget_span()
    }
}

/* src/move/drain.c: write_next */
inline write_next(o, s, at, count)
{
    atomic {
        if
        :: !is_filling -> ring_take(written[o] - base, s, at, count)
        :: else
        fi;
        if
        :: count > 0 -> in_hand = s
        :: else -> s = NONE; wants_room[o] = false
        fi
    }
    if
    :: count > 0 ->
#ifdef BUG_RELEASES_BEFORE_WRITING
        atomic {
            in_hand = NONE;
            ring_release(count, freed);
            base = base + count
        }
#endif
        write_memory(o, s, at, count)
    :: else
    fi
}

/* src/move/writer.c: serve */
inline serve(o, s, at, count)
{
    if
    :: state[o] == READY -> write_next(o, s, at, count)
    :: else
    fi
}

/* What all outlets have is released; NEXT is what follows. */
/* src/move/writer.c: settle */
inline settle()
{
    atomic {
        d_step {
            k = NONE;
            for (i : 0 .. OUTLETS - 1) {
                if
                :: state[i] != FAILED && written[i] < k -> k = written[i]
                :: else
                fi
            }
            next = (has_moved -> AGAIN : IDLE);
            has_moved = false
        }
        if
        :: k != NONE && k > base ->
            next = AGAIN;
            ring_release(k - base, freed);
            base = written[0];
#if OUTLETS > 1
            base = (state[0] == FAILED || (state[1] != FAILED && written[1] < base) -> written[1] : base)
#endif
        :: else
        fi;
        if
        :: !some(in_use_still) -> next = OVER
        :: else
        fi
    }
    if
#ifndef BUG_SILENT_RELEASE
    :: freed ->
        freed = false;
        bell_ring(READER)
#endif
    :: else
    fi
}

#if FILL
/* src/move/writer.c: is_filled */
#define is_filled                                                                                                      \
    (taken - empty_at >= FILL || is_ring_full || level >= DRAINING || input_has_ended)

/* src/move/writer.c: begin_to_fill */
inline begin_to_fill()
{
    d_step {
        if
        :: !is_filling && (in_use == 0 || (in_use == 1 && youngest_is_open &&
                                           slabs[youngest].drained == slabs[youngest].published)) ->
            is_filling = true;
            empty_at = base
        :: else
        fi
    }
}
#endif

/* What an outlet that has had everything finds when it looks again. */
/* Each that has had everything looks again, and parts when nothing more will come. */
/* src/move/drain.c: drain_has_more */
inline look_for_more(o, s, at, count)
{
#ifdef BUG_LOOKS_FOR_THE_END_LAST
    atomic {
        ring_take(written[o] - base, s, at, count);
        s = NONE;
        at = 0
    }
    was_last = input_has_ended;
#endif
    atomic {
#if !defined BUG_LOOKS_FOR_THE_END_LAST && !defined BUG_WRITER_LOOKS_ONCE
        ring_take(written[o] - base, s, at, count);
#endif
        if
        :: count > 0 -> next = AGAIN
        :: count == 0 && was_last ->
            state[o] = DONE; /* src/move/outlet.c: outlet_part */
            next = AGAIN
        :: else
        fi;
        s = NONE;
        at = 0;
        count = 0
    }
}

/* src/move/writer.c: can_go_on */
inline can_go_on(o, s, at, count)
{
#ifndef BUG_NEVER_LISTENS
    bell_listen(WRITER);
#endif
#ifndef BUG_LOOKS_FOR_THE_END_LAST
    was_last = input_has_ended;
#endif
#if FILL
    if
    :: is_filling && is_filled -> next = AGAIN
    :: is_filling && !is_filled
    :: !is_filling ->
#else
    if
    :: true ->
#endif
        for (o : 0 .. OUTLETS - 1) {
            if
            :: wants_bytes(o) -> look_for_more(o, s, at, count)
            :: !wants_bytes(o)
            fi
        }
        o = 0
    fi;
    was_last = false
}

/* Also a consumer that goes away is noticed. */
/* src/move/writer.c: wait */
inline wait(o)
{
    atomic {
        for (i : 0 .. OUTLETS - 1) {
            output_goes_on(i)
        }
        i = 0
    }
    wait_for(WRITER, some(has_news), was_rung, some(has_news), has_looked);
    if
    :: has_looked ->
        d_step { /* src/move/writer.c: look */
            for (i : 0 .. OUTLETS - 1) {
                if
                :: is_broken[i] && state[i] == READY && !wants_room[i] -> outlet_broke(i)
                :: else
                fi
            }
            has_looked = false
        }
    :: else
    fi
}

/* src/move/writer.c: go_on */
inline go_on(o, s, at, count)
{
#if FILL
    if
    :: is_filling && is_filled -> is_filling = false
    :: else
    fi;
#endif
    for (o : 0 .. OUTLETS - 1) {
        serve(o, s, at, count)
    }
    o = 0;
    settle();
    if
    :: next == OVER -> break
    :: next == AGAIN
    :: next == IDLE ->
        if
        :: some(wants_bytes) -> can_go_on(o, s, at, count)
        :: else
        fi;
        if
        :: next == AGAIN
        :: else ->
#if FILL
            begin_to_fill();
#endif
            wait(o)
        fi
    fi;
    next = AGAIN
}

/* src/move/pour.c: end_output */
inline end_output()
{
    writer_has_ended = true;
#ifdef BUG_RINGS_FOR_TOLLS
    bell_ring(READER);
#else
    bell_toll(READER);
#endif
    output_has_ended = true;
#ifdef MAIN_WAITS
    bell_toll(MAIN)
#endif
}

/* src/move/writer.c: run_writer */
/* src/move/pour.c: writer_thread */
proctype writer()
{
    byte s = NONE;
    byte at;
    byte count;
    byte o;
    byte next = AGAIN;
    bool freed;
    bool was_last;
    bool was_rung;
    bool has_moved;
    bool has_looked;

    do
    :: level == LEAVING -> break
    :: else -> go_on(o, s, at, count)
    od;
    settle(); /* src/move/writer.c: settle_late */
    end_output()
}

/* src/move/pour.c: pour_has_ended */
#define has_ended (input_has_ended && output_has_ended)

/* src/move/pour.c: pour_set_level */
inline pour_set_level(to)
{
    level = to;
#ifndef BUG_SILENT_STOP
    d_step {
        bell_toll(READER);
        bell_toll(WRITER)
    }
#else
    bell_toll(WRITER)
#endif
}

/* Signals come at any time, or never; deadlines pass at any time. */
/* src/conduct.c: attend */
proctype conductor()
{
#ifdef MAIN_WAITS
    bool was_rung;
#endif

    do
#ifdef INT
    :: level == FLOWING -> pour_set_level(LAST_WORDS)
#endif
#if SIGNALS & 1
    :: level < DRAINING -> pour_set_level(DRAINING)
#endif
#if SIGNALS & 2
    :: level < LEAVING -> pour_set_level(LEAVING)
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
        assert(level != LEAVING || has_ended);
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
            assert(level == LEAVING || each(has_everything));
            assert(each(has_gone) || level == LEAVING || unread == 0);
            assert(each(has_gone) || level == LEAVING || (total == produced && base == produced))
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
