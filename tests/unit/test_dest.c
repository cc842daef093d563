#include "sink/dest.h"

#include <string.h>

#include "check.h"

static const char *wrong_with(const char *word)
{
    struct dest dest;
    const char *wrong = dest_parse(&dest, word);

    return wrong ? wrong : "nothing";
}

static struct dest parsed(const char *word)
{
    struct dest dest;
    const char *wrong = dest_parse(&dest, word);

    CHECK_TEXT(wrong ? wrong : "", "");
    CHECK_TEXT(dest.name, word);
    return dest;
}

static void check_tcp(const char *word, const char *host, const char *port)
{
    const struct dest dest = parsed(word);

    CHECK_EQUAL(dest.kind, DEST_TCP);
    CHECK_TEXT(dest.host, host);
    CHECK_TEXT(dest.port, port);
}

static void check_path(const char *word)
{
    const struct dest dest = parsed(word);

    CHECK_EQUAL(dest.kind, DEST_PATH);
    CHECK_TEXT(dest.path, word);
}

TEST(a_dash_is_stdout_and_nothing_longer_is)
{
    CHECK_EQUAL(parsed("-").kind, DEST_STDOUT);
    check_path("--");
    check_path("./-");
}

TEST(paths_are_whatever_looks_like_nothing_else)
{
    check_path("log");
    check_path("/var/log/app.log");
    check_path("./fd:3");
    check_path("./tcp://a:1");
    check_path("fd3");
    check_path("a:b");
    check_path("dir/http://x");
    check_path("a b://c");
    check_path("://x");
    check_path("UNIX");
    check_path("\x1b[2J");
}

TEST(descriptors_are_numbers)
{
    CHECK_EQUAL(parsed("fd:3").kind, DEST_FD);
    CHECK_EQUAL(parsed("fd:3").fd, 3);
    CHECK_EQUAL(parsed("fd:0").fd, 0);
    CHECK_EQUAL(parsed("fd:2147483647").fd, 2147483647);
    CHECK_TEXT(wrong_with("fd:"), "no descriptor's number; fd:N");
    CHECK_TEXT(wrong_with("fd:abc"), "no descriptor's number; fd:N");
    CHECK_TEXT(wrong_with("fd:-1"), "no descriptor's number; fd:N");
    CHECK_TEXT(wrong_with("fd:+1"), "no descriptor's number; fd:N");
    CHECK_TEXT(wrong_with("fd: 1"), "no descriptor's number; fd:N");
    CHECK_TEXT(wrong_with("fd:1x"), "no descriptor's number; fd:N");
    CHECK_TEXT(wrong_with("fd:2147483648"), "no descriptor's number; fd:N");
    CHECK_TEXT(wrong_with("fd:99999999999999999999999"), "no descriptor's number; fd:N");
}

TEST(hosts_are_names_or_addresses)
{
    check_tcp("tcp://localhost:514", "localhost", "514");
    check_tcp("tcp://127.0.0.1:1", "127.0.0.1", "1");
    check_tcp("tcp://[::1]:65535", "::1", "65535");
    check_tcp("tcp://[fe80::1%eth0]:80", "fe80::1%eth0", "80");
    check_tcp("tcp://logs.example:syslog-tls", "logs.example", "syslog-tls");
    check_tcp("tcp://h:0080", "h", "0080");
    CHECK_TEXT(wrong_with("tcp://"), "no host; tcp://HOST:PORT");
    CHECK_TEXT(wrong_with("tcp://:80"), "no host; tcp://HOST:PORT");
    CHECK_TEXT(wrong_with("tcp://[]:80"), "no host; tcp://HOST:PORT");
    CHECK_TEXT(wrong_with("tcp://::1:80"), "an IPv6 address wants brackets; tcp://[ADDRESS]:PORT");
    CHECK_TEXT(wrong_with("tcp://[::1:80"), "a bracket is open; tcp://[ADDRESS]:PORT");
    CHECK_TEXT(wrong_with("tcp://[name]:80"), "no IPv6 address in the brackets");
    CHECK_TEXT(wrong_with("tcp://[::1]80"), "a port follows the brackets; tcp://[ADDRESS]:PORT");
    CHECK_TEXT(wrong_with("tcp://me@h:80"), "no name or address of a host");
    CHECK_TEXT(wrong_with("tcp://h h:80"), "no name or address of a host");
    CHECK_TEXT(wrong_with("tcp://h/p:80"), "no name or address of a host");
    CHECK_TEXT(wrong_with("tcp://h\n:80"), "no name or address of a host");
}

