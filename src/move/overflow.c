#include "move/overflow.h"

#include "ends/duct.h"
#include "ends/spill.h"
#include "ends/transfer.h"
#include "move/explain.h"
#include "move/intake.h"
#include "move/movers.h"
#include "ring/ring.h"
#include "sys/clock.h"
#include "sys/pipes.h"
#include "sys/say.h"

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

struct overflow {
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

int overflow_open(struct pour *pour, const struct settings *settings)
{
    const char *const directory = spill_directory(settings->spill_dir);
    struct overflow *overflow;
    int error = -ENOMEM;

    if (settings->on_full != ON_FULL_SPILL || !settings->slab_count)
        return 0;
    overflow = calloc(1, sizeof *overflow);
    if (!overflow)
        goto cleanup;
    overflow->spill.fd = -1;
    overflow->limit = settings->spill_limit;
    overflow->hand = malloc(hand_size);
    if (!overflow->hand)
        goto cleanup;
    error = spill_open(&overflow->spill, directory);
    if (error)
        goto cleanup;
    if (settings->zero_copy != ZERO_COPY_NEVER)
        overflow->duct = open_duct();
    pour->overflow = overflow;
    return 0;
cleanup:
    say("--on-full=spill: %s: cannot make a file there: %s", quote_name(directory).text,
        strerror(-error));
    overflow_close(overflow);
    return error;
}

void overflow_close(struct overflow *overflow)
{
    if (!overflow)
        return;
    if (overflow->duct)
        duct_close(overflow->duct);
    spill_close(&overflow->spill);
    free(overflow->hand);
    free(overflow);
}

bool overflow_is_used_by(const struct overflow *overflow, const struct task_call *call)
{
    return overflow && task_call_uses(call, overflow->spill.fd);
}

/* Bytes that have been taken and are not in the ring. */
static uint64_t backlog(const struct overflow *overflow)
{
    return spill_held(&overflow->spill) + overflow->held;
}

static const char *directory_of(const struct pour *pour)
{
    return spill_directory(pour->settings->spill_dir);
}

/* The disk takes no more; nothing is lost by that. */
static void refused(struct pour *pour, int error)
{
    struct overflow *overflow = pour->overflow;

    overflow->returns = overflow->spill.returns;
    if (overflow->has_told)
        return;
    overflow->has_told = true;
    notes_line(&pour->notes,
               "spill in %s: write at byte %" PRIu64
               ": %s; nothing is lost, but the producer has to wait "
               "until there is room",
               quote_name(directory_of(pour)).text, meters_came(&pour->meters) - overflow->held,
               strerror(-error));
}

/* Bytes that have been taken cannot be had again. */
static enum turn lost(struct pour *pour, int error)
{
    notes_failure(&pour->notes, directory_of(pour), "read what was spilled",
                  meters_came(&pour->meters) - backlog(pour->overflow), error);
    return TURN_FAILED;
}

/* From the hand to the spill, as far as the disk takes it. */
static void store_hand(struct pour *pour)
{
    struct overflow *overflow = pour->overflow;

    while (overflow->held > 0) {
        const ssize_t put =
            spill_put(&overflow->spill, overflow->hand + overflow->gone, overflow->held);

        if (put < 0) {
            refused(pour, (int)put);
            break;
        }
        overflow->gone += (size_t)put;
        overflow->held -= (size_t)put;
    }
}

/*
 * LENGTH bytes from the duct to the spill. What that does not take as pages goes to the hand, and
 * from there the way of bytes, which says what is wrong.
 */
static int store_pages(struct pour *pour, size_t length)
{
    struct overflow *overflow = pour->overflow;
    int error;

    while (length > 0) {
        const ssize_t put = spill_put_pages(&overflow->spill, overflow->duct, length);

        if (put <= 0)
            break;
        length -= (size_t)put;
    }
    error = duct_pull(overflow->duct, overflow->hand, length);
    if (error)
        return error;
    overflow->held = length;
    overflow->gone = 0;
    return 0;
}

/* What is in hand has been refused, and no space been given back since. */
static bool is_stuck(const struct overflow *overflow)
{
    return overflow->held > 0 && overflow->returns == overflow->spill.returns;
}

static bool is_resting(const struct overflow *overflow)
{
    return overflow->rest_until && clock_now() < overflow->rest_until;
}

/* How much may be taken now; 0: what comes has to wait outside. */
static size_t vacancy(const struct pour *pour)
{
    const struct overflow *overflow = pour->overflow;
    const struct end *input = &pour->source.end;
    const uint64_t occupied = spill_occupied(&overflow->spill);
    size_t room = hand_size;

    if (overflow->has_ended || overflow->held > 0 || occupied >= overflow->limit ||
        !pour->source.is_open || end_is_always_ready(input))
        return 0;
    if (room > overflow->limit - occupied)
        room = (size_t)(overflow->limit - occupied);
    /* a message goes whole or not at all, and one too large for us may fit into a slab */
    return intake_message_room(pour) <= room ? room : 0;
}

static void meet_input(struct pour *pour)
{
    struct overflow *overflow = pour->overflow;
    const struct end *input = &pour->source.end;
    const size_t capacity = pipe_capacity(input->fd);

    overflow->met = pour->source.opened;
    overflow->gathers = capacity ? capacity : gathers_unless_known;
    overflow->may_grow = capacity && pour->settings->pipe_size_policy == PIPE_SIZE_AUTO;
}

/* A read took GOT bytes of input: how long to wait before the next one? */
static void set_pace(struct pour *pour, size_t got, bool emptied)
{
    struct overflow *overflow = pour->overflow;

    if (overflow->met != pour->source.opened)
        meet_input(pour);
    if (overflow->may_grow && got >= overflow->gathers / 2 && pour_level(pour) < DRAINING) {
        pipe_grow(pour->source.end.fd, PIPE_GROW_MAX);
        meet_input(pour);
        overflow->may_grow = false; /* asked once: a limit that was in the way is still there */
    }
    if (emptied && got < overflow->gathers / 4)
        overflow->rest_until = clock_after(clock_now(), rest_time);
}

/* From the input to the spill, once. */
static enum turn take(struct pour *pour)
{
    struct overflow *overflow = pour->overflow;
    const struct place place = {
        .duct = overflow->duct, .bytes = overflow->hand, .room = vacancy(pour)};
    struct taken taken;
    ssize_t got;

