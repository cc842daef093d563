#include "move/intake.h"

#include "ends/duct.h"
#include "move/explain.h"
#include "move/movers.h"

#include <errno.h>

void intake_trouble(struct pour *pour, const char *operation, uint64_t offset, int error)
{
    troubles_add(&pour->troubles, (struct trouble){.object = pour->source.name,
                                                   .operation = operation,
                                                   .offset = offset,
                                                   .error = error});
    bell_toll(&pour->main_bell);
}

static bool is_draining(struct pour *pour)
{
    return pour_level(pour) >= DRAINING;
}

/* Who hears Ctrl-C as we do, and may have last words? */
static void note_producer(struct pour *pour)
{
    const struct source *source = &pour->source;

    atomic_store(&pour->has_producer,
                 end_has_producer(&source->end) || source_has_producer_to_come(source));
}

/* Nothing of the open input will be read any more; what it still holds has been accepted. */
static void give_up(struct pour *pour)
{
    struct source *source = &pour->source;

    if (source->is_open && end_has_producer(&source->end))
        pour->unread += end_abandon(&source->end);
    source_give_up(source);
}

/* False: pages were asked for, and cannot be had. */
static bool choose_way(struct pour *pour)
{
    const bool is_always = pour->settings->zero_copy == ZERO_COPY_ALWAYS;

    pour->choice = way_choose(pour->settings->zero_copy, &pour->source.end, &pour->output);
    if (pour->ring && !way_needs_ring(pour->choice.way))
        pour->choice = (struct choice){is_always ? WAY_DUCT : WAY_MEMORY,
                                       "not all inputs are files, so there is a ring", false};
    else if (!pour->ring && pour->choice.way == WAY_DUCT && !is_always)
        pour->choice = (struct choice){WAY_MEMORY, "each read is written before the next", false};
    explain_way(pour);
    if (!is_always || !pour->choice.is_refusal)
        return true;
    troubles_add(&pour->troubles,
                 (struct trouble){.object = "--zero-copy=always", .operation = pour->choice.why});
    return false;
}

bool intake_next(struct pour *pour)
{
    struct source *source = &pour->source;

    if (is_draining(pour)) {
        give_up(pour);
        source_skip_files(source);
    }
    for (;;) {
        int state = source_advance(source, &pour->output, lane_bytes(&pour->in));

        if (state == SOURCE_NONE_LEFT)
            return false;
        if (state == SOURCE_OPENED)
            break;
        if (state == SOURCE_IS_OUTPUT)
            intake_trouble(pour, "input file is output file, not read", TROUBLE_NO_OFFSET, 0);
        else
            intake_trouble(pour, "open", TROUBLE_NO_OFFSET, state);
    }
    note_producer(pour);
    return choose_way(pour);
}

/* While draining, make the open input readable: 1, 0 when there is nothing to take, or -errno. */
static int thaw_what_is_left(struct end *input)
{
    int error;

    if (!end_has_producer(input) && input->kind != END_TERMINAL)
        return 0;
    if (end_freeze(input) == 0)
        return 0;
    error = end_thaw(input);
    return error ? error : 1;
}

/* Into the duct; false when it is to be done by copying, which also says what is really wrong. */
static bool take_pages(struct pour *pour, const struct place *place, ssize_t *got)
{
    struct end *input = &pour->source.end;

    if (!place->duct || pour->choice.way != WAY_DUCT || input->refuses_splice)
        return false;
    *got = duct_fill(place->duct, input, place->room);
    if (*got == -EXFULL && pour->settings->zero_copy != ZERO_COPY_ALWAYS)
        return false; /* what does not fit into the duct finds room in memory */
    if (!may_copy_instead(pour, *got))
        return true;
    explain_input_refusal(pour, "splice", *got);
    input->refuses_splice = true;
    return false;
}

static ssize_t take_open(struct pour *pour, const struct place *place, bool *piped)
{
    struct end *input = &pour->source.end;
    ssize_t got;

    if (is_draining(pour)) {
        const int left = thaw_what_is_left(input);

        if (left <= 0)
            return left;
    }
    /* a message that has to be cut is an error, not a loss; devices only would like the room */
    if (input->kind != END_DEVICE && end_message_room(input) > place->room)
        return -EMSGSIZE;
    if (take_pages(pour, place, &got)) {
        *piped = got > 0;
        return got;
    }
    return end_read(input, place->bytes, place->room);
}

static void count(struct pour *pour, size_t bytes)
{
    pour->source.offset += bytes;
    lane_count(&pour->in, bytes);
}

void intake_passed(struct pour *pour, size_t bytes)
{
    count(pour, bytes);
    lane_count(&pour->out, bytes);
    pour->in_pages += bytes;
    pour->out_pages += bytes;
}

ssize_t intake_take(struct pour *pour, const struct place *place, bool *piped)
{
    struct source *source = &pour->source;

    ssize_t got;

    *piped = false;
    got = take_open(pour, place, piped);
    if (got == -EAGAIN || got == -EXFULL)
        return got;
    if (got > 0) {
        count(pour, (size_t)got);
        pour->in_pages += *piped ? (uint64_t)got : 0;
        return got;
    }
    if (got < 0) {
        intake_trouble(pour, operation_name(pour, "read", (int)got), source->offset, (int)got);
        give_up(pour);
    }
    return intake_next(pour) ? -ERESTART : 0;
}

void intake_hold(struct pour *pour)
{
    if (is_draining(pour) && pour->source.is_open && end_has_producer(&pour->source.end))
        end_freeze(&pour->source.end);
}

void intake_end(struct pour *pour)
{
    struct source *source = &pour->source;

    /* bytes of files stay where they are; what stdin holds has been accepted, even if never opened */
    do {
        give_up(pour);
        source_skip_files(source);
    } while (source_advance(source, &pour->output, lane_bytes(&pour->in)) == SOURCE_OPENED);
}
