/* The calls of the ring in drop.pml, above all those of groups.h. Callers make each one step, but for ring_extend. */

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
