#include "move/pour.h"

#include "move/movers.h"
#include "ring/ring.h"

#include <errno.h>
#include <sys/mman.h>

enum ending_level pour_level(struct pour *pour)
{
    return (enum ending_level)atomic_load(&pour->level);
}

bool next_input(struct pour *pour)
{
    struct source *source = &pour->source;
    int state;

    while ((state = source_advance(source, &pour->output)) != SOURCE_OPENED) {
        struct trouble trouble = {.object = source->name, .offset = TROUBLE_NO_OFFSET};

        if (state == SOURCE_NONE_LEFT)
            return false;
        if (state == SOURCE_IS_OUTPUT) {
            trouble.operation = "input file is output file, not read";
        } else {
            trouble.operation = "open";
            trouble.error = state;
        }
        troubles_add(&pour->troubles, trouble);
        bell_toll(&pour->main_bell);
    }
    atomic_store(&pour->has_producer,
                 source->end.kind == END_PIPE || source->end.kind == END_SOCKET);
    return true;
}

void input_failed(struct pour *pour, int error)
{
    troubles_add(&pour->troubles, (struct trouble){.object = pour->source.name,
                                                   .operation = "read",
                                                   .offset = pour->source.offset,
                                                   .error = error});
    bell_toll(&pour->main_bell);
}

void output_failed(struct pour *pour, int error)
{
    pour->output_error = error;
    /* the consumer that has gone is for main to judge: mostly it is no trouble at all */
    if (error != -EPIPE)
        troubles_add(&pour->troubles, (struct trouble){.object = pour->output.name,
                                                       .operation = "write",
                                                       .offset = lane_bytes(&pour->out),
                                                       .error = error});
}

void wait_failed(struct pour *pour, int error)
{
    troubles_add(&pour->troubles, (struct trouble){.object = "poll",
                                                   .operation = "wait for input or output",
                                                   .offset = TROUBLE_NO_OFFSET,
                                                   .error = error});
}

static void end_mover(struct pour *pour)
{
    atomic_fetch_sub(&pour->movers, 1);
    bell_toll(&pour->main_bell);
}

static void *reader_thread(void *argument)
{
    struct pour *pour = argument;

    run_reader(pour);
    atomic_store(&pour->input_has_ended, true);
    bell_ring(&pour->writer_bell);
    end_mover(pour);
    return NULL;
}

static void *writer_thread(void *argument)
{
    struct pour *pour = argument;

    run_writer(pour);
    atomic_store(&pour->output_has_ended, true);
    bell_toll(&pour->reader_bell); /* it may wait for input that never comes */
    end_mover(pour);
    return NULL;
}

static void *direct_thread(void *argument)
{
    struct pour *pour = argument;

    run_direct(pour);
    end_mover(pour);
    return NULL;
}

static int start_thread(struct pour *pour, void *(*body)(void *), const char *name)
{
    int error;

    atomic_fetch_add(&pour->movers, 1);
    error = pthread_create(&pour->threads[pour->thread_count], NULL, body, pour);
    if (error) {
        atomic_fetch_sub(&pour->movers, 1);
        return -error;
    }
    pthread_setname_np(pour->threads[pour->thread_count], name);
    pour->thread_count++;
    return 0;
}

static int start_threads(struct pour *pour)
{
    int error;

    if (!pour->ring)
        return start_thread(pour, direct_thread, "slabcat-direct");
    /* the writer first: if there is no second thread, not a byte has been read */
    error = start_thread(pour, writer_thread, "slabcat-writer");
    if (!error)
        error = start_thread(pour, reader_thread, "slabcat-reader");
    if (error)
        pour_set_level(pour, LEAVING);
    return error;
}

int pour_start(struct pour *pour, const struct settings *settings)
{
    const size_t slabs = settings->slab_count ? settings->slab_count : 1;
    int error;

    pour->settings = settings;
    pour->store = MAP_FAILED;
    pour->reader_bell.fd = pour->writer_bell.fd = pour->main_bell.fd = -1;
    error = troubles_make(&pour->troubles);
    if (error)
        return error;
    pour->store_size = slabs * settings->slab_size;
    /* no page of it is there before its slab is used */
    pour->store = mmap(NULL, pour->store_size, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    error = pour->store == MAP_FAILED ? -errno : 0;
    if (!error && settings->slab_count)
        error = ring_make(&pour->ring, slabs, settings->slab_size, pour->store);
    if (!error)
        error = bell_make(&pour->reader_bell);
    if (!error)
        error = bell_make(&pour->writer_bell);
    if (!error)
        error = bell_make(&pour->main_bell);
    if (!error)
        error = start_threads(pour);
    if (error)
        pour_finish(pour);
    return error;
}

void pour_set_level(struct pour *pour, enum ending_level level)
{
    atomic_store(&pour->level, (int)level);
    bell_toll(&pour->reader_bell);
    bell_toll(&pour->writer_bell);
}

bool pour_has_ended(struct pour *pour)
{
    return atomic_load(&pour->movers) == 0;
}

void pour_finish(struct pour *pour)
{
    while (pour->thread_count > 0)
        pthread_join(pour->threads[--pour->thread_count], NULL);
    bell_free(&pour->reader_bell);
    bell_free(&pour->writer_bell);
    bell_free(&pour->main_bell);
    ring_free(pour->ring);
    pour->ring = NULL;
    if (pour->store != MAP_FAILED)
        munmap(pour->store, pour->store_size);
    source_close(&pour->source);
    troubles_free(&pour->troubles);
}

uint64_t pour_unread(const struct pour *pour)
{
    return pour->source.is_open ? end_unread(&pour->source.end) : 0;
}
