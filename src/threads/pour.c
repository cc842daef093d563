#include "threads/pour.h"

#include "flow/explain.h"
#include "input/intake.h"
#include "io/duct.h"
#include "output/worker.h"
#include "ring/ring.h"
#include "sys/clock.h"
#include "sys/say.h"
#include "sys/threads.h"
#include "sys/units.h"
#include "threads/movers.h"
#include "threads/reader_drop.h"
#include "threads/reader_spill.h"
#include "transform/chain.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

static void end_input(struct pour *pour)
{
    intake_end(pour);
    explain_input(pour);
    atomic_store(&pour->input_has_ended, true);
    bell_wake_always(&pour->writer_bell); /* it may wait for a connection, and not listen */
    bell_wake_always(&pour->main_bell);
}

static void end_output(struct pour *pour)
{
    int i;

    /* before the close, which may take long: the reader may wait for a slab, or for input */
    atomic_store(&pour->writer_has_ended, true);
    bell_wake_always(&pour->reader_bell);
    explain_output(pour);
    for (i = 0; i < pour->output_count; i++)
        output_leave(pour, &pour->outputs[i]);
    atomic_store(&pour->output_has_ended, true);
    bell_wake_always(&pour->main_bell);
}

/* Wait until main has done its part of the start. False: it is called off. */
static bool pass_gate(struct pour *pour)
{
    bool may_begin;

    pthread_mutex_lock(&pour->gate);
    may_begin = !pour->is_called_off;
    pthread_mutex_unlock(&pour->gate);
    return may_begin;
}

static void open_gate(struct pour *pour, bool is_called_off)
{
    if (pour->has_begun)
        return;
    pour->has_begun = true;
    pour->is_called_off = is_called_off;
    pthread_mutex_unlock(&pour->gate);
}

static void *reader_thread(void *argument)
{
    struct pour *pour = argument;

    thread_is_called("slabcat-reader");
    if (!pass_gate(pour))
        return NULL;
    if (settings_drop_lines(pour->settings))
        run_reader_drop(pour);
    else
        run_reader(pour);
    end_input(pour);
    return NULL;
}

static void *writer_thread(void *argument)
{
    struct pour *pour = argument;

    thread_is_called("slabcat-writer");
    if (!pass_gate(pour))
        return NULL;
    run_writer(pour);
    end_output(pour);
    return NULL;
}

static void *direct_thread(void *argument)
{
    struct pour *pour = argument;

    thread_is_called("slabcat-direct");
    if (!pass_gate(pour))
        return NULL;
    run_direct(pour);
    end_input(pour);
    end_output(pour);
    return NULL;
}

/* From now on main can look at THREAD. */
static void add_mover(struct pour *pour, enum mover_role role, const struct output *output,
                      pthread_t thread)
{
    struct mover *mover = &pour->movers[pour->mover_count++];

    mover->role = role;
    mover->output = output;
    task_open(&mover->task, pour->tasks, thread);
}

static int start_thread(struct pour *pour, void *(*body)(void *), enum mover_role role)
{
    const int error = thread_start(&pour->threads[pour->thread_count], body, pour);

    if (!error)
        add_mover(pour, role, NULL, pour->threads[pour->thread_count++]);
    return error;
}

/* Of several outputs the files are written by hands; where none can be had the writer does without. */
static void start_workers(struct pour *pour)
{
    int i;

    if (pour->output_count == 1 || pour->settings->zero_copy == ZERO_COPY_ALWAYS)
        return;
    for (i = 0; i < pour->output_count; i++) {
        struct output *output = &pour->outputs[i];

        if (output->end.kind == ENDPOINT_FILE && !compressor_is_used(output) &&
            worker_make(&output->worker, &output->end, &pour->writer_bell) == 0)
            add_mover(pour, MOVER_WORKER, output, output->worker->thread);
    }
}

static int threads_of(const struct pour *pour)
{
    return pour->ring ? 2 : 1;
}

