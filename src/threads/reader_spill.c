#include "threads/reader_spill.h"

#include "flow/flow.h"
#include "input/explain_input.h"
#include "input/intake.h"
#include "io/duct.h"
#include "io/spill.h"
#include "io/transfer.h"
#include "ring/ring.h"
#include "sys/clock.h"
#include "sys/pipes.h"
#include "sys/say.h"
#include "sys/task.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* What is taken at once, and with the ring the most that is held in memory. */
static const size_t buffer_size = (size_t)256 << 10;

/*
 * When a read has emptied the input and brought but a part of what fits into it, what comes next
 * may gather for a moment, as nobody waits for it. A pipe that fills meanwhile is too small: with
 * messages of 256 bytes and 64 KiB a write() took 400 ns or 880, by chance; with 1 MiB always 400.
 */
static const uint64_t rest_time = 250 * NS_PER_US;
static const size_t gathers_unless_known = (size_t)64 << 10;

struct reader_spill {
    struct flow *flow;
    struct intake *intake;
    struct slab_pipes *slab_pipes;
    struct spill spill;
    uint64_t limit;
    struct duct *duct;     /* pages go to the file through it; empty between two turns */
    unsigned char *buffer; /* buffer_size bytes of room */
    size_t held;           /* of them: taken, and not in the spill so far */
    size_t gone;           /* before them: have left since */
    uint64_t returns;      /* of the spill, when it refused what is in the buffer */
    bool has_told;         /* of a refusal */
    bool has_ended;        /* the input has: nothing more comes */
    unsigned met;          /* the number of the input of which we know */
    size_t gathers;        /* how much fits into it */
    bool may_grow;         /* it is a pipe that has not been asked for more */
    uint64_t rest_until;   /* what comes may gather until then; 0: it is taken at once */
};

enum turn { TURN_IDLE, TURN_MOVED, TURN_FAILED };

/* NULL: bytes are copied, because none is to be had, or only one that is tiny. */
static struct duct *open_duct(void)
{
    struct duct *duct;

    if (duct_open(&duct, buffer_size) < 0)
        return NULL;
    if (duct->capacity >= buffer_size)
        return duct;
    duct_close(duct);
    return NULL;
}

int reader_spill_open(struct reader_spill **opened, struct flow *flow, struct intake *intake,
                      struct slab_pipes *pipes)
{
    const struct settings *settings = flow->settings;
    const char *const directory = spill_directory(settings->spill_dir);
    struct reader_spill *spiller;
    int error = -ENOMEM;

    if (settings->on_full != ON_FULL_SPILL || !settings->slab_count)
        return 0;
    spiller = calloc(1, sizeof *spiller);
    if (!spiller)
        goto cleanup;
    spiller->flow = flow;
    spiller->intake = intake;
    spiller->slab_pipes = pipes;
    spiller->spill.fd = -1;
    spiller->limit = settings->spill_limit;
    spiller->buffer = malloc(buffer_size);
    if (!spiller->buffer)
        goto cleanup;
    error = spill_open(&spiller->spill, directory);
    if (error)
        goto cleanup;
    if (settings->zero_copy != ZERO_COPY_NEVER)
        spiller->duct = open_duct();
    *opened = spiller;
    return 0;
cleanup:
    say("--on-full=spill: %s: cannot make a file there: %s", quote_name(directory).text,
        strerror(-error));
    reader_spill_close(spiller);
    return error;
}

void reader_spill_close(struct reader_spill *spiller)
{
    if (!spiller)
        return;
    if (spiller->duct)
        duct_close(spiller->duct);
    spill_close(&spiller->spill);
    free(spiller->buffer);
    free(spiller);
}

bool reader_spill_is_used_by(const struct reader_spill *spiller, const struct task_call *call)
{
    return spiller && task_call_uses(call, spiller->spill.fd);
}

/* Bytes that have been taken and are not in the ring. */
static uint64_t backlog(const struct reader_spill *spiller)
{
    return spill_held(&spiller->spill) + spiller->held;
}

static const char *directory_of(const struct reader_spill *spiller)
{
    return spill_directory(spiller->flow->settings->spill_dir);
}

/* The disk takes no more; nothing is lost by that. */
static void refused(struct reader_spill *spiller, int error)
{
    spiller->returns = spiller->spill.returns;
    if (spiller->has_told)
        return;
    spiller->has_told = true;
    notes_line(&spiller->flow->notes,
               "spill in %s: write at byte %" PRIu64
               ": %s; nothing is lost, but the producer has to wait "
               "until there is room",
               quote_name(directory_of(spiller)).text,
               meters_came(&spiller->flow->meters) - spiller->held, strerror(-error));
}

/* Bytes that have been taken cannot be had again. */
static enum turn lost(struct reader_spill *spiller, int error)
{
    notes_failure(&spiller->flow->notes, directory_of(spiller), "read what was spilled",
                  meters_came(&spiller->flow->meters) - backlog(spiller), error);
    return TURN_FAILED;
}

