#include "move/way.h"

/* What the output is tells that pages cannot go there: why, or NULL. */
static const char *output_refuses(const struct end *output)
{
    if (output->kind == END_TERMINAL)
        return "a terminal takes no pages";
    if (output->keeps_messages)
        return "each page would become a message of its own";
    if (!output->takes_pages)
        return "the output is a socket that splice could get stuck in";
    if (output->appends)
        return "the output is open for appending, which refuses splice";
    return NULL;
}

static const char *input_refuses(const struct end *input)
{
    if (input->kind == END_TERMINAL || input->kind == END_DEVICE)
        return "the input is a device, which has no pages to give";
    if (input->keeps_messages)
        return "the input's messages have to stay whole";
    return NULL;
}

static struct choice from_file(enum zero_copy policy, const struct end *output)
{
    if (output->kind == END_SOCKET)
        return (struct choice){WAY_SEND, "file to socket", false};
    if (output->kind == END_FILE)
        return (struct choice){WAY_RANGE, "file to file", false};
    if (policy == ZERO_COPY_ALWAYS)
        return (struct choice){WAY_DUCT, "asked for; the file must not change now", false};
    return (struct choice){WAY_MEMORY, "pages of a file could still change after delivery", false};
}

struct choice way_choose(enum zero_copy policy, const struct end *input, const struct end *output)
{
    const char *why = output_refuses(output);

    if (policy == ZERO_COPY_NEVER)
        return (struct choice){WAY_MEMORY, "asked for", false};
    if (!why)
        why = input_refuses(input);
    if (why)
        return (struct choice){WAY_MEMORY, why, true};
    if (input->kind == END_FILE)
        return from_file(policy, output);
    return (struct choice){WAY_DUCT, "nobody asked to see the bytes", false};
}

const char *way_name(enum way way)
{
    switch (way) {
    case WAY_DUCT: return "splice";
    case WAY_SEND: return "sendfile";
    case WAY_RANGE: return "copy_file_range";
    case WAY_MEMORY: break;
    }
    return "copy";
}

bool way_needs_ring(enum way way)
{
    return way == WAY_MEMORY || way == WAY_DUCT;
}
