/*
 * What is printed of a pour, whatever has been counted: JSON is JSON, on one line, and says the
 * numbers; Prometheus could read its format; text and the progress line can be shown on a terminal,
 * and the latter fits.
 *
 * The input is lines up to an empty one: what the pour is called, and what its outputs are, each
 * of which has a checksum. Behind it are the numbers, in the order of struct snapshot.
 */
#include "fuzz.h"

#include "json.h"
#include "sys/say.h"
#include "watch/advice.h"
#include "watch/line.h"
#include "watch/report.h"

#include <stddef.h>

enum { NAME_MAX_HERE = 100, OUTPUTS_MAX = 4, WORDS = sizeof(struct snapshot) / sizeof(uint64_t) };

struct input {
    const uint8_t *at;
    size_t left;
};

struct printed_text {
    char *text;
    size_t length;
};

#define OF(member) offsetof(struct snapshot, member)

/* What the names promise, as the manual lists them. */
static const struct {
    const char *name;
    size_t offset;
} promised[] = {
    {"elapsed_ns", OF(elapsed)},
    {"in_bytes", OF(in.bytes)},
    {"out_bytes", OF(out.bytes)},
    {"added_bytes", OF(added)},
    {"removed_bytes", OF(removed)},
    {"compressed_bytes", OF(packed)},
    {"dropped_bytes", OF(dropped)},
    {"dropped_lines", OF(dropped_lines)},
    {"marked_bytes", OF(marked)},
    {"undelivered_bytes", OF(undelivered)},
    {"uncertain_bytes", OF(uncertain)},
    {"held_bytes", OF(held)},
    {"in_pages_bytes", OF(in.pages)},
    {"out_pages_bytes", OF(out.pages)},
    {"reads", OF(in.calls)},
    {"writes", OF(out.calls)},
    {"slab_size_bytes", OF(ring.slab_size)},
    {"slab_count", OF(ring.slab_count)},
    {"high_water_bytes", OF(high_water)},
    {"spilled_bytes", OF(spilled)},
    {"spill_held_bytes", OF(spill_held)},
    {"spill_high_water_bytes", OF(spill_high_water)},
    {"reconnects", OF(reconnects)},
    {"resent_bytes", OF(resent)},
    {"at_risk_bytes", OF(at_risk)},
    {"ring_full_times", OF(in.waits)},
    {"ring_full_ns", OF(in.waited)},
    {"ring_full_longest_ns", OF(in.longest_wait)},
    {"output_waits", OF(out.waits)},
    {"output_waited_ns", OF(out.waited)},
    {"stalls", OF(stalls)},
    {"rate_bytes_per_s", OF(rate)},
    {"busiest_rate_bytes_per_s", OF(busiest)},
    {"tuner_trials", OF(trials)},
    {"cpu_user_ns", OF(user)},
    {"cpu_system_ns", OF(system)},
};

static uint64_t next_byte(struct input *input)
{
    if (!input->left)
        return 0;
    input->left--;
    return *input->at++;
}

/* A power of two, one less, a byte, or eight of them. */
static uint64_t next_number(struct input *input)
{
    const uint64_t byte = next_byte(input);
    uint64_t number = 0;
    int i;

    switch (byte >> 6) {
    case 0: return next_byte(input);
    case 1: return UINT64_C(1) << (byte & 63);
    case 2: return (UINT64_C(1) << (byte & 63)) - 1;
    default:
        for (i = 0; i < 8; i++)
            number = number << 8 | next_byte(input);
        return number;
    }
}

/* The next line, as a string of its own, or NULL when it is empty. */
static char *next_line(struct input *input)
{
    const uint8_t *const end = input->left ? memchr(input->at, '\n', input->left) : NULL;
    const size_t length = end ? (size_t)(end - input->at) : input->left;
    char *const line = length ? strndup((const char *)input->at, length) : NULL;

    MUST(line || !length);
    input->at += length + (end != NULL);
    input->left -= length + (end != NULL);
    return line;
}

