#include "net/closing.h"

#include "loopback.h"

#include "check.h"

#include <sys/ioctl.h>

enum { MANY = 64 << 20 }; /* more than any buffer takes */

struct connection {
    struct endpoint end;
    int peer;
};

static struct connection connected(void (*pair)(int *, int *))
{
    struct connection made;
    int ours;

    pair(&ours, &made.peer);
    CHECK_EQUAL(endpoint_adopt(&made.end, ENDPOINT_OUTPUT, ours, "peer"), 0);
    return made;
}

/* closing_step until it has decided, as its caller would. */
static int part(struct endpoint *end)
{
    const uint64_t until = clock_now() + 10 * NS_PER_SECOND * slow();
    int error;

    while ((error = closing_step(end)) == -EAGAIN || error == -EINPROGRESS) {
        if (clock_now() > until)
            return -ETIME;
        if (error == -EAGAIN)
            comes(end->fd, POLLIN);
        else
            rest_ms(CLOSING_REST / NS_PER_MS);
    }
    return error;
}

/* Until the kernel has noticed what the peer has done. */
static int news(struct endpoint *end)
{
    int error;

    while ((error = closing_overhear(end)) == -EAGAIN && comes(end->fd, POLLIN))
        ;
    return error;
}

static bool is_confirmed(const struct endpoint *end)
{
    const uint64_t until = clock_now() + 10 * NS_PER_SECOND * slow();

    while (endpoint_unacknowledged(end) > 0 && clock_now() < until)
        rest_ms(1);
    return endpoint_unacknowledged(end) == 0;
}

static void check_clean_end(void (*pair)(int *, int *))
{
    struct connection made = connected(pair);
    const uint64_t sent = push(made.end.fd, 100000);

    CHECK_EQUAL(closing_begin(&made.end), 0);
    CHECK_EQUAL(closing_step(&made.end), -EAGAIN);
    CHECK_EQUAL(pull(made.peer, MANY), sent);
    CHECK_EQUAL(closing_step(&made.end), -EAGAIN);
    close(made.peer);
    CHECK_EQUAL(part(&made.end), 0);
    CHECK_EQUAL(endpoint_unacknowledged(&made.end), 0);
    CHECK_EQUAL(endpoint_close(&made.end), 0);
}

TEST(a_peer_that_reads_to_the_end_and_closes_has_everything)
{
    check_clean_end(tcp_pair);
    check_clean_end(unix_pair);
}

static void check_unread_end(void (*pair)(int *, int *))
{
    struct connection made = connected(pair);

    push(made.end.fd, 100000);
    CHECK_EQUAL(closing_begin(&made.end), 0);
    CHECK_EQUAL(pull(made.peer, 50000), 50000);
    close(made.peer);
    CHECK_EQUAL(part(&made.end), -ECONNRESET);
    endpoint_close(&made.end);
}

TEST(a_peer_that_closes_before_it_has_read_everything_is_an_error)
{
    check_unread_end(tcp_pair);
    check_unread_end(unix_pair);
}

static void check_half_closed(void (*pair)(int *, int *))
{
    struct connection made = connected(pair);
    const uint64_t sent = push(made.end.fd, MANY);

    shutdown(made.peer, SHUT_WR);
    CHECK_EQUAL(news(&made.end), 0);
    CHECK_EQUAL(closing_begin(&made.end), 0);
    CHECK_EQUAL(closing_step(&made.end), -EINPROGRESS);
    CHECK_EQUAL(pull(made.peer, MANY), sent);
    CHECK_EQUAL(part(&made.end), 0);
    close(made.peer);
    endpoint_close(&made.end);
}

TEST(a_peer_that_only_ended_its_side_is_waited_for_until_it_has_everything)
{
    check_half_closed(tcp_pair);
    check_half_closed(unix_pair);
}

