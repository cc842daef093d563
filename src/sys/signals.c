#include "sys/signals.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/signalfd.h>
#include <unistd.h>

static bool is_ignored(int number)
{
    struct sigaction action;

    return sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

/* What is to be heard: the first ones always, the others for the sake of a command. */
static void choose(sigset_t *heard, bool has_command)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGWINCH, SIGQUIT, SIGUSR2};
    const size_t for_command = 2; /* of them, at the end */
    const size_t count = sizeof numbers / sizeof numbers[0] - (has_command ? 0 : for_command);
    size_t i;

    sigemptyset(heard);
    for (i = 0; i < count; i++) {
        if (!is_ignored(numbers[i]))
            sigaddset(heard, numbers[i]);
    }
    if (has_command)
        sigaddset(heard, SIGCHLD);
}

int signals_take_over(struct signals *signals, bool has_command)
{
    sigset_t from_descriptor;
    sigset_t held_back;
    int error;

    choose(&from_descriptor, has_command);
    signals->pipe_was_ignored = is_ignored(SIGPIPE);
    held_back = from_descriptor;
    /*
     * the calls that would raise these two return EPIPE and EFBIG as well, and that we can report
     */
    sigaddset(&held_back, SIGPIPE);
    sigaddset(&held_back, SIGXFSZ);
    error = -pthread_sigmask(SIG_BLOCK, &held_back, &signals->found);
    if (error)
        return error;
    signals->fd = signalfd(-1, &from_descriptor, SFD_NONBLOCK | SFD_CLOEXEC);
    return signals->fd < 0 ? -errno : 0;
}

void signals_free(struct signals *signals)
{
    if (signals->fd >= 0)
        close(signals->fd);
    signals->fd = -1;
}

int signals_next(struct signals *signals, bool *from_kernel)
{
    struct signalfd_siginfo info;

    if (read(signals->fd, &info, sizeof info) != (ssize_t)sizeof info)
        return 0;
    *from_kernel = info.ssi_code == SI_KERNEL;
    return (int)info.ssi_signo;
}

void signals_die_of_pipe(void)
{
    sigset_t pipe_alone;

    signal(SIGPIPE, SIG_DFL);
    sigemptyset(&pipe_alone);
    sigaddset(&pipe_alone, SIGPIPE);
    raise(SIGPIPE);
    pthread_sigmask(SIG_UNBLOCK, &pipe_alone, NULL);
}
