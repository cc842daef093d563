/* The reader of ring.pml. */

/* src/flow/flow.c: flow_reader_has_to_leave */
#define flow_reader_has_to_leave (level == ABANDON || writer_has_ended)

/* Bytes are stored that the writer must not be given yet. */
#define is_held (youngest_is_open && slabs[youngest].filled > slabs[youngest].published)

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

/* src/input/intake.c: intake_hold */
inline intake_hold()
{
    if
    :: level >= DRAINING -> is_frozen = true
    :: level < DRAINING
    fi
}

/* src/threads/reader.c: reader_claim */
inline reader_claim(s)
{
    do
    :: atomic { flow_reader_has_to_leave -> s = NONE; break }
    :: !flow_reader_has_to_leave ->
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
        :: flow_reader_has_to_leave -> break
        :: !flow_reader_has_to_leave
        fi;
        intake_hold();
        wait_for(READER, false, was_rung, false, _)
    od
}

/* src/threads/reader.c: close_slab */
inline close_slab(s)
{
    publish(s, true);
    is_unannounced = true;
    reader_announce()
}

/* What is next may be a message that does not fit any more. */
/* src/threads/reader.c: claim_room */
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

/* src/input/intake.c: take_from */
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

/* src/input/intake.c: take_open */
inline take_open(s)
{
    if
    :: level >= DRAINING -> /* src/input/intake.c: thaw_what_is_left */
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
/* src/threads/reader.c: reader_pace */
inline reader_pace()
{
    if
    :: atomic { is_due || !is_empty -> is_due = false; publishes = true }
    :: is_empty && !is_due -> publishes = true
    :: is_empty && !is_due -> publishes = false
    fi
}

/* src/threads/reader.c: reader_follow */
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

/* src/threads/reader.c: fill */
inline fill(s)
{
    take_open(s);
    if
    :: !is_end ->
        reader_pace();
        if
        :: publishes ->
#ifdef BUG_RINGS_BEFORE_PUBLISHING
            bell_wake(WRITER);
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

/* src/input/intake.c: intake_end */
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

/* src/threads/movers.c: end_input */
inline end_input()
{
    intake_end();
    input_has_ended = true;
#ifndef BUG_SILENT_END_OF_INPUT
    bell_wake_always(WRITER);
#endif
#ifdef MAIN_WAITS
    bell_wake_always(MAIN)
#endif
}

/* src/threads/reader.c: run_reader */
/* src/threads/movers.c: reader_thread */
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
