#include "threads/movers.h"

#include "input/explain_input.h"
#include "io/duct.h"
#include "output/explain_output.h"
#include "output/worker.h"
#include "ring/ring.h"
#include "sys/clock.h"
#include "sys/say.h"
#include "sys/threads.h"
#include "sys/units.h"
#include "threads/direct.h"
#include "threads/reader_drop.h"
#include "threads/reader_spill.h"
#include "transform/chain.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

static void end_input(struct movers *movers)
{
    struct flow *flow = movers->flow;

    intake_end(&movers->reader->intake);
    explain_input(&movers->reader->intake);
    atomic_store(&flow->flags.input_has_ended, true);
    bell_wake_always(&flow->bells.writer); /* it may wait for a connection, and not listen */
    bell_wake_always(&flow->bells.main);
}

static void end_output(struct movers *movers)
{
    struct flow *flow = movers->flow;
    struct outputs *outputs = &movers->writer->outputs;
    int i;

    /* before the close, which may take long: the reader may wait for a slab, or for input */
    atomic_store(&flow->flags.writer_has_ended, true);
    bell_wake_always(&flow->bells.reader);
    explain_output(flow, outputs);
    for (i = 0; i < outputs->count; i++)
        output_leave(&outputs->list[i]);
    atomic_store(&flow->flags.output_has_ended, true);
    bell_wake_always(&flow->bells.main);
}

/* Wait until main has done its part of the start. False: it is called off. */
static bool pass_gate(struct movers *movers)
{
    bool may_begin;

    pthread_mutex_lock(&movers->gate);
    may_begin = !movers->is_called_off;
    pthread_mutex_unlock(&movers->gate);
    return may_begin;
}

static void open_gate(struct movers *movers, bool is_called_off)
{
    if (movers->has_begun)
        return;
    movers->has_begun = true;
    movers->is_called_off = is_called_off;
    pthread_mutex_unlock(&movers->gate);
}

static void *reader_thread(void *argument)
{
    struct movers *movers = argument;

    thread_is_called("slabcat-reader");
    if (!pass_gate(movers))
        return NULL;
    if (settings_drop_lines(movers->flow->settings))
        run_reader_drop(movers->reader);
    else
        run_reader(movers->reader);
    end_input(movers);
    return NULL;
}

static void *writer_thread(void *argument)
{
    struct movers *movers = argument;

    thread_is_called("slabcat-writer");
    if (!pass_gate(movers))
        return NULL;
    run_writer(movers->writer);
    end_output(movers);
    return NULL;
}

static void *direct_thread(void *argument)
{
    struct movers *movers = argument;

    thread_is_called("slabcat-direct");
    if (!pass_gate(movers))
        return NULL;
    run_direct(movers->reader, &movers->writer->outputs.list[0]);
    end_input(movers);
    end_output(movers);
    return NULL;
}

/* From now on main can look at THREAD. */
static void add_mover(struct movers *movers, enum mover_role role, const struct output *output,
                      pthread_t thread)
{
    struct mover *mover = &movers->list[movers->count++];

    mover->role = role;
    mover->output = output;
    task_open(&mover->task, movers->tasks, thread);
}

static int start_thread(struct movers *movers, void *(*body)(void *), enum mover_role role)
{
    const int error = thread_start(&movers->threads[movers->thread_count], body, movers);

    if (!error)
        add_mover(movers, role, NULL, movers->threads[movers->thread_count++]);
    return error;
}

/* Of several outputs the files are written by workers; where none can be had the writer does without. */
static void start_workers(struct movers *movers)
{
    struct flow *flow = movers->flow;
    struct outputs *outputs = &movers->writer->outputs;
    int i;

    if (outputs->count == 1 || flow->settings->zero_copy == ZERO_COPY_ALWAYS)
        return;
    for (i = 0; i < outputs->count; i++) {
        struct output *output = &outputs->list[i];

        if (output->sink.end.kind == ENDPOINT_FILE && !compressor_is_used(output) &&
            worker_make(&output->pages.worker, &output->sink.end, &flow->bells.writer) == 0)
            add_mover(movers, MOVER_WORKER, output, output->pages.worker->thread);
    }
}

static int movers_needed(const struct movers *movers)
{
    return movers->flow->ring ? 2 : 1;
}

