/* A thread of another process that is stopped while the others go on. */
#ifndef SLABCAT_TESTS_HALT_H
#define SLABCAT_TESTS_HALT_H

/*
 * Stop all threads of process PID that are called NAME, run COMMAND, and let them go on when it has
 * ended: its status, or 77 when they cannot be stopped.
 */
int run_halt(int pid, const char *name, char **command);

#endif
