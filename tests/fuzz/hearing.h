/*
 * What the code under test says on stderr, kept from the terminal and given to the target. Under a
 * sanitizer its reports still go where they belong; of an assert that fails meanwhile, which
 * aborts, only the input is left.
 */
#ifndef SLABCAT_FUZZ_HEARING_H
#define SLABCAT_FUZZ_HEARING_H

#include "fuzz.h"
#include "plain.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HEARING_REPORTS 1
#endif
#endif
#if defined(HEARING_REPORTS) || defined(__SANITIZE_ADDRESS__)
void __sanitizer_set_report_fd(void *);
#define HEARING_REPORT_TO(fd) __sanitizer_set_report_fd((void *)(intptr_t)(fd))
#else
#define HEARING_REPORT_TO(fd) ((void)(fd))
#endif

struct hearing {
    int real; /* stderr */
    int file;
    char text[1 << 14]; /* what has been said, and a NUL */
    size_t length;
};

/* From here on nobody hears what is said. */
static inline void hearing_begin(struct hearing *hearing)
{
    hearing->real = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
    hearing->file = memfd_create("said", MFD_CLOEXEC);
    MUST(hearing->real >= 0 && hearing->file >= 0);
    HEARING_REPORT_TO(hearing->real);
    MUST(dup2(hearing->file, STDERR_FILENO) == STDERR_FILENO);
}

static inline void hearing_end(struct hearing *hearing)
{
    ssize_t got;

    dup2(hearing->real, STDERR_FILENO);
    HEARING_REPORT_TO(STDERR_FILENO);
    got = pread(hearing->file, hearing->text, sizeof hearing->text - 1, 0);
    MUST(got >= 0 && got < (ssize_t)sizeof hearing->text - 1);
    hearing->length = (size_t)got;
    hearing->text[got] = '\0';
    close(hearing->file);
    close(hearing->real);
}

/* One line, which a terminal can show; an unknown option's has another one behind it. */
static inline void hearing_must_be_a_line(const struct hearing *hearing)
{
    static const char hint[] = "Try 'slabcat --help'.\n";
    const char *const end = strchr(hearing->text, '\n');

    MUST(strlen(hearing->text) == hearing->length);
    MUST(strncmp(hearing->text, "slabcat: ", strlen("slabcat: ")) == 0);
    MUST(end && (!end[1] || strcmp(end + 1, hint) == 0));
    MUST(plain_is(hearing->text, hearing->length, true));
}

#endif
