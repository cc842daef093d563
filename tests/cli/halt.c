#include "halt.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

static bool is_called(int pid, long task, const char *name)
{
    char path[64];
    char found[32] = "";
    FILE *file;

    snprintf(path, sizeof path, "/proc/%d/task/%ld/comm", pid, task);
    file = fopen(path, "r");
    if (file) {
        if (!fgets(found, sizeof found, file))
            found[0] = '\0';
        fclose(file);
    }
    found[strcspn(found, "\n")] = '\0';
    return strcmp(found, name) == 0;
}

static bool stop(pid_t task)
{
    int status;

    return ptrace(PTRACE_SEIZE, task, NULL, NULL) == 0 &&
           ptrace(PTRACE_INTERRUPT, task, NULL, NULL) == 0 &&
           waitpid(task, &status, __WALL) == task;
}

/* How many have been stopped; -1: one could not be. */
static int stop_all(int pid, const char *name)
{
    char path[64];
    struct dirent *entry;
    DIR *tasks;
    int count = 0;

    snprintf(path, sizeof path, "/proc/%d/task", pid);
    tasks = opendir(path);
    while (tasks && count >= 0 && (entry = readdir(tasks))) {
        const long task = strtol(entry->d_name, NULL, 10);

        if (task > 0 && is_called(pid, task, name))
            count = stop((pid_t)task) ? count + 1 : -1;
    }
    if (tasks)
        closedir(tasks);
    return count;
}

int run_halt(int pid, const char *name, char **command)
{
    const int stopped = stop_all(pid, name);
    int status = 0;
    pid_t child;

    if (stopped < 0)
        return 77;
    if (stopped == 0) {
        fprintf(stderr, "rig: process %d has no thread called %s\n", pid, name);
        return 1;
    }
    child = fork();
    if (child == 0) {
        execvp(command[0], command);
        _exit(127);
    }
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    /* our end lets go of them */
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
