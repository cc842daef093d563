/*
 * --plan for any workload: refused in one line, or answered twice, as text and as JSON, with the
 * same numbers, and those are what 128 bits wide arithmetic makes of the formulas in plan.h.
 *
 * The input is the words behind --plan, one a line; of the options -s, -n and -f only.
 */
#include "fuzz.h"

#include "cli/options.h"
#include "hearing.h"
#include "json.h"
#include "plan/planreport.h"
#include "sys/units.h"

#include <inttypes.h>

enum { WORDS_MAX = 24, PLANS_MAX = 32, TOKEN_MAX = 200 };

typedef unsigned __int128 wide;

#define BILLION ((wide)1000000000)

/* A plan as the JSON says it is; what is null there is 0. */
struct told {
    char name[32];
    uint64_t latency, stall;
    struct sizing sizing;
    uint64_t needed, memory, tolerance, guaranteed, slowest_write, sustained;
    bool keeps_up, absorbs;
};

struct answer {
    char *text;
    char *json;
    size_t text_length;
    size_t json_length;
    struct told plans[PLANS_MAX];
    size_t plan_count;
};

/* The words as arguments, which are all of them our own. False: there are too many. */
static bool split(char *words, char **arguments, int *count)
{
    static char program[] = "slabcat";
    static char option[] = "--plan";
    char *word;

    *count = 0;
    arguments[(*count)++] = program;
    arguments[(*count)++] = option;
    while ((word = strsep(&words, "\n"))) {
        if (*word == '-' && (!word[1] || !strchr("snf", word[1])))
            continue;
        if (*count == WORDS_MAX)
            return false;
        if (*word)
            arguments[(*count)++] = word;
    }
    arguments[*count] = NULL;
    return true;
}

static char *written(void (*print)(FILE *to, const struct demand *demand),
                     const struct demand *demand, size_t *length)
{
    char *text = NULL;
    FILE *to = open_memstream(&text, length);

    MUST(to);
    print(to, demand);
    MUST(fclose(to) == 0);
    MUST(strlen(text) == *length && plain_is(text, *length, true));
    return text;
}

static uint64_t number_in(const char *object, const char *name)
{
    uint64_t number = 0;

    json_number_of(object, name, &number);
    return number;
}

static bool is_true_in(const char *object, const char *name)
{
    return strncmp(json_member(object, name), "true", 4) == 0;
}

static void hear(struct told *told, const char *object)
{
    *told = (struct told){
        .latency = number_in(object, "latency_ns"),
        .stall = number_in(object, "stall_ns"),
        .sizing = {number_in(object, "slab_size_bytes"), number_in(object, "slab_count")},
        .needed = number_in(object, "slab_count_needed"),
        .memory = number_in(object, "memory_bytes"),
        .tolerance = number_in(object, "tolerance_ns"),
        .guaranteed = number_in(object, "guaranteed_ns"),
        .slowest_write = number_in(object, "write_latency_max_ns"),
        .sustained = number_in(object, "sustained_bytes_per_s"),
        .keeps_up = is_true_in(object, "keeps_up"),
        .absorbs = is_true_in(object, "absorbs_stall"),
    };
    MUST(sscanf(json_member(object, "name"), "\"%31[a-z_]\"", told->name) == 1);
}

static void hear_all(struct answer *answer)
{
    const char *const list = json_member(answer->json, "plans");
    struct json json = {list, answer->json + answer->json_length, 0};

    MUST(json_accept(&json, '['));
    json_skip_blanks(&json);
    while (*json.at == '{') {
        MUST(answer->plan_count < PLANS_MAX);
        hear(&answer->plans[answer->plan_count++], json.at);
        MUST(json_value(&json));
        json_accept(&json, ',');
        json_skip_blanks(&json);
    }
}

static uint64_t at_most_64(wide number)
{
    return number > UINT64_MAX ? UINT64_MAX : (uint64_t)number;
}