static void fill(struct snapshot *snapshot, struct input *input, struct checksums *checksums)
{
    static const char *const ways[] = {NULL, "pages", "copies"};
    uint64_t numbers[WORDS];
    const uint64_t flags = next_byte(input);
    size_t i;

    for (i = 0; i < WORDS; i++)
        numbers[i] = next_number(input);
    memset(snapshot, 0, sizeof *snapshot);
    for (i = 0; i < sizeof promised / sizeof promised[0]; i++)
        memcpy((char *)snapshot + promised[i].offset, &numbers[i], sizeof numbers[i]);
    for (i = 0; i < PERCENTILES; i++) {
        snapshot->write_times.at[i] = numbers[WORDS - 1 - i];
        snapshot->latency.at[i] = numbers[WORDS - 8 - i];
    }
    snapshot->unread = numbers[WORDS - 14];
    snapshot->passed = flags & 64 ? snapshot->in.bytes : 0;
    snapshot->out.waiting = numbers[WORDS - 15];
    snapshot->in.lines = numbers[WORDS - 16];
    snapshot->ring.slab_size = snapshot->ring.slab_size % PLAN_SLAB_MAX + 1;
    snapshot->ring.slab_count %= PLAN_COUNT_MAX + 1;
    snapshot->has_ended = flags & 1;
    snapshot->has_lines = flags & 2;
    snapshot->way = ways[(flags >> 2) % 3];
    snapshot->trial_result = ways[(flags >> 4) % 3];
    snapshot->checksums = checksums;
}

static struct printed_text report_as(enum report_format format, const struct snapshot *snapshot,
                                     const char *name)
{
    struct printed_text printed = {NULL, 0};
    FILE *const to = open_memstream(&printed.text, &printed.length);

    MUST(to);
    report_write(to, format, snapshot, name);
    MUST(fclose(to) == 0);
    MUST(strlen(printed.text) == printed.length && printed.length > 0);
    MUST(printed.text[printed.length - 1] == '\n');
    MUST(plain_is(printed.text, printed.length, true));
    return printed;
}

/* TEXT is WORD in quotes, escaped. */
static void must_say(const char *text, const char *word)
{
    MUST(*text++ == '"');
    for (; *word; word++) {
        text += *text == '\\';
        MUST(*text++ == *word);
    }
    MUST(*text == '"');
}

static void check_json(const struct snapshot *snapshot, const char *name)
{
    const struct printed_text json = report_as(REPORT_JSON, snapshot, name);
    uint64_t number;
    size_t i;

    MUST(json_is(json.text, json.length));
    MUST(strchr(json.text, '\n') == json.text + json.length - 1);
    for (i = 0; i < sizeof promised / sizeof promised[0]; i++) {
        MUST(json_number_of(json.text, promised[i].name, &number));
        MUST(memcmp(&number, (const char *)snapshot + promised[i].offset, sizeof number) == 0);
    }
    MUST(json_number_of(json.text, "in_lines", &number) == snapshot->has_lines);
    MUST(json_number_of(json_member(json.text, "inside_ns"), "p99_9", &number));
    MUST(number == snapshot->latency.at[P999]);
    MUST(*json_member(json.text, "ended") == (snapshot->has_ended ? 't' : 'f'));
    if (name)
        must_say(json_member(json.text, "name"), name);
    free(json.text);
}

static size_t metric_name(const char *text)
{
    return strspn(text, "abcdefghijklmnopqrstuvwxyz_0123456789");
}

/* Behind {name="value",...}; NULL: that is none. */
static const char *behind_labels(const char *at)
{
    do {
        at++;
        at += metric_name(at);
        if (at[0] != '=' || at[1] != '"')
            return NULL;
        for (at += 2; *at && *at != '"'; at++) {
            if (*at == '\\' && !strchr("\\\"n", *++at))
                return NULL;
        }
        if (*at++ != '"')
            return NULL;
    } while (*at == ',');
    return *at == '}' ? at + 1 : NULL;
}

static void must_be_sample(const char *line, const char *family, size_t family_length)
{
    const size_t length = metric_name(line);
    const char *at = line + length;
    size_t digits;

    MUST(length == family_length && memcmp(line, family, length) == 0);
    if (*at == '{')
        at = behind_labels(at);
    MUST(at && *at == ' ');
    digits = strspn(++at, "0123456789");
    MUST(digits > 0);
    at += digits;
    if (*at == '.') {
        digits = strspn(++at, "0123456789");
        MUST(digits == 9);
        at += digits;
    }
    MUST(*at == '\n');
}

