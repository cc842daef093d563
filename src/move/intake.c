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

/* Open the next input that can be opened. False at the end of the list. */
static bool next_input(struct pour *pour)
{
    struct source *source = &pour->source;

    for (;;) {
        int state;

        if (is_draining(pour))
            source_skip_files(source);
        state = source_advance(source, &pour->output, lane_bytes(&pour->in));
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

bool intake_start(struct pour *pour)
{
    return next_input(pour);
}

/* While draining: is there anything in the open input that has to be taken? */
static bool has_accepted(struct end *input)
{
    if (!end_has_producer(input) && input->kind != END_TERMINAL)
        return false;
    return end_freeze(input) > 0 && end_thaw(input) == 0;
}

static ssize_t read_open(struct pour *pour, void *bytes, size_t room)
{
    struct source *source = &pour->source;

    if (is_draining(pour) && !has_accepted(&source->end))
        return 0;
    /*
     * a message that has to be cut is an error, not a loss; devices only would like to have the
     * room
     */
    if (source->end.kind != END_DEVICE && end_message_room(&source->end) > room)
        return -EMSGSIZE;
    return end_read(&source->end, bytes, room);
}

ssize_t intake_read(struct pour *pour, void *bytes, size_t room)
{
    struct source *source = &pour->source;

    do {
        const ssize_t got = read_open(pour, bytes, room);

        if (got == -EAGAIN)
            return got;
        if (got > 0) {
            if (source->offset == 0) /* a FIFO has a producer once it has come */
                note_producer(pour);
            source->offset += (uint64_t)got;
            lane_count(&pour->in, (uint64_t)got);
            return got;
        }
        if (got < 0)
            add_trouble(pour, "read", source->offset, (int)got);
    } while (next_input(pour));
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

    /*
     * a file's bytes stay in the file; those of stdin that was never opened may have been accepted
     */
    while (source->is_open && !end_has_producer(&source->end)) {
        source_skip_files(source);
        if (source_advance(source, &pour->output, lane_bytes(&pour->in)) != SOURCE_OPENED)
            break;
    }
    if (source->is_open && end_has_producer(&source->end))
        pour->unread = end_freeze(&source->end);
}
