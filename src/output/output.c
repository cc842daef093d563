#include "output/output.h"

#include "file/rotation.h"
#include "sys/clock.h"

#include <limits.h>
#include <stdio.h>

bool output_is_in_use(const struct output *output)
{
    return output->state != OUTPUT_DONE && output->state != OUTPUT_FAILED;
}

bool output_is_disconnected(const struct output *output)
{
    return output->state == OUTPUT_DISCONNECTED;
}

uint64_t output_settled(const struct output *output)
{
    return output->sink.resends ? output->sink.confirmed : output->sink.written;
}

size_t output_allowed(struct output *output, size_t fewest, size_t length)
{
    const size_t room = sink_room(&output->sink, fewest, length);

    if (!room)
        output->wants = WANTS_TIME;
    return room;
}

/* As it is called now, for those who want to look at it. */
static void name_of_sum(const struct output *output, char name[PATH_MAX])
{
    const char *const own = output->sink.dest->kind == DEST_STDOUT ? "-" : output->sink.name;

    if (output->file.is_renamed)
        rotation_name(output->file.rotation, name, PATH_MAX);
    else
        snprintf(name, PATH_MAX, "%s", own);
}

void output_sum_up(struct output *output, uint64_t keep)
{
    char name[PATH_MAX];
    struct checksum sum = {
        .name = name, .of = output, .is_file = output->sink.dest->kind == DEST_PATH};
    int error;

    if (!output->sink.sum.digest)
        return;
    name_of_sum(output, name);
    error = digest_finish(output->sink.sum.digest, sum.hex);
    if (!error)
        error = checksums_add(&output->flow->checksums, &sum, keep);
    if (error)
        notes_failure(&output->flow->notes, output->sink.name, "digest", ERROR_NO_OFFSET, error);
    else
        bell_wake_always(&output->flow->bells.main); /* it may have a file for it */
}

/* The output's last errors come when it is synced and closed. */
void output_close_end(struct output *output)
{
    int error = 0;

    if (output->flow->settings->sync && !dest_connects(output->sink.dest) &&
        output->sink.end.fd >= 0) {
        sink_calls(&output->sink, clock_now());
        error = endpoint_sync(&output->sink.end);
    }
    if (error)
        notes_failure(&output->flow->notes, output->sink.name, "sync", ERROR_NO_OFFSET, error);
    sink_calls(&output->sink, clock_now());
    error = endpoint_close(&output->sink.end);
    sink_answered(&output->sink);
    if (error)
        notes_failure(&output->flow->notes, output->sink.name, "close", ERROR_NO_OFFSET, error);
}
