/*
 * The slabs: which are free, and in which order the others are filled. What is here happens under the ring's lock, so
 * callers make it one step with what they do besides. Fields of a slab that is free are 0, its content is none.
 *
 * Who includes this defines SLABS, SIZE, and LINES where whole lines are kept (drop.pml).
 */
#define NONE 255

typedef slab_type {
    byte content[SIZE];
    byte next;
    byte filled;
    byte published;
    byte drained;
#ifdef LINES
    byte lines;
    byte marker;
    byte gap; /* lines; what the marker stands for */
    bool continues;
    bool is_taken
#endif
}
slab_type slabs[SLABS];
byte untouched;
byte free = NONE;
byte oldest = NONE;
byte youngest = NONE;
byte in_use;
bool youngest_is_open;

byte in_hand = NONE; /* the slab that the writer is writing from */

/* scratch, within one step */
hidden byte i, k, gone;

/* src/ring/ring.c: empty */
inline make_empty(s)
{
    slabs[s].filled = 0;
    slabs[s].published = 0;
    slabs[s].drained = 0;
#ifdef LINES
    slabs[s].lines = 0;
    slabs[s].marker = 0;
    slabs[s].gap = 0;
    slabs[s].continues = false;
    slabs[s].is_taken = false;
#endif
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
#if defined LINES && !defined BUG_FORGETS_THE_LINE_GOES_ON
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
    :: slabs[youngest].drained == slabs[youngest].published -> free_oldest()
    :: else
    fi
}
