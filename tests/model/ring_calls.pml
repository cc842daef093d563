/* The calls of the ring in ring.pml, each of them one step. TOTAL: so much has ever been published. */
hidden byte rest, before;

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

/* One span, as one output takes it: COUNT bytes of slab S from AT on. */
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
