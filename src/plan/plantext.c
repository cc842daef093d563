#include "plan/planreport.h"
#include "sys/units.h"

#include <inttypes.h>

#define MS UINT64_C(1000000)

const uint64_t plan_latencies[] = {MS / 10, 1 * MS, 10 * MS, 100 * MS};
const uint64_t plan_stalls[] = {50 * MS,   100 * MS,  200 * MS, 500 * MS,
                                1000 * MS, 2000 * MS, 5000 * MS};
const size_t plan_latency_count = sizeof plan_latencies / sizeof plan_latencies[0];
const size_t plan_stall_count = sizeof plan_stalls / sizeof plan_stalls[0];

struct plan_options plan_options(const struct demand *demand, const struct sizing *sizing)
{
    struct plan_options options;
    const bool has_flush = demand->flush_interval != DEMAND_FLUSH_AUTO;

    snprintf(options.text, sizeof options.text, "-s %s -n %" PRIu64 "%s%s",
             print_size(sizing->slab_size).text, sizing->slab_count, has_flush ? " -f " : "",
             has_flush ? print_time(demand->flush_interval).text : "");
    return options;
}

static void print_command(FILE *to, const struct demand *demand, const struct sizing *sizing)
{
    fprintf(to, "\n    app | slabcat %s %s\n", plan_options(demand, sizing).text,
            demand->setup ? demand->setup->output : "> out.log");
}

static void print_workload(FILE *to, const struct demand *demand)
{
    const struct workload *const workload = &demand->workload;

    if (demand->setup)
        fprintf(to, "%s: %s\n", demand->setup->name, demand->setup->purpose);
    if (demand->messages)
        fprintf(to, "%s messages/s of %s are ", print_about_count(demand->messages).text,
                print_about_size(demand->message_size).text);
    fprintf(to, "%s (%s/s).\n", print_about_byte_rate(workload->rate).text,
            print_about_size(workload->rate).text);
    if (workload->latency)
        fprintf(to, "  in a write, %-8s %9s come in: what a slab has to hold\n",
                print_time(workload->latency).text,
                print_about_size(plan_bytes(workload->rate, workload->latency)).text);
    if (workload->stall)
        fprintf(to, "  in a stall, %-8s %9s come in: what the slabs have to hold\n",
                print_time(workload->stall).text,
                print_about_size(plan_bytes(workload->rate, workload->stall)).text);
}

static void print_heading(FILE *to, const char *label)
{
    fprintf(to, "\n  %-11s %6s %5s%-12s %8s %9s  %s\n", label, "-s", "-n", "", "memory", "absorbs",
            "for certain");
}

/* How many slabs; of a number that the formula gave, how. */
static void print_sizing(FILE *to, const char *label, const struct sizing *sizing,
                         const struct workload *workload, const char *remark)
{
    char formula[32] = "";

    if (workload->stall && sizing->slab_count == plan_slab_count(workload, sizing->slab_size))
        snprintf(formula, sizeof formula, " = %" PRIu64 " + 1", sizing->slab_count - 1);
    fprintf(to, "  %-11s %6s %5" PRIu64 "%-12s %8s %9s  %11s%s\n", label,
            print_size(sizing->slab_size).text, sizing->slab_count, formula,
            print_about_size(plan_memory(sizing)).text,
            print_about_time(plan_tolerance(sizing, workload->rate)).text,
            print_about_time(plan_guarantee(sizing, workload->rate)).text, remark);
}

/* A write of one slab: what it may take, and whether that is enough. */
static void print_pace(FILE *to, const struct sizing *sizing, const struct workload *workload)
{
    const struct printed size = print_size(sizing->slab_size);
    const struct printed most = print_about_time(plan_time(sizing->slab_size, workload->rate));

    if (!workload->latency)
        fprintf(to, "  It keeps up while a write of %s takes %s at most.\n", size.text, most.text);
    else if (plan_keeps_up(sizing, workload))
        fprintf(to, "  It keeps up: %s every %s carry %s; a write may take %s.\n", size.text,
                print_time(workload->latency).text,
                print_about_byte_rate(plan_sustained(sizing, workload->latency)).text, most.text);
    else
        fprintf(to,
                "  TOO SLOW: %s every %s carry only %s of %s;\n"
                "  it keeps up while a write takes %s at most.\n",
                size.text, print_time(workload->latency).text,
                print_about_byte_rate(plan_sustained(sizing, workload->latency)).text,
                print_about_byte_rate(workload->rate).text, most.text);
}

static void print_shortage(FILE *to, const struct sizing *sizing, const struct workload *workload)
{
    if (!plan_absorbs(sizing, workload))
        fprintf(to, "  TOO SHORT: %s need %" PRIu64 " x %s; %" PRIu64 " absorb %s for certain.\n",
                print_time(workload->stall).text, plan_slab_count(workload, sizing->slab_size),
                print_size(sizing->slab_size).text, sizing->slab_count,
                print_about_time(plan_guarantee(sizing, workload->rate)).text);
}

static void print_flush(FILE *to, uint64_t interval, const struct sizing *sizing, uint64_t rate)
{
    if (interval == DEMAND_FLUSH_AUTO)
        return;
    if (!interval) {
        fputs("  No byte waits for others, and writes are as small as reads.\n", to);
        return;
    }
    fprintf(to, "  No byte waits longer than %s for others; ", print_time(interval).text);
    if (plan_bytes(rate, interval) < sizing->slab_size)
        fprintf(to, "a write carries %s then.\n",
                print_about_size(plan_bytes(rate, interval)).text);
    else
        fprintf(to, "a slab is full in %s here.\n",
                print_about_time(plan_time(sizing->slab_size, rate)).text);
}

