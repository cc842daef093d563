#include "sink/sink.h"

#include "io/duct.h"
#include "sys/clock.h"

void sink_init(struct sink *sink, const struct dest *dest, const struct settings *settings)
{
    *sink = (struct sink){
        .dest = dest,
        .name = dest->kind == DEST_STDOUT ? "stdout" : dest->name,
        .end = {.fd = -1, .own_fd = -1, .frozen_fd = -1},
    };
    rate_limit_start(&sink->rate_limit, settings->rate_limit, settings->burst, clock_now());
}

void sink_confirm(struct sink *sink, uint64_t position)
{
    sink->confirmed = position;
    atomic_store_explicit(&sink->claim.arrived, position, memory_order_release);
}

void sink_calls(struct sink *sink, uint64_t now)
{
    atomic_store_explicit(&sink->claim.since, now, memory_order_release);
}

void sink_ask(struct sink *sink, size_t bytes, uint64_t now)
{
    sink_calls(sink, now);
    atomic_store_explicit(&sink->claim.asked, sink->written + bytes, memory_order_release);
}

void sink_answered(struct sink *sink)
{
    atomic_store_explicit(&sink->claim.asked, 0, memory_order_release);
    atomic_store_explicit(&sink->claim.since, 0, memory_order_release);
}

size_t sink_room(struct sink *sink, size_t fewest, size_t length)
{
    return sink->rate_limit.rate ? rate_limit_room(&sink->rate_limit, fewest, length, clock_now())
                                 : length;
}

/* LENGTH bytes have gone to the endpoint. */
static void count(struct sink *sink, size_t length)
{
    if (sink->rate_limit.rate)
        rate_limit_passed(&sink->rate_limit, length, clock_now());
    if (!sink->file_size)
        sink->file_since = clock_now();
    sink->file_size += length;
}

static void sum_up(struct summing *sum, const struct iovec *parts, int count, size_t length)
{
    const uint64_t began = sum->is_timed ? clock_now() : 0;
    int i;

    sum->bytes += length;
    for (i = 0; i < count && length > 0; i++) {
        const size_t part = parts[i].iov_len < length ? parts[i].iov_len : length;

        digest_add(sum->digest, parts[i].iov_base, part);
        length -= part;
    }
    if (sum->is_timed)
        sum->ns += clock_now() - began;
}

void sink_took(struct sink *sink, const struct iovec *parts, int parts_count, size_t length)
{
    count(sink, length);
    if (sink->sum.digest)
        sum_up(&sink->sum, parts, parts_count, length);
}

ssize_t sink_write(struct sink *sink, const struct iovec *parts, int parts_count, size_t takes,
                   uint64_t began)
{
    ssize_t put;

    sink_ask(sink, takes, began);
    put = endpoint_write(&sink->end, parts, parts_count);
    if (put > 0)
        sink_took(sink, parts, parts_count, (size_t)put);
    return put;
}

ssize_t sink_splice(struct sink *sink, struct duct *duct, size_t length, uint64_t began)
{
    ssize_t put;

    sink_ask(sink, length, began);
    put = duct_drain(duct, &sink->end, length);
    if (put > 0)
        count(sink, (size_t)put);
    return put;
}