static int start_threads(struct pour *pour)
{
    int error;

    if (!pour->ring)
        return start_thread(pour, direct_thread, MOVER_DIRECT);
    error = start_thread(pour, writer_thread, MOVER_WRITER);
    if (!error)
        error = start_thread(pour, reader_thread, MOVER_READER);
    if (!error)
        start_workers(pour);
    return error;
}

/* Files that the kernel can move by itself, and nothing else. */
static bool needs_ring(const struct pour *pour)
{
    struct endpoint file = {.kind = ENDPOINT_FILE};
    uint64_t bytes;

    return pour->reads_command || !source_is_all_files(&pour->source, &bytes) ||
           pour->output_count > 1 || settings_look_at_bytes(pour->settings) ||
           pour->settings->reconnect || pour->settings->rate_limit || pour->settings->start_fill ||
           method_needs_ring(
               method_choose(pour->settings->zero_copy, &file, &pour->outputs[0].at_open).method);
}

/* What is done to the bytes before they go into the ring. */
static int make_chain(struct pour *pour)
{
    const struct settings *settings = pour->settings;
    struct chain_settings chain = {
        .strips = settings->strip_ansi,
        .secrets = settings->secrets,
        .stamp = settings->stamp,
    };

    if (!settings_change_bytes(settings))
        return 0;
    chain.stamp.delimiter = settings->delimiter;
    pour->meters.changes_bytes = true;
    return chain_make(&pour->chain, &chain, clock_now());
}

static size_t slabs_of(const struct pour *pour)
{
    return pour->settings->slab_count ? pour->settings->slab_count : 1;
}

