/* What the kernel tells of a thread, from its files and from real threads. */
#include "check.h"
#include "sys/clock.h"
#include "sys/task.h"

#include <poll.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

TEST(the_state_stands_behind_the_name)
{
    CHECK(task_parse_stat("12 (slabcat-reader) S 1 12 12 0") == TASK_ASLEEP);
    CHECK(task_parse_stat("12 (slabcat-reader) D 1 12 12 0") == TASK_ASLEEP);
    CHECK(task_parse_stat("12 (slabcat-reader) R 1 12 12 0") == TASK_ACTIVE);
    CHECK(task_parse_stat("12 (slabcat-reader) T 1 12 12 0") == TASK_ACTIVE);
    CHECK(task_parse_stat("12 (slabcat-reader) t 1 12 12 0") == TASK_ACTIVE);
    CHECK(task_parse_stat("12 (slabcat-reader) Z 1 12 12 0") == TASK_GONE);
    CHECK(task_parse_stat("12 (slabcat-reader) X 1 12 12 0") == TASK_GONE);
    CHECK(task_parse_stat("12 (a) D (b) S 1 12 12 0") == TASK_ASLEEP);
    CHECK(task_parse_stat("12 (a) R (b) S 1 12 12 0") == TASK_ASLEEP);
}

TEST(what_is_no_stat_is_unknown)
{
    CHECK(task_parse_stat("") == TASK_UNKNOWN);
    CHECK(task_parse_stat("12 slabcat S") == TASK_UNKNOWN);
    CHECK(task_parse_stat("12 (slabcat)") == TASK_UNKNOWN);
    CHECK(task_parse_stat("12 (slabcat) ?") == TASK_UNKNOWN);
}

TEST(a_call_has_its_number_and_arguments)
{
    struct task_call call;

    CHECK(task_parse_call("20 0x1 0x7f00 0x3 0x0 0xffffffffffffffff 0x5 0x7ffe 0x1234\n", &call));
    CHECK_EQUAL(call.number, 20);
    CHECK_EQUAL(call.arguments[0], 1);
    CHECK_EQUAL(call.arguments[1], 0x7f00);
    CHECK_EQUAL(call.arguments[4], UINT64_MAX);
    CHECK_EQUAL(call.arguments[5], 5);
    CHECK_EQUAL(call.stack, 0x7ffe);
    CHECK(task_parse_call("-1 0x7ffe 0x1234\n", &call));
    CHECK(call.number < 0);
    CHECK(!task_parse_call("running\n", &call));
    CHECK(!task_parse_call("20 0x1 0x7f00\n", &call));
    CHECK(!task_parse_call("", &call));
}

TEST(calls_have_names_and_some_wait_for_others)
{
    CHECK_TEXT(task_call_name(&(struct task_call){.number = SYS_pwritev2}), "write");
    CHECK_TEXT(task_call_name(&(struct task_call){.number = SYS_fsync}), "fsync");
    CHECK_TEXT(task_call_name(&(struct task_call){.number = SYS_getpid}), "a system call");
    CHECK(task_call_waits(&(struct task_call){.number = SYS_ppoll}));
    CHECK(task_call_waits(&(struct task_call){.number = SYS_futex}));
    CHECK(!task_call_waits(&(struct task_call){.number = SYS_writev}));
}

TEST(a_call_uses_descriptors)
{
    const struct task_call write = {.number = SYS_writev, .arguments = {5, 6, 7}};
    const struct task_call splice = {.number = SYS_splice, .arguments = {5, 6, 7}};
    const struct task_call sendfile = {.number = SYS_sendfile, .arguments = {5, 6, 7}};

    CHECK(task_call_uses(&write, 5) && !task_call_uses(&write, 6) && !task_call_uses(&write, 7));
    CHECK(task_call_uses(&splice, 5) && !task_call_uses(&splice, 6) && task_call_uses(&splice, 7));
    CHECK(task_call_uses(&sendfile, 5) && task_call_uses(&sendfile, 6));
    CHECK(!task_call_uses(&sendfile, 7));
}

TEST(only_reads_read)
{
    CHECK(task_call_reads(&(struct task_call){.number = SYS_preadv2}));
    CHECK(!task_call_reads(&(struct task_call){.number = SYS_writev}));
    CHECK(!task_call_reads(&(struct task_call){.number = SYS_splice}));
}

static int pipe_fds[2];
static atomic_bool may_end;

static void *read_a_byte(void *argument)
{
    char byte;

    return read(pipe_fds[0], &byte, 1) == 1 ? argument : NULL;
}

static void *spin(void *argument)
{
    while (!atomic_load(&may_end))
        ;
    return argument;
}

/* Until it is in STATE, or 10 s have passed. */
static struct task_look look_until(const struct task *task, enum task_state state)
{
    const uint64_t until = clock_now() + 10 * NS_PER_SECOND;
    struct task_look look;

    do {
        task_look(task, &look);
        poll(NULL, 0, 1);
    } while (look.state != state && clock_now() < until);
    return look;
}

TEST(a_real_thread_is_found_in_its_call_and_gone_afterwards)
{
    const int directory = tasks_open();
    struct task_look look;
    struct task_look again;
    struct task task;
    pthread_t thread;

    if (directory < 0)
        SKIP("no /proc");
    CHECK(pipe(pipe_fds) == 0);
    CHECK(pthread_create(&thread, NULL, read_a_byte, NULL) == 0);
    task_open(&task, directory, thread);
    close(directory);
    look = look_until(&task, TASK_ASLEEP);
    CHECK(look.state == TASK_ASLEEP);
    if (look.has_call) {
        CHECK_TEXT(task_call_name(&look.call), "read");
        CHECK_EQUAL(look.call.arguments[0], pipe_fds[0]);
        CHECK_EQUAL(look.call.arguments[2], 1);
    }
    task_look(&task, &again);
    CHECK_EQUAL(again.cpu, look.cpu);
    CHECK(write(pipe_fds[1], "x", 1) == 1);
    CHECK(pthread_join(thread, NULL) == 0);
    look = look_until(&task, TASK_GONE);
    CHECK(look.state == TASK_GONE);
    task_close(&task);
}

TEST(a_thread_that_runs_is_active)
{
    const int directory = tasks_open();
    struct task_look look;
    struct task task;
    pthread_t thread;

    if (directory < 0)
        SKIP("no /proc");
    CHECK(pthread_create(&thread, NULL, spin, NULL) == 0);
    task_open(&task, directory, thread);
    close(directory);
    look = look_until(&task, TASK_ACTIVE);
    CHECK(look.state == TASK_ACTIVE && !look.has_call);
    atomic_store(&may_end, true);
    CHECK(pthread_join(thread, NULL) == 0);
    task_close(&task);
}

TEST(without_files_nothing_is_known)
{
    struct task_look look;
    struct task task;

    task_open(&task, -1, pthread_self());
    task_look(&task, &look);
    CHECK(look.state == TASK_UNKNOWN && !look.has_call);
    task_close(&task);
}
