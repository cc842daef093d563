#include "input/explain_input.h"

#include "flow/explain.h"
#include "io/describe.h"
#include "io/duct.h"
#include "sys/say.h"
#include "sys/units.h"
#include "transform/secrets.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Which options look at the bytes. */
static void explain_looks(struct flow *flow)
{
    const struct settings *settings = flow->settings;

    if (settings->strip_ansi)
        notes_explain(&flow->notes, "looks at the bytes: --strip-ansi");
    if (settings->secrets)
        notes_explain(&flow->notes, "looks at the bytes: --redact, for %zu secrets",
                      secrets_count(settings->secrets));
    if (settings_stamp(settings))
        notes_explain(&flow->notes,
                      "looks at the bytes: --timestamp or --prefix, for the ends of lines");
    if (settings_rotate(settings))
        notes_explain(&flow->notes, "looks at the bytes: --rotate, for the ends of lines");
    if (settings->digest)
        notes_explain(&flow->notes, "looks at the bytes: --digest %s",
                      quote_name(settings->digest).text);
    if (settings->compress != PRESS_NONE)
        notes_explain(&flow->notes, "looks at the bytes: --compress");
}

void explain_way(const struct intake *intake)
{
    struct flow *flow = intake->flow;
    const struct settings *settings = flow->settings;
    const struct choice *choice = &intake->choice;
    char input[DESCRIPTION_ROOM];
    int i;

    if (!settings->explain)
        return;
    describe(input, sizeof input, &intake->source.end);
    notes_explain(&flow->notes, "from %s, %s", quote_name(intake->source.name).text, input);
    for (i = 0; i < flow->target_count; i++)
        notes_explain(&flow->notes, "to %s, %s", quote_name(flow->targets[i].name).text,
                      flow->targets[i].description);
    if (flow->ring)
        notes_explain(&flow->notes, "way: %s through %zu slabs of %s: %s",
                      method_name(choice->method), settings->slab_count,
                      print_size(settings->slab_size).text, choice->why);
    else
        notes_explain(&flow->notes, "way: %s, without a ring: %s", method_name(choice->method),
                      choice->why);
    explain_looks(flow);
}

void explain_slab_pipes(struct flow *flow, const struct slab_pipes *pipes)
{
    if (pipes->error)
        notes_explain(&flow->notes, "slabs: %zu with a kernel pipe, the others without: %s",
                      pipes->count, slab_pipes_why(pipes));
    else if (pipes->given == 1)
        notes_explain(&flow->notes, "slabs: each with a kernel pipe of %s%s",
                      print_size(pipes->newest->capacity).text,
                      pipes->count > 1 ? "" : ", made when it is needed");
}

void explain_input_refusal(const struct intake *intake, const char *call, ssize_t result)
{
    const struct source *source = &intake->source;

    if (result) /* 0 is mostly the end */
        notes_explain(&intake->flow->notes,
                      "way: copy from byte %" PRIu64 " on: %s from %s refuses: %s",
                      source->offset - intake->staging.held, call, quote_name(source->name).text,
                      strerror((int)-result));
}

/* Print "0.414 ns (0.250 in one thread)". */
static void print_cost(char *text, size_t room, const struct cost *cost)
{
    snprintf(text, room, "%.3f ns (%.3f in one thread)", (double)cost->both / 1000,
             (double)cost->busier / 1000);
}

void explain_trial(struct flow *flow, const struct tuner *tuner)
{
    char pages[DESCRIPTION_ROOM];
    char copies[DESCRIPTION_ROOM];

    print_cost(pages, sizeof pages, &tuner->cost[true]);
    print_cost(copies, sizeof copies, &tuner->cost[false]);
    notes_explain(
        &flow->notes,
        "tuner: after %s: CPU time a byte is %s for pages, %s for copies: %s from here on",
        print_size(counters_bytes(&flow->meters.out)).text, pages, copies,
        tuner->pages ? "pages" : "copies");
}

void explain_input(const struct intake *intake)
{
    struct flow *flow = intake->flow;

    explain_moved(&flow->notes, "in", &flow->meters.in);
    if (intake->feed.chain)
        explain_cost(&flow->notes, "transforms", intake->feed.ns, counters_bytes(&flow->meters.in));
}
