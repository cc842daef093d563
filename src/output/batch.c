#include "output/batch.h"

#include "watch/lines.h"

size_t batch_length(const struct batch *batch)
{
    size_t sum = 0;
    size_t i;

    for (i = 0; i < batch->count; i++)
        sum += batch->spans[i].length;
    return sum;
}

void batch_cut(struct batch *batch, size_t length)
{
    size_t i;

    for (i = 0; i < batch->count; i++) {
        if (batch->spans[i].length >= length) {
            batch->spans[i].length = length;
            batch->count = i + 1;
            return;
        }
        length -= batch->spans[i].length;
    }
}

size_t batch_first_line(const struct batch *batch, char delimiter)
{
    size_t before = 0;
    size_t i;

    for (i = 0; i < batch->count; i++) {
        const struct span *span = &batch->spans[i];
        const size_t end = lines_first(span->bytes, span->length, delimiter);

        if (end)
            return before + end;
        before += span->length;
    }
    return 0;
}

void batch_cut_at_line(struct batch *batch, char delimiter)
{
    const size_t end = batch_first_line(batch, delimiter);

    if (end)
        batch_cut(batch, end);
}

size_t batch_whole_lines(const struct batch *batch, size_t length, char delimiter)
{
    size_t before = 0;
    size_t whole = 0;
    size_t i;

    for (i = 0; i < batch->count && before < length; i++) {
        const struct span *span = &batch->spans[i];
        const size_t part = span->length < length - before ? span->length : length - before;
        const size_t end = lines_whole(span->bytes, part, delimiter);

        whole = end ? before + end : whole;
        before += part;
    }
    return whole;
}

int batch_parts(const struct batch *batch, struct iovec *parts)
{
    size_t i;

    for (i = 0; i < batch->count; i++)
        parts[i] = (struct iovec){batch->spans[i].bytes, batch->spans[i].length};
    return (int)batch->count;
}
