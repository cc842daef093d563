#include "move/portion.h"

#include "watch/lines.h"

size_t portion_length(const struct portion *portion)
{
    size_t sum = 0;
    size_t i;

    for (i = 0; i < portion->count; i++)
        sum += portion->spans[i].length;
    return sum;
}

void portion_cut(struct portion *portion, size_t length)
{
    size_t i;

    for (i = 0; i < portion->count; i++) {
        if (portion->spans[i].length >= length) {
            portion->spans[i].length = length;
            portion->count = i + 1;
            return;
        }
        length -= portion->spans[i].length;
    }
}

size_t portion_first_line(const struct portion *portion, char delimiter)
{
    size_t before = 0;
    size_t i;

    for (i = 0; i < portion->count; i++) {
        const struct span *span = &portion->spans[i];
        const size_t end = lines_first(span->bytes, span->length, delimiter);

        if (end)
            return before + end;
        before += span->length;
    }
    return 0;
}

void portion_cut_at_line(struct portion *portion, char delimiter)
{
    const size_t end = portion_first_line(portion, delimiter);

    if (end)
        portion_cut(portion, end);
}

size_t portion_whole_lines(const struct portion *portion, size_t length, char delimiter)
{
    size_t before = 0;
    size_t whole = 0;
    size_t i;

    for (i = 0; i < portion->count && before < length; i++) {
        const struct span *span = &portion->spans[i];
        const size_t part = span->length < length - before ? span->length : length - before;
        const size_t end = lines_whole(span->bytes, part, delimiter);

        whole = end ? before + end : whole;
        before += part;
    }
    return whole;
}

int portion_parts(const struct portion *portion, struct iovec *parts)
{
    size_t i;

    for (i = 0; i < portion->count; i++)
        parts[i] = (struct iovec){portion->spans[i].bytes, portion->spans[i].length};
    return (int)portion->count;
}
