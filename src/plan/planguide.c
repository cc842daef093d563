#include "plan/planreport.h"
#include "sys/units.h"

#include <inttypes.h>

#define KIB UINT64_C(1024)
#define MS  UINT64_C(1000000)

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

/* A stream, and how long a write or a stall takes. */
struct example {
    uint64_t messages;
    uint64_t message_size;
    uint64_t ns;
    uint64_t slab_size; /* for a stall */
};

static const struct example writes[] = {{10000, 256, 1 * MS, 0},
                                        {10000, 256, 10 * MS, 0},
                                        {50000, 256, 1 * MS, 0},
                                        {50000, 256, 10 * MS, 0},
                                        {100000, 200, 10 * MS, 0}};
static const struct example stalls[] = {{10000, 256, 50 * MS, 64 * KIB},
                                        {10000, 256, 200 * MS, 64 * KIB},
                                        {50000, 256, 100 * MS, 64 * KIB},
                                        {100000, 200, 100 * MS, 256 * KIB}};

/* The set-ups' rings and larger ones, by memory. */
static const struct sizing rings[] = {{16 * KIB, 4},   {64 * KIB, 8},  {64 * KIB, 16},
                                      {256 * KIB, 8},  {64 * KIB, 64}, {256 * KIB, 64},
                                      {1024 * KIB, 64}};
static const struct example streams[] = {{10000, 256, 0, 0}, {50000, 256, 0, 0}};

static uint64_t rate_of(const struct example *example)
{
    return example->messages * example->message_size;
}

static struct workload write_workload(const struct example *example)
{
    return (struct workload){.rate = rate_of(example), .latency = example->ns};
}

static struct workload stall_workload(const struct example *example)
{
    return (struct workload){.rate = rate_of(example), .stall = example->ns};
}

static void print_writes(FILE *to)
{
    size_t i;

    fprintf(to, "\n  %10s %6s %8s %20s %9s %10s\n", "messages/s", "each", "a write", "come in",
            "least", "-s to use");
    for (i = 0; i < LENGTH(writes); i++) {
        const struct workload workload = write_workload(&writes[i]);
        const uint64_t bytes = plan_bytes(workload.rate, workload.latency);
        char both_units[80];

        snprintf(both_units, sizeof both_units, "%s = %" PRIu64 "B", print_about_size(bytes).text,
                 bytes);
        fprintf(to, "  %10s %6s %8s %20s %9s %10s\n", print_about_count(writes[i].messages).text,
                print_about_size(writes[i].message_size).text, print_time(writes[i].ns).text,
                both_units, print_size(plan_slab_size(&workload)).text,
                print_size(plan_recommended(&workload).slab_size).text);
    }
}

static void print_stalls(FILE *to)
{
    size_t i;

    fprintf(to, "\n  %10s %6s %8s %20s %9s %10s\n", "messages/s", "each", "a stall", "-s",
            "slabs + 1", "-n to use");
    for (i = 0; i < LENGTH(stalls); i++) {
        const struct workload workload = stall_workload(&stalls[i]);
        const uint64_t count = plan_slab_count(&workload, stalls[i].slab_size);
        char formula[32];

        snprintf(formula, sizeof formula, "%" PRIu64 " + 1", count - 1);
        fprintf(to, "  %10s %6s %8s %20s %9s %10" PRIu64 "\n",
                print_about_count(stalls[i].messages).text,
                print_about_size(stalls[i].message_size).text, print_time(stalls[i].ns).text,
                print_size(stalls[i].slab_size).text, formula, count);
    }
}

static void print_rings(FILE *to)
{
    size_t i;
    size_t k;

    fprintf(to, "\n  %10s %6s", "ring", "memory");
    for (k = 0; k < LENGTH(streams); k++) {
        char name[80];

        snprintf(name, sizeof name, "%s x %s", print_about_count(streams[k].messages).text,
                 print_about_size(streams[k].message_size).text);
        fprintf(to, "  %13s %12s", name, "for certain");
    }
    for (i = 0; i < LENGTH(rings); i++) {
        char name[48];

        snprintf(name, sizeof name, "%" PRIu64 " x %s", rings[i].slab_count,
                 print_size(rings[i].slab_size).text);
        fprintf(to, "\n  %10s %6s", name, print_about_size(plan_memory(&rings[i])).text);
        for (k = 0; k < LENGTH(streams); k++)
            fprintf(to, "  %13s %12s",
                    print_about_time(plan_tolerance(&rings[i], rate_of(&streams[k]))).text,
                    print_about_time(plan_guarantee(&rings[i], rate_of(&streams[k]))).text);
    }
    fputc('\n', to);
}

