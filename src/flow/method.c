#include "flow/method.h"

/* What the output is tells that pages cannot go there: why, or NULL. */
static const char *output_refuses(const struct endpoint *output)
{
    if (output->kind == ENDPOINT_TERMINAL)
        return "a terminal takes no pages";
    if (output->keeps_messages)
        return "each page would become a message of its own";
    if (!output->takes_pages)
        return "the output is a socket that splice could get stuck in";
    if (output->appends)
        return "the output is open for appending, which refuses splice";
    return NULL;
}

static const char *input_refuses(const struct endpoint *input)
{
    if (input->kind == ENDPOINT_TERMINAL || input->kind == ENDPOINT_DEVICE)
        return "the input is a device, which has no pages to give";
    if (input->keeps_messages)
        return "the input's messages have to stay whole";
    return NULL;
}

static struct choice from_file(enum zero_copy policy, const struct endpoint *output)
{
    if (output->kind == ENDPOINT_SOCKET)
        return (struct choice){METHOD_SENDFILE, "file to socket", false};
    if (output->kind == ENDPOINT_FILE)
        return (struct choice){METHOD_COPY_RANGE, "file to file", false};
    if (policy == ZERO_COPY_ALWAYS)
        return (struct choice){METHOD_SPLICE, "asked for; the file must not change now", false};
    return (struct choice){METHOD_COPY, "pages of a file could still change after delivery", false};
}

struct choice method_choose(enum zero_copy policy, const struct endpoint *input,
                            const struct endpoint *output)
{
    const char *why = output_refuses(output);

    if (policy == ZERO_COPY_NEVER)
        return (struct choice){METHOD_COPY, "asked for", false};
    if (!why)
        why = input_refuses(input);
    if (why)
        return (struct choice){METHOD_COPY, why, true};
    if (input->kind == ENDPOINT_FILE)
        return from_file(policy, output);
    return (struct choice){METHOD_SPLICE, "nobody asked to see the bytes", false};
}

const char *method_name(enum method method)
{
    switch (method) {
    case METHOD_SPLICE: return "splice";
    case METHOD_SENDFILE: return "sendfile";
    case METHOD_COPY_RANGE: return "copy_file_range";
    case METHOD_COPY: break;
    }
    return "copy";
}

bool method_needs_ring(enum method method)
{
    return method == METHOD_COPY || method == METHOD_SPLICE;
}
