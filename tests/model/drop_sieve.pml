/* The sieve of drop.pml: what of the input goes into the ring. */

/* src/ring/groups.c: ring_mark */
/* src/input/line_dropper.c: mark */
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

/* src/input/line_dropper.c: use */
inline use(s)
{
    slab = s;
    whole = (s != NONE -> slabs[s].published : 0)
}

/* Each turn is ring_claim, and then ring_mark or ring_close. */
/* src/input/line_dropper.c: next_slab */
/* src/input/line_dropper.c: can_begin_in */
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

/* src/input/line_dropper.c: make_room */
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

/* src/input/line_dropper.c: find_slab */
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

/* src/input/line_dropper.c: drop */
inline drop(bytes, count)
{
    dropped = dropped + bytes;
    gap = gap + (MARKS -> count : 0)
}

/* src/input/line_dropper.c: drop_line */
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

/* src/input/line_dropper.c: extend */
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

/* src/input/line_dropper.c: line_dropper_publish */
inline line_dropper_publish()
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

/* src/input/line_dropper.c: renew */
inline renew(s)
{
    if
    :: slab != NONE && stored > 0 && room_in(slab) == 0 ->
        line_dropper_publish();
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

/* src/input/line_dropper.c: line_dropper_place */
inline line_dropper_place(s)
{
    is_full = line_dropper_is_full;
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
/* src/input/line_dropper.c: line_dropper_took */
/* src/input/line_dropper.c: behead */
/* src/input/line_dropper.c: drop_all */
inline line_dropper_took(s)
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

/* src/input/line_dropper.c: line_dropper_end */
inline line_dropper_end()
{
    d_step {
        if
        :: stored > 0 && slabs[slab].filled > whole ->
            whole = slabs[slab].filled;
            lines++
        :: else
        fi
    }
    line_dropper_publish();
    d_step {
        if
        :: is_headless -> drop(0, 1)
        :: else
        fi;
        is_headless = false
    }
}