    overflow->rest_until = 0;
    if (!place.room)
        return TURN_IDLE;
    got = intake_take(pour, &place, &taken);
    overflow->has_ended = got == 0;
    if (got == -EAGAIN)
        return TURN_IDLE;
    if (got <= 0) /* another input may be open now, or none */
        return TURN_MOVED;
    meters_spilled(&pour->meters, (size_t)got);
    set_pace(pour, taken.read, taken.emptied);
    overflow->gone = 0;
    overflow->held = taken.piped ? 0 : (size_t)got;
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
    if (pour->choice.way != WAY_DUCT || atomic_load(&pour->output_refuses_splice))
        return NULL;
    if (!slab->duct && !pour->ducts.error) {
        slab->duct = ducts_open(&pour->ducts, pour->settings);
        explain_ducts(pour);
    }
    return slab->duct;
}

/* As many pages as SLAB's duct takes: 0, or -errno when the disk has failed. */
static int load_pages(struct pour *pour, struct slab *slab)
{
    struct spill *spill = &pour->overflow->spill;
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
    struct overflow *overflow = pour->overflow;
    size_t room;

    while ((room = ring_room(pour->ring, slab)) > 0 && spill_held(&overflow->spill) > 0) {
        const ssize_t got = spill_take(&overflow->spill, slab->bytes + slab->filled, room);

        if (got < 0)
            return (int)got;
        slab->filled += (uint32_t)got;
    }
    if (room > overflow->held)
        room = overflow->held;
    memcpy(slab->bytes + slab->filled, overflow->hand + overflow->gone, room);
    slab->filled += (uint32_t)room;
    overflow->gone += room;
    overflow->held -= room;
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
    bell_ring(&pour->writer_bell);
    return error;
}

/* From the backlog to free slabs. Not too many at once: the input wants to be looked at as well. */
static enum turn give(struct pour *pour)
{
    struct overflow *overflow = pour->overflow;
    const uint64_t before = backlog(overflow);
    struct slab *slab;

    while (backlog(overflow) > 0 && before - backlog(overflow) < hand_size &&
           (slab = ring_claim(pour->ring))) {
        const int error = load(pour, slab);

        if (error)
            return lost(pour, error);
    }
    if (overflow->held > 0 && !is_stuck(overflow))
        store_hand(pour);
    return backlog(overflow) < before ? TURN_MOVED : TURN_IDLE;
}

/* Sleep until a slab is free, or there is input that may be taken: 0 or -errno. */
static int wait_for_either(struct pour *pour)
{
    const bool rests = is_resting(pour->overflow);
    const bool may_take = rests || vacancy(pour) > 0;
    const bool holds_back = !may_take && !pour->overflow->has_ended;
    struct pollfd fd = {.fd = pour->source.end.fd, .events = POLLIN};
    uint64_t until = rests ? pour->overflow->rest_until : NEVER;
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

    if (given != TURN_FAILED && !is_resting(pour->overflow))
        taken = take(pour);
    if (given == TURN_FAILED || taken == TURN_FAILED)
        return false;
    if (given == TURN_IDLE && taken == TURN_IDLE)
        error = wait_for_either(pour);
    if (error)
        wait_failed(pour, error);
    return !error;
}

bool overflow_absorb(struct pour *pour)
{
    struct overflow *overflow = pour->overflow;
    bool goes_on = false;

    meters_overflow(&pour->meters, true);
    while (!reader_has_to_leave(pour) && turn(pour)) {
        if (backlog(overflow) > 0)
            continue;
        goes_on = !overflow->has_ended && ring_claim(pour->ring);
        if (goes_on || overflow->has_ended)
            break;
    }
    meters_overflow(&pour->meters, false);
    return goes_on;
}