TEST(ports_are_numbers_or_services)
{
    CHECK_TEXT(wrong_with("tcp://h"), "no port; tcp://HOST:PORT");
    CHECK_TEXT(wrong_with("tcp://h:"), "no port; tcp://HOST:PORT");
    CHECK_TEXT(wrong_with("tcp://[::1]"), "no port; tcp://HOST:PORT");
    CHECK_TEXT(wrong_with("tcp://[::1]:"), "no port; tcp://HOST:PORT");
    CHECK_TEXT(wrong_with("tcp://h:0"), "a port is in 1..65535");
    CHECK_TEXT(wrong_with("tcp://h:70000"), "a port is in 1..65535");
    CHECK_TEXT(wrong_with("tcp://h:65536"), "a port is in 1..65535");
    CHECK_TEXT(wrong_with("tcp://h:99999999999999999999999999999999999"), "a port is in 1..65535");
    CHECK_TEXT(wrong_with("tcp://h:-1"), "a port is in 1..65535");
    CHECK_TEXT(wrong_with("tcp://h:80/path"), "a port is a number or a service's name");
    CHECK_TEXT(wrong_with("tcp://h: 80"), "a port is a number or a service's name");
    CHECK_TEXT(wrong_with("tcp://h:a-service-with-a-name-of-32-char"),
               "no service has so long a name");
}

TEST(what_does_not_fit_is_refused)
{
    char word[512];

    memset(word, 'h', sizeof word);
    memcpy(word, "tcp://", 6);
    memcpy(word + 6 + DEST_HOST_MAX, ":80", 4);
    CHECK_EQUAL(strlen(parsed(word).host), DEST_HOST_MAX);
    memset(word + 6, 'h', sizeof word - 6);
    memcpy(word + 6 + DEST_HOST_MAX + 1, ":80", 4);
    CHECK_TEXT(wrong_with(word), "no host has so long a name");

    memset(word, 'p', sizeof word);
    memcpy(word, "unix:", 5);
    word[5 + 107] = '\0';
    CHECK_EQUAL(strlen(parsed(word).path), 107);
    word[5 + 107] = 'p';
    word[5 + 108] = '\0';
    CHECK_TEXT(wrong_with(word), "a socket's path has at most 107 bytes");
}

TEST(unix_sockets_have_a_path_or_an_abstract_name)
{
    CHECK_EQUAL(parsed("unix:/run/x").kind, DEST_UNIX);
    CHECK_TEXT(parsed("unix:/run/x").path, "/run/x");
    CHECK_TEXT(parsed("unix:x").path, "x");
    CHECK_TEXT(parsed("unix:@slabcat").path, "@slabcat");
    CHECK_TEXT(wrong_with("unix:"), "no path; unix:PATH");
    CHECK_TEXT(wrong_with("unix:@"), "no path; unix:PATH");
}

TEST(other_schemes_and_nothing_at_all_are_errors)
{
    CHECK_TEXT(wrong_with("http://h:80"),
               "unknown scheme; tcp://HOST:PORT or unix:PATH, or ./ before a file's name");
    CHECK_TEXT(wrong_with("a+b.c-1://x"),
               "unknown scheme; tcp://HOST:PORT or unix:PATH, or ./ before a file's name");
    CHECK_TEXT(wrong_with("TCP://h:80"),
               "unknown scheme; tcp://HOST:PORT or unix:PATH, or ./ before a file's name");
    CHECK_TEXT(wrong_with("tcp:h:80"),
               "the slashes are missing; tcp://HOST:PORT, or ./tcp:... for a file");
    CHECK_TEXT(wrong_with(""), "empty; PATH, -, fd:N, tcp://HOST:PORT or unix:PATH");
}
