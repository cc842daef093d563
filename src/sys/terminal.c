#include "sys/terminal.h"

#include "sys/reopen.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { COMMON_WIDTH = 80, LEAST_WIDTH = 10, MOST_WIDTH = 400 };

static unsigned within_reason(unsigned long width)
{
    if (width < LEAST_WIDTH)
        return LEAST_WIDTH;
    return width > MOST_WIDTH ? MOST_WIDTH : (unsigned)width;
}

unsigned terminal_width(int fd)
{
    const char *columns = getenv("COLUMNS");
    const unsigned long wanted = columns ? strtoul(columns, NULL, 10) : 0;
    struct winsize size;

    if (wanted)
        return within_reason(wanted);
    if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col)
        return within_reason(size.ws_col);
    return COMMON_WIDTH;
}

bool terminal_can_erase(void)
{
    const char *terminal = getenv("TERM");

    return terminal && *terminal && strcmp(terminal, "dumb") != 0;
}

bool terminal_wants_color(void)
{
    const char *no_color = getenv("NO_COLOR");

    return !no_color || !*no_color;
}

bool terminal_is_ours(int fd)
{
    const pid_t foreground = tcgetpgrp(fd);

    return foreground < 0 || foreground == getpgrp();
}

/* POLLOUT promises room for a line in a pipe, but not on a terminal, where write would wait. */
bool terminal_write(int fd, const char *text, size_t length)
{
    struct pollfd ready = {.fd = fd, .events = POLLOUT};
    const int own = isatty(fd) ? fd_reopen(fd, O_WRONLY) : -1;
    bool is_written = false;
    sigset_t stops_us;
    sigset_t before;

    sigemptyset(&stops_us);
    sigaddset(&stops_us, SIGTTOU);
    pthread_sigmask(SIG_BLOCK, &stops_us, &before);
    if (poll(&ready, 1, 0) > 0)
        is_written = write(own >= 0 ? own : fd, text, length) == (ssize_t)length;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (own >= 0)
        close(own);
    return is_written;
}
