/*
 * gift: writers that cost as little as can be, so that what is measured is what stands behind them.
 *
 *     gift pages MIB    give pages to the pipe with vmsplice(2): nothing is copied
 *     gift writes MIB   write 64 KiB at a time
 *     gift file MIB     send stdin, a file of that size, to stdout with sendfile(2) alone
 *
 * The pages are those of a huge one that are given again and again, so what arrives is always the
 * same; content is checked elsewhere.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/uio.h>
#include <unistd.h>

enum { HUGE_PAGE = 2 << 20, PIPE_SIZE = 1 << 20, BLOCK = 64 << 10 };

static ssize_t give_pages(const unsigned char *pages, uint64_t given, uint64_t left)
{
    const size_t at = given % HUGE_PAGE;
    const size_t room = HUGE_PAGE - at < PIPE_SIZE ? HUGE_PAGE - at : PIPE_SIZE;
    const struct iovec part = {.iov_base = (void *)(pages + at),
                               .iov_len = left < room ? left : room};

    return vmsplice(1, &part, 1, SPLICE_F_GIFT);
}

static ssize_t give_writes(const unsigned char *pages, uint64_t given, uint64_t left)
{
    (void)given;
    return write(1, pages, left < BLOCK ? left : BLOCK);
}

static ssize_t give_file(const unsigned char *pages, uint64_t given, uint64_t left)
{
    (void)pages;
    (void)given;
    return sendfile(1, 0, NULL, left < 1 << 30 ? left : 1 << 30);
}

static int give_all(ssize_t (*give)(const unsigned char *, uint64_t, uint64_t), uint64_t length)
{
    unsigned char *pages = aligned_alloc(HUGE_PAGE, HUGE_PAGE);
    uint64_t given = 0;
    int error = 0;

    if (!pages)
        return -ENOMEM;
    madvise(pages, HUGE_PAGE, MADV_HUGEPAGE);
    memset(pages, 'x', HUGE_PAGE);
    while (given < length && !error) {
        const ssize_t count = give(pages, given, length - given);

        if (count > 0)
            given += (uint64_t)count;
        else if (count == 0 || errno != EINTR)
            error = count ? -errno : -ENODATA;
    }
    free(pages);
    return error;
}

int main(int argc, char **argv)
{
    const char *what = argc == 3 ? argv[1] : "";
    const uint64_t length = argc == 3 ? strtoull(argv[2], NULL, 10) << 20 : 0;
    ssize_t (*give)(const unsigned char *, uint64_t, uint64_t) =
        strcmp(what, "pages") == 0    ? give_pages
        : strcmp(what, "writes") == 0 ? give_writes
        : strcmp(what, "file") == 0   ? give_file
                                      : NULL;
    int error;

    if (!give || !length) {
        fputs("usage: gift pages|writes|file MIB\n", stderr);
        return 2;
    }
    if (give == give_pages)
        fcntl(1, F_SETPIPE_SZ, PIPE_SIZE); /* who may not have it does with less */
    error = give_all(give, length);
    if (error)
        fprintf(stderr, "gift: %s\n", strerror(-error));
    return error != 0;
}