/* Each family has its HELP, its TYPE, and samples of that name. */
static void check_prometheus(const struct snapshot *snapshot, const char *name)
{
    static const char help[] = "# HELP ";
    static const char type[] = "# TYPE ";
    const struct printed_text printed = report_as(REPORT_PROMETHEUS, snapshot, name);
    const char *line = printed.text;

    while (*line) {
        const char *const family = line + strlen(help);
        const size_t length = metric_name(family);

        MUST(strncmp(line, help, strlen(help)) == 0 && family[length] == ' ');
        MUST(strncmp(family, "slabcat_", strlen("slabcat_")) == 0);
        line = strchr(line, '\n') + 1;
        MUST(strncmp(line, type, strlen(type)) == 0);
        line += strlen(type);
        MUST(strncmp(line, family, length) == 0);
        line += length;
        MUST(strncmp(line, " counter\n", 9) == 0 || strncmp(line, " gauge\n", 7) == 0);
        line = strchr(line, '\n') + 1;
        MUST(*line != '#');
        while (*line && *line != '#') {
            must_be_sample(line, family, length);
            line = strchr(line, '\n') + 1;
        }
    }
    free(printed.text);
}

static void check_advice(const struct snapshot *snapshot)
{
    struct printed_text printed = {NULL, 0};
    FILE *const to = open_memstream(&printed.text, &printed.length);

    MUST(to);
    advice_write(to, snapshot);
    MUST(fclose(to) == 0 && printed.length > 0);
    MUST(printed.text[printed.length - 1] == '\n' && plain_is(printed.text, printed.length, true));
    MUST(!strstr(printed.text, "nan") && !strstr(printed.text, "inf"));
    free(printed.text);
}

/* Without its two colours, what is left can be shown. At least a column is each character. */
static void check_line(const struct snapshot *snapshot, const char *name, unsigned width)
{
    const struct line_view view = {
        .name = name,
        .bytes = snapshot->out.bytes,
        .in_rate = snapshot->rate,
        .out_rate = snapshot->busiest,
        .has_ring = snapshot->ring.slab_count > 0,
        .held = snapshot_percent(snapshot->held, plan_memory(&snapshot->ring)),
        .high_water = snapshot_percent(snapshot->high_water, plan_memory(&snapshot->ring)),
        .spilled = snapshot->spill_held,
        .dropped = snapshot->dropped_lines,
        .stalls = snapshot->stalls,
        .stalled = snapshot->out.waiting,
        .elapsed = snapshot->elapsed,
        .expected = snapshot->in.bytes,
        .has_color = snapshot->has_ended,
    };
    char line[LINE_ROOM];
    char *color;
    const size_t length = line_compose(&view, width, line);
    unsigned columns = 0;
    const char *at;

    MUST(length < sizeof line && strlen(line) == length);
    while ((color = strstr(line, "\033["))) {
        const size_t size = strcspn(color, "m") + 1;

        MUST(view.has_color && size <= strlen("\033[31m"));
        memmove(color, color + size, strlen(color + size) + 1);
    }
    MUST(plain_is(line, strlen(line), false));
    for (at = line; *at; at++)
        columns += ((unsigned char)*at >> 6) != 2;
    MUST(columns <= width);
    MUST(length > 0 || width < 32);
}

/* With 128 bits, as far as a double's digits go. */
static void check_arithmetic(uint64_t a, uint64_t b)
{
    const unsigned __int128 exact = b ? (unsigned __int128)a * 1000000000U / b : 0;
    const uint64_t rate = exact > UINT64_MAX ? UINT64_MAX : (uint64_t)exact;
    const uint64_t told = snapshot_rate(a, b);
    const unsigned percent = snapshot_percent(a, b);

    MUST((told > rate ? told - rate : rate - told) <= (rate >> 50) + 1);
    MUST(percent <= 100 && (percent == 100 || a < b || !b));
}

static void check_all(const struct snapshot *snapshot, const char *name, unsigned width)
{
    check_json(snapshot, name);
    check_prometheus(snapshot, name);
    free(report_as(REPORT_TEXT, snapshot, name).text);
    check_advice(snapshot);
    check_line(snapshot, name, width);
    check_line(snapshot, name, 400);
    check_arithmetic(snapshot->in.bytes, snapshot->elapsed);
    check_arithmetic(snapshot->in.waited, snapshot->out.waited);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    struct checksum sum = {.hex = "0123456789abcdef", .is_file = true};
    struct snapshot snapshot;
    struct checksums checksums;
    char *name = next_line(&input);
    int i;

    checksums_make(&checksums, "sha256");
    for (i = 0; i < OUTPUTS_MAX && name && (sum.name = next_line(&input)); i++) {
        MUST(checksums_add(&checksums, &sum, 0) == 0);
        free(sum.name);
    }
    if (name && (strlen(name) > NAME_MAX_HERE || !is_plain_text(name))) {
        free(name); /* cli/ takes none such */
        name = NULL;
    }
    fill(&snapshot, &input, &checksums);
    check_all(&snapshot, name, (unsigned)next_byte(&input));
    checksums_free(&checksums);
    free(name);
    return 0;
}
