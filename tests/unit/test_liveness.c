#include "net/liveness.h"

#include "net/closing.h"

#include "loopback.h"

#include "check.h"

#include <linux/filter.h>
#include <netinet/tcp.h>

/* Long enough for a machine with other things to do; the connections are all watched at once. */
static const uint64_t patience = 3 * NS_PER_SECOND;
static const uint64_t in_the_middle = 6 * NS_PER_SECOND;
static const uint64_t at_the_end = 15 * NS_PER_SECOND;
enum { MANY = 64 << 20 };

enum { STALLED, STALLED_UNSEEN, GONE_BUSY, GONE_STALLED, GONE_IDLE, BACK_SOON, CONNECTIONS };

struct connection {
    struct liveness liveness;
    uint64_t look;
    uint64_t sent;
    int peer;
    int error;
};

/* From now on the peer is as if its cable were cut: it gets nothing, and so answers nothing. */
static void cut_off(int peer)
{
    struct sock_filter drop_all = {.code = BPF_RET | BPF_K};
    struct sock_fprog program = {.len = 1, .filter = &drop_all};

    must(setsockopt(peer, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program), "filter");
}

static void mend(int peer)
{
    must(setsockopt(peer, SOL_SOCKET, SO_DETACH_FILTER, &(int){0}, sizeof(int)), "filter");
}

static void begin(struct connection *all)
{
    static const bool is_cut[CONNECTIONS] = {
        [GONE_BUSY] = true, [GONE_IDLE] = true, [BACK_SOON] = true};
    static const uint64_t bytes[CONNECTIONS] = {[STALLED] = MANY,
                                                [STALLED_UNSEEN] = MANY,
                                                [GONE_BUSY] = 1000,
                                                [GONE_STALLED] = MANY,
                                                [BACK_SOON] = 1000};
    unsigned i;

    for (i = 0; i < CONNECTIONS; i++) {
        int ours;

        tcp_pair(&ours, &all[i].peer);
        liveness_begin(&all[i].liveness, ours, patience, clock_now());
        if (is_cut[i])
            cut_off(all[i].peer);
        all[i].sent = push(ours, bytes[i]);
        all[i].look = i == STALLED_UNSEEN || i == GONE_IDLE ? NEVER : 0;
        all[i].error = 0;
    }
}

/* Look at each as the contract says, and note what becomes of it. */
static void watch_until(struct connection *all, uint64_t until)
{
    unsigned i;

    while (clock_now() < until) {
        for (i = 0; i < CONNECTIONS; i++) {
            struct connection *const one = &all[i];
            socklen_t size = sizeof one->error;

            if (one->error)
                continue;
            if (clock_now() >= one->look)
                one->look = liveness_look(&one->liveness, clock_now());
            must(getsockopt(one->liveness.fd, SOL_SOCKET, SO_ERROR, &one->error, &size),
                 "SO_ERROR");
        }
        rest_ms(20);
    }
}

TEST(who_is_gone_is_found_out_and_who_answers_is_left_alone)
{
    const uint64_t start = clock_now();
    struct connection all[CONNECTIONS];
    struct endpoint end;
    unsigned i;

    begin(all);
    watch_until(all, start + patience / 3);
    mend(all[BACK_SOON].peer);
    watch_until(all, start + in_the_middle);
    CHECK_EQUAL(all[GONE_BUSY].error, ETIMEDOUT);
    CHECK_EQUAL(all[GONE_IDLE].error, ETIMEDOUT);
    /* if this one lives the kernel has become kinder, and nobody has to look any more */
    CHECK_EQUAL(all[STALLED_UNSEEN].error, ETIMEDOUT);
    CHECK_EQUAL(all[GONE_STALLED].error, 0);
    cut_off(all[GONE_STALLED].peer);
    watch_until(all, start + at_the_end);
    CHECK_EQUAL(all[GONE_STALLED].error, ETIMEDOUT);

    CHECK_EQUAL(all[STALLED].error, 0);
    CHECK_EQUAL(pull(all[STALLED].peer, all[STALLED].sent), all[STALLED].sent);
    CHECK_EQUAL(all[BACK_SOON].error, 0);
    CHECK_EQUAL(pull(all[BACK_SOON].peer, 1000), 1000);
    /* the count of what nobody has confirmed outlives the connection */
    CHECK_EQUAL(endpoint_adopt(&end, ENDPOINT_OUTPUT, all[GONE_BUSY].liveness.fd, "peer"), 0);
    CHECK_EQUAL(endpoint_unacknowledged(&end), 1000);
    for (i = 0; i < CONNECTIONS; i++) {
        close(all[i].liveness.fd);
        close(all[i].peer);
    }
}

TEST(what_went_well_for_long_is_no_reason_for_more_patience)
{
    const uint64_t now = clock_now();
    struct liveness liveness;
    int allowed = 0;
    socklen_t size = sizeof allowed;
    int ours;
    int peer;

    tcp_pair(&ours, &peer);
    liveness_begin(&liveness, ours, patience, now);
    liveness_look(&liveness, now + 100 * patience);
    must(getsockopt(ours, IPPROTO_TCP, TCP_USER_TIMEOUT, &allowed, &size), "TCP_USER_TIMEOUT");
    CHECK_EQUAL(allowed, patience / NS_PER_MS);
    close(peer);
    close(ours);
}

TEST(sockets_of_other_kinds_need_no_vigil)
{
    struct liveness liveness;
    int ours;
    int peer;

    unix_pair(&ours, &peer);
    liveness_begin(&liveness, ours, patience, clock_now());
    CHECK_EQUAL(liveness_look(&liveness, clock_now()), NEVER);
    close(peer);
    close(ours);
}
