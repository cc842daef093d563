#include "sys/signals.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/signalfd.h>
#include <unistd.h>

static void (*handler_of(int number))(int)
{
    struct sigaction action;

    return sigaction(number, NULL, &action) == 0 ? action.sa_handler : SIG_IGN;
}

static bool is_ignored(int number)
{
    return handler_of(number) == SIG_IGN;
}

static void hear(sigset_t *heard, int number)
{
    if (!is_ignored(number))
        sigaddset(heard, number);
}

/*
 * Add NUMBER if its default action, which is to end the process, is in force. If a library in this process
 * has a handler for it, such as a profiler for PROF, the signal is left to the library.
 */
static void hear_if_deadly(sigset_t *heard, int number)
{
    if (handler_of(number) == SIG_DFL)
        sigaddset(heard, number);
}

/* Put the signals that are to be taken into HEARD. */
static void choose(sigset_t *heard, bool has_command)
{
    static const int known[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH};
    static const int deadly[] = {
        SIGALRM,   SIGVTALRM, SIGPROF, SIGXCPU, SIGIO,
#ifdef SIGPWR
        SIGPWR,
#endif
#ifdef SIGSTKFLT /* not on every machine */
        SIGSTKFLT,
#endif
    };
    size_t i;
    int number;

    sigemptyset(heard);
    for (i = 0; i < sizeof known / sizeof known[0]; i++)
        hear(heard, known[i]);
    for (i = 0; i < sizeof deadly / sizeof deadly[0]; i++)
        hear_if_deadly(heard, deadly[i]);
    for (number = SIGRTMIN; number <= SIGRTMAX; number++)
        hear_if_deadly(heard, number);
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

/* Other signals that the kernel sends, for a timer or a CPU limit, are for this process alone. */
static bool is_of_terminal(int number)
{
    return number == SIGINT || number == SIGQUIT || number == SIGHUP || number == SIGWINCH;
}

int signals_next(struct signals *signals, bool *from_kernel)
{
    struct signalfd_siginfo info;

    if (read(signals->fd, &info, sizeof info) != (ssize_t)sizeof info)
        return 0;
    *from_kernel = info.ssi_code == SI_KERNEL && is_of_terminal((int)info.ssi_signo);
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
