#include "move/intake.h"
#include "move/movers.h"

#include "ring/ring.h"
#include "sys/clock.h"
#include "sys/pipes.h"

#include <sys/prctl.h>

/* A socket's buffer varies; at least this much gathers in it while nobody reads. */
static const size_t socket_gathers = (size_t)64 << 10;

struct reader {
    struct pour *pour;
    struct pace pace;
    unsigned met; /* the number of the input that the pace knows */
};

static bool has_to_leave(struct pour *pour)
{
    return pour_level(pour) == LEAVING || atomic_load(&pour->writer_has_ended);
}

static void publish(struct pour *pour, struct slab *slab)
{
    ring_publish(pour->ring, slab);
    bell_ring(&pour->writer_bell);
}

/*
 * Claim a slab; with all of them full wait for the writer to free one. NULL: it is time to leave.
 */
static struct slab *claim(struct pour *pour)
{
    while (!has_to_leave(pour)) {
        struct slab *slab = ring_claim(pour->ring);
        int error;

        if (slab)
            return slab;
        bell_listen(&pour->reader_bell);
        slab = ring_claim(pour->ring);
        if (slab)
            return slab;
        if (has_to_leave(pour))
            break;
        intake_hold(pour);
        error = wait_for(&pour->reader_bell, NEVER, NULL, 0);
        if (error) {
            wait_failed(pour, error);
            break;
        }
    }
    return NULL;
}

/* Let the pace know what this input can gather on its own. */
static void meet_input(struct reader *reader)
{
    const struct settings *settings = reader->pour->settings;
    const struct end *input = &reader->pour->source.end;
    size_t capacity = 0;

    if (input->kind == END_PIPE) {
        capacity = settings->pipe_size_policy == PIPE_SIZE_SET
                       ? pipe_grow(input->fd, settings->pipe_size)
                       : pipe_capacity(input->fd);
    } else if (input->kind == END_SOCKET) {
        capacity = socket_gathers;
    }
    pace_capacity(&reader->pace, capacity,
                  input->kind == END_PIPE && settings->pipe_size_policy == PIPE_SIZE_AUTO);
    reader->met = reader->pour->source.opened;
}

static void grow_input(struct reader *reader, size_t wanted)
{
    /* asked once: a limit that was in the way is still there */
    pace_capacity(&reader->pace, pipe_grow(reader->pour->source.end.fd, wanted), false);
}

/* A slab with room for the next read, whole messages included. NULL: it is time to leave. */
static struct slab *claim_room(struct pour *pour)
{
    struct slab *slab = claim(pour);

    if (slab && slab->filled > 0 &&
        ring_room(pour->ring, slab) < end_message_room(&pour->source.end)) {
        ring_close(pour->ring, slab);
        bell_ring(&pour->writer_bell);
        slab = claim(pour);
    }
    return slab;
}

/* Do what the pace says after a read. Sleeps where it says so, or until there is input. */
static int follow(struct reader *reader, struct slab *slab, struct pace_step step, bool is_empty)
{
    struct pour *pour = reader->pour;
    struct pollfd fd = {.fd = pour->source.end.fd, .events = POLLIN};

    if (step.publish)
        publish(pour, slab);
    if (step.grow_to)
        grow_input(reader, step.grow_to);
    if (!is_empty || pour_level(pour) >= DRAINING)
        return 0;
    if (step.rest)
        return wait_for(&pour->reader_bell, clock_now() + step.rest, NULL, 0);
    return wait_for(&pour->reader_bell, step.due, &fd, 1);
}

/* One read, and what follows from it. False: there is no more input. */
static bool fill(struct reader *reader, struct slab *slab)
{
    struct pour *pour = reader->pour;
    const size_t room = ring_room(pour->ring, slab);
    const ssize_t got = intake_read(pour, slab->bytes + slab->filled, room);
    const bool is_short = got < (ssize_t)room;
    struct pace_step step;
    bool is_empty = is_short;
    int error;

    if (got == 0)
        return false;
    if (reader->met != pour->source.opened)
        meet_input(reader);
    if (got > 0) {
        slab->filled += (uint32_t)got;
        step = pace_after_read(&reader->pace, clock_now(), (size_t)got, room);
    } else {
        step = pace_after_empty(&reader->pace, clock_now());
    }
    if (is_short && end_is_always_ready(&pour->source.end)) {
        /* mostly it is the end; but files of /proc may wait in read, where nothing is flushed */
        step.publish = true;
        is_empty = false;
    }
    error = follow(reader, slab, step, is_empty);
    if (error)
        wait_failed(pour, error);
    return !error;
}

void run_reader(struct pour *pour)
{
    struct reader reader = {.pour = pour};
    struct slab *slab = NULL;

    /* rests are short, and the default slack of 50 us would stretch each by a tenth or more */
    prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
    pace_start(&reader.pace, pour->settings->flush_interval, clock_now());
    if (!intake_next(pour))
        return;
    meet_input(&reader);
    while ((slab = claim_room(pour)) && fill(&reader, slab))
        ;
    slab = ring_claim(pour->ring);
    if (slab)
        publish(pour, slab);
}
