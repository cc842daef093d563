#include "threads/reader_spill.h"

#include "flow/explain.h"
#include "input/intake.h"
#include "io/duct.h"
#include "io/spill.h"
#include "io/transfer.h"
#include "ring/ring.h"
#include "sys/clock.h"
#include "sys/pipes.h"
#include "sys/say.h"
#include "threads/movers.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* What is taken at once, and with the ring the most that is held in memory. */
static const size_t hand_size = (size_t)256 << 10;

/*
 * When a read has emptied the input and brought but a part of what fits into it, what comes next
 * may gather for a moment, as nobody waits for it. A pipe that fills meanwhile is too small: with
 * messages of 256 bytes and 64 KiB a write() took 400 ns or 880, by chance; with 1 MiB always 400.
 */
static const uint64_t rest_time = 250 * NS_PER_US;
static const size_t gathers_unless_known = (size_t)64 << 10;

struct reader_spill {
    struct spill spill;
    uint64_t limit;
    struct duct *duct;   /* pages go to the file through it; empty between two turns */
    unsigned char *hand; /* hand_size bytes of room */
    size_t held;         /* of them: taken, and not in the spill so far */
    size_t gone;         /* before them: have left since */
    uint64_t returns;    /* of the spill, when it refused what is in hand */
    bool has_told;       /* of a refusal */
    bool has_ended;      /* the input has: nothing more comes */
    unsigned met;        /* the number of the input of which we know */
    size_t gathers;      /* how much fits into it */
    bool may_grow;       /* it is a pipe that has not been asked for more */
    uint64_t rest_until; /* what comes may gather until then; 0: it is taken at once */
};

enum turn { TURN_IDLE, TURN_MOVED, TURN_FAILED };

/* NULL: bytes are copied, because none is to be had, or only one that is tiny. */
static struct duct *open_duct(void)
{
    struct duct *duct;

    if (duct_open(&duct, hand_size) < 0)
        return NULL;
    if (duct->capacity >= hand_size)
        return duct;
    duct_close(duct);
    return NULL;
}

