#include "move/renewal.h"

#include "ends/outfile.h"
#include "ends/rotation.h"
#include "move/explain.h"
#include "sys/clock.h"
#include "sys/say.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* What comes without the end of a line for so long is no stream of lines. */
static const uint64_t line_max = (uint64_t)64 << 10;

static int say_failed(const struct outlet *outlet, const char *operation, int error)
{
    say("%s: %s: %s", quote_name(outlet->name).text, operation, strerror(-error));
    return error;
}

int renewal_prepare(struct outlet *outlet, const struct settings *settings)
{
    int error;

    /* nothing has been written; but of pages it is never known how they end */
    outlet->has_ended_line = settings_look_at_bytes(settings);
    outlet->file_size_max = settings->rotate_size;
    outlet->file_age_max = settings->rotate_time;
    if (!settings_rotate(settings) || outlet->dest->kind != DEST_PATH)
        return 0;
    error = rotation_make(&outlet->rotation, outlet->dest->path, settings->rotate_keep);
    return error ? say_failed(outlet, "cannot be rotated", error) : 0;
}

/* Is what is there gone on with? Compressed bytes may end anywhere in a frame. */
static bool goes_on(const struct settings *settings)
{
    return settings->append && settings->compress == PRESS_NONE;
}

/* The new file, in place of the one that has been rotated away. */
static int open_fresh(struct outlet *outlet)
{
    struct end fresh;
    const int done =
        outfile_reopen(&fresh, &outlet->end, outlet->dest->path, outfile_mode(&outlet->end));

    if (done > 0) {
        end_close(&outlet->end);
        outlet->end = fresh;
        outlet->first = fresh;
    }
    return done < 0 ? done : rotation_sync_directory(outlet->rotation);
}

/*
 * Runs that are too short for a rotation leave files as well. What fails here, rotations try again.
 */
static void prune_leftovers(const struct outlet *outlet)
{
    const char *old = NULL;
    const int error = rotation_prune(outlet->rotation, &old);

    if (error)
        say_failed(outlet, "delete an old file", error);
}

static int rotate_leftover(struct outlet *outlet, int fd)
{
    const char *operation = "open";
    int error = rotation_away(outlet->rotation, fd, &operation);

    if (!error) {
        outlet->is_away = true;
        operation = "sync the directory";
        error = rotation_sync_directory(outlet->rotation);
    }
    if (!error) {
        operation = "open again";
        error = open_fresh(outlet);
    }
    return error ? say_failed(outlet, operation, error) : 0;
}

int renewal_begin(struct outlet *outlet, const struct settings *settings)
{
    const int fd = rotation_leftover(outlet->rotation);
    int error = 0;

    if (fd == -ENOENT)
        return 0;
    if (fd < 0)
        return say_failed(outlet, "open", fd);
    if (goes_on(settings)) {
        outlet->file_size = (uint64_t)lseek(fd, 0, SEEK_END);
        outlet->file_since = clock_now();
        outlet->has_ended_line = outfile_is_between_lines(&outlet->end, settings->delimiter) > 0;
    } else {
        error = rotate_leftover(outlet, fd);
    }
    close(fd);
    return error;
}

void renewal_take_back(struct outlet *outlet)
{
    int error;

    if (!outlet->is_away)
        return;
    outfile_discard(&outlet->end, outlet->dest->path);
    error = rotation_back(outlet->rotation);
    if (error)
        say_failed(outlet, "give it back its name", error);
    outlet->is_away = false;
}

void renewal_settle(struct outlet *outlet)
{
    if (outlet->is_away)
        prune_leftovers(outlet);
    outlet->is_away = false;
}

void renewal_ask(struct pour *pour, struct outlet *outlet)
{
    if (outlet->dest->kind != DEST_PATH || outlet->state != OUTLET_READY ||
        !outfile_can_reopen(&outlet->end))
        return;
    if (!outlet->is_to_reopen)
        outlet->uncut = 0;
    outlet->is_to_reopen = true;
    renewal_try(pour, outlet);
}

/* What has been written ends with a line, or goes on without for too long. */
static bool can_be_cut(const struct pour *pour, const struct outlet *outlet)
{
    if (outlet->has_ended_line || outlet->uncut >= line_max)
        return true;
    /* pages that nobody has seen went before */
    return !packing_is_used(outlet) &&
           outfile_is_between_lines(&outlet->end, pour->settings->delimiter) > 0;
}

/* The old file has all it will get. */
static void change_over(struct pour *pour, struct outlet *outlet, const struct end *fresh)
{
    outlet_sum_up(pour, outlet, pour->settings->rotate_keep);
    outlet_close_end(pour, outlet);
    outlet->end = *fresh;
    outlet->file_size = 0;
    outlet->file_began = outlet->at;
    outlet->is_away = false;
    packing_begin_file(outlet);
    explain_reopened(pour, outlet);
}

/*
 * True when FRESH, which OUTLET is to go on in, is where another output is written to. Devices take
 * what everybody writes.
 */