static int start_all(struct movers *movers)
{
    int error;

    if (!movers->flow->ring)
        return start_thread(movers, direct_thread, MOVER_DIRECT);
    error = start_thread(movers, writer_thread, MOVER_WRITER);
    if (!error) {
        pthread_getcpuclockid(movers->threads[0], &movers->flow->writer_clock);
        error = start_thread(movers, reader_thread, MOVER_READER);
    }
    if (!error)
        start_workers(movers);
    return error;
}

/* False for files that the kernel can move by itself, and nothing else is asked for. */
static bool needs_ring(const struct movers *movers, bool reads_command)
{
    const struct flow *flow = movers->flow;
    const struct settings *settings = flow->settings;
    struct endpoint file = {.kind = ENDPOINT_FILE};
    uint64_t bytes;

    return reads_command || !source_is_all_files(&movers->reader->intake.source, &bytes) ||
           flow->target_count > 1 || settings_look_at_bytes(settings) || settings->reconnect ||
           settings->rate_limit || settings->start_fill ||
           method_needs_ring(
               method_choose(settings->zero_copy, &file, &flow->targets[0].end).method);
}

/* What is done to the bytes before they go into the ring. */
static int make_chain(struct movers *movers)
{
    const struct settings *settings = movers->flow->settings;
    struct chain_settings chain = {
        .strips = settings->strip_ansi,
        .secrets = settings->secrets,
        .stamp = settings->stamp,
    };

    if (!settings_change_bytes(settings))
        return 0;
    chain.stamp.delimiter = settings->delimiter;
    movers->flow->meters.changes_bytes = true;
    return chain_make(&movers->reader->intake.feed.chain, &chain, clock_now());
}

static size_t slabs_of(const struct flow *flow)
{
    return flow->settings->slab_count ? flow->settings->slab_count : 1;
}

