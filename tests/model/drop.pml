/*
 * Dropping lines while the writer takes them, as a model for spin: whole lines in groups of slabs,
 * --on-full=drop-oldest and drop-newest, with marks. What is checked, in every order of steps and for every way to
 * divide BYTES into lines:
 *
 *   - what is written are whole lines, in order, each at most once; what is missing has been dropped and is counted;
 *   - with marks, what is missing between two lines is said between them, and the number of lines is right;
 *   - what the writer has been given is neither moved, rewritten nor freed before it is done with it;
 *   - no wake-up is lost: when everybody sleeps there is nothing left to be written, and no mark that could be.
 *
 * Steps are as in ring.pml, and what is said there about memory order holds here, too. A mark is one byte here, and the
 * reader reads byte by byte. Files, for which the reader waits, signals and failing outputs are left out.
 *
 * By -D: SLABS (2), SIZE (3), BYTES (5), MARKS (1), EVICTS (1; 0: drop-newest). BUG_*: the bugs that `check --mutants`
 * plants.
 */
#ifndef SLABS
#define SLABS 2
#endif
#ifndef SIZE
#define SIZE 3
#endif
#ifndef BYTES
#define BYTES 5
#endif
#ifndef MARKS
#define MARKS 1
#endif
#ifndef EVICTS
#define EVICTS 1
#endif

#define LINES
#define MARKER 100 /* in content: so many lines and this */
#define MARKER_MAX 1

#define READER 0
#define WRITER 1
#define BELLS  2
#include "bell.pml"

/* A byte is its place in the stream. */
local byte taken;
bool ends[BYTES]; /* a line does, with this one */
local byte dropped; /* bytes */
bool input_has_ended;
bool output_has_ended;

#include "slabs.pml"
byte line = NONE;

/* The writer's. */
byte expected;       /* the next byte */
byte announced;      /* lines that are missing before it */
byte delivered;      /* bytes that have been written, but for marks */

/* The sieve, the reader's. */
local byte slab = NONE; /* the open one; NONE: bytes go to the scratch buffer */
local byte whole;
local byte lines;
local byte stored;
local byte ahead;
local bool is_headless;
local byte gap; /* lines */
local bool is_full;
bool is_unannounced;

/* scratch, within one step */
hidden byte n, rest, before, behind, first, last, home, length, sum, other;
hidden byte is_done, is_youngest, is_open, is_marked;

#define has_free        (in_use < SLABS)
#define line_dropper_is_full   (is_full && !has_free)
#define room_in(s)      (SIZE - slabs[s].filled)
#define is_drained(s)   (slabs[s].drained == slabs[s].published)

#include "drop_calls.pml"
#include "drop_sieve.pml"

/* src/threads/reader.c: reader_announce */
inline reader_announce()
{
    if
    :: is_unannounced ->
        is_unannounced = false;
        bell_wake(WRITER)
    :: else
    fi
}

/* The input is silent for ever: what can be done is done when a slab is freed. */
/* src/threads/reader_drop.c: may_wait */
inline rest_for_ever(s)
{
    do
    :: true ->
        line_dropper_publish();
#ifndef BUG_WAITS_FOR_INPUT_ONLY
        if
        :: is_full ->
            bell_listen(READER)
        :: else
        fi;
#endif
        if
        :: line_dropper_is_full || !is_full ->
            reader_announce();
            wait_for(READER, false, was_rung, false, _)
        :: is_full && has_free -> reader_announce()
        fi;
        line_dropper_place(s)
    od
}

