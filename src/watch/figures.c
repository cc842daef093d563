#include "watch/figures.h"

#include "sys/clock.h"
#include "watch/quoting.h"

#include <inttypes.h>
#include <stddef.h>

const struct percentile_name percentile_names[PERCENTILES] = {
    {"50", "p50", "0.5"},       {"90", "p90", "0.9"},        {"99", "p99", "0.99"},
    {"99.9", "p99_9", "0.999"}, {"longest", "longest", "1"},
};

enum unit { COUNT, BYTES, RATE, TIME };
enum kind { TOTAL, GAUGE }; /* a total never goes down */

struct figure {
    const char *name; /* without its unit */
    enum unit unit;
    enum kind kind;
    size_t offset; /* of a uint64_t in struct snapshot */
    const char *help;
};

#define OF(member) offsetof(struct snapshot, member)

static const struct figure figures[] = {
    {"elapsed", TIME, TOTAL, OF(elapsed), "since the start"},
    {"in", BYTES, TOTAL, OF(in.bytes), "accepted from the input"},
    {"out", BYTES, TOTAL, OF(out.bytes), "taken by the output"},
    {"added", BYTES, GAUGE, OF(added), "by the transforms, beyond what they have taken away"},
    {"removed", BYTES, GAUGE, OF(removed), "by the transforms, beyond what they have added"},
    {"compressed", BYTES, TOTAL, OF(packed), "written compressed, to all outputs"},
    {"dropped", BYTES, TOTAL, OF(dropped), "given up because the ring was full"},
    {"dropped_lines", COUNT, TOTAL, OF(dropped_lines), "lines given up because the ring was full"},
    {"marked", BYTES, GAUGE, OF(marked), "in the stream to say what is missing, beyond in"},
    {"undelivered", BYTES, TOTAL, OF(undelivered), "accepted, and not delivered at the end"},
    {"uncertain", BYTES, TOTAL, OF(uncertain), "of undelivered: perhaps delivered all the same"},
    {"held", BYTES, GAUGE, OF(held), "in the ring and beyond it now"},
    {"in_pages", BYTES, TOTAL, OF(in.pages), "of in: taken as pages"},
    {"out_pages", BYTES, TOTAL, OF(out.pages), "of out: handed on as pages"},
    {"reads", COUNT, TOTAL, OF(in.calls), "reads that brought something"},
    {"writes", COUNT, TOTAL, OF(out.calls), "writes that took something"},
    {"slab_size", BYTES, GAUGE, OF(ring.slab_size), "of one slab"},
    {"slab_count", COUNT, GAUGE, OF(ring.slab_count), "slabs in the ring"},
    {"high_water", BYTES, GAUGE, OF(high_water), "the most that was ever in the ring"},
    {"spilled", BYTES, TOTAL, OF(spilled), "went to the spill because the ring was full"},
    {"spill_held", BYTES, GAUGE, OF(spill_held), "of held: in the spill now"},
    {"spill_high_water", BYTES, GAUGE, OF(spill_high_water), "the most that was ever in the spill"},
    {"reconnects", COUNT, TOTAL, OF(reconnects), "connections that broke, to be made again"},
    {"resent", BYTES, TOTAL, OF(resent), "on their way then, and sent again"},
    {"at_risk", BYTES, TOTAL, OF(at_risk), "on their way then, and not sent again"},
    {"ring_full_times", COUNT, TOTAL, OF(in.waits), "how often the ring was full"},
    {"ring_full", TIME, TOTAL, OF(in.waited), "while the ring was full"},
    {"ring_full_longest", TIME, GAUGE, OF(in.longest_wait), "the longest time it was full"},
    {"output_waits", COUNT, TOTAL, OF(out.waits), "how often the output took nothing"},
    {"output_waited", TIME, TOTAL, OF(out.waited), "while the output took nothing"},
    {"stalls", COUNT, TOTAL, OF(stalls), "writes that took over 10 ms"},
    {"rate", RATE, GAUGE, OF(rate), "of the input, since the start"},
    {"busiest_rate", RATE, GAUGE, OF(busiest), "of the input in its busiest tenth of a second"},
    {"tuner_trials", COUNT, TOTAL, OF(trials), "of pages against copies"},
    {"cpu_user", TIME, TOTAL, OF(user), "CPU time in slabcat"},
    {"cpu_system", TIME, TOTAL, OF(system), "CPU time in the kernel"},
};

static const struct figure line_figures[] = {
    {"in_lines", COUNT, TOTAL, OF(in.lines), "newlines that came in"},
    {"out_lines", COUNT, TOTAL, OF(out.lines), "newlines that went out"},
};

struct distribution {
    const char *name;
    size_t offset; /* of struct percentiles in struct snapshot */
    const char *help;
};

static const struct distribution distributions[] = {
    {"write", OF(write_times), "from having bytes to the output's having taken some"},
    {"inside", OF(latency), "from a byte's being read to its having been written"},
};

