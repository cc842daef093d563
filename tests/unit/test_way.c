#include "move/way.h"

#include "check.h"

#include <string.h>

static struct choice choose(enum zero_copy policy, enum end_kind input, enum end_kind output)
{
    const struct end in = {.kind = input, .side = END_INPUT};
    const struct end out = {.kind = output, .side = END_OUTPUT, .takes_pages = true};

    return way_choose(policy, &in, &out);
}

TEST(pipes_and_sockets_go_through_ducts)
{
    static const enum end_kind inputs[] = {END_PIPE, END_SOCKET};
    static const enum end_kind outputs[] = {END_PIPE, END_SOCKET, END_FILE, END_DEVICE};
    size_t i;
    size_t j;

    for (i = 0; i < 2; i++) {
        for (j = 0; j < 4; j++) {
            CHECK_EQUAL(choose(ZERO_COPY_AUTO, inputs[i], outputs[j]).way, WAY_DUCT);
            CHECK_EQUAL(choose(ZERO_COPY_ALWAYS, inputs[i], outputs[j]).way, WAY_DUCT);
            CHECK_EQUAL(choose(ZERO_COPY_NEVER, inputs[i], outputs[j]).way, WAY_MEMORY);
        }
    }
}

TEST(files_are_left_to_the_kernel_but_not_into_pipes)
{
    CHECK_EQUAL(choose(ZERO_COPY_AUTO, END_FILE, END_SOCKET).way, WAY_SEND);
    CHECK_EQUAL(choose(ZERO_COPY_AUTO, END_FILE, END_FILE).way, WAY_RANGE);
    CHECK_EQUAL(choose(ZERO_COPY_AUTO, END_FILE, END_PIPE).way, WAY_MEMORY);
    CHECK_EQUAL(choose(ZERO_COPY_AUTO, END_FILE, END_DEVICE).way, WAY_MEMORY);
    CHECK_EQUAL(choose(ZERO_COPY_ALWAYS, END_FILE, END_PIPE).way, WAY_DUCT);
    CHECK_EQUAL(choose(ZERO_COPY_ALWAYS, END_FILE, END_SOCKET).way, WAY_SEND);
    CHECK_EQUAL(choose(ZERO_COPY_NEVER, END_FILE, END_FILE).way, WAY_MEMORY);
    CHECK(!choose(ZERO_COPY_AUTO, END_FILE, END_PIPE).is_refusal);
}

TEST(terminals_and_devices_are_copied_and_say_why)
{
    CHECK(choose(ZERO_COPY_ALWAYS, END_PIPE, END_TERMINAL).is_refusal);
    CHECK(choose(ZERO_COPY_ALWAYS, END_TERMINAL, END_PIPE).is_refusal);
    CHECK(choose(ZERO_COPY_ALWAYS, END_DEVICE, END_PIPE).is_refusal);
    CHECK_EQUAL(choose(ZERO_COPY_AUTO, END_PIPE, END_TERMINAL).way, WAY_MEMORY);
    CHECK(strlen(choose(ZERO_COPY_AUTO, END_PIPE, END_TERMINAL).why) > 10);
}

TEST(appending_and_messages_are_copied)
{
    const struct end pipe = {.kind = END_PIPE, .takes_pages = true};
    const struct end stranger = {.kind = END_SOCKET};
    const struct end log = {.kind = END_FILE, .takes_pages = true, .appends = true};
    const struct end messages = {.kind = END_SOCKET, .takes_pages = true, .keeps_messages = true};
    const struct end file = {.kind = END_FILE};

    CHECK(way_choose(ZERO_COPY_ALWAYS, &pipe, &log).is_refusal);
    CHECK(way_choose(ZERO_COPY_ALWAYS, &file, &log).is_refusal);
    CHECK(way_choose(ZERO_COPY_ALWAYS, &pipe, &messages).is_refusal);
    CHECK(way_choose(ZERO_COPY_ALWAYS, &messages, &pipe).is_refusal);
    CHECK(way_choose(ZERO_COPY_ALWAYS, &pipe, &stranger).is_refusal);
    CHECK_EQUAL(way_choose(ZERO_COPY_AUTO, &file, &log).way, WAY_MEMORY);
}

TEST(only_slabs_need_a_ring)
{
    CHECK(way_needs_ring(WAY_MEMORY));
    CHECK(way_needs_ring(WAY_DUCT));
    CHECK(!way_needs_ring(WAY_SEND));
    CHECK(!way_needs_ring(WAY_RANGE));
}
