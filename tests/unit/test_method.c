#include "flow/method.h"

#include "check.h"

#include <string.h>

static struct choice choose(enum zero_copy policy, enum endpoint_kind input,
                            enum endpoint_kind output)
{
    const struct endpoint in = {.kind = input, .side = ENDPOINT_INPUT};
    const struct endpoint out = {.kind = output, .side = ENDPOINT_OUTPUT, .takes_pages = true};

    return method_choose(policy, &in, &out);
}

TEST(pipes_and_sockets_go_through_ducts)
{
    static const enum endpoint_kind inputs[] = {ENDPOINT_PIPE, ENDPOINT_SOCKET};
    static const enum endpoint_kind outputs[] = {ENDPOINT_PIPE, ENDPOINT_SOCKET, ENDPOINT_FILE,
                                                 ENDPOINT_DEVICE};
    size_t i;
    size_t j;

    for (i = 0; i < 2; i++) {
        for (j = 0; j < 4; j++) {
            CHECK_EQUAL(choose(ZERO_COPY_AUTO, inputs[i], outputs[j]).method, METHOD_SPLICE);
            CHECK_EQUAL(choose(ZERO_COPY_ALWAYS, inputs[i], outputs[j]).method, METHOD_SPLICE);
            CHECK_EQUAL(choose(ZERO_COPY_NEVER, inputs[i], outputs[j]).method, METHOD_COPY);
        }
    }
}

TEST(files_are_left_to_the_kernel_but_not_into_pipes)
{
    CHECK_EQUAL(choose(ZERO_COPY_AUTO, ENDPOINT_FILE, ENDPOINT_SOCKET).method, METHOD_SENDFILE);
    CHECK_EQUAL(choose(ZERO_COPY_AUTO, ENDPOINT_FILE, ENDPOINT_FILE).method, METHOD_COPY_RANGE);
    CHECK_EQUAL(choose(ZERO_COPY_AUTO, ENDPOINT_FILE, ENDPOINT_PIPE).method, METHOD_COPY);
    CHECK_EQUAL(choose(ZERO_COPY_AUTO, ENDPOINT_FILE, ENDPOINT_DEVICE).method, METHOD_COPY);
    CHECK_EQUAL(choose(ZERO_COPY_ALWAYS, ENDPOINT_FILE, ENDPOINT_PIPE).method, METHOD_SPLICE);
    CHECK_EQUAL(choose(ZERO_COPY_ALWAYS, ENDPOINT_FILE, ENDPOINT_SOCKET).method, METHOD_SENDFILE);
    CHECK_EQUAL(choose(ZERO_COPY_NEVER, ENDPOINT_FILE, ENDPOINT_FILE).method, METHOD_COPY);
    CHECK(!choose(ZERO_COPY_AUTO, ENDPOINT_FILE, ENDPOINT_PIPE).is_refusal);
}

TEST(terminals_and_devices_are_copied_and_say_why)
{
    CHECK(choose(ZERO_COPY_ALWAYS, ENDPOINT_PIPE, ENDPOINT_TERMINAL).is_refusal);
    CHECK(choose(ZERO_COPY_ALWAYS, ENDPOINT_TERMINAL, ENDPOINT_PIPE).is_refusal);
    CHECK(choose(ZERO_COPY_ALWAYS, ENDPOINT_DEVICE, ENDPOINT_PIPE).is_refusal);
    CHECK_EQUAL(choose(ZERO_COPY_AUTO, ENDPOINT_PIPE, ENDPOINT_TERMINAL).method, METHOD_COPY);
    CHECK(strlen(choose(ZERO_COPY_AUTO, ENDPOINT_PIPE, ENDPOINT_TERMINAL).why) > 10);
}

TEST(appending_and_messages_are_copied)
{
    const struct endpoint pipe = {.kind = ENDPOINT_PIPE, .takes_pages = true};
    const struct endpoint stranger = {.kind = ENDPOINT_SOCKET};
    const struct endpoint log = {.kind = ENDPOINT_FILE, .takes_pages = true, .appends = true};
    const struct endpoint messages = {
        .kind = ENDPOINT_SOCKET, .takes_pages = true, .keeps_messages = true};
    const struct endpoint file = {.kind = ENDPOINT_FILE};

    CHECK(method_choose(ZERO_COPY_ALWAYS, &pipe, &log).is_refusal);
    CHECK(method_choose(ZERO_COPY_ALWAYS, &file, &log).is_refusal);
    CHECK(method_choose(ZERO_COPY_ALWAYS, &pipe, &messages).is_refusal);
    CHECK(method_choose(ZERO_COPY_ALWAYS, &messages, &pipe).is_refusal);
    CHECK(method_choose(ZERO_COPY_ALWAYS, &pipe, &stranger).is_refusal);
    CHECK_EQUAL(method_choose(ZERO_COPY_AUTO, &file, &log).method, METHOD_COPY);
}

TEST(only_slabs_need_a_ring)
{
    CHECK(method_needs_ring(METHOD_COPY));
    CHECK(method_needs_ring(METHOD_SPLICE));
    CHECK(!method_needs_ring(METHOD_SENDFILE));
    CHECK(!method_needs_ring(METHOD_COPY_RANGE));
}