int reader_spill_open(struct pour *pour, const struct settings *settings)
{
    const char *const directory = spill_directory(settings->spill_dir);
    struct reader_spill *spiller;
    int error = -ENOMEM;

    if (settings->on_full != ON_FULL_SPILL || !settings->slab_count)
        return 0;
    spiller = calloc(1, sizeof *spiller);
    if (!spiller)
        goto cleanup;
    spiller->spill.fd = -1;
    spiller->limit = settings->spill_limit;
    spiller->hand = malloc(hand_size);
    if (!spiller->hand)
        goto cleanup;
    error = spill_open(&spiller->spill, directory);
    if (error)
        goto cleanup;
    if (settings->zero_copy != ZERO_COPY_NEVER)
        spiller->duct = open_duct();
    pour->spiller = spiller;
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
    free(spiller->hand);
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

static const char *directory_of(const struct pour *pour)
{
    return spill_directory(pour->settings->spill_dir);
}

/* The disk takes no more; nothing is lost by that. */
static void refused(struct pour *pour, int error)
{
    struct reader_spill *spiller = pour->spiller;

    spiller->returns = spiller->spill.returns;
    if (spiller->has_told)
        return;
    spiller->has_told = true;
    notes_line(&pour->notes,
               "spill in %s: write at byte %" PRIu64
               ": %s; nothing is lost, but the producer has to wait "
               "until there is room",
               quote_name(directory_of(pour)).text, meters_came(&pour->meters) - spiller->held,
               strerror(-error));
}

/* Bytes that have been taken cannot be had again. */
static enum turn lost(struct pour *pour, int error)
{
    notes_failure(&pour->notes, directory_of(pour), "read what was spilled",
                  meters_came(&pour->meters) - backlog(pour->spiller), error);
    return TURN_FAILED;
}

/* From the hand to the spill, as far as the disk takes it. */
static void store_hand(struct pour *pour)
{
    struct reader_spill *spiller = pour->spiller;

    while (spiller->held > 0) {
        const ssize_t put =
            spill_put(&spiller->spill, spiller->hand + spiller->gone, spiller->held);

        if (put < 0) {
            refused(pour, (int)put);
            break;
        }
        spiller->gone += (size_t)put;
        spiller->held -= (size_t)put;
    }
}

/*
 * LENGTH bytes from the duct to the spill. What that does not take as pages goes to the hand, and
 * from there the way of bytes, which says what is wrong.
 */
static int store_pages(struct pour *pour, size_t length)
{
    struct reader_spill *spiller = pour->spiller;
    int error;

    while (length > 0) {
        const ssize_t put = spill_put_pages(&spiller->spill, spiller->duct, length);

        if (put <= 0)
            break;
        length -= (size_t)put;
    }
    error = duct_pull(spiller->duct, spiller->hand, length);
    if (error)
        return error;
    spiller->held = length;
    spiller->gone = 0;
    return 0;
}

/* What is in hand has been refused, and no space been given back since. */
static bool is_stuck(const struct reader_spill *spiller)
{
    return spiller->held > 0 && spiller->returns == spiller->spill.returns;
}

static bool is_resting(const struct reader_spill *spiller)
{
    return spiller->rest_until && clock_now() < spiller->rest_until;
}

/* How much may be taken now; 0: what comes has to wait outside. */
static size_t vacancy(const struct pour *pour)
{
    const struct reader_spill *spiller = pour->spiller;
    const struct endpoint *input = &pour->source.end;
    const uint64_t occupied = spill_occupied(&spiller->spill);
    size_t room = hand_size;

    if (spiller->has_ended || spiller->held > 0 || occupied >= spiller->limit ||
        !pour->source.is_open || endpoint_is_always_ready(input))
        return 0;
    if (room > spiller->limit - occupied)
        room = (size_t)(spiller->limit - occupied);
    /* a message goes whole or not at all, and one too large for us may fit into a slab */
    return intake_message_room(pour) <= room ? room : 0;
}

static void meet_input(struct pour *pour)
{
    struct reader_spill *spiller = pour->spiller;
    const struct endpoint *input = &pour->source.end;
    const size_t capacity = pipe_capacity(input->fd);

    spiller->met = pour->source.opened;
    spiller->gathers = capacity ? capacity : gathers_unless_known;
    spiller->may_grow = capacity && pour->settings->pipe_size_policy == PIPE_SIZE_AUTO;
}

/* A read took GOT bytes of input: how long to wait before the next one? */
static void set_pace(struct pour *pour, size_t got, bool emptied)
{
    struct reader_spill *spiller = pour->spiller;

    if (spiller->met != pour->source.opened)
        meet_input(pour);
    if (spiller->may_grow && got >= spiller->gathers / 2 && pour_level(pour) < DRAINING) {
        pipe_grow(pour->source.end.fd, PIPE_GROW_MAX);
        meet_input(pour);
        spiller->may_grow = false; /* asked once: a limit that was in the way is still there */
    }
    if (emptied && got < spiller->gathers / 4)
        spiller->rest_until = clock_after(clock_now(), rest_time);
}

/* From the input to the spill, once. */
static enum turn take(struct pour *pour)
{
    struct reader_spill *spiller = pour->spiller;
    const struct place place = {
        .duct = spiller->duct, .bytes = spiller->hand, .room = vacancy(pour)};
    struct taken taken;
    ssize_t got;

    spiller->rest_until = 0;
    if (!place.room)
        return TURN_IDLE;
    got = intake_take(pour, &place, &taken);
    spiller->has_ended = got == 0;
    if (got == -EAGAIN)
        return TURN_IDLE;
    if (got <= 0) /* another input may be open now, or none */
        return TURN_MOVED;
    meters_spilled(&pour->meters, (size_t)got);
    set_pace(pour, taken.read, taken.emptied);
    spiller->gone = 0;
    spiller->held = taken.piped ? 0 : (size_t)got;
    if (taken.piped) {
        const int error = store_pages(pour, (size_t)got);

        if (error)
            return lost(pour, error);
    }
    store_hand(pour);
    return TURN_MOVED;
}

/* Pages are to go to SLAB, which is empty: into a duct that the writer does not know yet. */
static struct duct *duct_for(struct pour *pour, struct slab *slab)
{
    if (pour->choice.method != METHOD_SPLICE || atomic_load(&pour->output_refuses_splice))
        return NULL;
    if (!slab->duct && !pour->slab_pipes.error) {
        slab->duct = slab_pipes_open(&pour->slab_pipes, pour->settings);
        explain_ducts(pour);
    }
    return slab->duct;
}

/* As many pages as SLAB's duct takes: 0, or -errno when the disk has failed. */
static int load_pages(struct pour *pour, struct slab *slab)
{
    struct spill *spill = &pour->spiller->spill;
    struct duct *duct = duct_for(pour, slab);

    while (duct && spill_held(spill) > 0 && ring_room(pour->ring, slab) > 0) {
        const ssize_t got = spill_take_pages(spill, duct, ring_room(pour->ring, slab));

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

/* What SLAB still has room for, from the spill and behind it from the hand: 0 or -errno. */
static int load_bytes(struct pour *pour, struct slab *slab)
{
    struct reader_spill *spiller = pour->spiller;
    size_t room;

    while ((room = ring_room(pour->ring, slab)) > 0 && spill_held(&spiller->spill) > 0) {
        const ssize_t got = spill_take(&spiller->spill, slab->bytes + slab->filled, room);

        if (got < 0)
            return (int)got;
        slab->filled += (uint32_t)got;
    }
    if (room > spiller->held)
        room = spiller->held;
    memcpy(slab->bytes + slab->filled, spiller->hand + spiller->gone, room);
    slab->filled += (uint32_t)room;
    spiller->gone += room;
    spiller->held -= room;
    return 0;
}

/* Fill SLAB from the backlog, as far as that goes, and hand it over. */
static int load(struct pour *pour, struct slab *slab)
{
    const uint32_t before = slab->filled;
    int error = 0;

    if (before == 0)
        error = load_pages(pour, slab);
    if (!error)
        error = load_bytes(pour, slab);
    meters_came_back(&pour->meters, slab->filled - before);
    ring_publish(pour->ring, slab);
    bell_wake(&pour->writer_bell);
    return error;
}

/* From the backlog to free slabs. Not too many at once: the input wants to be looked at as well. */
static enum turn give(struct pour *pour)
{
    struct reader_spill *spiller = pour->spiller;
    const uint64_t before = backlog(spiller);
    struct slab *slab;

    while (backlog(spiller) > 0 && before - backlog(spiller) < hand_size &&
           (slab = ring_claim(pour->ring))) {
        const int error = load(pour, slab);

        if (error)
            return lost(pour, error);
    }
    if (spiller->held > 0 && !is_stuck(spiller))
        store_hand(pour);
    return backlog(spiller) < before ? TURN_MOVED : TURN_IDLE;
}

/* Sleep until a slab is free, or there is input that may be taken: 0 or -errno. */
static int wait_for_either(struct pour *pour)
{
    const bool rests = is_resting(pour->spiller);
    const bool may_take = rests || vacancy(pour) > 0;
    const bool holds_back = !may_take && !pour->spiller->has_ended;
    struct pollfd fd = {.fd = pour->source.end.fd, .events = POLLIN};
    uint64_t until = rests ? pour->spiller->rest_until : NEVER;
    int error;

    bell_listen(&pour->reader_bell);
    if (reader_has_to_leave(pour) || ring_claim(pour->ring))
        return 0;
    /* a frozen input says nothing */
    if (!rests && may_take && pour_level(pour) >= DRAINING)
        until = clock_after(clock_now(), rest_time);
    if (holds_back) {
        intake_hold(pour);
        meters_held_back(&pour->meters);
    }
    error = wait_for(&pour->reader_bell, until, &fd, may_take && !rests ? 1 : 0);
    if (holds_back)
        meters_set_free(&pour->meters);
    return error;
}

/* Both directions once. False: it is over. */
static bool turn(struct pour *pour)
{
    const enum turn given = give(pour);
    enum turn taken = TURN_IDLE;
    int error = 0;

    if (given != TURN_FAILED && !is_resting(pour->spiller))
        taken = take(pour);
    if (given == TURN_FAILED || taken == TURN_FAILED)
        return false;
    if (given == TURN_IDLE && taken == TURN_IDLE)
        error = wait_for_either(pour);
    if (error)
        wait_failed(pour, error);
    return !error;
}

bool reader_spill_absorb(struct pour *pour)
{
    struct reader_spill *spiller = pour->spiller;
    bool goes_on = false;

    meters_overflow(&pour->meters, true);
    while (!reader_has_to_leave(pour) && turn(pour)) {
        if (backlog(spiller) > 0)
            continue;
        goes_on = !spiller->has_ended && ring_claim(pour->ring);
        if (goes_on || spiller->has_ended)
            break;
    }
    meters_overflow(&pour->meters, false);
    return goes_on;
}
