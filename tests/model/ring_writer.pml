/* The writer of ring.pml. */

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

/* src/output/lifecycle.c: output_broke */
inline output_broke(o)
{
    state[o] = FAILED
}

/* src/io/endpoint.c: endpoint_write */
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
/* src/output/drain.c: write_memory */
inline write_memory(o, s, at, count)
{
    atomic {
        output_goes_on(o);
        if
        :: is_broken[o] ->
            output_broke(o);
            has_moved = true
        :: !is_broken[o] && !has_room[o] -> wants_room[o] = true
        :: !is_broken[o] && has_room[o] -> put(o, s, at, count)
        :: !is_broken[o] && has_room[o] && count > 1 -> put(o, s, at, 1)
        fi;
        forget_span()
    }
}

/* src/output/drain.c: write_next */
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

/* src/threads/writer.c: serve */
inline serve(o, s, at, count)
{
    if
    :: state[o] == READY -> write_next(o, s, at, count)
    :: else
    fi
}

/* What all outputs have is released; NEXT is what follows. */
/* src/threads/writer.c: settle */
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
        bell_wake(READER)
#endif
    :: else
    fi
}

#if FILL
/* src/threads/writer.c: is_filled */
#define is_filled                                                                                                      \
    (taken - empty_at >= FILL || is_ring_full || level >= DRAINING || input_has_ended)

/* src/threads/writer.c: begin_to_fill */
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

/* What an output that has had everything finds when it looks again. */
/* Each that has had everything looks again, and parts when nothing more will come. */
/* src/output/drain.c: drain_has_more */
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
            state[o] = DONE; /* src/output/lifecycle.c: output_finish */
            next = AGAIN
        :: else
        fi;
        s = NONE;
        at = 0;
        count = 0
    }
}

/* src/threads/writer.c: can_go_on */
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
/* src/threads/writer.c: wait */
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
        d_step { /* src/threads/writer.c: look */
            for (i : 0 .. OUTLETS - 1) {
                if
                :: is_broken[i] && state[i] == READY && !wants_room[i] -> output_broke(i)
                :: else
                fi
            }
            has_looked = false
        }
    :: else
    fi
}

/* src/threads/writer.c: go_on */
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

/* src/threads/movers.c: end_output */
inline end_output()
{
    writer_has_ended = true;
#ifdef BUG_RINGS_FOR_TOLLS
    bell_wake(READER);
#else
    bell_wake_always(READER);
#endif
    output_has_ended = true;
#ifdef MAIN_WAITS
    bell_wake_always(MAIN)
#endif
}

/* src/threads/writer.c: run_writer */
/* src/threads/movers.c: writer_thread */
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
    :: level == ABANDON -> break
    :: else -> go_on(o, s, at, count)
    od;
    settle(); /* src/threads/writer.c: settle_late */
    end_output()
}