static int make_ring(struct pour *pour)
{
    const struct settings *settings = pour->settings;
    const size_t slabs = slabs_of(pour);
    int error = 0;

    pour->store_size = slabs * settings->slab_size;
    /* no page of it is there before its slab is used */
    pour->store = mmap(NULL, pour->store_size, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (pour->store == MAP_FAILED)
        error = -errno;
    else if (settings->slab_count && needs_ring(pour))
        error = ring_make(&pour->ring, slabs, settings->slab_size, pour->store);
    return error;
}

static int make_bells(struct pour *pour)
{
    int error = bell_make(&pour->reader_bell);

    if (!error)
        error = bell_make(&pour->writer_bell);
    if (!error)
        error = bell_make(&pour->main_bell);
    return error;
}

/* There is WHAT, or it is said that there is none. */
static int obtained(const struct pour *pour, const char *what, int error)
{
    const size_t slabs = slabs_of(pour);

    if (error)
        say("cannot start: no %s for %zu slab%s of %s: %s", what, slabs, slabs == 1 ? "" : "s",
            print_size(pour->settings->slab_size).text, strerror(-error));
    return error;
}

int pour_prepare(struct pour *pour, const struct settings *settings, bool reads_command)
{
    int error;

    pour->settings = settings;
    pour->reads_command = reads_command;
    pour->store = MAP_FAILED;
    pour->reader_bell.fd = pour->writer_bell.fd = pour->main_bell.fd = -1;
    pthread_mutex_init(&pour->gate, NULL);
    pthread_mutex_lock(&pour->gate);
    error = obtained(pour, "lock", errors_make(&pour->notes.errors));
    pour->notes.main_bell = &pour->main_bell;
    pour->notes.explains = settings->explain;
    explain_start(pour);
    /* several outputs are given pages through relays of theirs */
    pour->ducts_are_shared = pour->output_count > 1 || duct_is_shared(&pour->outputs[0].at_open);
    if (!error)
        error = obtained(pour, "memory", make_ring(pour));
    if (!error)
        error = obtained(pour, "sealed memory", make_chain(pour));
    if (!error)
        error = obtained(pour, "descriptors", make_bells(pour));
    /* what a sandbox refuses is refused at once, and not in the middle of the stream */
    if (!error)
        error = obtained(pour, "way to wait", wait_for(&pour->main_bell, clock_now(), NULL, 0));
    if (!error)
        error = obtained(pour, "threads", threads_try(threads_of(pour)));
    if (error)
        pour_finish(pour);
    return error;
}

int pour_start(struct pour *pour)
{
    int error;

    /* until the reader knows better, so that an early Ctrl-C is not taken for TERM */
    atomic_init(&pour->has_producer, source_has_producer_to_come(&pour->source));
    error = obtained(pour, "threads", start_threads(pour));
    if (error)
        pour_finish(pour);
    return error;
}

void pour_begin(struct pour *pour)
{
    open_gate(pour, false);
}

void pour_set_level(struct pour *pour, enum shutdown_level level)
{
    atomic_store(&pour->level, (int)level);
    bell_wake_always(&pour->reader_bell);
    bell_wake_always(&pour->writer_bell);
}

bool pour_reopen(struct pour *pour)
{
    bool any = false;
    int i;

    for (i = 0; i < pour->output_count; i++)
        any = any || (pour->outputs[i].dest->kind == DEST_PATH &&
                      pour->outputs[i].at_open.kind == ENDPOINT_FILE);
    if (any) {
        atomic_store(&pour->wants_reopen, true);
        bell_wake_always(pour->ring ? &pour->writer_bell : &pour->reader_bell);
    }
    return any;
}

bool pour_has_ended(struct pour *pour)
{
    return atomic_load(&pour->input_has_ended) && atomic_load(&pour->output_has_ended);
}

bool pour_output_has_ended(struct pour *pour)
{
    return atomic_load(&pour->output_has_ended);
}

/* How far all outputs have come: for certain, and if the calls that are under way succeed. */
static void look_at_outputs(const struct pour *pour, uint64_t *certain, uint64_t *possible)
{
    int i;

    *certain = *possible = UINT64_MAX;
    for (i = 0; i < pour->output_count; i++) {
        const struct claim *claim = &pour->outputs[i].claim;
        const uint64_t arrived = counter_look(&claim->arrived);
        const uint64_t asked = counter_look(&claim->asked);
        const uint64_t most = asked > arrived ? asked : arrived;

        if (arrived < *certain)
            *certain = arrived;
        if (most < *possible)
            *possible = most;
    }
}

struct remains pour_remains(struct pour *pour)
{
    const struct meters *meters = &pour->meters;
    struct remains remains = {.out = counters_bytes(&meters->out)};
    const uint64_t dropped = counter_look(&meters->dropped);
    const uint64_t came = meters_came(meters) + counter_look(&meters->marked) - dropped;
    uint64_t certain;
    uint64_t possible;

    if (atomic_load(&pour->input_has_ended)) {
        remains.unread = pour->unread;
        remains.has_uncounted = pour->has_uncounted;
    }
    look_at_outputs(pour, &certain, &possible);
    /* the writer has taken back by itself what has not arrived; with no output left it has counted the rest */
    if (!pour_output_has_ended(pour) && certain != UINT64_MAX) {
        remains.out = certain < came ? certain : came;
        remains.uncertain = (possible < came ? possible : came) - remains.out;
    }
    remains.undelivered = came - remains.out + remains.unread;
    return remains;
}

void pour_finish(struct pour *pour)
{
    int i;

    open_gate(pour, true); /* if it still is closed */
    while (pour->thread_count > 0)
        pthread_join(pour->threads[--pour->thread_count], NULL);
    for (i = 0; i < pour->output_count; i++)
        output_free_worker(&pour->outputs[i]); /* of a writer that never began */
    while (pour->mover_count > 0)
        task_close(&pour->movers[--pour->mover_count].task);
    bell_free(&pour->reader_bell);
    bell_free(&pour->writer_bell);
    bell_free(&pour->main_bell);
    ring_free(pour->ring);
    pour->ring = NULL;
    slab_pipes_close(&pour->slab_pipes);
    staging_close(&pour->staging);
    reader_spill_close(pour->spiller);
    pour->spiller = NULL;
    chain_free(pour->chain);
    pour->chain = NULL;
    if (pour->store != MAP_FAILED)
        munmap(pour->store, pour->store_size);
    source_close(&pour->source);
    errors_free(&pour->notes.errors);
    checksums_free(&pour->checksums);
    pthread_mutex_destroy(&pour->gate);
}