static void check_half_closed_and_unread(void (*pair)(int *, int *), bool error_is_known)
{
    struct connection made = connected(pair);

    push(made.end.fd, MANY);
    shutdown(made.peer, SHUT_WR);
    CHECK_EQUAL(news(&made.end), 0);
    CHECK_EQUAL(closing_begin(&made.end), 0);
    close(made.peer);
    rest_ms(20);
    if (error_is_known) {
        int error;
        socklen_t size = sizeof error;

        getsockopt(made.end.fd, SOL_SOCKET, SO_ERROR, &error, &size);
    }
    CHECK(part(&made.end) < 0);
    CHECK(part(&made.end) != -ETIME);
    endpoint_close(&made.end);
}

TEST(a_reset_behind_the_end_of_the_peers_stream_is_seen)
{
    check_half_closed_and_unread(tcp_pair, false);
    check_half_closed_and_unread(tcp_pair, true);
    check_half_closed_and_unread(unix_pair, false);
}

TEST(what_a_peer_says_is_read_so_that_our_close_destroys_nothing)
{
    struct connection made = connected(tcp_pair);
    const uint64_t sent = push(made.end.fd, 100000);

    CHECK_EQUAL(push(made.peer, 30000), 30000);
    CHECK_EQUAL(closing_begin(&made.end), 0);
    comes(made.end.fd, POLLIN);
    CHECK_EQUAL(closing_step(&made.end), -EAGAIN);
    CHECK_EQUAL(pull(made.peer, MANY), sent);
    CHECK_EQUAL(push(made.peer, 30000), 30000);
    close(made.peer);
    CHECK_EQUAL(part(&made.end), 0);
    endpoint_close(&made.end);
}

TEST(a_peer_that_talks_without_end_holds_up_nothing)
{
    struct connection made = connected(tcp_pair);
    const uint64_t at_once = 1 << 20;
    const uint64_t sent = push(made.peer, MANY);
    uint64_t left;

    comes(made.end.fd, POLLIN);
    CHECK_EQUAL(closing_overhear(&made.end), -EAGAIN);
    close(made.peer);
    left = pull(made.end.fd, MANY);
    /* a machine may have smaller buffers than that */
    CHECK(sent <= at_once || left >= sent - at_once);
    CHECK_EQUAL(news(&made.end), 0);
    endpoint_close(&made.end);
}

TEST(overhearing_tells_an_end_from_a_reset)
{
    struct connection made = connected(tcp_pair);

    CHECK_EQUAL(closing_overhear(&made.end), -EAGAIN);
    close(made.peer);
    CHECK_EQUAL(news(&made.end), 0);
    endpoint_close(&made.end);

    made = connected(tcp_pair);
    reset(made.peer);
    CHECK_EQUAL(news(&made.end), -ECONNRESET);
    CHECK_EQUAL(closing_begin(&made.end), -ENOTCONN);
    endpoint_close(&made.end);

    made = connected(tcp_pair);
    reset(made.peer);
    comes(made.end.fd, POLLIN);
    CHECK_EQUAL(closing_begin(&made.end), -ECONNRESET);
    endpoint_close(&made.end);
}

/* The facts that the contract of endpoint_unacknowledged tells, one after the other. */

TEST(a_tcp_peer_that_closed_has_read_exactly_what_is_acknowledged)
{
    unsigned round;

    for (round = 0; round < 20; round++) {
        struct connection made = connected(tcp_pair);
        const uint64_t before = push(made.end.fd, 1 + 7919 * round);
        const uint64_t read = pull(made.peer, before);
        uint64_t after;

        close(made.peer);
        after = push(made.end.fd, 12345);
        CHECK_EQUAL(news(&made.end), 0);
        CHECK_EQUAL(before + after - endpoint_unacknowledged(&made.end), read);
        endpoint_close(&made.end);
    }
}

TEST(the_same_where_it_only_read_a_part_and_then_the_rest)
{
    struct connection made = connected(tcp_pair);
    const uint64_t sent = push(made.end.fd, MANY);
    uint64_t more;

    CHECK(endpoint_unacknowledged(&made.end) > 0);
    CHECK_EQUAL(pull(made.peer, sent), sent);
    CHECK(is_confirmed(&made.end));
    close(made.peer);
    CHECK_EQUAL(news(&made.end), 0);
    CHECK_EQUAL(endpoint_unacknowledged(&made.end), 0);
    more = push(made.end.fd, 1000);
    comes(made.end.fd, POLLERR);
    rest_ms(20);
    CHECK_EQUAL(endpoint_unacknowledged(&made.end), more);
    endpoint_close(&made.end);
}

