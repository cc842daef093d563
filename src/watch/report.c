#include "watch/report.h"

#include "sys/clock.h"
#include "sys/say.h"
#include "sys/units.h"
#include "watch/figures.h"

#include <inttypes.h>

static const char *times(uint64_t count)
{
    return count == 1 ? "time" : "times";
}

/* "in      256000000 bytes, 3906 reads of 64KiB, 1000000 lines" */
static void write_side(FILE *to, const char *label, const struct snapshot *snapshot,
                       const struct side *side, const char *call)
{
    const uint64_t moved = side == &snapshot->in ? side->bytes - snapshot->unread : side->bytes;

    fprintf(to, "%-7s %" PRIu64 " bytes", label, side->bytes);
    if (side->calls)
        fprintf(to, ", %" PRIu64 " %s%s of %s", side->calls, call, side->calls == 1 ? "" : "s",
                print_about_size(moved / side->calls).text);
    if (snapshot->has_lines)
        fprintf(to, ", %" PRIu64 " lines", side->lines);
    if (side->pages)
        fprintf(to, ", %u %% as pages", snapshot_percent(side->pages, moved));
    fputc('\n', to);
}

static void write_waits(FILE *to, const struct side *side)
{
    fprintf(to, "%" PRIu64 " %s, %s in all, %s the longest", side->waits, times(side->waits),
            print_about_time(side->waited).text, print_about_time(side->longest_wait).text);
}

static void write_changes(FILE *to, const struct snapshot *snapshot)
{
    if (snapshot->added)
        fprintf(to, "changed %" PRIu64 " bytes more than came in\n", snapshot->added);
    if (snapshot->removed)
        fprintf(to, "changed %" PRIu64 " bytes less than came in\n", snapshot->removed);
    if (snapshot->packed)
        fprintf(to, "packed  %" PRIu64 " bytes written, %u %% of out\n", snapshot->packed,
                snapshot_percent(snapshot->packed, snapshot->out.bytes));
}

static void write_ring(FILE *to, const struct snapshot *snapshot)
{
    const uint64_t memory = plan_memory(&snapshot->ring);

    if (!snapshot->ring.slab_count) {
        fputs("ring    none\n", to);
        return;
    }
    fprintf(to, "ring    %" PRIu64 " x %s, %s held at most (%u %%); ", snapshot->ring.slab_count,
            print_size(snapshot->ring.slab_size).text, print_about_size(snapshot->high_water).text,
            snapshot_percent(snapshot->high_water, memory));
    if (snapshot->in.waits) {
        fputs("full ", to);
        write_waits(to, &snapshot->in);
        fputc('\n', to);
    } else {
        fputs("never full\n", to);
    }
}

static void write_spill(FILE *to, const struct snapshot *snapshot)
{
    if (snapshot->spilled)
        fprintf(to, "spill   %" PRIu64 " bytes held, %s at most; %s in all\n", snapshot->spill_held,
                print_about_size(snapshot->spill_high_water).text,
                print_about_size(snapshot->spilled).text);
}

static void write_breaks(FILE *to, const struct snapshot *snapshot)
{
    if (snapshot->reconnects)
        fprintf(to,
                "breaks  %" PRIu64 " of connections; %" PRIu64 " bytes sent again, %" PRIu64
                " at risk\n",
                snapshot->reconnects, snapshot->resent, snapshot->at_risk);
}

static void write_output(FILE *to, const struct snapshot *snapshot)
{
    fputs("output  ", to);
    if (snapshot->out.waits) {
        fputs("waited for ", to);
        write_waits(to, &snapshot->out);
    } else {
        fputs("never waited for", to);
    }
    fprintf(to, "; %" PRIu64 " %s over 10ms\n", snapshot->stalls,
            snapshot->stalls == 1 ? "stall" : "stalls");
}

static void write_percentiles(FILE *to, const char *label, const struct percentiles *of)
{
    size_t i;

    fprintf(to, "%-7s", label);
    for (i = 0; i < LONGEST; i++)
        fprintf(to, " %s %% %s,", percentile_names[i].percent, print_about_time(of->at[i]).text);
    fprintf(to, " longest %s\n", print_about_time(of->at[LONGEST]).text);
}

static void write_text(FILE *to, const struct snapshot *snapshot)
{
    write_side(to, "in", snapshot, &snapshot->in, "read");
    write_side(to, "out", snapshot, &snapshot->out, "write");
    fprintf(to, "rest    %" PRIu64 " bytes held, %" PRIu64 " dropped, %" PRIu64 " undelivered",
            snapshot->held, snapshot->dropped, snapshot->undelivered);
    if (snapshot->uncertain)
        fprintf(to, ", or up to %" PRIu64 " fewer", snapshot->uncertain);
    fputc('\n', to);
    if (snapshot->dropped)
        fprintf(to, "dropped %" PRIu64 " lines; %" PRIu64 " bytes of markers say where\n",
                snapshot->dropped_lines, snapshot->marked);
    write_changes(to, snapshot);
    write_ring(to, snapshot);
    write_spill(to, snapshot);
    write_breaks(to, snapshot);
    write_output(to, snapshot);
    write_percentiles(to, "write", &snapshot->write_times);
    write_percentiles(to, "inside", &snapshot->latency);
    if (snapshot->way)
        fprintf(to, "way     %s", snapshot->way);
    if (snapshot->trial_result)
        fprintf(to, "; after %" PRIu64 " %s of the tuner: %s", snapshot->trials,
                snapshot->trials == 1 ? "trial" : "trials", snapshot->trial_result);
    if (snapshot->way)
        fputc('\n', to);
    fprintf(to, "time    %s, %s/s, %s/s in the busiest tenth of a second; CPU %s user, %s system\n",
            print_about_time(snapshot->elapsed).text, print_about_size(snapshot->rate).text,
            print_about_size(snapshot->busiest).text, print_about_time(snapshot->user).text,
            print_about_time(snapshot->system).text);
}

void report_write(FILE *to, enum report_format format, const struct snapshot *snapshot,
                  const char *name)
{
    switch (format) {
    case REPORT_TEXT: write_text(to, snapshot); break;
    case REPORT_JSON: write_json(to, snapshot, name); break;
    case REPORT_PROMETHEUS: write_prometheus(to, snapshot, name); break;
    }
}
