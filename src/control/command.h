/*
 * The command of --run: started with a pipe that takes what it prints and that is slabcat's stdin
 * from then on, told of signals, collected when it has ended. The main thread's alone, and it knows
 * no other: it starts the command before there are movers.
 *
 * The command has what slabcat was started with: stdin, signal mask, ignored signals, process group,
 * and all descriptors but those that slabcat uses as outputs. SIGCHLD alone is not ignored, even if
 * it was: the kernel would keep the command's end to itself.
 *
 * Its output ends when nobody holds the pipe's writing side any more, which children of the command
 * may do for longer than it lives. So its end is one thing, and the end of its output another.
 *
 * One that has not been started (all zero) is neither running nor held, and its status is 0.
 */
#ifndef SLABCAT_COMMAND_H
#define SLABCAT_COMMAND_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct command {
    const char *name; /* for messages */
    pid_t pid;        /* 0: there is none, or it has been collected */
    int status;       /* as wait(2) has it, once it has been collected */
    uint64_t ended;   /* and when that was, the clock's; 0: it has not */
    dev_t device;     /* of the pipe */
    ino_t inode;
};

struct command_wish {
    char *const *argv;
    bool stdout_only;       /* stderr stays its own */
    const bool *was_closed; /* which of slabcat's standard descriptors were, and so are its own */
    const sigset_t *mask;   /* slabcat's signal mask as it was found */
};

/*
 * Start it; from then on descriptor 0 is the reading end of what it prints. 0, or -errno after
 * having said what is wrong; then nothing has changed. -ENOENT: there is no such program. -EMFILE:
 * there is no pipe for it, for whatever reason.
 */
int command_start(struct command *command, const struct command_wish *wish);

bool command_is_running(const struct command *command);

/*
 * NUMBER has come to slabcat, and is for the command, if it runs. What the terminal has sent to
 * everybody in the foreground is not sent again.
 */
void command_pass_on(const struct command *command, int number, bool from_kernel);

/*
 * SIGCHLD has come: collect the command if it has ended, and any other child. Others may be ours as
 * well: process 1 of a container is given the orphans.
 */
void command_collect(struct command *command, uint64_t now);

/* Somebody could still write to its output. No more than a guess once stdin has been given up. */
bool command_is_held(const struct command *command);

/* Nobody reads stdin any more: who still writes there is to learn that. */
void command_hang_up(const struct command *command);

/* It is no use any more: hang up, TERM, and wait for it, though not for ever. */
void command_stop(struct command *command);

/* What it ended with, as a shell says it: 128 + N for signal N. */
int command_exit_status(const struct command *command);

/* Say how it ended, if that was not well. IS_PIPE_FINE: a SIGPIPE needs no words. */
void command_say_end(const struct command *command, bool is_pipe_fine);

#endif