TEST(the_count_survives_a_reset_and_says_what_the_peers_kernel_took)
{
    struct connection made = connected(tcp_pair);
    const uint64_t sent = push(made.end.fd, MANY);
    uint64_t taken;

    CHECK_EQUAL(pull(made.peer, 1000), 1000);
    rest_ms(50);
    close(made.peer);
    CHECK_EQUAL(news(&made.end), -ECONNRESET);
    taken = sent - endpoint_unacknowledged(&made.end);
    CHECK(taken > 1000 && taken < sent);
    CHECK_EQUAL(sent - endpoint_unacknowledged(&made.end), taken);
    endpoint_close(&made.end);
}

TEST(after_a_reset_it_may_have_read_more_than_was_acknowledged)
{
    struct connection made = connected(tcp_pair);
    unsigned i;

    /* talk to and fro: then the peer's kernel confirms with its next answer, or 40 ms later */
    for (i = 0; i < 40; i++) {
        CHECK_EQUAL(push(made.end.fd, 100), 100);
        CHECK_EQUAL(pull(made.peer, 100), 100);
        CHECK_EQUAL(push(made.peer, 1), 1);
        CHECK_EQUAL(pull(made.end.fd, 1), 1);
    }
    push(made.end.fd, 100);
    CHECK_EQUAL(pull(made.peer, 100), 100);
    reset(made.peer);
    CHECK_EQUAL(news(&made.end), -ECONNRESET);
    /* 100 unless this machine was busy for 40 ms just now: at risk, though it has been read */
    CHECK(endpoint_unacknowledged(&made.end) == 100 || endpoint_unacknowledged(&made.end) == 0);
    endpoint_close(&made.end);
}

TEST(the_end_of_our_stream_is_not_counted)
{
    struct connection made = connected(tcp_pair);
    const uint64_t sent = push(made.end.fd, MANY);
    int raw = 0;
    uint64_t left;

    rest_ms(50);
    left = endpoint_unacknowledged(&made.end);
    CHECK(left > 0 && left < sent);
    CHECK_EQUAL(closing_begin(&made.end), 0);
    CHECK_EQUAL(endpoint_unacknowledged(&made.end), left);
    CHECK_EQUAL(ioctl(made.end.fd, TIOCOUTQ, &raw), 0);
    CHECK_EQUAL(raw, left + 1);
    close(made.peer);
    endpoint_close(&made.end);
}

TEST(a_unix_socket_counts_memory_until_the_last_byte_of_a_message_is_read)
{
    struct connection made = connected(unix_pair);

    push(made.end.fd, 5000);
    CHECK(endpoint_unacknowledged(&made.end) > 5000);
    CHECK_EQUAL(pull(made.peer, 4999), 4999);
    CHECK(endpoint_unacknowledged(&made.end) > 5000);
    CHECK_EQUAL(pull(made.peer, 1), 1);
    CHECK_EQUAL(endpoint_unacknowledged(&made.end), 0);
    push(made.end.fd, 5000);
    close(made.peer);
    CHECK_EQUAL(endpoint_unacknowledged(&made.end), 0);
    CHECK_EQUAL(news(&made.end), -ECONNRESET);
    endpoint_close(&made.end);
}

TEST(other_ends_have_nothing_unacknowledged)
{
    struct endpoint end;
    int fds[2];

    must(pipe(fds), "pipe");
    CHECK_EQUAL(write(fds[1], "text", 4), 4);
    CHECK_EQUAL(endpoint_adopt(&end, ENDPOINT_OUTPUT, fds[1], "pipe"), 0);
    CHECK_EQUAL(endpoint_unacknowledged(&end), 0);
    close(fds[0]);
    endpoint_close(&end);
}
