#include "io/endpoint.h"

#include "sys/pipes.h"
#include "sys/reopen.h"
#include "sys/rw.h"
#include "sys/sync.h"
#include "sys/wait.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* The kernel moves at most 2 GiB less a page in one call. */
static const size_t call_max = (size_t)1 << 30;
/* POLLOUT on a terminal promises little more than a line. */
static const size_t terminal_write_max = 256;
/* The longest record of /dev/kmsg; no other device is known to need more in one read. */
static const size_t device_record_max = 8192;

static enum endpoint_kind kind_of(int fd, mode_t mode)
{
    if (S_ISREG(mode) || S_ISBLK(mode) || S_ISDIR(mode))
        return ENDPOINT_FILE;
    if (S_ISFIFO(mode))
        return ENDPOINT_PIPE;
    if (S_ISSOCK(mode))
        return ENDPOINT_SOCKET;
    return isatty(fd) ? ENDPOINT_TERMINAL : ENDPOINT_DEVICE;
}

/* An option that is a number; 0 where it cannot be had. */
static int socket_option(int fd, int option)
{
    int value = 0;
    socklen_t size = sizeof value;

    return getsockopt(fd, SOL_SOCKET, option, &value, &size) == 0 ? value : 0;
}

/* The sockets whose poll is known to promise room: splice waits where there is none. */
static bool polls_for_room(int fd)
{
    switch (socket_option(fd, SO_DOMAIN)) {
    case AF_UNIX: return true;
    case AF_INET:
    case AF_INET6: return socket_option(fd, SO_PROTOCOL) == IPPROTO_TCP;
    default: return false;
    }
}

/* A pipe in packet mode looks like any other on its reading side. */
static bool keeps_messages(const struct endpoint *end)
{
    switch (end->kind) {
    case ENDPOINT_SOCKET: return socket_option(end->fd, SO_TYPE) != SOCK_STREAM;
    case ENDPOINT_DEVICE: return end->side == ENDPOINT_INPUT; /* /dev/kmsg for one */
    case ENDPOINT_FILE:
    case ENDPOINT_PIPE:
    case ENDPOINT_TERMINAL: break;
    }
    return false;
}

int endpoint_adopt(struct endpoint *end, enum endpoint_side side, int fd, const char *name)
{
    const int wrong_direction = side == ENDPOINT_INPUT ? O_WRONLY : O_RDONLY;
    struct stat status;
    int flags = fcntl(fd, F_GETFL);

    if (flags < 0 || fstat(fd, &status) < 0)
        return -errno;
    if ((flags & O_ACCMODE) == wrong_direction || flags & O_PATH)
        return -EBADF;
    end->name = name;
    end->fd = fd;
    end->own_fd = -1;
    end->frozen_fd = -1;
    end->device = status.st_dev;
    end->inode = status.st_ino;
    end->awaits_writer = false;
    end->kind = kind_of(fd, status.st_mode);
    end->way = end->kind == ENDPOINT_FILE ? ENDPOINT_PLAIN : ENDPOINT_NOWAIT;
    end->side = side;
    end->keeps_messages = keeps_messages(end);
    end->appends = flags & O_APPEND;
    end->takes_pages = end->kind != ENDPOINT_SOCKET || polls_for_room(fd);
    end->refuses_splice = false;
    return 0;
}

int endpoint_open_input(struct endpoint *end, const char *path)
{
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    int error;

    if (fd < 0)
        return -errno;
    error = endpoint_adopt(end, ENDPOINT_INPUT, fd, path);
    if (error)
        close(fd);
    else
        end->awaits_writer = end->kind == ENDPOINT_PIPE;
    return error;
}

static bool way_is_refused(const struct endpoint *end, ssize_t result)
{
    /* EPERM: what seccomp filters of containers answer for calls they do not know */
    return end->way == ENDPOINT_NOWAIT &&
           (result == -EOPNOTSUPP || result == -ENOSYS || result == -EINVAL || result == -EPERM);
}

static bool can_reopen(const struct endpoint *end)
{
    return end->kind == ENDPOINT_PIPE || end->kind == ENDPOINT_TERMINAL;
}

static void take_next_way(struct endpoint *end)
{
    if (end->kind == ENDPOINT_SOCKET) {
        end->way = ENDPOINT_MESSAGE;
        return;
    }
    end->way = ENDPOINT_LITTLE;
    if (can_reopen(end))
        end->own_fd = fd_reopen(end->fd, end->side == ENDPOINT_INPUT ? O_RDONLY : O_WRONLY);
    if (end->own_fd >= 0)
        end->way = ENDPOINT_OWN;
}

bool endpoint_is_ready(const struct endpoint *end)
{
    struct pollfd fd = {.fd = end->fd, .events = end->side == ENDPOINT_INPUT ? POLLIN : POLLOUT};

    return poll_one(&fd, 0) > 0;
}

bool endpoint_has_bytes(const struct endpoint *input)
{
    const ssize_t waiting = input->kind == ENDPOINT_PIPE ? bytes_waiting(input->fd) : -ENOTSUP;

    return waiting < 0 ? endpoint_is_ready(input) : waiting > 0;
}

static ssize_t checked(ssize_t result)
{
    return result < 0 ? -errno : result;
}