/* The formulas, with nothing of plan.c. */
static void must_be_right(const struct told *told, uint64_t rate)
{
    const uint64_t size = told->sizing.slab_size;
    const uint64_t count = told->sizing.slab_count;
    const wide memory = (wide)size * count;
    const wide certain = (wide)size * (count - 1);
    const wide in_stall = ((wide)rate * told->stall + BILLION - 1) / BILLION;
    const wide needed = (in_stall + size - 1) / size + 1;

    MUST(size >= 1 && size <= PLAN_SLAB_MAX && count >= 1 && count <= PLAN_COUNT_MAX);
    MUST(told->memory == memory);
    MUST(told->tolerance == at_most_64(memory * BILLION / rate));
    MUST(told->guaranteed == at_most_64(certain * BILLION / rate));
    MUST(told->slowest_write == at_most_64(size * BILLION / rate));
    if (told->latency) {
        MUST(told->sustained == at_most_64(size * BILLION / told->latency));
        MUST(told->keeps_up == (size * BILLION >= (wide)rate * told->latency));
    }
    if (told->stall) {
        MUST(told->needed == (needed < 2 ? 2 : needed));
        MUST(told->absorbs == (certain * BILLION >= (wide)rate * told->stall));
    }
}

/* What is recommended satisfies both formulas, and less slabs of that size would not. */
static void must_satisfy(const struct told *told, uint64_t rate)
{
    const uint64_t size = told->sizing.slab_size;

    MUST(told->keeps_up && told->absorbs);
    MUST((size & (size - 1)) == 0 && size >= PLAN_SLAB_MIN);
    MUST(told->sizing.slab_count == told->needed);
    MUST(strcmp(told->name, "recommended") != 0 || size >= PLAN_SLAB_RECOMMENDED_MIN);
    MUST(told->sizing.slab_count == 2 ||
         (wide)size * (told->sizing.slab_count - 2) * BILLION < (wide)rate * told->stall);
}

static bool is_blank(char character)
{
    return character == ' ' || character == '\n';
}

/* Only one blank wherever there are some, so that columns can be looked for as words. */
static void squeeze(char *text)
{
    char *to = text;

    for (; *text; text++) {
        if (!is_blank(*text))
            *to++ = *text;
        else if (!is_blank(text[1]))
            *to++ = ' ';
    }
    *to = '\0';
}

/* The row of the table, as its words follow each other. */
static void must_be_in_text(const struct answer *answer, const struct told *told, const char *label,
                            const char *verdict)
{
    char formula[40] = "";
    char row[TOKEN_MAX];

    if (told->stall && told->needed == told->sizing.slab_count)
        snprintf(formula, sizeof formula, " = %" PRIu64 " + 1", told->sizing.slab_count - 1);
    snprintf(row, sizeof row, " %s %s %" PRIu64 "%s %s %s %s%s ", label,
             print_size(told->sizing.slab_size).text, told->sizing.slab_count, formula,
             print_about_size(told->memory).text, print_about_time(told->tolerance).text,
             print_about_time(told->guaranteed).text, verdict);
    MUST(strstr(answer->text, row));
}

static const char *verdict_on(const struct told *told)
{
    if (!told->keeps_up)
        return " slow";
    return told->absorbs ? "" : " short";
}

static void compare_one(const struct answer *answer, const struct demand *demand)
{
    const char *const given = demand->setup    ? demand->setup->name
                              : demand->budget ? "within B"
                                               : "as given";
    size_t i;

    for (i = 0; i < answer->plan_count; i++) {
        const struct told *const told = &answer->plans[i];
        const bool is_free =
            strcmp(told->name, "minimum") == 0 || strcmp(told->name, "recommended") == 0;

        if (is_free)
            must_satisfy(told, demand->workload.rate);
        must_be_in_text(answer, told, is_free ? told->name : given, "");
    }
}

static void compare_choices(const struct answer *answer, const struct demand *demand)
{
    size_t i;

    for (i = 0; i < answer->plan_count; i++) {
        const struct told *const told = &answer->plans[i];

        must_be_in_text(answer, told,
                        print_time(demand->workload.latency ? told->stall : told->latency).text,
                        verdict_on(told));
    }
}

