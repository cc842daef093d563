#include "net/dial.h"

#include "sys/clock.h"
#include "sys/wait.h"

#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/*
 * The kernel asks again after 1 and 3 s: two lost packets are survived. It would go on for two
 * minutes, in which a name's other addresses are not tried.
 */
static const uint64_t address_patience = 5 * NS_PER_SECOND;
/* connect(2) refuses a full queue with EAGAIN, and poll has nothing to say about it. */
static const uint64_t full_queue_rest = 20 * NS_PER_MS;

/* What getaddrinfo says, as -errno, with words and whether it is for good. */
static int lookup_failed(struct dial *dial, int said)
{
    if (said == EAI_SYSTEM)
        return errno ? -errno : -EIO;
    dial->why = said == EAI_SERVICE ? "No such service" : gai_strerror(said);
    dial->hopeless = said == EAI_NONAME || said == EAI_NODATA || said == EAI_SERVICE;
    return -EADDRNOTAVAIL;
}

/* No AI_ADDRCONFIG: it rules out [::1] where only the loopback has IPv6. What this machine has no
   way to fails at once when it is tried. */
static int look_up(struct dial *dial, const struct dest *dest)
{
    const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    const int said = getaddrinfo(dest->host, dest->port, &hints, &dial->found);

    if (said)
        return lookup_failed(dial, said);
    dial->next = dial->found;
    return 0;
}

/* An abstract name begins with a zero byte, and every byte of its length counts. */
static void name_unix_socket(struct dial *dial, const char *path)
{
    struct sockaddr_un *const address = &dial->unix_address;
    const size_t length = strlen(path);
    const bool is_abstract = path[0] == '@';

    assert(length < sizeof address->sun_path);
    address->sun_family = AF_UNIX;
    memcpy(address->sun_path, path, length + 1);
    if (is_abstract)
        address->sun_path[0] = '\0';
    dial->unix_info = (struct addrinfo){
        .ai_family = AF_UNIX,
        .ai_socktype = SOCK_STREAM,
        .ai_addr = (struct sockaddr *)address,
        .ai_addrlen = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length + !is_abstract),
    };
    dial->next = &dial->unix_info;
}

int dial_start(struct dial *dial, const struct dest *dest, size_t send_buffer)
{
    *dial =
        (struct dial){.fd = -1, .look_again = NEVER, .give_up = NEVER, .send_buffer = send_buffer};
    assert(dest->kind == DEST_TCP || dest->kind == DEST_UNIX);
    if (dest->kind == DEST_TCP)
        return look_up(dial, dest);
    name_unix_socket(dial, dest->path);
    return 0;
}

/* None of these is worth a connection: where the kernel refuses one, it goes without. */
static void set_options(const struct dial *dial, int family)
{
    const int size = dial->send_buffer < INT32_MAX ? (int)dial->send_buffer : INT32_MAX;

    if (size)
        setsockopt(dial->fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    /* what is to be gathered has been gathered before it is written */
    if (family != AF_UNIX)
        setsockopt(dial->fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
}

/*
 * A port that nobody listens on may be drawn for our own side: then a connect to it meets itself,
 * and all that is written comes back.
 */
static bool is_connected_to_itself(int fd, int family)
{
    struct sockaddr_storage here = {0};
    struct sockaddr_storage there = {0};
    socklen_t here_size = sizeof here;
    socklen_t there_size = sizeof there;

    return family != AF_UNIX && getsockname(fd, (struct sockaddr *)&here, &here_size) == 0 &&
           getpeername(fd, (struct sockaddr *)&there, &there_size) == 0 &&
           here_size == there_size && memcmp(&here, &there, here_size) == 0;
}

static void hang_up(struct dial *dial)
{
    if (dial->fd >= 0)
        close(dial->fd);
    dial->fd = -1;
}

/* Begin with the next address: 0, -EINPROGRESS, or why not. */
static int try_next(struct dial *dial)
{
    const struct addrinfo *const address = dial->next;

    dial->fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
                      address->ai_protocol);
    if (dial->fd < 0)
        return -errno;
    set_options(dial, address->ai_family);
    return connect(dial->fd, address->ai_addr, address->ai_addrlen) < 0 ? -errno : 0;
}

/* What has become of the connect that goes on. */
static int try_on(const struct dial *dial)
{
    struct pollfd writable = {.fd = dial->fd, .events = POLLOUT};
    int error = 0;
    socklen_t size = sizeof error;

    if (poll_one(&writable, 0) <= 0)
        return -EINPROGRESS;
    return getsockopt(dial->fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0 ? -errno : -error;
}

/* This address is done with: remember why, unless what is known tells more. */
static void give_address_up(struct dial *dial, int error)
{
    if (!dial->error || (error != -ENETUNREACH && error != -EAFNOSUPPORT))
        dial->error = error;
    hang_up(dial);
    dial->give_up = NEVER;
    dial->next = dial->next->ai_next;
}

/* The address at hand: 0, -EAGAIN with look_again set, or why it cannot be had. */
static int step_address(struct dial *dial, uint64_t now)
{
    int error = dial->fd < 0 ? try_next(dial) : try_on(dial);

    if (dial->give_up == NEVER)
        dial->give_up = clock_after(now, address_patience);
    if (!error && is_connected_to_itself(dial->fd, dial->next->ai_family))
        return -ECONNREFUSED;
    /* EINTR: the connect goes on by itself */
    if (error != -EINPROGRESS && error != -EAGAIN && error != -EINTR)
        return error;
    if (now >= dial->give_up)
        return -ETIMEDOUT;
    dial->look_again = dial->give_up;
    if (error == -EAGAIN) {
        /* poll says of a socket that is not connected that it has hung up, again and again */
        hang_up(dial);
        if (clock_after(now, full_queue_rest) < dial->give_up)
            dial->look_again = clock_after(now, full_queue_rest);
    }
    return -EAGAIN;
}

int dial_step(struct dial *dial, uint64_t now)
{
    while (dial->next) {
        const int error = step_address(dial, now);

        if (!error || error == -EAGAIN)
            return error;
        give_address_up(dial, error);
    }
    return dial->error ? dial->error : -EADDRNOTAVAIL;
}

int dial_take(struct dial *dial)
{
    const int fd = dial->fd;

    dial->fd = -1;
    return fd;
}

void dial_stop(struct dial *dial)
{
    hang_up(dial);
    if (dial->found)
        freeaddrinfo(dial->found);
    dial->found = NULL;
    dial->next = NULL;
}
