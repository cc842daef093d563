#include "plan/planreport.h"
#include "sys/units.h"

#include <inttypes.h>

/* A line with a number, or null for what is not known. */
static void put(FILE *to, const char *indent, const char *name, bool is_known, uint64_t number)
{
    fprintf(to, "%s\"%s\": ", indent, name);
    if (is_known)
        fprintf(to, "%" PRIu64 ",\n", number);
    else
        fputs("null,\n", to);
}

static const char *truth(bool is_known, bool is_so)
{
    if (!is_known)
        return "null";
    return is_so ? "true" : "false";
}

static void put_sizing(FILE *to, const char *name, const struct sizing *sizing,
                       const struct workload *workload)
{
    static const char indent[] = "      ";
    const bool has_latency = workload->latency != 0;
    const bool has_stall = workload->stall != 0;

    fprintf(to, "    {\n%s\"name\": \"%s\",\n", indent, name);
    put(to, indent, "latency_ns", has_latency, workload->latency);
    put(to, indent, "stall_ns", has_stall, workload->stall);
    put(to, indent, "slab_size_bytes", true, sizing->slab_size);
    put(to, indent, "slab_count", true, sizing->slab_count);
    put(to, indent, "slab_count_needed", has_stall, plan_slab_count(workload, sizing->slab_size));
    put(to, indent, "memory_bytes", true, plan_memory(sizing));
    put(to, indent, "tolerance_ns", true, plan_tolerance(sizing, workload->rate));
    put(to, indent, "guaranteed_ns", true, plan_guarantee(sizing, workload->rate));
    put(to, indent, "write_latency_max_ns", true, plan_time(sizing->slab_size, workload->rate));
    put(to, indent, "sustained_bytes_per_s", has_latency,
        has_latency ? plan_sustained(sizing, workload->latency) : 0);
    fprintf(to, "%s\"keeps_up\": %s,\n", indent,
            truth(has_latency, plan_keeps_up(sizing, workload)));
    fprintf(to, "%s\"absorbs_stall\": %s\n    }", indent,
            truth(has_stall, plan_absorbs(sizing, workload)));
}

static void put_one(FILE *to, const struct demand *demand)
{
    const struct workload *const workload = &demand->workload;
    const struct sizing least = plan_least(workload);
    const struct sizing recommended = plan_recommended(workload);
    const struct sizing sizing = demand_sizing(demand, workload);
    const bool has_formulas = workload->latency && workload->stall;

    if (has_formulas) {
        put_sizing(to, "minimum", &least, workload);
        fputs(",\n", to);
        put_sizing(to, "recommended", &recommended, workload);
    }
    if (demand_is_special(demand)) {
        fputs(has_formulas ? ",\n" : "", to);
        put_sizing(to, demand->budget ? "within_budget" : "given", &sizing, workload);
    }
}

/* Every combination of what was not given; those that no ring is large enough for are left out. */
static void put_choices(FILE *to, const struct demand *demand)
{
    const size_t latencies = demand->workload.latency ? 1 : plan_latency_count;
    const size_t stalls = demand->workload.stall ? 1 : plan_stall_count;
    const char *separator = "";
    size_t i;

    for (i = 0; i < latencies * stalls; i++) {
        struct workload workload = demand->workload;
        struct sizing sizing;

        if (!workload.latency)
            workload.latency = plan_latencies[i % latencies];
        if (!workload.stall)
            workload.stall = plan_stalls[i / latencies];
        sizing = demand_sizing(demand, &workload);
        if (!demand_is_possible(demand, &workload))
            continue;
        fputs(separator, to);
        put_sizing(to, "typical", &sizing, &workload);
        separator = ",\n";
    }
}

void plan_print_json(FILE *to, const struct demand *demand)
{
    static const char indent[] = "  ";
    const struct workload workload = demand_workload(demand);
    const struct sizing sizing = demand_sizing(demand, &workload);
    const uint64_t flush_interval = demand->flush_interval;

    if (!demand->workload.rate) {
        plan_print_guide_json(to);
        return;
    }
    fputs("{\n", to);
    if (demand->setup)
        fprintf(to, "%s\"setup\": \"%s\",\n", indent, demand->setup->name);
    else
        put(to, indent, "setup", false, 0);
    put(to, indent, "messages_per_s", demand->messages != 0, demand->messages);
    put(to, indent, "message_size_bytes", demand->messages != 0, demand->message_size);
    put(to, indent, "rate_bytes_per_s", true, workload.rate);
    put(to, indent, "latency_ns", demand->workload.latency != 0, demand->workload.latency);
    put(to, indent, "stall_ns", demand->workload.stall != 0, demand->workload.stall);
    put(to, indent, "budget_bytes", demand->budget != 0, demand->budget);
    put(to, indent, "pipe_tolerance_ns", true, plan_time(PLAN_PIPE_SIZE, workload.rate));
    put(to, indent, "grown_pipe_tolerance_ns", true,
        plan_time(PLAN_GROWN_PIPE_SIZE, workload.rate));
    fputs("  \"plans\": [\n", to);
    if (demand_is_open(demand))
        put_choices(to, demand);
    else
        put_one(to, demand);
    fputs("\n  ],\n", to);
    put(to, indent, "slab_size_bytes", true, sizing.slab_size);
    put(to, indent, "slab_count", true, sizing.slab_count);
    put(to, indent, "flush_interval_ns", flush_interval != DEMAND_FLUSH_AUTO, flush_interval);
    fprintf(to, "  \"command\": \"slabcat %s\"\n}\n", plan_options(demand, &sizing).text);
}
