/*
 * Dropping lines while the writer takes them, as a model for spin: whole lines in groups of slabs, --on-full=drop-oldest
 * and drop-newest, with marks. What is checked, in every order of steps and for every way to divide BYTES into lines:
 *
 *   - what is written are whole lines, in order, each at most once; what is missing has been dropped and is counted;
 *   - with marks, what is missing between two lines is said between them, and the number of lines is right;
 *   - what the writer has been given is neither moved, rewritten nor freed before it is done with it;
 *   - no wake-up is lost: when everybody sleeps there is nothing left to be written, and no mark that could be.
 *
 * Steps are as in ring.pml, and what is said there about memory order holds here, too. A mark is one byte here, and the
 * reader reads byte by byte. Files, for which the reader waits, signals and failing outputs are left out.
 *
 * By -D: SLABS (2), SIZE (3), BYTES (5), MARKS (1), EVICTS (1; 0: drop-newest). BUG_*: see tests/model/mutants.
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

#define NONE   255
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

typedef slab_type {
    byte content[SIZE];
    byte next;
    byte filled;
    byte published;
    byte drained;
    byte lines;
    byte marker;
    byte gap; /* lines; what the marker stands for */
    bool continues;
    bool is_taken
}
slab_type slabs[SLABS];
byte untouched;
byte free = NONE;
byte oldest = NONE;
byte youngest = NONE;
byte line = NONE;
byte in_use;
bool youngest_is_open;

/* The writer's. */
byte in_hand = NONE; /* the slab that it is writing from */
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
hidden byte i, k, n, rest, before, behind, first, last, home, gone, length, sum, other;
hidden byte is_done, is_youngest, is_open, is_marked;

#define has_free        (in_use < SLABS)
#define sieve_is_full   (is_full && !has_free)
#define room_in(s)      (SIZE - slabs[s].filled)
#define is_drained(s)   (slabs[s].drained == slabs[s].published)

/* src/ring/ring.c: empty */
inline make_empty(s)
{
    for (k : 0 .. SIZE - 1) {
        slabs[s].content[k] = NONE
    }
    slabs[s].filled = 0;
    slabs[s].published = 0;
    slabs[s].drained = 0;
    slabs[s].lines = 0;
    slabs[s].marker = 0;
    slabs[s].gap = 0;
    slabs[s].continues = false;
    slabs[s].is_taken = false
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
    :: else -> s = NONE
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
#ifndef BUG_FORGETS_THE_LINE_GOES_ON
    :: oldest != NONE && slabs[gone].continues -> slabs[oldest].is_taken = true
#endif
    :: else
    fi;
    inside_push_free(gone)
}

/* src/ring/ring.c: inside_close_youngest */
inline inside_close_youngest()
{
    youngest_is_open = false;
    if
    :: is_drained(youngest) -> free_oldest()
    :: else
    fi
}

