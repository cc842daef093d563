/*
 * Whether a mover that has been told to leave sits in a call that does not return, or merely has had no CPU
 * so far: decided from successive looks at it (sys/task.h). Pure; the main thread's.
 *
 * A mover is still when it was asleep in the same call at STILLNESS_LOOKS looks in a row. Time alone does
 * not count: when the whole process was stopped, or the main thread had no CPU either, much of it passes
 * between two looks. A call in which movers wait for each other has to be one and the same, so the mover
 * must not have run in between; in any other call the kernel may wake it up and let it sleep again.
 */
#ifndef SLABCAT_STILLNESS_H
#define SLABCAT_STILLNESS_H

#include "sys/task.h"

#include <stdbool.h>
#include <stdint.h>

enum { STILLNESS_LOOKS = 10 };

struct stillness {
    unsigned looks; /* so many in a row have found the same */
    uint64_t since; /* when the first of them was */
    struct task_look last;
};

/* The mover was found like this at the time NOW. */
void stillness_see(struct stillness *stillness, const struct task_look *look, uint64_t now);

/* It has ended, or it sits in a call that does not return. */
bool stillness_is_reached(const struct stillness *stillness);

/* It sits in a call that does not return, and waits for no other mover there. */
bool stillness_is_stuck(const struct stillness *stillness);

/* Nothing can be told of it: neither that it runs, nor in which call it sleeps. */
bool stillness_is_unknown(const struct stillness *stillness);

/* A second look has found it as it was: it has not run in between. */
bool stillness_holds(const struct stillness *stillness, const struct task_look *again);

#endif
