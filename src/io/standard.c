#include "io/standard.h"

#include <errno.h>
#include <fcntl.h>

/*
 * At the lowest free number. Where there is no /dev something that can be neither read nor written
 * keeps the number as well, since nobody is going to use it.
 */
static int fill_gap(void)
{
    int fd = open("/dev/null", O_RDWR);

    if (fd < 0)
        fd = open("/", O_PATH);
    return fd < 0 ? -errno : 0;
}

int standard_ends_guard(bool was_closed[3])
{
    int error = 0;
    int fd;

    for (fd = 0; fd < 3 && !error; fd++) {
        was_closed[fd] = fcntl(fd, F_GETFD) < 0;
        if (was_closed[fd])
            error = fill_gap();
    }
    return error;
}
