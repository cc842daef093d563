#include "control/command.h"

#include "sys/clock.h"
#include "sys/say.h"
#include "sys/spawn.h"
#include "sys/wait.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Who is told to end has so long to do it. */
static const uint64_t stop_patience = 2 * NS_PER_SECOND;

/* A descriptor as the command is to have it: as slabcat has, unless that has filled a gap. */
static int as_found(int fd, const struct command_wish *wish)
{
    return wish->was_closed[fd] ? -1 : fd;
}

static int start_into(struct command *command, const struct command_wish *wish, int output)
{
    const struct spawn_ends ends = {{as_found(STDIN_FILENO, wish), output,
                                     wish->stdout_only ? as_found(STDERR_FILENO, wish) : output}};
    struct sigaction action = {.sa_handler = SIG_DFL};

    sigaction(SIGCHLD, &action, NULL);
    return spawn(&command->pid, wish->argv, &ends, wish->mask);
}

/* The pipe becomes stdin, and known again by its number. */
static int put_to_stdin(struct command *command, int reading)
{
    struct stat status;

    if (fstat(reading, &status) < 0 || dup2(reading, STDIN_FILENO) < 0)
        return -errno;
    command->device = status.st_dev;
    command->inode = status.st_ino;
    return 0;
}

int command_start(struct command *command, const struct command_wish *wish)
{
    int fds[2];
    int error;

    *command = (struct command){.name = wish->argv[0]};
    if (pipe2(fds, O_CLOEXEC) < 0) {
        error = -errno;
        say("pipe: %s", strerror(-error));
        return -EMFILE;
    }
    error = start_into(command, wish, fds[1]);
    close(fds[1]);
    if (error)
        command->pid = 0;
    else
        error = put_to_stdin(command, fds[0]);
    close(fds[0]);
    if (error)
        say("%s: %s", quote_name(command->name).text, strerror(-error));
    return error;
}

bool command_is_running(const struct command *command)
{
    return command->pid > 0;
}

/* The terminal has told all of its foreground, the command too? */
static bool has_been_told(const struct command *command, int number)
{
    /* a line that is hung up is told to the leader of the session alone */
    if (number == SIGHUP && getsid(0) == getpid())
        return false;
    return getpgid(command->pid) == getpgrp();
}

void command_pass_on(const struct command *command, int number, bool from_kernel)
{
    if (!command_is_running(command) || (from_kernel && has_been_told(command, number)))
        return;
    /* one that has changed its user cannot be told, and then nobody can help it */
    kill(command->pid, number);
}

void command_collect(struct command *command, uint64_t now)
{
    int status;
    pid_t pid;

    while ((pid = waitpid(-1, &status, WNOHANG)) > 0 || (pid < 0 && errno == EINTR)) {
        if (pid < 0 || pid != command->pid)
            continue;
        command->pid = 0;
        command->status = status;
        command->ended = now;
    }
}

/* Descriptor 0 is still the pipe, and not a number that has been used again. */
static bool has_its_pipe(const struct command *command)
{
    struct stat status;

    return command->name && fstat(STDIN_FILENO, &status) == 0 && status.st_dev == command->device &&
           status.st_ino == command->inode;
}

bool command_is_held(const struct command *command)
{
    struct pollfd fd = {.fd = STDIN_FILENO, .events = POLLIN};

    /* even with bytes in it: a pipe hangs up when its last writer has gone */
    return has_its_pipe(command) && poll_one(&fd, 0) >= 0 && !(fd.revents & POLLHUP);
}

void command_hang_up(const struct command *command)
{
    if (has_its_pipe(command))
        close(STDIN_FILENO);
}

void command_stop(struct command *command)
{
    const uint64_t until = clock_after(clock_now(), stop_patience);
    sigset_t of_children;

    if (!command_is_running(command))
        return;
    command_hang_up(command);
    kill(command->pid, SIGTERM);
    sigemptyset(&of_children);
    sigaddset(&of_children, SIGCHLD);
    for (;;) {
        uint64_t now = clock_now();
        struct timespec patience = clock_timespec(until > now ? until - now : 0);

        command_collect(command, now);
        if (!command_is_running(command) || now >= until)
            return;
        sigtimedwait(&of_children, NULL, &patience);
    }
}

int command_exit_status(const struct command *command)
{
    if (WIFSIGNALED(command->status))
        return 128 + WTERMSIG(command->status);
    return WEXITSTATUS(command->status);
}

void command_say_end(const struct command *command, bool is_pipe_fine)
{
    const struct quoted name = quote_name(command->name ? command->name : "");
    const int status = command_exit_status(command);

    if (command_is_running(command))
        say("%s: is still running", name.text);
    else if (!status || (is_pipe_fine && status == 128 + SIGPIPE))
        return;
    else if (WIFSIGNALED(command->status))
        say("%s: ended by signal %d (%s)", name.text, WTERMSIG(command->status),
            strsignal(WTERMSIG(command->status)));
    else
        say("%s: ended with status %d", name.text, status);
}
