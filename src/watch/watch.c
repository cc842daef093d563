#include "watch/watch.h"

#include "sys/clock.h"
#include "sys/replace.h"
#include "sys/say.h"
#include "watch/advice.h"
#include "watch/report.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Line by line, each after "slabcat: ". */
static void say_lines(char *text)
{
    char *rest = text;
    char *line;

    while ((line = strsep(&rest, "\n")) && rest && say("%s", line))
        ;
}

/* While nothing has begun files are only tried. */
static int put_file(const struct watch *watch, const char *file, const char *text, size_t length)
{
    return watch->is_trial ? file_try_replace(file, text, length)
                           : file_replace(file, text, length);
}

static int deliver(struct watch *watch, char *text, size_t length)
{
    const struct display *display = watch->display;

    if (display->stats_file)
        return put_file(watch, display->stats_file, text, length);
    progress_erase(&watch->progress);
    if (display->format == REPORT_TEXT)
        say_lines(text);
    else
        say_raw(text, length);
    return 0;
}

/* FILE, or what else is written, could not be: ERROR. Said once in a row: HAS_FAILED is of it. */
static void note_failure(struct watch *watch, bool *has_failed, const char *file, int error)
{
    if (error && !*has_failed) {
        progress_erase(&watch->progress);
        say("%s: write: %s", quote_name(file).text, strerror(-error));
    }
    *has_failed = error != 0;
}

/*
 * The end of what was written to memory, at *TEXT: 0 or -errno. Without memory there is only a part.
 */
static int end_text(FILE *to, char *const *text)
{
    const bool has_failed = ferror(to) != 0;

    if (fclose(to) != 0)
        return -errno;
    return has_failed || !*text ? -ENOMEM : 0;
}

static int report(struct watch *watch, const struct snapshot *snapshot)
{
    const struct display *display = watch->display;
    char *text = NULL;
    size_t length = 0;
    FILE *to = open_memstream(&text, &length);
    int error = to ? 0 : -errno;

    if (to) {
        report_write(to, display->format, snapshot, display->name);
        error = end_text(to, &text);
    }
    if (!error)
        error = deliver(watch, text, length);
    free(text);
    note_failure(watch, &watch->stats_failed, display->stats_file ? display->stats_file : "stats",
                 error);
    return error;
}

/* All checksums there are: into their file, or said. */
static int put_sums(struct watch *watch)
{
    const char *const file = watch->display->digest_file;
    char *text = NULL;
    size_t length = 0;
    FILE *to = open_memstream(&text, &length);
    int error = to ? 0 : -errno;

    watch->checksums = atomic_load(&watch->watched.checksums->added);
    if (to) {
        if (file)
            checksums_write_lines(to, watch->watched.checksums);
        else
            checksums_write_text(to, watch->watched.checksums);
        error = end_text(to, &text);
    }
    if (!error && file)
        error = put_file(watch, file, text, length);
    else if (!error)
        say_lines(text);
    free(text);
    note_failure(watch, &watch->sums_failed, file ? file : "digest", error);
    return error;
}

/* There is a file for them that does not have all. */
static bool wants_sums(const struct watch *watch)
{
    return watch->display->digest_file &&
           atomic_load(&watch->watched.checksums->added) != watch->checksums;
}

static int report_now(struct watch *watch)
{
    struct snapshot snapshot;

    snapshot_take(&snapshot, &watch->watched);
    return report(watch, &snapshot);
}

static void advise(const struct snapshot *snapshot)
{
    char *text = NULL;
    size_t length = 0;
    FILE *to = open_memstream(&text, &length);

    if (!to)
        return;
    advice_write(to, snapshot);
    if (end_text(to, &text) == 0)
        say_lines(text);
    free(text);
}

static uint64_t after(uint64_t now, uint64_t interval)
{
    return interval ? clock_after(now, interval) : NEVER;
}

/* Both files at once: their first content, or whether they can get it. */
static int put_files(struct watch *watch)
{
    const int error = watch->display->stats_file ? report_now(watch) : 0;

    return !error && watch->display->digest_file ? put_sums(watch) : error;
}

int watch_prepare(struct watch *watch, const struct display *display, const struct watched *watched,
                  uint64_t expected)
{
    *watch = (struct watch){
        .display = display,
        .watched = *watched,
        .next_frame = NEVER,
        .next_stats = after(watched->started, display->stats_every),
    };
    progress_start(&watch->progress, display, expected);
    if (watch->progress.is_on)
        watch->next_frame = after(watched->started, display->interval);
    if (display->stats_file && display->digest_file &&
        file_is_one(display->stats_file, display->digest_file)) {
        say("%s: is the file of the statistics as well", quote_name(display->digest_file).text);
        return -EINVAL;
    }
    watch->is_trial = true;
    return put_files(watch);
}

int watch_begin(struct watch *watch)
{
    watch->is_trial = false;
    return put_files(watch);
}

uint64_t watch_due(const struct watch *watch)
{
    return watch->next_frame < watch->next_stats ? watch->next_frame : watch->next_stats;
}

void watch_tick(struct watch *watch, uint64_t now)
{
    struct snapshot snapshot;

    if (wants_sums(watch))
        put_sums(watch);
    if (now < watch_due(watch))
        return;
    snapshot_take(&snapshot, &watch->watched);
    if (now >= watch->next_stats) {
        report(watch, &snapshot);
        watch->next_stats = after(now, watch->display->stats_every);
    }
    if (now >= watch->next_frame) {
        progress_draw(&watch->progress, &snapshot);
        watch->next_frame = after(now, watch->display->interval);
    }
}

void watch_report(struct watch *watch)
{
    report_now(watch);
}

void watch_resized(struct watch *watch)
{
    progress_redraw(&watch->progress);
}

void watch_make_room(struct watch *watch)
{
    progress_erase(&watch->progress);
}

bool watch_has_failed(const struct watch *watch)
{
    return watch->stats_failed || watch->sums_failed;
}

/* At the end: those that are said, and those that their file does not have. */
static bool has_sums_to_put(const struct watch *watch)
{
    return watch->watched.checksums->algorithm &&
           (!watch->display->digest_file || wants_sums(watch) || watch->sums_failed);
}

void watch_end(struct watch *watch, const struct rest *rest)
{
    struct snapshot snapshot;

    watch->watched.has_ended = true;
    watch->watched.rest = *rest;
    snapshot_take(&snapshot, &watch->watched);
    progress_end(&watch->progress, &snapshot);
    if (watch->display->stats)
        report(watch, &snapshot);
    if (watch->display->advise)
        advise(&snapshot);
    if (has_sums_to_put(watch))
        put_sums(watch);
}
