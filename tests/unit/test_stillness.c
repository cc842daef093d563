/* When a mover is stuck, and when it has merely had no CPU. */
#include "check.h"
#include "control/stillness.h"

#include <sys/syscall.h>

static const struct task_look writing = {
    .state = TASK_ASLEEP,
    .cpu = 1000,
    .has_call = true,
    .call = {.number = SYS_writev, .arguments = {1, 0x7f00, 1}, .stack = 0x7fff},
};

static struct task_look waiting(void)
{
    struct task_look look = writing;

    look.call.number = SYS_ppoll;
    return look;
}

static void see_often(struct stillness *stillness, const struct task_look *look, unsigned times)
{
    unsigned i;

    for (i = 0; i < times; i++)
        stillness_see(stillness, look, 5000 + i);
}

TEST(the_same_call_at_every_look_is_stuck)
{
    struct stillness mover = {0};

    see_often(&mover, &writing, STILLNESS_LOOKS - 1);
    CHECK(!stillness_is_reached(&mover) && !stillness_is_stuck(&mover));
    see_often(&mover, &writing, 1);
    CHECK(stillness_is_reached(&mover) && stillness_is_stuck(&mover));
    CHECK(!stillness_is_unknown(&mover));
    CHECK_EQUAL(mover.since, 5000);
}

TEST(time_that_passes_between_two_looks_does_not_count)
{
    struct stillness mover = {0};

    stillness_see(&mover, &writing, 0);
    stillness_see(&mover, &writing, UINT64_C(3600000000000));
    CHECK(!stillness_is_reached(&mover));
}

TEST(one_that_is_active_once_begins_anew)
{
    const struct task_look active = {.state = TASK_ACTIVE, .cpu = 1000};
    struct stillness mover = {0};

    see_often(&mover, &writing, STILLNESS_LOOKS - 1);
    stillness_see(&mover, &active, 6000);
    see_often(&mover, &writing, STILLNESS_LOOKS - 1);
    CHECK(!stillness_is_reached(&mover));
    see_often(&mover, &writing, 1);
    CHECK(stillness_is_stuck(&mover));
}

TEST(one_without_CPU_is_never_still)
{
    const struct task_look active = {.state = TASK_ACTIVE, .cpu = 1000};
    struct stillness mover = {0};

    see_often(&mover, &active, 10 * STILLNESS_LOOKS);
    CHECK(!stillness_is_reached(&mover) && !stillness_is_unknown(&mover));
}

TEST(another_call_begins_anew)
{
    struct stillness mover = {0};
    struct task_look other = writing;

    see_often(&mover, &writing, STILLNESS_LOOKS);
    other.call.arguments[2] = 2;
    other.cpu++;
    stillness_see(&mover, &other, 6000);
    CHECK(!stillness_is_reached(&mover));
    CHECK_EQUAL(mover.since, 6000);
    see_often(&mover, &other, STILLNESS_LOOKS - 1);
    CHECK(stillness_is_stuck(&mover));
    other.call.stack++;
    other.cpu++;
    stillness_see(&mover, &other, 7000);
    CHECK(!stillness_is_reached(&mover));
}

TEST(a_call_that_sleeps_and_sleeps_again_is_one_call)
{
    struct stillness mover = {0};
    struct task_look look = writing;
    unsigned i;

    for (i = 0; i < STILLNESS_LOOKS; i++) {
        look.cpu += 10;
        stillness_see(&mover, &look, i);
    }
    CHECK(stillness_is_stuck(&mover));
}

TEST(a_wait_for_others_is_reached_only_without_running_and_is_not_stuck)
{
    struct stillness mover = {0};
    struct task_look look = waiting();
    unsigned i;

    for (i = 0; i < 3 * STILLNESS_LOOKS; i++) {
        look.cpu += 10;
        stillness_see(&mover, &look, i);
    }
    CHECK(!stillness_is_reached(&mover));
    see_often(&mover, &look, STILLNESS_LOOKS);
    CHECK(stillness_is_reached(&mover) && !stillness_is_stuck(&mover));
}

TEST(one_that_has_gone_needs_no_second_look)
{
    const struct task_look gone = {.state = TASK_GONE};
    struct stillness mover = {0};

    stillness_see(&mover, &gone, 1);
    CHECK(stillness_is_reached(&mover) && !stillness_is_stuck(&mover));
    CHECK(!stillness_is_unknown(&mover) && stillness_holds(&mover, &gone));
}

TEST(what_cannot_be_told_is_never_still)
{
    const struct task_look nothing = {.state = TASK_UNKNOWN};
    struct stillness mover = {0};
    struct task_look look = writing;

    see_often(&mover, &nothing, 10 * STILLNESS_LOOKS);
    CHECK(stillness_is_unknown(&mover) && !stillness_is_reached(&mover));
    look.has_call = false;
    see_often(&mover, &look, 10 * STILLNESS_LOOKS);
    CHECK(stillness_is_unknown(&mover) && !stillness_is_reached(&mover));
}

TEST(a_page_fault_is_no_call)
{
    struct stillness mover = {0};
    struct task_look look = writing;

    look.call.number = -1;
    see_often(&mover, &look, 10 * STILLNESS_LOOKS);
    CHECK(stillness_is_unknown(&mover) && !stillness_is_reached(&mover));
    CHECK(!stillness_is_stuck(&mover));
}

TEST(it_holds_unless_the_mover_has_run)
{
    struct stillness mover = {0};
    struct task_look again = writing;

    see_often(&mover, &writing, STILLNESS_LOOKS);
    CHECK(stillness_holds(&mover, &writing));
    again.cpu++;
    CHECK(!stillness_holds(&mover, &again));
    again = writing;
    again.state = TASK_ACTIVE;
    CHECK(!stillness_holds(&mover, &again));
    again = waiting();
    CHECK(!stillness_holds(&mover, &again));
    again = (struct task_look){.state = TASK_GONE};
    CHECK(!stillness_holds(&mover, &again));
}