/* src/threads/reader_drop.c: drop_lines */
proctype reader()
{
    byte s = NONE;
    bool was_done;
    bool was_full;
    bool was_rung;

    do
    :: taken == BYTES -> break
    :: else ->
        line_dropper_place(s);
        if
        :: taken < BYTES - 1 -> ends[taken] = false
        :: ends[taken] = true
        :: MARKS -> rest_for_ever(s)
        fi;
        line_dropper_took(s);
        if
        :: lines > 0 -> line_dropper_publish()
        :: true
        fi;
        reader_announce()
    od;
    line_dropper_end();
    is_full = false;
    reader_announce();
    do
    :: gap == 0 -> break
    :: gap > 0 ->
        do /* src/threads/reader.c: reader_claim */
        :: true ->
            d_step { ring_claim(s) }
            if
            :: s != NONE -> break
            :: else
            fi;
            reader_announce();
            bell_listen(READER);
            d_step { ring_claim(s) }
            if
            :: s != NONE -> break
            :: else
            fi;
            wait_for(READER, false, was_rung, false, _)
        od;
        next_slab(s); /* src/input/line_dropper.c: line_dropper_settle */
        s = NONE
    od;
    input_has_ended = true; /* src/threads/movers.c: end_input */
    bell_wake_always(WRITER)
}

/* environment: what is written is held against what has come */
inline check_byte(b)
{
    if
    :: b >= MARKER && b != NONE -> announced = announced + b - MARKER
    :: else ->
        assert(b != NONE && b >= expected);
        assert(b == expected || ((expected == 0 || ends[expected - 1]) && ends[b - 1]));
        for (i : expected + 1 .. b) {
            announced = announced - (ends[i - 1] && MARKS -> 1 : 0)
        }
        assert(announced == 0);
        delivered++;
        expected = b + 1
    fi
}

/* src/threads/writer.c: run_writer */
proctype writer()
{
    byte s = NONE;
    byte at;
    byte count;
    byte put;
    bool freed;
    bool was_last;
    bool was_rung;

    do
    :: true ->
        atomic {
            d_step { ring_take(s, at, count) }
            if
            :: count > 0 -> in_hand = s
            :: else -> s = NONE
            fi
        }
        if
        :: count > 0 ->
            atomic {
                if
                :: put = count
                :: count > 1 -> put = 1
                fi;
                d_step {
                    for (n : at .. at + put - 1) {
                        check_byte(slabs[s].content[n])
                    }
                    n = 0
                }
            }
            d_step {
                in_hand = NONE;
                ring_release(put, freed);
                s = NONE;
                at = 0;
                count = 0;
                put = 0
            }
            if
            :: freed ->
                freed = false;
                bell_wake(READER)
            :: else
            fi
        :: else ->
            bell_listen(WRITER);
            was_last = input_has_ended;
            d_step {
                ring_take(s, at, count);
                s = NONE;
                at = 0
            }
            if
            :: count > 0 -> count = 0
            :: count == 0 && was_last -> break
            :: else -> wait_for(WRITER, false, was_rung, false, _)
            fi
        fi
    od;
    output_has_ended = true
}

/* Everybody sleeps or has gone. */
/* environment */
proctype judge()
{
    timeout;
    d_step {
        assert(input_has_ended == output_has_ended);
        if
        :: input_has_ended ->
            assert(in_use == 0 || (in_use == 1 && youngest_is_open && is_drained(youngest)));
            assert(stored == 0 && lines == 0 && line == NONE);
            assert(expected == 0 || ends[expected - 1] || expected == BYTES);
            for (i : expected + 1 .. BYTES) {
                announced = announced - (MARKS && (ends[i - 1] || i == BYTES) -> 1 : 0)
            }
            assert(announced == 0);
            assert(delivered + dropped == BYTES)
        :: else ->
            /* the input is silent: whatever is whole has been written, and a mark that is due waits for nothing */
            assert(oldest == NONE || is_drained(oldest) || slabs[oldest].published == 0);
            assert(gap == 0 || is_headless || !has_free)
        fi
    }
}

init {
    atomic {
        for (i : 0 .. SLABS - 1) {
            slabs[i].next = NONE;
            make_empty(i)
        }
        run writer();
        run reader();
        run judge()
    }
}
