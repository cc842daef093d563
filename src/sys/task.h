/*
 * What the kernel tells of a thread of ours: whether it sleeps, and in which system call. The main thread
 * opens the files of /proc that say so while they can still be opened (before the sandbox is complete) and
 * reads them whenever it wants to know. It costs the thread nothing.
 */
#ifndef SLABCAT_TASK_H
#define SLABCAT_TASK_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

struct task {
    int stat_fd; /* -1: it cannot be had */
    int call_fd;
    clockid_t clock; /* of its CPU time */
    bool has_clock;
};

enum task_state {
    TASK_UNKNOWN, /* nothing can be told */
    TASK_GONE,
    TASK_ACTIVE, /* it runs, waits for a CPU, or is stopped */
    TASK_ASLEEP  /* it waits for something else */
};

struct task_call {
    long number; /* negative: it sleeps outside of a call, in a page fault */
    uint64_t arguments[6];
    uint64_t stack;
};

struct task_look {
    enum task_state state;
    uint64_t cpu; /* ns it has used; unchanged: it has not run in between */
    bool has_call;
    struct task_call call; /* if it is asleep */
};

/*
 * The directory of our threads' files; -1: there is none, it is that of another namespace, or descriptors are
 * too few for it.
 */
int tasks_open(void);

/* THREAD's files, in DIRECTORY; what cannot be opened is left out. */
void task_open(struct task *task, int directory, pthread_t thread);
void task_close(struct task *task);

void task_look(const struct task *task, struct task_look *look);

/* What the two files say; pure. */
enum task_state task_parse_stat(const char *text);
bool task_parse_call(const char *text, struct task_call *call);

/* A call in which a thread of ours waits for another one, or for a moment. */
bool task_call_waits(const struct task_call *call);

/* A call that takes bytes from a descriptor, and gives them to none. */
bool task_call_reads(const struct task_call *call);

/* FD is a descriptor that the call moves bytes from or to, or is about otherwise. */
bool task_call_uses(const struct task_call *call, int fd);

/* Its name for messages: "write", "fsync". */
const char *task_call_name(const struct task_call *call);

#endif