/* From the buffer to the spill, as far as the disk takes it. */
static void store_buffer(struct reader_spill *spiller)
{
    while (spiller->held > 0) {
        const ssize_t put =
            spill_put(&spiller->spill, spiller->buffer + spiller->gone, spiller->held);

        if (put < 0) {
            refused(spiller, (int)put);
            break;
        }
        spiller->gone += (size_t)put;
        spiller->held -= (size_t)put;
    }
}

/*
 * LENGTH bytes from the duct to the spill. What that does not take as pages goes to the buffer, and
 * from there the way of bytes, which says what is wrong.
 */
static int store_pages(struct reader_spill *spiller, size_t length)
{
    int error;

    while (length > 0) {
        const ssize_t put = spill_put_pages(&spiller->spill, spiller->duct, length);

        if (put <= 0)
            break;
        length -= (size_t)put;
    }
    error = duct_pull(spiller->duct, spiller->buffer, length);
    if (error)
        return error;
    spiller->held = length;
    spiller->gone = 0;
    return 0;
}

/* What is in the buffer has been refused, and no space been given back since. */
static bool is_stuck(const struct reader_spill *spiller)
{
    return spiller->held > 0 && spiller->returns == spiller->spill.returns;
}

static bool is_resting(const struct reader_spill *spiller)
{
    return spiller->rest_until && clock_now() < spiller->rest_until;
}

/* How much may be taken now; 0: what comes has to wait outside. */
static size_t vacancy(const struct reader_spill *spiller)
{
    const struct endpoint *input = &spiller->intake->source.end;
    const uint64_t occupied = spill_occupied(&spiller->spill);
    size_t room = buffer_size;

    if (spiller->has_ended || spiller->held > 0 || occupied >= spiller->limit ||
        !spiller->intake->source.is_open || endpoint_is_always_ready(input))
        return 0;
    if (room > spiller->limit - occupied)
        room = (size_t)(spiller->limit - occupied);
    /* a message goes whole or not at all, and one too large for us may fit into a slab */
    return intake_message_room(spiller->intake) <= room ? room : 0;
}

static void meet_input(struct reader_spill *spiller)
{
    const struct endpoint *input = &spiller->intake->source.end;
    const size_t capacity = pipe_capacity(input->fd);

    spiller->met = spiller->intake->source.opened;
    spiller->gathers = capacity ? capacity : gathers_unless_known;
    spiller->may_grow = capacity && spiller->flow->settings->pipe_size_policy == PIPE_SIZE_AUTO;
}

/* A read took GOT bytes of input: how long to wait before the next one? */
static void set_pace(struct reader_spill *spiller, size_t got, bool emptied)
{
    if (spiller->met != spiller->intake->source.opened)
        meet_input(spiller);
    if (spiller->may_grow && got >= spiller->gathers / 2 && flow_level(spiller->flow) < DRAINING) {
        pipe_grow(spiller->intake->source.end.fd, PIPE_GROW_MAX);
        meet_input(spiller);
        spiller->may_grow = false; /* asked once: a limit that was in the way is still there */
    }
    if (emptied && got < spiller->gathers / 4)
        spiller->rest_until = clock_after(clock_now(), rest_time);
}

/* From the input to the spill, once. */
static enum turn take(struct reader_spill *spiller)
{
    const struct place place = {
        .duct = spiller->duct, .bytes = spiller->buffer, .room = vacancy(spiller)};
    struct taken taken;
    ssize_t got;

    spiller->rest_until = 0;
    if (!place.room)
        return TURN_IDLE;
    got = intake_take(spiller->intake, &place, &taken);
    spiller->has_ended = got == 0;
    if (got == -EAGAIN)
        return TURN_IDLE;
    if (got <= 0) /* another input may be open now, or none */
        return TURN_MOVED;
    meters_spilled(&spiller->flow->meters, (size_t)got);
    set_pace(spiller, taken.read, taken.emptied);
    spiller->gone = 0;
    spiller->held = taken.piped ? 0 : (size_t)got;
    if (taken.piped) {
        const int error = store_pages(spiller, (size_t)got);

        if (error)
            return lost(spiller, error);
    }
    store_buffer(spiller);
    return TURN_MOVED;
}

/* Pages are to go to SLAB, which is empty: into a duct that the writer does not know yet. */
static struct duct *duct_for(struct reader_spill *spiller, struct slab *slab)
{
    if (spiller->intake->choice.method != METHOD_SPLICE ||
        atomic_load(&spiller->flow->flags.output_refuses_splice))
        return NULL;
    if (!slab->duct && !spiller->slab_pipes->error) {
        slab->duct = slab_pipes_open(spiller->slab_pipes, spiller->flow->settings);
        explain_slab_pipes(spiller->flow, spiller->slab_pipes);
    }
    return slab->duct;
}

