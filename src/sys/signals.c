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

int signals_take_over(struct signals *signals)
{
    static const int heard[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGWINCH};
    sigset_t from_descriptor;
    sigset_t held_back;
    size_t i;
    int error;

    sigemptyset(&from_descriptor);
    for (i = 0; i < sizeof heard / sizeof heard[0]; i++) {
        if (!is_ignored(heard[i]))
            sigaddset(&from_descriptor, heard[i]);
    }
    signals->pipe_was_ignored = is_ignored(SIGPIPE);
    held_back = from_descriptor;
    /*
     * the calls that would raise these two return EPIPE and EFBIG as well, and that we can report
     */
    sigaddset(&held_back, SIGPIPE);
    sigaddset(&held_back, SIGXFSZ);
    error = -pthread_sigmask(SIG_BLOCK, &held_back, NULL);
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

int signals_next(struct signals *signals)
{
    struct signalfd_siginfo info;

    if (read(signals->fd, &info, sizeof info) != (ssize_t)sizeof info)
        return 0;
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
