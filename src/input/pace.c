#include "input/pace.h"

#include "sys/clock.h"
#include "sys/pipes.h"

/* Half a millisecond: 1,400 reads instead of 125,000 for a million messages of 256 bytes. */
static const uint64_t rest_max = 500 * NS_PER_US;
/* Below this a sleep costs more than the reads it saves. */
static const uint64_t rest_min = 5 * NS_PER_US;
/* auto: a hot stream may keep a byte this long */
static const uint64_t hold_auto = NS_PER_MS;
/* Bytes that come again within this time, so many times in a row, make a stream hot. */
static const uint64_t quick_time = 250 * NS_PER_US;
static const unsigned quick_times = 8;
/* A rest pays when bytes come at the rate they come at without one, divided by this, or faster. */
static const uint64_t rest_gain = 2;
/*
 * A rest that gathers more was no wait for an answer, but misjudged: a full pipe, a start with a
 * backlog.
 */
static const size_t answer_max = 1024;
/* Naps: an eighth of the silence so far, within these. */
static const uint64_t nap_min = 50 * NS_PER_US;
static const uint64_t nap_max = NS_PER_MS;
/* How long to nap: many programs take so long to start, and hot streams have gaps. */
static const uint64_t start_patience = 100 * NS_PER_MS;
static const uint64_t gap_patience = 5 * NS_PER_MS;
/*
 * A stream that was hot so lately still counts as one that has gaps: a producer that loses its CPU
 * for a ms is quiet when it comes back, and the next short gap was polled in every second run.
 */
static const uint64_t recently = 100 * NS_PER_MS;

void pace_start(struct pace *pace, uint64_t flush_interval, uint64_t now)
{
    *pace = (struct pace){
        .hold = flush_interval == FLUSH_AUTO ? hold_auto : flush_interval,
        .eager = flush_interval == FLUSH_AUTO || flush_interval == 0,
        .emptied = now,
        .last = now,
    };
}

void pace_unpolled(struct pace *pace, bool is_pipe)
{
    pace->unpolled = is_pipe;
}

void pace_capacity(struct pace *pace, size_t capacity, bool may_grow)
{
    pace->capacity = capacity;
    pace->may_grow = may_grow;
}

static uint64_t per_second(size_t bytes, uint64_t ns)
{
    if (!ns)
        ns = 1;
    return bytes <= UINT64_MAX / NS_PER_SECOND ? bytes * NS_PER_SECOND / ns
                                               : bytes / ns * NS_PER_SECOND;
}

static uint64_t ns_for(size_t bytes, uint64_t rate)
{
    return (uint64_t)bytes * NS_PER_SECOND / (rate ? rate : 1);
}

static void become_quiet(struct pace *pace)
{
    pace->hot = false;
    pace->quick = 0;
    pace->rate = 0;
    pace->usual = 0;
}

static uint64_t smooth(uint64_t mean, uint64_t value)
{
    return mean ? (mean * 3 + value) / 4 : value;
}

/*
 * The input is empty, after GATHERED bytes since the last time: is the stream still hot, or
 * already?
 */
static void judge(struct pace *pace, uint64_t now)
{
    const uint64_t rate = per_second(pace->gathered, now - pace->emptied);
    const uint64_t waited = pace->found - pace->emptied; /* the reading may have taken longer */
    const bool is_answer = pace->hot && rate < pace->usual / rest_gain;

    if (is_answer && pace->gathered <= answer_max) /* a nap would keep the asker waiting as well */
        pace->unpolled = false;
    if (is_answer || waited > quick_time + (pace->hot ? rest_max : 0)) {
        become_quiet(pace);
        return;
    }
    if (!pace->hot)
        pace->usual = smooth(pace->usual, rate);
    pace->rate = smooth(pace->rate, rate);
    if (pace->quick < quick_times)
        pace->quick++;
    pace->hot = pace->quick == quick_times;
    if (pace->hot)
        pace->was_hot = now;
}

static uint64_t rest_now(const struct pace *pace)
{
    uint64_t rest = ns_for(pace->capacity / 2, pace->rate);

    if (!pace->hot || !pace->capacity)
        return 0;
    if (rest > rest_max)
        rest = rest_max;
    if (rest > pace->hold / 2)
        rest = pace->hold / 2;
    return rest >= rest_min ? rest : 0;
}

static uint64_t patience(const struct pace *pace, uint64_t now)
{
    if (!pace->found)
        return start_patience;
    return pace->was_hot && now - pace->was_hot < recently ? gap_patience : quick_time;
}

/* In place of a poll; 0: poll. */
static uint64_t nap_now(const struct pace *pace, uint64_t now)
{
    const uint64_t silence = now - pace->last;
    const uint64_t nap = silence / 8 < nap_min ? nap_min : silence / 8;
    const uint64_t most = nap_max < pace->hold ? nap_max : pace->hold;

    /* what comes meanwhile may be as old as the nap */
    if (!pace->unpolled || silence >= patience(pace, now) || most < nap_min)
        return 0;
    return nap < most ? nap : most;
}

static size_t growth_now(const struct pace *pace)
{
    /* worth it when the input cannot gather for two full rests */
    if (!pace->hot || !pace->may_grow || pace->capacity >= PIPE_GROW_MAX)
        return 0;
    return ns_for(pace->capacity / 2, pace->rate) < rest_max ? PIPE_GROW_MAX : 0;
}

static bool is_due(const struct pace *pace, uint64_t now)
{
    return pace->oldest && (pace->eager || now - pace->oldest >= pace->hold);
}

/* The input is empty. */
static struct pace_step next_step(struct pace *pace, uint64_t now)
{
    struct pace_step step = {.due = NEVER};

    if (is_due(pace, now)) {
        step.publish = true;
        pace->oldest = 0;
    }
    if (pace->oldest)
        step.due = clock_after(pace->oldest, pace->hold);
    step.rest = rest_now(pace);
    if (!step.rest)
        step.rest = nap_now(pace, now);
    if (!step.rest)
        pace->unpolled = false;
    if (step.rest > step.due - now)
        step.rest = step.due - now;
    step.grow_to = growth_now(pace);
    pace->emptied = now;
    pace->gathered = 0;
    return step;
}

struct pace_step pace_after_read(struct pace *pace, uint64_t now, size_t got, bool emptied)
{
    if (!pace->oldest) /* bytes that came during a rest or a nap may be as old as that */
        pace->oldest = pace->hot || pace->unpolled ? pace->emptied : now;
    if (!pace->gathered)
        pace->found = now;
    pace->gathered += got;
    pace->last = now;
    if (!emptied) { /* a full slab goes anyway, and there is more to read */
        pace->oldest = 0;
        return (struct pace_step){.publish = true, .due = NEVER};
    }
    judge(pace, now);
    return next_step(pace, now);
}

struct pace_step pace_after_empty(struct pace *pace, uint64_t now)
{
    if (pace->gathered)
        judge(pace, now);
    else if (!nap_now(pace, now))
        become_quiet(pace);
    return next_step(pace, now);
}
