#include "control/leaving.h"

#include "io/spill.h"
#include "sys/clock.h"
#include "sys/say.h"
#include "sys/units.h"
#include "threads/reader_spill.h"

#include <inttypes.h>
#include <stdio.h>

/* With STILLNESS_LOOKS of them a call is given 0.2 s to return. */
static const uint64_t look_interval = 20 * NS_PER_MS;
/* 5 s: a thread that gets no CPU for so long is rarer than a call that does not return. */
static const unsigned unknown_looks_max = 250;

uint64_t leaving_due(const struct leaving *leaving)
{
    return leaving->due;
}

static void look_at_all(struct leaving *leaving, const struct movers *movers, uint64_t now)
{
    int i;

    for (i = 0; i < movers->count; i++) {
        struct task_look look;

        task_look(&movers->list[i].task, &look);
        stillness_see(&leaving->stillness[i], &look, now);
    }
}

static bool all_are_still(const struct leaving *leaving, const struct movers *movers)
{
    int i;

    for (i = 0; i < movers->count; i++) {
        if (!stillness_is_reached(&leaving->stillness[i]))
            return false;
    }
    return true;
}

/* None has run since the last look. */
static bool all_hold(const struct leaving *leaving, const struct movers *movers)
{
    int i;

    for (i = 0; i < movers->count; i++) {
        struct task_look look;

        task_look(&movers->list[i].task, &look);
        if (!stillness_holds(&leaving->stillness[i], &look))
            return false;
    }
    return true;
}

/* Of some nothing can be told, and the others have ended or are still. */
static bool rest_is_unknown(const struct leaving *leaving, const struct movers *movers)
{
    int i;

    for (i = 0; i < movers->count; i++) {
        const struct stillness *mover = &leaving->stillness[i];

        if (!stillness_is_reached(mover) && !stillness_is_unknown(mover))
            return false;
    }
    return true;
}

/* What there is to say is settled; a mover that goes on after all changes nothing of it. */
static void take_stock(struct leaving *leaving, struct movers *movers, bool is_exact)
{
    leaving->output_has_ended = movers_output_has_ended(movers);
    leaving->remains = movers_remains(movers);
    leaving->is_exact = is_exact;
}

bool leaving_look(struct leaving *leaving, struct movers *movers)
{
    const uint64_t now = clock_now();

    if (now < leaving->due)
        return false;
    leaving->due = now + look_interval;
    look_at_all(leaving, movers, now);
    if (all_are_still(leaving, movers)) {
        take_stock(leaving, movers, true);
        leaving->is_over = all_hold(leaving, movers) && !movers_have_ended(movers);
    } else if (!rest_is_unknown(leaving, movers)) {
        leaving->unknown_looks = 0;
    } else if (++leaving->unknown_looks >= unknown_looks_max) {
        take_stock(leaving, movers, false);
        leaving->is_over = true;
    }
    return leaving->is_over;
}

/* OUTPUT has a worker that has not ended. */
static bool has_worker(const struct leaving *leaving, const struct movers *movers,
                       const struct output *output)
{
    int i;

    for (i = 0; i < movers->count; i++) {
        if (movers->list[i].role == MOVER_WORKER && movers->list[i].output == output)
            return leaving->stillness[i].last.state != TASK_GONE;
    }
    return false;
}

/* The output that MOVER has made a call for, or NULL. */
static const struct output *output_of(const struct leaving *leaving, const struct movers *movers,
                                      const struct mover *mover)
{
    int i;

    if (mover->role == MOVER_WORKER)
        return mover->output;
    for (i = 0; mover->role != MOVER_READER && i < movers->writer->outputs.count; i++) {
        const struct output *output = &movers->writer->outputs.list[i];

        if (counter_look(&output->sink.claim.since) && !has_worker(leaving, movers, output))
            return output;
    }
    return NULL;
}

/* What MOVER's CALL is about: "input", "spill in /tmp", or an output. */
static void print_object(char *text, size_t room, const struct movers *movers,
                         const struct mover *mover, const struct task_call *call)
{
    const char *const directory = spill_directory(movers->flow->settings->spill_dir);
    const bool reads = mover->role == MOVER_DIRECT && task_call_reads(call);

    if (mover->role == MOVER_READER && reader_spill_is_used_by(movers->reader->spiller, call))
        snprintf(text, room, "spill in %s", quote_name(directory).text);
    else if (mover->role == MOVER_READER || reads)
        snprintf(text, room, "input");
    else
        snprintf(text, room, "%s",
                 movers->writer->outputs.count == 1
                     ? quote_name(movers->writer->outputs.list[0].sink.name).text
                     : "outputs");
}

static void say_stuck(const struct leaving *leaving, const struct movers *movers, int index)
{
    const struct mover *mover = &movers->list[index];
    const struct stillness *stillness = &leaving->stillness[index];
    const struct task_call *call = &stillness->last.call;
    const struct output *output = output_of(leaving, movers, mover);
    const uint64_t asked = output ? counter_look(&output->sink.claim.asked) : 0;
    const uint64_t arrived = output ? counter_look(&output->sink.claim.arrived) : 0;
    const uint64_t since = output ? counter_look(&output->sink.claim.since) : 0;
    const struct printed time = print_about_time(clock_now() - (since ? since : stillness->since));
    /* where nobody has noted when the call began, we know since when we have seen it */
    const char *const least = since ? "" : "at least ";
    char object[sizeof(struct quoted) + 16];
    char bytes[48] = "";

    if (output)
        snprintf(object, sizeof object, "%s", quote_name(output->sink.name).text);
    else
        print_object(object, sizeof object, movers, mover, call);
    if (asked > arrived)
        snprintf(bytes, sizeof bytes, " of %" PRIu64 " byte%s", asked - arrived,
                 asked - arrived == 1 ? "" : "s");
    say("%s: %s%s has not returned for %s%s", object, task_call_name(call), bytes, least,
        time.text);
}

void leaving_say(const struct leaving *leaving, struct movers *movers)
{
    int i;

    for (i = 0; leaving->is_exact && i < movers->count; i++) {
        if (stillness_is_stuck(&leaving->stillness[i]))
            say_stuck(leaving, movers, i);
    }
    if (!atomic_load(&movers->flow->flags.input_has_ended) &&
        atomic_load(&movers->flow->flags.has_producer))
        say("input: what it still holds is not counted");
}
