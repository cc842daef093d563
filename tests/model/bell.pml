/*
 * The doorbells, as src/sys/wait.h has them: an eventfd, of which only "has it been rung" matters, and the flag that
 * says whether somebody listens. Each access to the flag is a step of its own, so that others may come in between any
 * two.
 *
 * Who includes this defines BELLS.
 */
bool listening[BELLS];
bool rung[BELLS];

/* src/sys/wait.c: bell_listen */
inline bell_listen(bell)
{
    listening[bell] = true
}

/* src/sys/wait.c: bell_wake_always */
inline bell_wake_always(bell)
{
    rung[bell] = true
}

/* src/sys/wait.c: bell_wake */
inline bell_wake(bell)
{
    if
    :: listening[bell] ->
        if
        :: atomic { listening[bell] -> listening[bell] = false }
            bell_wake_always(bell)
        :: else /* somebody else was first */
        fi
    :: else
    fi
}

/*
 * READY: what else ends the sleep, the descriptors and the clock. WAS_RUNG is the sleeper's own: what ppoll said of the
 * bell. HAS_NEWS becomes what NEWS is then: what ppoll said of the others.
 */
/* src/sys/wait.c: wait_for */
inline wait_for(bell, ready, was_rung, news, has_news)
{
    atomic {
        (rung[bell] || (ready)) ->
        was_rung = rung[bell];
        has_news = (news)
    }
    listening[bell] = false;
    if
    :: was_rung ->
        rung[bell] = false;
        was_rung = false
    :: else
    fi
}
