#include "bench/threads/buffer.h"

#include <string.h>

void buffer_flush(struct buffer *buffer, struct output *output)
{
    output_write(output, buffer->bytes, buffer->filled);
    buffer->filled = 0;
}

void buffer_put(struct buffer *buffer, struct output *output, const unsigned char *bytes,
                size_t length)
{
    if (length > BUFFER_SIZE - buffer->filled)
        buffer_flush(buffer, output);
    if (length >= BUFFER_SIZE) {
        output_write(output, bytes, length);
        return;
    }
    memcpy(buffer->bytes + buffer->filled, bytes, length);
    buffer->filled += length;
    if (buffer->filled == BUFFER_SIZE)
        buffer_flush(buffer, output);
}