static void print_caution(FILE *to, uint64_t rate)
{
    fprintf(to,
            "  Certain is what all slabs but one absorb: of the one in the writer's hand,\n"
            "  the + 1, nothing may be free when the stall begins.\n"
            "  The kernel's input pipe adds %s (64K), or %s (the 1M that slabcat\n"
            "  asks for when a stream is fast). That is not counted: its pages may be half\n"
            "  empty, and a limit may keep it small.\n",
            print_about_time(plan_time(PLAN_PIPE_SIZE, rate)).text,
            print_about_time(plan_time(PLAN_GROWN_PIPE_SIZE, rate)).text);
}

/* One plan: by the formulas where both know enough, and with what was given. */
static void print_one(FILE *to, const struct demand *demand)
{
    const struct workload *const workload = &demand->workload;
    const struct sizing least = plan_least(workload);
    const struct sizing recommended = plan_recommended(workload);
    const struct sizing sizing = demand_sizing(demand, workload);

    print_heading(to, "");
    if (workload->latency && workload->stall) {
        print_sizing(to, "minimum", &least, workload, "");
        print_sizing(to, "recommended", &recommended, workload, "");
    }
    if (demand_is_special(demand))
        print_sizing(to,
                     demand->setup    ? demand->setup->name
                     : demand->budget ? "within B"
                                      : "as given",
                     &sizing, workload, "");
    fputc('\n', to);
    print_pace(to, &sizing, workload);
    print_shortage(to, &sizing, workload);
    print_flush(to, demand->flush_interval, &sizing, workload->rate);
    print_caution(to, workload->rate);
    print_command(to, demand, &sizing);
}

static const char *verdict(const struct sizing *sizing, const struct workload *workload)
{
    if (!plan_keeps_up(sizing, workload))
        return "  slow";
    return plan_absorbs(sizing, workload) ? "" : "  short";
}

/* A row of a table over what was not given. */
static void print_choice(FILE *to, const struct demand *demand, uint64_t varied,
                         const struct workload *workload)
{
    const struct sizing sizing = demand_sizing(demand, workload);
    const struct printed label = print_time(varied);

    if (demand_is_possible(demand, workload))
        print_sizing(to, label.text, &sizing, workload, verdict(&sizing, workload));
    else
        fprintf(to, "  %-11s %6s  no ring is that large\n", label.text, "-");
}

static void print_choices(FILE *to, const struct demand *demand)
{
    struct workload workload = demand->workload;
    size_t i;

    print_heading(to, workload.latency ? "stall" : "a write");
    if (!workload.stall) {
        for (i = 0; i < plan_stall_count; i++) {
            workload.stall = plan_stalls[i];
            print_choice(to, demand, plan_stalls[i], &workload);
        }
    } else {
        for (i = 0; i < plan_latency_count; i++) {
            workload.latency = plan_latencies[i];
            print_choice(to, demand, plan_latencies[i], &workload);
        }
    }
}

static void print_cell(FILE *to, const struct demand *demand, const struct workload *workload)
{
    const struct sizing sizing = demand_sizing(demand, workload);
    char cell[64] = "-";

    if (demand_is_possible(demand, workload))
        snprintf(cell, sizeof cell, "%s x %" PRIu64 "%s", print_size(sizing.slab_size).text,
                 sizing.slab_count, *verdict(&sizing, workload) ? "!" : "");
    fprintf(to, " %14s", cell);
}

/* Neither is known: stalls down, latencies across. */
static void print_grid(FILE *to, const struct demand *demand)
{
    struct workload workload = demand->workload;
    size_t row;
    size_t column;

    fputs("\n  -s x -n, by how long a write takes and how long a stall lasts\n  stall   ", to);
    for (column = 0; column < plan_latency_count; column++)
        fprintf(to, " %14s", print_time(plan_latencies[column]).text);
    for (row = 0; row < plan_stall_count; row++) {
        fprintf(to, "\n  %-8s", print_time(plan_stalls[row]).text);
        for (column = 0; column < plan_latency_count; column++) {
            workload.stall = plan_stalls[row];
            workload.latency = plan_latencies[column];
            print_cell(to, demand, &workload);
        }
    }
    fputc('\n', to);
}

/* What was not given is looked at over typical values; the command line is for one of them. */
static void print_open(FILE *to, const struct demand *demand)
{
    const struct workload workload = demand_workload(demand);
    const struct sizing sizing = demand_sizing(demand, &workload);

    if (demand->workload.latency || demand->workload.stall)
        print_choices(to, demand);
    else
        print_grid(to, demand);
    fputc('\n', to);
    if (demand_is_special(demand))
        fprintf(to, "  %s\n",
                demand->workload.latency || demand->workload.stall
                    ? "Slow: does not keep up. Short: does not absorb the stall for certain."
                    : "!: does not keep up with such writes, or not absorb such a stall.");
    print_flush(to, demand->flush_interval, &sizing, workload.rate);
    print_caution(to, workload.rate);
    fprintf(to, "For writes of %s and stalls of %s:\n", print_time(workload.latency).text,
            print_time(workload.stall).text);
    if (!plan_keeps_up(&sizing, &workload))
        print_pace(to, &sizing, &workload);
    print_shortage(to, &sizing, &workload);
    print_command(to, demand, &sizing);
}

void plan_print(FILE *to, const struct demand *demand)
{
    if (!demand->workload.rate) {
        plan_print_guide(to);
        return;
    }
    print_workload(to, demand);
    if (demand_is_open(demand))
        print_open(to, demand);
    else
        print_one(to, demand);
}
