#include "watch/progress.h"

#include "sys/terminal.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ERASE "\r\033[K"

void progress_start(struct progress *progress, const struct display *display, uint64_t expected)
{
    const bool is_terminal = isatty(STDERR_FILENO);

    *progress = (struct progress){
        .is_on = display->progress == PROGRESS_FORCED ||
                 (display->progress == PROGRESS_ON_TERMINAL && is_terminal),
        .can_erase = is_terminal && terminal_can_erase(),
        .view = {.name = display->name},
        .expected = expected,
    };
    progress->view.has_color = progress->can_erase && terminal_wants_color();
}

/* ENDS: nothing is drawn behind it any more. */
static void show(struct progress *progress, bool ends)
{
    char frame[LINE_ROOM + sizeof ERASE];
    size_t start = 0;
    size_t length;

    /* a shell may have its terminal back before the last frame: the line has to end all the same */
    if (!terminal_is_ours(STDERR_FILENO) && !(ends && progress->is_drawn)) {
        progress->is_drawn = false; /* by now others have written there */
        return;
    }
    if (progress->can_erase)
        start = (size_t)snprintf(frame, sizeof frame, "%s", ERASE);
    /* not in the last column, where some terminals wrap */
    length =
        start + line_compose(&progress->view, terminal_width(STDERR_FILENO) - 1, frame + start);
    if (ends || !progress->can_erase)
        frame[length++] = '\n';
    terminal_write(STDERR_FILENO, frame, length, 0);
    progress->is_drawn = progress->can_erase && !ends;
}

/* What so many BYTES of input are likely to be when they leave: transforms make them more or less. */
static uint64_t on_leaving(uint64_t bytes, const struct snapshot *snapshot)
{
    const uint64_t came = snapshot->in.bytes + snapshot->added - snapshot->removed;

    if (came == snapshot->in.bytes || !snapshot->in.bytes)
        return bytes;
    if (bytes == snapshot->in.bytes) /* all of it has come: not one less by rounding */
        return came;
    return snapshot_part(bytes, came, snapshot->in.bytes);
}

static void look(struct progress *progress, const struct snapshot *snapshot, uint64_t in,
                 uint64_t out, uint64_t ns)
{
    struct line_view *view = &progress->view;
    const uint64_t memory = plan_memory(&snapshot->ring);

    view->bytes = snapshot->out.bytes;
    view->expected = on_leaving(progress->expected, snapshot);
    view->in_rate = snapshot_rate(in, ns);
    view->out_rate = snapshot_rate(out, ns);
    view->has_ring = memory > 0;
    view->held = snapshot_percent(snapshot->held - snapshot->spill_held, memory);
    view->spilled = snapshot->spill_held;
    view->high_water = snapshot_percent(snapshot->high_water, memory);
    view->dropped = snapshot->dropped_lines;
    view->stalls = snapshot->stalls;
    view->stalled = snapshot->out.waiting;
    view->elapsed = snapshot->elapsed;
}

void progress_draw(struct progress *progress, const struct snapshot *snapshot)
{
    if (!progress->is_on)
        return;
    look(progress, snapshot, snapshot->in.bytes - progress->last_in,
         snapshot->out.bytes - progress->last_out, snapshot->elapsed - progress->last_time);
    progress->last_in = snapshot->in.bytes;
    progress->last_out = snapshot->out.bytes;
    progress->last_time = snapshot->elapsed;
    /* until then others may ask for a password there */
    if (snapshot->in.bytes)
        show(progress, false);
}

void progress_end(struct progress *progress, const struct snapshot *snapshot)
{
    if (!progress->is_on)
        return;
    look(progress, snapshot, snapshot->in.bytes, snapshot->out.bytes, snapshot->elapsed);
    show(progress, true);
}

void progress_redraw(struct progress *progress)
{
    if (progress->is_on && progress->is_drawn)
        show(progress, false);
}

void progress_erase(struct progress *progress)
{
    if (progress->is_drawn && terminal_is_ours(STDERR_FILENO))
        terminal_write(STDERR_FILENO, ERASE, strlen(ERASE), 0);
    progress->is_drawn = false;
}
