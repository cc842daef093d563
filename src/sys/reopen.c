#include "sys/reopen.h"

#include <fcntl.h>
#include <stdio.h>

int fd_reopen(int fd, int direction)
{
    char path[32];

    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    return open(path, direction | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}
