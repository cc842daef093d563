/* rig machine: how fast is this machine at what the tests do, and how much does it do besides? */
#ifndef SLABCAT_TESTS_MACHINE_H
#define SLABCAT_TESTS_MACHINE_H

#include <stdint.h>

/* The cost of a system call in ns: the median of short batches. */
uint64_t machine_call_ns(void);

/*
 * Measures, in well under a second, and prints "call_ns 105 spawn_us 640 wake_us 12 load_percent
 * 101 slow 1". The last figure is SLOW, the factor by which the tests stretch their limits; machine.c
 * has the formula, which $SANITIZE counts for, if it is not empty. FIGURES, the four others, take the
 * place of those that would be measured; NULL: measure. Returns an exit status.
 */
int run_machine(char **figures);

#endif
