/*
 * The writer and a hand, as a model for spin: the one place where two threads meet at atomics alone, without the ring's
 * lock, so that the order of a store and the load behind it decides. Whoever waits raises his flag and then looks at
 * the condition; the other one makes it true and then looks at the flag. Checked: every job is done once, both come to
 * their end, and no wake-up is lost.
 *
 * With BUG_FLAG_IS_DELAYED and BUG_CONDITION_IS_DELAYED a store stays in a buffer of its CPU for a while, as it may
 * unless it is sequentially consistent; the loads behind it come first then. Each of them alone loses a wake-up, which
 * is why both are what they are in the C.
 *
 * By -D: JOBS (2).
 */
#ifndef JOBS
#define JOBS 2
#endif

#define WRITER 0
#define HAND   1
#define BELLS  2
#include "bell.pml"

bool is_busy;
bool is_over;
byte begun;
byte done;
bool has_left[2];

#define NOTHING 0
#define BUSY    1
#define IDLE    2
#define LISTENS 3
byte delayed[2]; /* what is in the store buffer of each thread */

/* A thread sees its own stores at once. */
#define sees_busy(thread) (delayed[thread] == BUSY -> true : (delayed[thread] == IDLE -> false : is_busy))

/* environment: the buffer is written out */
inline write_out(thread)
{
    d_step {
        if
        :: delayed[thread] == BUSY -> is_busy = true
        :: delayed[thread] == IDLE -> is_busy = false
        :: delayed[thread] == LISTENS -> listening[thread] = true
        :: else
        fi;
        delayed[thread] = NOTHING
    }
}

/* environment: at any time */
proctype buffer(byte thread)
{
    do
    :: atomic { delayed[thread] != NOTHING -> write_out(thread) }
    :: has_left[thread] && delayed[thread] == NOTHING -> break
    od
}

/* environment: stores stay in order */
inline delay(thread, store)
{
    atomic {
        write_out(thread);
        delayed[thread] = store
    }
}

/* environment: how a job is given, or given back */
inline set_busy(thread, to)
{
#ifdef BUG_CONDITION_IS_DELAYED
    delay(thread, (to -> BUSY : IDLE))
#else
    atomic {
        write_out(thread);
        is_busy = to
    }
#endif
}

/* environment: how the flag is raised */
inline listen(thread)
{
#ifdef BUG_FLAG_IS_DELAYED
    delay(thread, LISTENS)
#else
    atomic {
        write_out(thread);
        bell_listen(thread)
    }
#endif
}

/* environment: a system call; its locks write out what is delayed */
inline sleep(thread, was_rung)
{
    write_out(thread);
    wait_for(thread, false, was_rung, false, _)
}

/* src/output/worker.c: worker_begin */
inline worker_begin()
{
    begun++;
    set_busy(WRITER, true);
    bell_wake(HAND)
}

/* src/output/worker.c: worker_free */
inline worker_free()
{
    atomic {
        write_out(WRITER);
        is_over = true
    }
    bell_wake(HAND);
    has_left[HAND] /* pthread_join */
}

/* src/threads/writer.c: can_go_on, and at the end collect_from_workers */
/* src/output/worker.c: worker_is_busy */
/* src/output/worker.c: worker_result */
proctype writer()
{
    bool was_rung;

    do
    :: begun == JOBS -> break
    :: else ->
        worker_begin();
        do
        :: !sees_busy(WRITER) -> break
        :: sees_busy(WRITER) ->
            listen(WRITER);
            if
            :: !sees_busy(WRITER)
            :: sees_busy(WRITER) -> sleep(WRITER, was_rung)
            fi
        od;
        assert(done == begun)
    od;
    worker_free();
    has_left[WRITER] = true
}

/* src/output/worker.c: await_job */
/* src/output/worker.c: worker_thread */
proctype hand()
{
    bool was_rung;

    do
    :: sees_busy(HAND) ->
        done++;
        assert(done == begun);
        set_busy(HAND, false);
        bell_wake(WRITER)
    :: !sees_busy(HAND) ->
        if
        :: is_over -> break
        :: !is_over ->
            listen(HAND);
            if
            :: sees_busy(HAND) || is_over
            :: !sees_busy(HAND) && !is_over -> sleep(HAND, was_rung)
            fi
        fi
    od;
    has_left[HAND] = true
}

/* environment */
proctype judge()
{
    timeout;
    assert(has_left[WRITER] && has_left[HAND] && done == JOBS)
}

init {
    atomic {
        run writer();
        run hand();
        run buffer(WRITER);
        run buffer(HAND);
        run judge()
    }
}