/* As many pages as SLAB's duct takes: 0, or -errno when the disk has failed. */
static int load_pages(struct reader_spill *spiller, struct slab *slab)
{
    struct spill *spill = &spiller->spill;
    struct duct *duct = duct_for(spiller, slab);

    while (duct && spill_held(spill) > 0 && ring_room(spiller->flow->ring, slab) > 0) {
        const ssize_t got = spill_take_pages(spill, duct, ring_room(spiller->flow->ring, slab));

        /* the rest goes by way of memory */
        if (got == 0 || got == -EAGAIN || transfer_is_refused(got))
            break;
        if (got < 0)
            return (int)got;
        slab->filled += (uint32_t)got;
        slab->piped += (uint32_t)got;
    }
    return 0;
}

/* What SLAB still has room for, from the spill and after it from the buffer: 0 or -errno. */
static int load_bytes(struct reader_spill *spiller, struct slab *slab)
{
    size_t room;

    while ((room = ring_room(spiller->flow->ring, slab)) > 0 && spill_held(&spiller->spill) > 0) {
        const ssize_t got = spill_take(&spiller->spill, slab->bytes + slab->filled, room);

        if (got < 0)
            return (int)got;
        slab->filled += (uint32_t)got;
    }
    if (room > spiller->held)
        room = spiller->held;
    memcpy(slab->bytes + slab->filled, spiller->buffer + spiller->gone, room);
    slab->filled += (uint32_t)room;
    spiller->gone += room;
    spiller->held -= room;
    return 0;
}

/* Fill SLAB from the backlog, as far as that goes, and hand it over. */
static int load(struct reader_spill *spiller, struct slab *slab)
{
    const uint32_t before = slab->filled;
    int error = 0;

    if (before == 0)
        error = load_pages(spiller, slab);
    if (!error)
        error = load_bytes(spiller, slab);
    meters_came_back(&spiller->flow->meters, slab->filled - before);
    ring_publish(spiller->flow->ring, slab);
    bell_wake(&spiller->flow->bells.writer);
    return error;
}

/* From the backlog to free slabs. Not too many at once: the input wants to be looked at as well. */
static enum turn give(struct reader_spill *spiller)
{
    const uint64_t before = backlog(spiller);
    struct slab *slab;

    while (backlog(spiller) > 0 && before - backlog(spiller) < buffer_size &&
           (slab = ring_claim(spiller->flow->ring))) {
        const int error = load(spiller, slab);

        if (error)
            return lost(spiller, error);
    }
    if (spiller->held > 0 && !is_stuck(spiller))
        store_buffer(spiller);
    return backlog(spiller) < before ? TURN_MOVED : TURN_IDLE;
}

/* Sleep until a slab is free, or there is input that may be taken: 0 or -errno. */
static int wait_for_either(struct reader_spill *spiller)
{
    const bool rests = is_resting(spiller);
    const bool may_take = rests || vacancy(spiller) > 0;
    const bool holds_back = !may_take && !spiller->has_ended;
    struct pollfd fd = {.fd = spiller->intake->source.end.fd, .events = POLLIN};
    uint64_t until = rests ? spiller->rest_until : NEVER;
    int error;

    bell_listen(&spiller->flow->bells.reader);
    if (flow_reader_has_to_leave(spiller->flow) || ring_claim(spiller->flow->ring))
        return 0;
    /* a frozen input says nothing */
    if (!rests && may_take && flow_level(spiller->flow) >= DRAINING)
        until = clock_after(clock_now(), rest_time);
    if (holds_back) {
        intake_hold(spiller->intake);
        meters_held_back(&spiller->flow->meters);
    }
    error = wait_for(&spiller->flow->bells.reader, until, &fd, may_take && !rests ? 1 : 0);
    if (holds_back)
        meters_set_free(&spiller->flow->meters);
    return error;
}

/* Both directions once. False: it is over. */
static bool turn(struct reader_spill *spiller)
{
    const enum turn given = give(spiller);
    enum turn taken = TURN_IDLE;
    int error = 0;

    if (given != TURN_FAILED && !is_resting(spiller))
        taken = take(spiller);
    if (given == TURN_FAILED || taken == TURN_FAILED)
        return false;
    if (given == TURN_IDLE && taken == TURN_IDLE)
        error = wait_for_either(spiller);
    if (error)
        flow_wait_failed(spiller->flow, error);
    return !error;
}

bool reader_spill_absorb(struct reader_spill *spiller)
{
    bool goes_on = false;

    meters_overflow(&spiller->flow->meters, true);
    while (!flow_reader_has_to_leave(spiller->flow) && turn(spiller)) {
        if (backlog(spiller) > 0)
            continue;
        goes_on = !spiller->has_ended && ring_claim(spiller->flow->ring);
        if (goes_on || spiller->has_ended)
            break;
    }
    meters_overflow(&spiller->flow->meters, false);
    return goes_on;
}