static void print_setups(FILE *to)
{
    size_t i;

    for (i = 0; i < setup_count; i++)
        fprintf(to, "    slabcat --plan %-10s %s\n", setups[i].name, setups[i].purpose);
}

void plan_print_guide(FILE *to)
{
    fputs("A slab must hold what comes in while a write takes its time:\n"
          "    slab size  >= messages/s x size x latency, as a power of two from 4K up;\n"
          "                  16K at least is wise, and 16K to 64K serve most\n",
          to);
    print_writes(to);
    fputs("\nThe slabs must hold what comes in while the output stalls:\n"
          "    slab count >= messages/s x size x stall / slab size, rounded up, + 1 for\n"
          "                  the slab in the writer's hand: nothing of it may be free then\n",
          to);
    print_stalls(to);
    fputs("\nWhat a ring absorbs at 10K and at 50K messages/s, with all its slabs, and for\n"
          "certain, without the one in hand:\n",
          to);
    print_rings(to);
    fputs("\nTo plan yours give R messages a second of M bytes, L that a write takes, S that\n"
          "a stall lasts, and B bytes if memory is limited; or begin with a set-up.\n"
          "64K and KiB are powers of 1024, kB and MB/s powers of 1000.\n",
          to);
    print_setups(to);
    fputs("    slabcat --plan R=10K M=256 L=10ms S=200ms\n", to);
}

static void put_stream(FILE *to, const struct example *example, const char *separator)
{
    fprintf(to,
            "%s    {\"messages_per_s\": %" PRIu64 ", \"message_size_bytes\": %" PRIu64
            ", \"rate_bytes_per_s\": %" PRIu64,
            separator, example->messages, example->message_size, rate_of(example));
}

static void put_writes(FILE *to)
{
    size_t i;

    fputs("  \"slab_sizes\": [\n", to);
    for (i = 0; i < LENGTH(writes); i++) {
        const struct workload workload = write_workload(&writes[i]);

        put_stream(to, &writes[i], i ? ",\n" : "");
        fprintf(to,
                ", \"latency_ns\": %" PRIu64 ", \"bytes_per_write\": %" PRIu64
                ", \"slab_size_least_bytes\": %" PRIu64 ", \"slab_size_bytes\": %" PRIu64 "}",
                workload.latency, plan_bytes(workload.rate, workload.latency),
                plan_slab_size(&workload), plan_recommended(&workload).slab_size);
    }
    fputs("\n  ],\n", to);
}

static void put_stalls(FILE *to)
{
    size_t i;

    fputs("  \"slab_counts\": [\n", to);
    for (i = 0; i < LENGTH(stalls); i++) {
        const struct workload workload = stall_workload(&stalls[i]);

        put_stream(to, &stalls[i], i ? ",\n" : "");
        fprintf(to,
                ", \"stall_ns\": %" PRIu64 ", \"slab_size_bytes\": %" PRIu64
                ", \"slab_count\": %" PRIu64 "}",
                workload.stall, stalls[i].slab_size,
                plan_slab_count(&workload, stalls[i].slab_size));
    }
    fputs("\n  ],\n", to);
}

static void put_rings(FILE *to)
{
    size_t i;

    fputs("  \"rings\": [\n", to);
    for (i = 0; i < LENGTH(rings) * LENGTH(streams); i++) {
        const struct sizing *const ring = &rings[i / LENGTH(streams)];
        const struct example *const stream = &streams[i % LENGTH(streams)];

        put_stream(to, stream, i ? ",\n" : "");
        fprintf(to,
                ", \"slab_size_bytes\": %" PRIu64 ", \"slab_count\": %" PRIu64
                ", \"memory_bytes\": %" PRIu64 ", \"tolerance_ns\": %" PRIu64
                ", \"guaranteed_ns\": %" PRIu64 "}",
                ring->slab_size, ring->slab_count, plan_memory(ring),
                plan_tolerance(ring, rate_of(stream)), plan_guarantee(ring, rate_of(stream)));
    }
    fputs("\n  ]\n", to);
}

void plan_print_guide_json(FILE *to)
{
    fputs("{\n", to);
    put_writes(to);
    put_stalls(to);
    put_rings(to);
    fputs("}\n", to);
}
