#include "output/tally.h"

#include "flow/flow.h"

/* Of LENGTH bytes that OUTPUT has just written, how many another one had written before? */
static size_t seen_before(const struct drain *drain, const struct output *output, size_t length)
{
    const uint64_t ahead =
        drain->seen > output->sink.written ? drain->seen - output->sink.written : 0;

    return ahead < length ? (size_t)ahead : length;
}

/* LENGTH bytes of the COUNT parts have gone to OUTPUT by way of memory. */
static void note_seen(struct drain *drain, const struct output *output, const struct iovec *parts,
                      int count, size_t length)
{
    struct meters *meters = &drain->flow->meters;
    size_t before = seen_before(drain, output, length);
    int i;

    length -= before;
    drain->seen += length;
    for (i = 0; i < count && length > 0; i++) {
        const size_t skip = before < parts[i].iov_len ? before : parts[i].iov_len;
        const size_t part = length < parts[i].iov_len - skip ? length : parts[i].iov_len - skip;

        meters_saw(meters, &meters->out, (unsigned char *)parts[i].iov_base + skip, part);
        before -= skip;
        length -= part;
    }
}

void tally_unseen(struct drain *drain, struct output *output, size_t length)
{
    struct meters *meters = &drain->flow->meters;

    output->sink.ends_line = false;
    length -= seen_before(drain, output, length);
    drain->seen += length;
    meters_saw_not(meters, &meters->out, length);
}

/* The last of the first LENGTH bytes of the COUNT parts. */
static char last_of(const struct iovec *parts, int count, size_t length)
{
    int i;

    for (i = 0; i < count - 1 && length > parts[i].iov_len; i++)
        length -= parts[i].iov_len;
    return ((const char *)parts[i].iov_base)[length - 1];
}

void tally_taken(struct drain *drain, struct output *output, const struct iovec *parts, int count,
                 ssize_t put)
{
    if (put <= 0)
        return;
    note_seen(drain, output, parts, count, (size_t)put);
    output->sink.ends_line = last_of(parts, count, (size_t)put) == drain->flow->settings->delimiter;
}
