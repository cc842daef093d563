#include "move/intake.h"

#include "move/movers.h"

#include <errno.h>

static void add_trouble(struct pour *pour, const char *operation, uint64_t offset, int error)
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
            add_trouble(pour, "input file is output file, not read", TROUBLE_NO_OFFSET, 0);
        else
            add_trouble(pour, "open", TROUBLE_NO_OFFSET, state);
    }
    note_producer(pour);
    return true;
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

static ssize_t read_open(struct pour *pour, void *bytes, size_t room)
{
    struct end *input = &pour->source.end;

    if (is_draining(pour)) {
        const int left = thaw_what_is_left(input);

        if (left <= 0)
            return left;
    }
    /* a message that has to be cut is an error, not a loss; devices only would like the room */
    if (input->kind != END_DEVICE && end_message_room(input) > room)
        return -EMSGSIZE;
    return end_read(input, bytes, room);
}

ssize_t intake_read(struct pour *pour, void *bytes, size_t room)
{
    struct source *source = &pour->source;

    do {
        const ssize_t got = read_open(pour, bytes, room);

        if (got == -EAGAIN)
            return got;
        if (got > 0) {
            source->offset += (uint64_t)got;
            lane_count(&pour->in, (uint64_t)got);
            return got;
        }
        if (got < 0) {
            add_trouble(pour, "read", source->offset, (int)got);
            give_up(pour);
        }
    } while (intake_next(pour));
    return 0;
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
