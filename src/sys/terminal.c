#include "sys/terminal.h"

#include "sys/clock.h"
#include "sys/reopen.h"
#include "sys/wait.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { COMMON_WIDTH = 80, MOST_WIDTH = 400 };

static unsigned within_reason(unsigned long width)
{
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

/*
 * How much may be written when poll has called FD writable: of a pipe it promises a page, of a
 * terminal next to nothing, so that write would wait in it, unless OWN does not block.
 */
static size_t chunk_of(int fd, int own)
{
    if (own >= 0)
        return SIZE_MAX;
    return isatty(fd) ? 1 : PIPE_BUF;
}

/* As much as goes until the clock says UNTIL. */
static bool write_until(int fd, int own, const char *text, size_t length, uint64_t until)
{
    const size_t chunk = chunk_of(fd, own);

    while (length > 0) {
        const uint64_t now = clock_now();
        const uint64_t patience = now < until ? until - now : 0;
        struct pollfd ready = {.fd = fd, .events = POLLOUT};
        const int answer = poll_one(&ready, patience);
        ssize_t put;

        if (answer == -EINTR && patience)
            continue; /* stopped, and gone on */
        if (answer <= 0)
            return false;
        put = write(own >= 0 ? own : fd, text, length < chunk ? length : chunk);
        /* what takes nothing and gives no reason would be asked for ever */
        if (put == 0 || (put < 0 && ((errno != EAGAIN && errno != EINTR) || !patience)))
            return false;
        if (put > 0) {
            text += put;
            length -= (size_t)put;
        }
    }
    return true;
}

bool terminal_write(int fd, const char *text, size_t length, unsigned patience_ms)
{
    const int own = isatty(fd) ? fd_reopen(fd, O_WRONLY) : -1;
    bool is_written;
    sigset_t stops_us;
    sigset_t before;

    sigemptyset(&stops_us);
    sigaddset(&stops_us, SIGTTOU);
    pthread_sigmask(SIG_BLOCK, &stops_us, &before);
    is_written = write_until(fd, own, text, length, clock_now() + patience_ms * NS_PER_MS);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (own >= 0)
        close(own);
    return is_written;
}