/* src/ring/ring.c: ring_claim */
inline ring_claim(s)
{
    if
    :: youngest_is_open ->
        s = youngest;
        if
        :: is_drained(s) && slabs[s].published == slabs[s].filled ->
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

/* src/ring/ring.c: ring_close */
inline ring_close(s)
{
    assert(s == youngest && youngest_is_open && line == NONE);
    slabs[s].published = slabs[s].filled;
    if
    :: slabs[s].filled > 0 -> inside_close_youngest()
    :: else
    fi
}

/* The oldest published bytes: COUNT of them, in S, from AT on. */
/* src/ring/ring.c: ring_take */
inline ring_take(s, at, count)
{
    s = oldest;
    count = 0;
    if
    :: s != NONE && slabs[s].drained < slabs[s].published ->
        at = slabs[s].drained;
        count = slabs[s].published - at;
        slabs[s].is_taken = true
    :: else
    fi
}

/* src/ring/ring.c: ring_release */
/* src/ring/ring.c: drain_oldest */
inline ring_release(bytes, freed)
{
    assert(slabs[oldest].drained + bytes <= slabs[oldest].published);
    slabs[oldest].drained = slabs[oldest].drained + bytes;
    freed = is_drained(oldest) && !(oldest == youngest && youngest_is_open);
    if
    :: freed -> free_oldest()
    :: else
    fi
}

/* src/ring/groups.c: ring_publish_lines */
inline ring_publish_lines(s, upto, count)
{
    assert(s == youngest && youngest_is_open);
    assert(slabs[s].published <= upto && upto <= slabs[s].filled);
    do
    :: line == NONE || line == s -> break
    :: else ->
        slabs[line].published = slabs[line].filled;
        line = slabs[line].next
    od;
    line = NONE;
    slabs[s].published = upto;
    slabs[s].lines = slabs[s].lines + count;
    if
    :: upto == SIZE -> inside_close_youngest()
    :: else
    fi
}

/* FRESH is NONE when no slab is free. */
/* src/ring/groups.c: ring_extend */
/* src/ring/groups.c: carry */
inline ring_extend(crowded, fresh)
{
    d_step {
        assert(crowded == youngest && youngest_is_open && slabs[crowded].filled > 0);
        inside_pop_free(fresh)
    }
    if
    :: fresh != NONE ->
        d_step {
            if
            :: slabs[crowded].published > 0 ->
                slabs[fresh].filled = slabs[crowded].filled - slabs[crowded].published;
                for (i : 1 .. slabs[fresh].filled) {
                    slabs[fresh].content[i - 1] = slabs[crowded].content[slabs[crowded].published + i - 1];
                    slabs[crowded].content[slabs[crowded].published + i - 1] = NONE
                }
                slabs[crowded].filled = slabs[crowded].published;
                inside_close_youngest()
            :: else ->
                slabs[crowded].continues = true;
                line = (line == NONE -> crowded : line)
            fi;
            inside_append(fresh)
        }
    :: else
    fi
}

/* src/ring/groups.c: ring_retract */
inline ring_retract(bytes)
{
    bytes = 0;
    if
    :: youngest_is_open ->
        first = (line != NONE -> line : youngest);
        bytes = slabs[first].filled - slabs[first].published;
        slabs[first].filled = slabs[first].published;
        slabs[first].continues = false;
        youngest = first;
        line = NONE;
        do
        :: slabs[first].next == NONE -> break
        :: else ->
            other = slabs[first].next;
            slabs[first].next = slabs[other].next;
            bytes = bytes + slabs[other].filled;
            inside_push_free(other)
        od
    :: else
    fi
}

/* src/ring/groups.c: is_marker */
#ifndef BUG_REWRITES_WHAT_IS_TAKEN
#define is_marker(s) (slabs[s].marker > 0 && slabs[s].published == slabs[s].marker && !slabs[s].is_taken)
#else
#define is_marker(s) (slabs[s].marker > 0 && slabs[s].published == slabs[s].marker)
#endif
#ifndef BUG_EVICTS_WHAT_IS_TAKEN
#define is_evictable(s) (slabs[s].published > slabs[s].marker && !slabs[s].is_taken)
#else
#define is_evictable(s) (slabs[s].published > slabs[s].marker)
#endif

/* FIRST, LAST, the slab BEFORE, and HOME, that one if it is a marker which can be rewritten. */
/* src/ring/groups.c: find_evictable */
inline find_evictable()
{
    before = NONE;
    home = NONE;
    first = oldest;
    is_done = false;
    do
    :: is_done || first == NONE -> break
    :: else ->
        last = first;
        do
        :: slabs[last].continues -> last = slabs[last].next
        :: else -> break
        od;
        if
        :: is_evictable(first) -> is_done = true
        :: else ->
            home = (is_marker(first) -> first : NONE);
            before = last;
            first = slabs[last].next
        fi
    od
}

/* What is left of S: a marker for MISSING lines if LENGTH is 1, and REST bytes from AT on. */
/* src/ring/groups.c: remake */
inline remake(s, missing, marker_length, from, kept)
{
    assert(s != in_hand);
    /* content is moved from where it is to a lower place, or, by an empty slab's marker, to none */
    if
    :: kept > 0 && marker_length <= from ->
        k = 0;
        do
        :: k < kept ->
            slabs[s].content[marker_length + k] = slabs[s].content[from + k];
            k++
        :: else -> break
        od
    :: else -> assert(kept == 0)
    fi;
    if
    :: marker_length > 0 -> slabs[s].content[0] = MARKER + missing
    :: else
    fi;
    k = marker_length + kept;
    do
    :: k < SIZE ->
        slabs[s].content[k] = NONE;
        k++
    :: else -> break
    od;
    slabs[s].filled = marker_length + kept;
    slabs[s].published = marker_length;
    slabs[s].marker = marker_length;
    slabs[s].gap = (marker_length > 0 -> missing : 0);
    slabs[s].lines = 0;
    slabs[s].continues = false
}

/* All slabs of the group but HOME, if it is one of them and has the marker, and the open one. */
/* src/ring/groups.c: unlink_group */
inline unlink_group()
{
    is_youngest = last == youngest;
    behind = slabs[last].next;
    is_marked = MARKS && home == first;
    gone = last;
    do
    :: first == behind -> break
    :: else ->
        other = slabs[first].next;
        if
        :: (is_marked && first == home) || (is_open && first == gone) ->
            if
            :: before != NONE -> slabs[before].next = first
            :: else -> oldest = first
            fi;
            before = first
        :: else -> inside_push_free(first)
        fi;
        first = other
    od;
    if
    :: before != NONE -> slabs[before].next = behind
    :: else -> oldest = behind
    fi;
    if
    :: is_youngest ->
        youngest = before;
        youngest_is_open = is_open;
        if
        :: !is_open && is_marked && slabs[home].filled < SIZE -> youngest_is_open = true
        :: else
        fi
    :: else
    fi
}

/* src/ring/groups.c: evict */
/* src/ring/groups.c: sum_up */
inline evict()
{
    is_open = last == youngest && youngest_is_open;
    n = slabs[last].published;
    rest = (is_open -> slabs[last].filled - n : 0);
    sum = (home != NONE -> slabs[home].gap : 0) + slabs[first].gap;
    length = 0 - slabs[first].marker;
    other = first;
    do
    :: true ->
        sum = sum + slabs[other].lines;
        length = length + slabs[other].published;
        if
        :: other == last -> break
        :: else -> other = slabs[other].next
        fi
    od;
    home = (home == NONE -> first : home);
    if
    :: MARKS && home == last && rest > 0 && rest + MARKER_MAX > SIZE -> is_done = false
    :: else ->
        dropped = dropped + length;
        if
        :: MARKS && home == last -> remake(home, sum, 1, n, rest)
        :: else ->
            if
            :: MARKS -> remake(home, sum, 1, 0, 0)
            :: else
            fi;
            if
            :: is_open -> remake(last, 0, 0, n, rest)
            :: else
            fi
        fi;
        unlink_group()
    fi
}

/* src/ring/groups.c: ring_evict */
inline ring_evict()
{
    d_step {
        find_evictable();
        if
        :: is_done -> evict()
        :: else
        fi;
        first = 0
    }
}

/* src/ring/groups.c: ring_mark */
/* src/move/sieve.c: mark */
inline mark(s)
{
    is_done = slabs[s].filled == slabs[s].marker;
    if
    :: is_done ->
        is_done = slabs[s].marker == 0 || is_marker(s);
        if
        :: is_done ->
            n = slabs[s].gap + gap;
            remake(s, n, 1, 0, 0);
            gap = 0;
            is_unannounced = true
        :: else
        fi
    :: else
    fi
}

/* src/move/sieve.c: use */
inline use(s)
{
    slab = s;
    whole = (s != NONE -> slabs[s].published : 0)
}

/* Each turn is ring_claim, and then ring_mark or ring_close. */
/* src/move/sieve.c: next_slab */
/* src/move/sieve.c: can_begin_in */
inline next_slab(s)
{
    do
    :: true ->
        d_step { ring_claim(s) }
        if
        :: s == NONE -> break
        :: else ->
            d_step {
                is_done = slabs[s].filled == slabs[s].marker;
                if
                :: is_done && !is_headless && gap > 0 -> mark(s)
                :: else
                fi;
                was_done = is_done
            }
            if
            :: was_done -> break
            :: else -> d_step { ring_close(s) }
            fi
        fi
    od;
    was_done = false
}

/* src/move/sieve.c: make_room */
inline make_room()
{
    is_full = true;
#if EVICTS
    atomic {
        ring_evict();
        was_done = is_done;
        if
        :: is_done && MARKS -> is_unannounced = true
        :: else
        fi
    }
#endif
}

/* src/move/sieve.c: find_slab */
inline find_slab(s)
{
    next_slab(s);
    is_full = (s != NONE -> false : is_full);
    do
    :: s != NONE -> break
    :: else ->
        make_room();
        if
        :: !was_done -> break
        :: else
        fi;
        next_slab(s)
    od;
    was_done = false;
    d_step {
        use(s);
        s = NONE
    }
}

/* src/move/sieve.c: drop */
inline drop(bytes, count)
{
    dropped = dropped + bytes;
    gap = gap + (MARKS -> count : 0)
}

/* src/move/sieve.c: drop_line */
inline drop_line()
{
    d_step {
        ring_retract(n);
        assert(n == stored);
        stored = 0;
        is_headless = true;
        drop(n, 0);
        use(NONE)
    }
}

/* src/move/sieve.c: extend */
inline extend(s)
{
    do
    :: slab == NONE -> break
    :: slab != NONE && (room_in(slab) > 0 || slabs[slab].filled == 0) -> break
    :: slab != NONE && room_in(slab) == 0 && slabs[slab].filled > 0 ->
        ring_extend(slab, s);
        if
        :: s != NONE ->
            d_step {
                use(s);
                s = NONE
            }
        :: else ->
            was_full = true;
            make_room();
            if
            :: was_done -> d_step { use(slab) }
            :: else -> drop_line()
            fi;
            was_done = false
        fi
    od;
    is_full = was_full;
    was_full = false
}

/* src/move/sieve.c: sieve_publish */
inline sieve_publish()
{
    if
    :: lines > 0 ->
        d_step {
            stored = slabs[slab].filled - whole;
            ring_publish_lines(slab, whole, lines);
            lines = 0;
            is_unannounced = true;
            slab = (whole == SIZE -> NONE : slab);
            whole = (slab == NONE -> 0 : whole)
        }
    :: else
    fi
}

/* src/move/sieve.c: renew */
inline renew(s)
{
    if
    :: slab != NONE && stored > 0 && room_in(slab) == 0 ->
        sieve_publish();
        if
        :: stored > 0 -> extend(s)
        :: else
        fi
    :: else
    fi;
    if
    :: slab != NONE && stored == 0 ->
        d_step {
            ring_claim(s);
            use(s);
            s = NONE
        }
        assert(room_in(slab) > 0)
    :: else
    fi
}

/* src/move/sieve.c: sieve_place */
inline sieve_place(s)
{
    is_full = sieve_is_full;
    renew(s);
    if
    :: slab == NONE -> find_slab(s)
    :: else
    fi;
    d_step {
        ahead = 0;
        if
        :: slab != NONE && is_headless && MARKS ->
            ahead = MARKER_MAX - slabs[slab].filled;
            if
            :: room_in(slab) - ahead < 1 ->
                slab = NONE;
                whole = 0
            :: else
            fi
        :: else
        fi
    }
}

/* One byte has been read; a line ends with it or not. */
/* src/move/sieve.c: sieve_took */
/* src/move/sieve.c: behead */
/* src/move/sieve.c: drop_all */
inline sieve_took(s)
{
    if
    :: slab == NONE || is_headless ->
        d_step {
            drop(1, ends[taken]);
            is_headless = !ends[taken];
            taken++;
            was_done = slab == NONE || is_headless || !MARKS;
            if
            :: !was_done ->
                mark(slab);
                was_done = is_done
            :: else
            fi
        }
        if
        :: was_done -> was_done = false
        :: else ->
            d_step { ring_close(slab) }
            next_slab(s);
            d_step {
                use(s);
                s = NONE
            }
        fi
    :: else ->
        d_step {
            assert(slab == youngest && youngest_is_open);
            slabs[slab].content[slabs[slab].filled] = taken;
            slabs[slab].filled++;
            stored++;
            if
            :: ends[taken] ->
                whole = slabs[slab].filled;
                lines++
            :: else
            fi;
            taken++
        }
    fi
}

/* src/move/sieve.c: sieve_end */
inline sieve_end()
{
    d_step {
        if
        :: stored > 0 && slabs[slab].filled > whole ->
            whole = slabs[slab].filled;
            lines++
        :: else
        fi
    }
    sieve_publish();
    d_step {
        if
        :: is_headless -> drop(0, 1)
        :: else
        fi;
        is_headless = false
    }
}

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

/* The input is silent for ever: what can be done is done when a slab is freed. */
/* src/move/shed.c: may_wait */
inline rest_for_ever(s)
{
    do
    :: true ->
        sieve_publish();
#ifndef BUG_WAITS_FOR_INPUT_ONLY
        if
        :: is_full ->
            bell_listen(READER)
        :: else
        fi;
#endif
        if
        :: sieve_is_full || !is_full ->
            reader_announce();
            wait_for(READER, false, was_rung, false, _)
        :: is_full && has_free -> reader_announce()
        fi;
        sieve_place(s)
    od
}

/* src/move/shed.c: pour_lines */
proctype reader()
{
    byte s = NONE;
    bool was_done;
    bool was_full;
    bool was_rung;

    do
    :: taken == BYTES -> break
    :: else ->
        sieve_place(s);
        if
        :: taken < BYTES - 1 -> ends[taken] = false
        :: ends[taken] = true
        :: MARKS -> rest_for_ever(s)
        fi;
        sieve_took(s);
        if
        :: lines > 0 -> sieve_publish()
        :: true
        fi;
        reader_announce()
    od;
    sieve_end();
    is_full = false;
    reader_announce();
    do
    :: gap == 0 -> break
    :: gap > 0 ->
        do /* src/move/reader.c: reader_claim */
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
        next_slab(s); /* src/move/sieve.c: sieve_settle */
        s = NONE
    od;
    input_has_ended = true; /* src/move/pour.c: end_input */
    bell_toll(WRITER)
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

/* src/move/writer.c: run_writer */
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
                bell_ring(READER)
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