static int make_ring(struct movers *movers, bool reads_command)
{
    struct flow *flow = movers->flow;
    const struct settings *settings = flow->settings;
    const size_t slabs = slabs_of(flow);
    int error = 0;

    flow->store_size = slabs * settings->slab_size;
    /* no page of it is there before its slab is used */
    flow->store = mmap(NULL, flow->store_size, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (flow->store == MAP_FAILED)
        error = -errno;
    else if (settings->slab_count && needs_ring(movers, reads_command))
        error = ring_make(&flow->ring, slabs, settings->slab_size, flow->store);
    return error;
}

static int make_bells(struct bells *bells)
{
    int error = bell_make(&bells->reader);

    if (!error)
        error = bell_make(&bells->writer);
    if (!error)
        error = bell_make(&bells->main);
    return error;
}

/* Report it if there is no WHAT. Returns ERROR. */
static int obtained(const struct flow *flow, const char *what, int error)
{
    const size_t slabs = slabs_of(flow);

    if (error)
        say("cannot start: no %s for %zu slab%s of %s: %s", what, slabs, slabs == 1 ? "" : "s",
            print_size(flow->settings->slab_size).text, strerror(-error));
    return error;
}

int movers_prepare(struct movers *movers, struct flow *flow, struct reader *reader,
                   struct writer *writer, bool reads_command)
{
    int error;

    movers->flow = reader->flow = reader->intake.flow = writer->flow = flow;
    movers->reader = reader;
    movers->writer = writer;
    flow->store = MAP_FAILED;
    flow->bells.reader.fd = flow->bells.writer.fd = flow->bells.main.fd = -1;
    flow->notes.main_bell = &flow->bells.main;
    flow->notes.explains = flow->settings->explain;
    pthread_mutex_init(&movers->gate, NULL);
    pthread_mutex_lock(&movers->gate);
    error = obtained(flow, "lock", errors_make(&flow->notes.errors));
    /* several outputs are given pages through relays of theirs */
    flow->ducts_are_shared = flow->target_count > 1 || duct_is_shared(&flow->targets[0].end);
    if (!error)
        error = obtained(flow, "memory", make_ring(movers, reads_command));
    if (!error)
        error = obtained(flow, "sealed memory", make_chain(movers));
    if (!error)
        error = obtained(flow, "descriptors", make_bells(&flow->bells));
    /* what a sandbox refuses is refused at once, and not in the middle of the stream */
    if (!error)
        error = obtained(flow, "way to wait", wait_for(&flow->bells.main, clock_now(), NULL, 0));
    if (!error)
        error = obtained(flow, "threads", threads_try(movers_needed(movers)));
    if (error)
        movers_finish(movers);
    return error;
}

int movers_start(struct movers *movers)
{
    struct flow *flow = movers->flow;
    int error;

    /* until the reader knows better, so that an early Ctrl-C is not taken for TERM */
    atomic_init(&flow->flags.has_producer,
                source_has_producer_to_come(&movers->reader->intake.source));
    error = obtained(flow, "threads", start_all(movers));
    if (error)
        movers_finish(movers);
    return error;
}

void movers_begin(struct movers *movers)
{
    open_gate(movers, false);
}

bool movers_reopen(struct movers *movers)
{
    struct flow *flow = movers->flow;
    const struct outputs *outputs = &movers->writer->outputs;
    bool any = false;
    int i;

    for (i = 0; i < outputs->count; i++)
        any = any || (outputs->list[i].sink.dest->kind == DEST_PATH &&
                      flow->targets[i].end.kind == ENDPOINT_FILE);
    if (any) {
        atomic_store(&flow->flags.wants_reopen, true);
        bell_wake_always(flow->ring ? &flow->bells.writer : &flow->bells.reader);
    }
    return any;
}

bool movers_have_ended(const struct movers *movers)
{
    return atomic_load(&movers->flow->flags.input_has_ended) && movers_output_has_ended(movers);
}

bool movers_output_has_ended(const struct movers *movers)
{
    return atomic_load(&movers->flow->flags.output_has_ended);
}

/* How far all outputs have come: for certain, and if the calls that are under way succeed. */
static void look_at_outputs(const struct outputs *outputs, uint64_t *certain, uint64_t *possible)
{
    int i;

    *certain = *possible = UINT64_MAX;
    for (i = 0; i < outputs->count; i++) {
        const struct claim *claim = &outputs->list[i].sink.claim;
        const uint64_t arrived = counter_look(&claim->arrived);
        const uint64_t asked = counter_look(&claim->asked);
        const uint64_t most = asked > arrived ? asked : arrived;

        if (arrived < *certain)
            *certain = arrived;
        if (most < *possible)
            *possible = most;
    }
}

struct remains movers_remains(const struct movers *movers)
{
    const struct flow *flow = movers->flow;
    const struct meters *meters = &flow->meters;
    struct remains remains = {.out = counters_bytes(&meters->out)};
    const uint64_t dropped = counter_look(&meters->dropped);
    const uint64_t came = meters_came(meters) + counter_look(&meters->marked) - dropped;
    uint64_t certain;
    uint64_t possible;

    if (atomic_load(&flow->flags.input_has_ended)) {
        remains.unread = flow->unread.bytes;
        remains.has_uncounted = flow->unread.has_uncounted;
    }
    look_at_outputs(&movers->writer->outputs, &certain, &possible);
    /* the writer has taken back by itself what has not arrived; with no output left it has counted the rest */
    if (!movers_output_has_ended(movers) && certain != UINT64_MAX) {
        remains.out = certain < came ? certain : came;
        remains.uncertain = (possible < came ? possible : came) - remains.out;
    }
    remains.undelivered = came - remains.out + remains.unread;
    return remains;
}

static void free_flow(struct flow *flow)
{
    bell_free(&flow->bells.reader);
    bell_free(&flow->bells.writer);
    bell_free(&flow->bells.main);
    ring_free(flow->ring);
    flow->ring = NULL;
    if (flow->store != MAP_FAILED)
        munmap(flow->store, flow->store_size);
    errors_free(&flow->notes.errors);
    checksums_free(&flow->checksums);
}

void movers_finish(struct movers *movers)
{
    struct reader *reader = movers->reader;
    struct outputs *outputs = &movers->writer->outputs;
    int i;

    open_gate(movers, true); /* if it still is closed */
    while (movers->thread_count > 0)
        pthread_join(movers->threads[--movers->thread_count], NULL);
    for (i = 0; i < outputs->count; i++)
        output_free_worker(&outputs->list[i]); /* of a writer that never began */
    while (movers->count > 0)
        task_close(&movers->list[--movers->count].task);
    slab_pipes_close(&reader->slab_pipes);
    reader_spill_close(reader->spiller);
    reader->spiller = NULL;
    intake_close(&reader->intake);
    free_flow(movers->flow);
    pthread_mutex_destroy(&movers->gate);
}