/* What the JSON leaves out has a dash in the grid. */
static void compare_grid(const struct answer *answer)
{
    const struct told *told = answer->plans;
    const struct told *const end = told + answer->plan_count;
    size_t i;
    size_t k;

    for (i = 0; i < plan_stall_count; i++) {
        char row[TOKEN_MAX];
        size_t length = (size_t)snprintf(row, sizeof row, " %s", print_time(plan_stalls[i]).text);

        for (k = 0; k < plan_latency_count && length < sizeof row; k++) {
            const bool is_told =
                told < end && told->stall == plan_stalls[i] && told->latency == plan_latencies[k];

            length +=
                (size_t)(is_told
                             ? snprintf(row + length, sizeof row - length, " %s x %" PRIu64 "%s",
                                        print_size(told->sizing.slab_size).text,
                                        told->sizing.slab_count, *verdict_on(told) ? "!" : "")
                             : snprintf(row + length, sizeof row - length, " -"));
            told += is_told;
        }
        MUST(length < sizeof row && strstr(answer->text, row));
    }
    MUST(told == end);
}

/* Both end with the same command, and that has the sizes that the JSON says. */
static void compare_commands(const struct answer *answer, const struct demand *demand)
{
    char options[TOKEN_MAX];
    char line[TOKEN_MAX + 32];
    char size_text[32];
    char count_text[32];
    uint64_t size;
    uint64_t count;

    MUST(sscanf(json_member(answer->json, "command"), "\"slabcat %199[^\"]\"", options) == 1);
    snprintf(line, sizeof line, " app | slabcat %s %s", options,
             demand->setup ? demand->setup->output : "> out.log");
    MUST(strstr(answer->text, line));
    MUST(sscanf(options, "-s %31s -n %31s", size_text, count_text) == 2);
    MUST(parse_size(size_text, &size) == 0 && size == number_in(answer->json, "slab_size_bytes"));
    MUST(parse_count(count_text, &count) == 0 && count == number_in(answer->json, "slab_count"));
    MUST(!strstr(options, "-f") == (demand->flush_interval == DEMAND_FLUSH_AUTO));
}

static void compare(struct answer *answer, const struct demand *demand)
{
    const uint64_t rate = demand->workload.rate;
    char rates[TOKEN_MAX];
    size_t i;

    hear_all(answer);
    squeeze(answer->text);
    MUST(number_in(answer->json, "rate_bytes_per_s") == rate);
    snprintf(rates, sizeof rates, "%s (%s/s).", print_about_byte_rate(rate).text,
             print_about_size(rate).text);
    MUST(strstr(answer->text, rates));
    for (i = 0; i < answer->plan_count; i++)
        must_be_right(&answer->plans[i], rate);
    if (!demand_is_open(demand))
        compare_one(answer, demand);
    else if (demand->workload.latency || demand->workload.stall)
        compare_choices(answer, demand);
    else
        compare_grid(answer);
    compare_commands(answer, demand);
}

static void plan(const struct demand *demand)
{
    struct answer answer = {0};

    answer.text = written(plan_print, demand, &answer.text_length);
    answer.json = written(plan_print_json, demand, &answer.json_length);
    MUST(json_is(answer.json, answer.json_length));
    if (demand->workload.rate)
        compare(&answer, demand);
    free(answer.text);
    free(answer.json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct hearing hearing;
    struct config config;
    char *arguments[WORDS_MAX + 1];
    char *words = malloc(size + 1);
    int count;
    int error;

    MUST(words);
    memcpy(words, data, size);
    words[size] = '\0';
    if (split(words, arguments, &count)) {
        hearing_begin(&hearing);
        error = config_parse(&config, count, arguments);
        hearing_end(&hearing);
        if (error)
            hearing_must_be_a_line(&hearing);
        else if (config.action == ACTION_PLAN)
            plan(&config.demand);
        config_free(&config);
    }
    free(words);
    return 0;
}
