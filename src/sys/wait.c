#include "sys/wait.h"

#include "sys/clock.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* Some sandboxes know no eventfd. A pipe does it too, and takes two descriptors. */
static int make_of_pipe(struct bell *bell)
{
    int fds[2];

    if (pipe2(fds, O_NONBLOCK | O_CLOEXEC) < 0)
        return -errno;
    bell->fd = fds[0];
    bell->waker = fds[1];
    return 0;
}

int bell_make(struct bell *bell)
{
    bell->waker = bell->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    atomic_init(&bell->listening, false);
    if (bell->fd >= 0)
        return 0;
    return errno == ENOSYS || errno == EPERM ? make_of_pipe(bell) : -errno;
}

void bell_free(struct bell *bell)
{
    if (bell->fd >= 0 && bell->waker != bell->fd)
        close(bell->waker);
    if (bell->fd >= 0)
        close(bell->fd);
    bell->waker = bell->fd = -1;
}

void bell_listen(struct bell *bell)
{
    atomic_store(&bell->listening, true);
}

void bell_wake(struct bell *bell)
{
    /* the load first: an exchange would pull the cache line over at every publish */
    if (atomic_load(&bell->listening) && atomic_exchange(&bell->listening, false))
        bell_wake_always(bell);
}

void bell_wake_always(struct bell *bell)
{
    const uint64_t one = 1;

    /* else it can only fail when the count or the pipe is full, and then the bell rings already */
    while (write(bell->waker, &one, sizeof one) < 0 && errno == EINTR)
        ;
}

static void silence(struct bell *bell)
{
    uint64_t rings[64]; /* an eventfd has one number, a pipe one for each */

    while (read(bell->fd, rings, sizeof rings) == (ssize_t)sizeof rings)
        ;
}

int wait_for(struct bell *bell, uint64_t deadline, struct pollfd *fds, unsigned count)
{
    struct pollfd all[WAIT_FDS_MAX + 1] = {{.fd = bell->fd, .events = POLLIN}};
    struct timespec timeout;
    unsigned i;
    int ready;

    assert(count <= WAIT_FDS_MAX);
    for (i = 0; i < count; i++)
        all[i + 1] = (struct pollfd){.fd = fds[i].fd, .events = fds[i].events};
    if (deadline != NEVER) {
        const uint64_t now = clock_now();

        timeout = clock_timespec(deadline > now ? deadline - now : 0);
    }
    ready = ppoll(all, count + 1, deadline == NEVER ? NULL : &timeout, NULL);
    if (ready < 0 && errno != EINTR && errno != EAGAIN)
        return -errno;
    atomic_store(&bell->listening, false);
    if (ready > 0 && all[0].revents)
        silence(bell);
    for (i = 0; i < count; i++)
        fds[i].revents = all[i + 1].revents; /* 0 unless the kernel filled it in */
    return 0;
}

int poll_one(struct pollfd *fd, uint64_t ns)
{
    const struct timespec timeout = clock_timespec(ns);
    const uint64_t ms = (ns + NS_PER_MS - 1) / NS_PER_MS;
    int ready = ppoll(fd, 1, &timeout, NULL);

    if (ready < 0 && errno != EINTR)
        ready = poll(fd, 1, ms < INT_MAX ? (int)ms : INT_MAX);
    return ready < 0 ? -errno : ready;
}
