#include "net/liveness.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <sys/socket.h>

enum { KEEPALIVE_PROBES = 3 };

/* What the kernel refuses here is not worth a connection. */
static void set_number(int fd, int level, int option, uint64_t value)
{
    const int number = (int)(value > 0 ? value : 1);

    setsockopt(fd, level, option, &number, sizeof number);
}

static void allow(const struct liveness *liveness, uint64_t without_progress)
{
    const uint64_t ms = without_progress / NS_PER_MS;

    set_number(liveness->fd, IPPROTO_TCP, TCP_USER_TIMEOUT, ms < INT32_MAX ? ms : INT32_MAX);
}

/* Half of the patience is for the silence, the other half for the questions. */
void liveness_begin(struct liveness *liveness, int fd, uint64_t patience, uint64_t now)
{
    const uint64_t half = patience / 2 / NS_PER_SECOND;

    *liveness = (struct liveness){.fd = fd, .patience = patience, .healthy = now};
    set_number(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
    set_number(fd, IPPROTO_TCP, TCP_KEEPIDLE, half);
    set_number(fd, IPPROTO_TCP, TCP_KEEPINTVL, half / KEEPALIVE_PROBES);
    set_number(fd, IPPROTO_TCP, TCP_KEEPCNT, KEEPALIVE_PROBES);
    allow(liveness, patience);
}

/*
 * The backoff grows while something is sent again and again: a probe of a closed window, or a
 * segment nobody confirms.
 */
static bool makes_progress(const struct tcp_info *info)
{
    return info->tcpi_backoff == 0 && info->tcpi_retransmits == 0;
}

/*
 * No question is open, or there has been an answer just now. A peer that is gone passes for one
 * that answers for a third of its patience more; the probes come less and less often, so "just now"
 * alone would not do for one that is there.
 */
static bool answers(const struct liveness *liveness, const struct tcp_info *info)
{
    return (info->tcpi_probes == 0 && info->tcpi_retransmits == 0) ||
           info->tcpi_last_ack_recv < liveness->patience / NS_PER_MS / 3;
}

uint64_t liveness_look(struct liveness *liveness, uint64_t now)
{
    struct tcp_info info = {0};
    socklen_t size = sizeof info;

    if (getsockopt(liveness->fd, IPPROTO_TCP, TCP_INFO, &info, &size) < 0)
        return NEVER;
    if (makes_progress(&info))
        liveness->healthy = now;
    if (answers(liveness, &info))
        allow(liveness, now - liveness->healthy + liveness->patience);
    return clock_after(now, liveness->patience / 3);
}