static bool is_taken(const struct pour *pour, const struct outlet *outlet, const struct end *fresh)
{
    int i;

    if (fresh->kind == END_DEVICE || fresh->kind == END_TERMINAL)
        return false;
    for (i = 0; i < pour->outlet_count; i++) {
        const struct outlet *other = &pour->outlets[i];

        if (other != outlet && other->end.fd >= 0 && other->end.device == fresh->device &&
            other->end.inode == fresh->inode)
            return true;
    }
    return false;
}

static void open_again(struct pour *pour, struct outlet *outlet)
{
    struct end fresh;
    /* others who have taken it away may have given it any mode since */
    const mode_t mode = outlet->is_away ? outfile_mode(&outlet->end) : 0666;
    const int done = outfile_reopen(&fresh, &outlet->end, outlet->dest->path, mode);

    if (done > 0 && is_taken(pour, outlet, &fresh)) {
        end_close(&fresh);
        notes_failure(&pour->notes, outlet->name,
                      "not opened again: its name leads to another output's file", outlet->at, 0);
        return;
    }
    if (done >= 0)
        outlet->is_away = outlet->is_away && done > 0; /* it may have been brought back */
    if (done > 0)
        change_over(pour, outlet, &fresh);
    else if (done < 0)
        notes_failure(&pour->notes, outlet->name, "open again", outlet->at, done);
}

static void sync_directory(struct pour *pour, struct outlet *outlet)
{
    const int error = rotation_sync_directory(outlet->rotation);

    if (error)
        notes_failure(&pour->notes, outlet->name, "sync the directory", outlet->at, error);
}

/* Whatever fails, the bytes go on: to the old file, if there is no other one. */
static void rotate(struct pour *pour, struct outlet *outlet)
{
    const char *operation = NULL;
    const char *old = NULL;
    int error = 0;

    outlet->file_size = 0; /* if it cannot be done now, it is tried again after as much */
    if (!outlet->is_away)
        error = rotation_away(outlet->rotation, outlet->end.fd, &operation);
    if (error && error != -ENOENT && error != -ESTALE) {
        notes_failure(&pour->notes, outlet->name, operation, outlet->at, error);
        return;
    }
    outlet->is_away = !error;
    sync_directory(pour, outlet);
    open_again(pour, outlet);
    sync_directory(pour, outlet);
    error = rotation_prune(outlet->rotation, &old);
    if (error)
        notes_failure(&pour->notes, outlet->name, "delete an old file", TROUBLE_NO_OFFSET, error);
}

static void cut(struct pour *pour, struct outlet *outlet)
{
    if (packing_is_used(outlet) && !packing_end(outlet))
        return;
    outlet->is_to_reopen = false;
    if (outlet->is_to_rotate)
        rotate(pour, outlet);
    else
        open_again(pour, outlet);
    outlet->is_to_rotate = false;
}

/*
 * True when the file has a frame's header at most. An empty frame can be larger than the size limit,
 * and the end of the input writes one into every fresh file: a rotation of such a file would be
 * followed by another one, without end.
 */
static bool has_empty_frame(const struct outlet *outlet)
{
    return packing_is_used(outlet) && outlet->at == outlet->file_began;
}

static bool is_due(const struct outlet *outlet)
{
    const uint64_t size = outlet->file_size_max;

    if (clock_now() >= renewal_due(outlet))
        return true;
    /* of bytes that are not compressed it is known how many fit */
    return packing_is_used(outlet) && size && outlet->file_size >= size && !has_empty_frame(outlet);
}

void renewal_try(struct pour *pour, struct outlet *outlet)
{
    if (outlet->rotation && !outlet->is_to_reopen && outlet->state == OUTLET_READY &&
        is_due(outlet)) {
        outlet->is_to_reopen = outlet->is_to_rotate = true;
        outlet->uncut = 0;
    }
    if (outlet->is_to_reopen && !outlet->relayed && outlet->wants != WANTS_HAND &&
        can_be_cut(pour, outlet))
        cut(pour, outlet);
}

size_t renewal_room(const struct outlet *outlet)
{
    const uint64_t size = outlet->file_size_max;

    if (!outlet->rotation || !size || packing_is_used(outlet))
        return SIZE_MAX;
    return outlet->file_size < size ? (size_t)(size - outlet->file_size) : 0;
}

bool renewal_may_force(const struct outlet *outlet)
{
    return outlet->file_size > 0 &&
           (outlet->has_ended_line || outlet->file_size >= outlet->file_size_max + line_max);
}

void renewal_force(struct pour *pour, struct outlet *outlet)
{
    outlet->is_to_rotate = true;
    cut(pour, outlet);
}

uint64_t renewal_due(const struct outlet *outlet)
{
    if (!outlet->rotation || !outlet->file_age_max || !outlet->file_size || outlet->is_to_reopen)
        return NEVER;
    if (has_empty_frame(outlet))
        return NEVER;
    return clock_after(outlet->file_since, outlet->file_age_max);
}