#define ALL(array) (sizeof(array) / sizeof((array)[0]))

static uint64_t value_of(const struct snapshot *snapshot, const struct figure *figure)
{
    return *(const uint64_t *)((const char *)snapshot + figure->offset);
}

static const struct percentiles *times_of(const struct snapshot *snapshot,
                                          const struct distribution *distribution)
{
    return (const struct percentiles *)((const char *)snapshot + distribution->offset);
}

static void write_text_member(FILE *to, const char *key, const char *text)
{
    fprintf(to, ",\"%s\":", key);
    if (text)
        write_string(to, text);
    else
        fputs("null", to);
}

static void write_json_figure(FILE *to, const struct snapshot *snapshot,
                              const struct figure *figure, bool is_known)
{
    static const char *const units[] = {"", "_bytes", "_bytes_per_s", "_ns"};

    fprintf(to, ",\"%s%s\":", figure->name, units[figure->unit]);
    if (is_known)
        fprintf(to, "%" PRIu64, value_of(snapshot, figure));
    else
        fputs("null", to);
}

void write_json(FILE *to, const struct snapshot *snapshot, const char *name)
{
    size_t i;
    size_t k;

    fprintf(to, "{\"ended\":%s", snapshot->has_ended ? "true" : "false");
    write_text_member(to, "name", name);
    for (i = 0; i < ALL(figures); i++)
        write_json_figure(to, snapshot, &figures[i], true);
    for (i = 0; i < ALL(line_figures); i++)
        write_json_figure(to, snapshot, &line_figures[i], snapshot->has_lines);
    for (i = 0; i < ALL(distributions); i++) {
        const struct percentiles *times = times_of(snapshot, &distributions[i]);

        fprintf(to, ",\"%s_ns\":{", distributions[i].name);
        for (k = 0; k < PERCENTILES; k++)
            fprintf(to, "%s\"%s\":%" PRIu64, k ? "," : "", percentile_names[k].key, times->at[k]);
        fputs("}", to);
    }
    write_text_member(to, "way", snapshot->way);
    write_text_member(to, "tuner_chose", snapshot->trial_result);
    checksums_write_json(to, snapshot->checksums);
    fputs("}\n", to);
}

/* {name="build",quantile="0.5"}; either may be NULL */
static void write_labels(FILE *to, const char *name, const char *quantile)
{
    if (!name && !quantile)
        return;
    fputc('{', to);
    if (name) {
        fputs("name=", to);
        write_string(to, name);
    }
    if (quantile)
        fprintf(to, "%squantile=\"%s\"", name ? "," : "", quantile);
    fputc('}', to);
}

static void write_seconds(FILE *to, uint64_t ns)
{
    fprintf(to, " %" PRIu64 ".%09" PRIu64 "\n", ns / NS_PER_SECOND, ns % NS_PER_SECOND);
}

static void write_sample(FILE *to, const struct snapshot *snapshot, const struct figure *figure,
                         const char *name)
{
    static const char *const units[] = {"", "_bytes", "_bytes_per_second", "_seconds"};
    const char *const unit = units[figure->unit];
    const char *const total = figure->kind == TOTAL ? "_total" : "";
    const uint64_t value = value_of(snapshot, figure);

    fprintf(to, "# HELP slabcat_%s%s%s %s\n", figure->name, unit, total, figure->help);
    fprintf(to, "# TYPE slabcat_%s%s%s %s\n", figure->name, unit, total,
            figure->kind == TOTAL ? "counter" : "gauge");
    fprintf(to, "slabcat_%s%s%s", figure->name, unit, total);
    write_labels(to, name, NULL);
    if (figure->unit == TIME)
        write_seconds(to, value);
    else
        fprintf(to, " %" PRIu64 "\n", value);
}

static void write_quantiles(FILE *to, const struct snapshot *snapshot,
                            const struct distribution *distribution, const char *name)
{
    const struct percentiles *times = times_of(snapshot, distribution);
    size_t i;

    fprintf(to, "# HELP slabcat_%s_seconds %s\n", distribution->name, distribution->help);
    fprintf(to, "# TYPE slabcat_%s_seconds gauge\n", distribution->name);
    for (i = 0; i < PERCENTILES; i++) {
        fprintf(to, "slabcat_%s_seconds", distribution->name);
        write_labels(to, name, percentile_names[i].quantile);
        write_seconds(to, times->at[i]);
    }
}

void write_prometheus(FILE *to, const struct snapshot *snapshot, const char *name)
{
    size_t i;

    for (i = 0; i < ALL(figures); i++)
        write_sample(to, snapshot, &figures[i], name);
    for (i = 0; snapshot->has_lines && i < ALL(line_figures); i++)
        write_sample(to, snapshot, &line_figures[i], name);
    for (i = 0; i < ALL(distributions); i++)
        write_quantiles(to, snapshot, &distributions[i], name);
    checksums_write_prometheus(to, snapshot->checksums, name);
}
