#include "control/stillness.h"

#include <string.h>

static bool is_same_call(const struct task_look *one, const struct task_look *other)
{
    return one->call.number == other->call.number && one->call.stack == other->call.stack &&
           memcmp(one->call.arguments, other->call.arguments, sizeof one->call.arguments) == 0;
}

/* Asleep both times, and not awake for anything of ours in between. */
static bool is_same_sleep(const struct task_look *before, const struct task_look *now)
{
    if (before->state != TASK_ASLEEP || now->state != TASK_ASLEEP)
        return false;
    if (before->cpu == now->cpu)
        return true;
    return before->has_call && now->has_call && is_same_call(before, now) &&
           !task_call_waits(&now->call);
}

void stillness_see(struct stillness *stillness, const struct task_look *look, uint64_t now)
{
    if (stillness->looks && is_same_sleep(&stillness->last, look)) {
        stillness->looks++;
    } else {
        stillness->looks = look->state == TASK_ASLEEP;
        stillness->since = now;
    }
    stillness->last = *look;
}

bool stillness_is_unknown(const struct stillness *stillness)
{
    const struct task_look *last = &stillness->last;

    /* a page fault that waits is no call: what was counted last may be what was before a call */
    return last->state == TASK_UNKNOWN ||
           (last->state == TASK_ASLEEP && (!last->has_call || last->call.number < 0));
}

bool stillness_is_reached(const struct stillness *stillness)
{
    return stillness->last.state == TASK_GONE ||
           (!stillness_is_unknown(stillness) && stillness->looks >= STILLNESS_LOOKS);
}

bool stillness_is_stuck(const struct stillness *stillness)
{
    return stillness->last.state == TASK_ASLEEP && stillness_is_reached(stillness) &&
           !task_call_waits(&stillness->last.call);
}

bool stillness_holds(const struct stillness *stillness, const struct task_look *again)
{
    const struct task_look *last = &stillness->last;

    if (last->state == TASK_GONE || again->state == TASK_GONE)
        return last->state == again->state;
    return last->state == again->state && last->cpu == again->cpu && is_same_call(last, again);
}
