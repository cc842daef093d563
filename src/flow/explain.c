#include "flow/explain.h"

#include "io/duct.h"
#include "sys/pipes.h"
#include "sys/say.h"
#include "sys/units.h"
#include "transform/secrets.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct phrase {
    char text[PHRASE_ROOM];
};

/* "a pipe of 64K" */
static struct phrase describe(const struct endpoint *end)
{
    struct phrase phrase = {"a device"};

    switch (end->kind) {
    case ENDPOINT_FILE:
        snprintf(phrase.text, sizeof phrase.text, "a file%s",
                 end->appends ? " open for appending" : "");
        break;
    case ENDPOINT_PIPE:
        snprintf(phrase.text, sizeof phrase.text, "a pipe of %s",
                 print_size(pipe_capacity(end->fd)).text);
        break;
    case ENDPOINT_SOCKET:
        snprintf(phrase.text, sizeof phrase.text, "a socket%s",
                 end->keeps_messages ? " that keeps messages" : "");
        break;
    case ENDPOINT_TERMINAL: snprintf(phrase.text, sizeof phrase.text, "a terminal"); break;
    case ENDPOINT_DEVICE: break;
    }
    return phrase;
}

void explain_start(struct pour *pour)
{
    int i;

    for (i = 0; i < pour->output_count; i++) {
        struct output *output = &pour->outputs[i];

        snprintf(output->first_is, sizeof output->first_is, "%s", describe(&output->at_open).text);
    }
}

/* Who wants to see the bytes. */
static void explain_looks(struct pour *pour)
{
    const struct settings *settings = pour->settings;

    if (settings->strip_ansi)
        notes_explain(&pour->notes, "looks at the bytes: --strip-ansi");
    if (settings->secrets)
        notes_explain(&pour->notes, "looks at the bytes: --redact, for %zu secrets",
                      secrets_count(settings->secrets));
    if (settings_stamp(settings))
        notes_explain(&pour->notes,
                      "looks at the bytes: --timestamp or --prefix, for the ends of lines");
    if (settings_rotate(settings))
        notes_explain(&pour->notes, "looks at the bytes: --rotate, for the ends of lines");
    if (settings->digest)
        notes_explain(&pour->notes, "looks at the bytes: --digest %s",
                      quote_name(settings->digest).text);
    if (settings->compress != PRESS_NONE)
        notes_explain(&pour->notes, "looks at the bytes: --compress");
}

void explain_way(struct pour *pour)
{
    const struct settings *settings = pour->settings;
    int i;

    notes_explain(&pour->notes, "from %s, %s", quote_name(pour->source.name).text,
                  describe(&pour->source.end).text);
    for (i = 0; i < pour->output_count; i++)
        notes_explain(&pour->notes, "to %s, %s", quote_name(pour->outputs[i].name).text,
                      pour->outputs[i].first_is);
    if (pour->ring)
        notes_explain(&pour->notes, "way: %s through %zu slabs of %s: %s",
                      method_name(pour->choice.method), settings->slab_count,
                      print_size(settings->slab_size).text, pour->choice.why);
    else
        notes_explain(&pour->notes, "way: %s, without a ring: %s", method_name(pour->choice.method),
                      pour->choice.why);
    explain_looks(pour);
}

void explain_ducts(struct pour *pour)
{
    const struct slab_pipes *pipes = &pour->slab_pipes;

    if (pipes->error)
        notes_explain(&pour->notes, "slabs: %zu with a kernel pipe, the others without: %s",
                      pipes->count, slab_pipes_why(pipes));
    else if (pipes->given == 1)
        notes_explain(&pour->notes, "slabs: each with a kernel pipe of %s%s",
                      print_size(pipes->newest->capacity).text,
                      pipes->count > 1 ? "" : ", made when it is needed");
}

static const char *reason(ssize_t result)
{
    return result ? strerror((int)-result) : "nothing was moved";
}

void explain_input_refusal(struct pour *pour, const char *call, ssize_t result)
{
    const struct source *source = &pour->source;

    if (result) /* 0 is mostly the end */
        notes_explain(&pour->notes, "way: copy from byte %" PRIu64 " on: %s from %s refuses: %s",
                      source->offset - pour->staging.held, call, quote_name(source->name).text,
                      reason(result));
}

void explain_output_refusal(struct pour *pour, const struct output *output, ssize_t result)
{
    notes_explain(&pour->notes, "way: copy from byte %" PRIu64 " on: splice to %s refuses: %s",
                  output->written, quote_name(output->name).text, reason(result));
}

void explain_reopened(struct pour *pour, const struct output *output)
{
    notes_explain(&pour->notes, "%s: opened again at byte %" PRIu64, quote_name(output->name).text,
                  output->written);
}

/* "0.414 ns (0.250 in one thread)" */
static struct phrase describe_cost(const struct cost *cost)
{
    struct phrase phrase;

    snprintf(phrase.text, sizeof phrase.text, "%.3f ns (%.3f in one thread)",
             (double)cost->both / 1000, (double)cost->busier / 1000);
    return phrase;
}

void explain_trial(struct pour *pour, const struct tuner *tuner)
{
    notes_explain(
        &pour->notes,
        "tuner: after %s: CPU time a byte is %s for pages, %s for copies: %s from here on",
        print_size(counters_bytes(&pour->meters.out)).text, describe_cost(&tuner->cost[true]).text,
        describe_cost(&tuner->cost[false]).text, tuner->pages ? "pages" : "copies");
}

static void explain_lane(struct pour *pour, const char *name, const struct io_counters *counters)
{
    const uint64_t pages = counter_look(&counters->pages);

    notes_explain(&pour->notes, "%s: %" PRIu64 " bytes as pages, %" PRIu64 " copied", name, pages,
                  counters_bytes(counters) - pages);
}

/* NS were spent on BYTES. */
static void explain_look(struct pour *pour, const char *what, uint64_t ns, uint64_t bytes)
{
    notes_explain(&pour->notes, "%s: %s in all, %.2f ns a byte", what, print_about_time(ns).text,
                  bytes ? (double)ns / (double)bytes : 0.0);
}

void explain_input(struct pour *pour)
{
    explain_lane(pour, "in", &pour->meters.in);
    if (pour->chain)
        explain_look(pour, "transforms", pour->chain_ns, counters_bytes(&pour->meters.in));
}

void explain_output(struct pour *pour)
{
    int i;

    explain_lane(pour, "out", &pour->meters.out);
    for (i = 0; i < pour->output_count; i++) {
        const struct output *output = &pour->outputs[i];
        const struct quoted name = quote_name(output->name);
        char what[sizeof name.text + PHRASE_ROOM];

        if (compressor_is_used(output)) {
            snprintf(what, sizeof what, "%s: compression", name.text);
            explain_look(pour, what, output->compressor.ns, output->written);
        }
        if (output->digest) {
            snprintf(what, sizeof what, "%s: digest", name.text);
            explain_look(pour, what, output->digest_ns, output->digested);
        }
    }
}