static ssize_t read_once(struct endpoint *end, void *bytes, size_t room)
{
    switch (end->way) {
    case ENDPOINT_PLAIN: return checked(read(end->fd, bytes, room));
    case ENDPOINT_NOWAIT: return checked(read_nowait(end->fd, bytes, room));
    case ENDPOINT_MESSAGE: return checked(recv(end->fd, bytes, room, MSG_DONTWAIT));
    case ENDPOINT_OWN: return checked(read(end->own_fd, bytes, room));
    case ENDPOINT_LITTLE: break;
    }
    return endpoint_is_ready(end) ? checked(read(end->fd, bytes, room)) : -EAGAIN;
}

/* poll calls a socket writable when a third of its buffer is free, or more. */
static size_t socket_promise(int fd)
{
    return (size_t)socket_option(fd, SO_SNDBUF) / 3;
}

size_t endpoint_write_promised(const struct endpoint *end)
{
    switch (end->kind) {
    case ENDPOINT_PIPE: return PIPE_BUF;
    case ENDPOINT_TERMINAL: return terminal_write_max;
    case ENDPOINT_SOCKET: return socket_promise(end->fd);
    case ENDPOINT_FILE:
    case ENDPOINT_DEVICE: break;
    }
    return call_max;
}

static ssize_t write_little(struct endpoint *end, const struct iovec *part)
{
    const size_t promised = endpoint_write_promised(end);

    if (!endpoint_is_ready(end))
        return -EAGAIN;
    return checked(
        write(end->fd, part->iov_base, part->iov_len < promised ? part->iov_len : promised));
}

static ssize_t write_once(struct endpoint *end, const struct iovec *parts, int count)
{
    const struct msghdr message = {.msg_iov = (struct iovec *)parts, .msg_iovlen = (size_t)count};

    switch (end->way) {
    case ENDPOINT_PLAIN: return checked(writev(end->fd, parts, count));
    case ENDPOINT_NOWAIT: return checked(write_nowait(end->fd, parts, count));
    case ENDPOINT_MESSAGE: return checked(sendmsg(end->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL));
    case ENDPOINT_OWN: return checked(writev(end->own_fd, parts, count));
    case ENDPOINT_LITTLE: break;
    }
    return write_little(end, parts);
}

ssize_t endpoint_read(struct endpoint *end, void *bytes, size_t room)
{
    ssize_t got;

    if (end->awaits_writer) {
        if (!endpoint_is_ready(end))
            return -EAGAIN;
        end->awaits_writer = false;
    }
    do {
        got = read_once(end, bytes, room < call_max ? room : call_max);
        if (way_is_refused(end, got)) {
            take_next_way(end);
            got = -EINTR;
        }
    } while (got == -EINTR);
    return got;
}

ssize_t endpoint_write(struct endpoint *end, const struct iovec *parts, int count)
{
    ssize_t put;

    do {
        put = write_once(end, parts, count);
        if (way_is_refused(end, put)) {
            take_next_way(end);
            put = -EINTR;
        }
    } while (put == -EINTR);
    /* a driver that takes nothing and gives no reason would be asked for ever */
    return put ? put : -EIO;
}

bool endpoint_is_always_ready(const struct endpoint *end)
{
    return end->way == ENDPOINT_PLAIN;
}

int endpoint_failure(const struct endpoint *end, short revents)
{
    int error = 0;
    socklen_t size = sizeof error;

    if (!(revents & (POLLERR | POLLHUP)))
        return 0;
    switch (end->kind) {
    case ENDPOINT_PIPE: return -EPIPE;
    case ENDPOINT_SOCKET:
        if (getsockopt(end->fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error)
            return -error;
        return -EPIPE;
    case ENDPOINT_FILE:
    case ENDPOINT_TERMINAL:
    case ENDPOINT_DEVICE: break;
    }
    return -EIO;
}

bool endpoint_feeds_itself(const struct endpoint *input, const struct endpoint *output,
                           uint64_t pending)
{
    struct stat status;
    off_t position;

    if (input->kind != ENDPOINT_FILE || input->device != output->device ||
        input->inode != output->inode || fstat(input->fd, &status) < 0)
        return false;
    position = lseek(input->fd, 0, SEEK_CUR);
    return pending > 0 || (position >= 0 && position < status.st_size);
}

ssize_t endpoint_next_message(const struct endpoint *end)
{
    return checked(recv(end->fd, NULL, 0, MSG_PEEK | MSG_TRUNC | MSG_DONTWAIT));
}

size_t endpoint_message_room(const struct endpoint *end)
{
    ssize_t next;

    if (!end->keeps_messages)
        return 1;
    if (end->kind == ENDPOINT_DEVICE)
        return device_record_max;
    next = endpoint_next_message(end);
    return next > 0 ? (size_t)next : 1;
}

bool endpoint_has_producer(const struct endpoint *end)
{
    return end->kind == ENDPOINT_PIPE || end->kind == ENDPOINT_SOCKET;
}

int endpoint_sync(const struct endpoint *end)
{
    return sync_to_disk(end->fd);
}

int endpoint_close(struct endpoint *end)
{
    int error = 0;

    if (end->own_fd >= 0 && end->own_fd != end->fd)
        close(end->own_fd);
    if (end->frozen_fd >= 0)
        close(end->frozen_fd);
    if (end->fd >= 0 && close(end->fd) < 0 && errno != EINTR)
        error = -errno;
    end->own_fd = end->frozen_fd = end->fd = -1;
    return error;
}
