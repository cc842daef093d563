#include "dumpable.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PIECE = 1 << 16, STRING_MAX = 4096, CANNOT_SAY = 2 };

struct mapping {
    char line[512]; /* as /proc has it, without the newline */
    uint64_t from;
    uint64_t to;
    uint64_t held_kb; /* in memory or swapped out */
};

struct hunt {
    const char *string;
    size_t length;
    int memory;
    unsigned hits;
    uint64_t seen; /* bytes */
    unsigned char bytes[STRING_MAX + PIECE];
};

static void report(struct hunt *hunt, const struct mapping *mapping, uint64_t at, size_t length)
{
    const unsigned char *from = hunt->bytes;
    const unsigned char *hit;

    while (
        (hit = memmem(from, length - (size_t)(from - hunt->bytes), hunt->string, hunt->length))) {
        printf("at %" PRIx64 " in %s\n", at + (uint64_t)(hit - hunt->bytes), mapping->line);
        hunt->hits++;
        from = hit + 1;
    }
}

/* The end of each piece is looked at once more, in front of the next one. */
static void search(struct hunt *hunt, const struct mapping *mapping)
{
    const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    uint64_t at = mapping->from;
    size_t kept = 0;

    while (at < mapping->to) {
        const size_t wanted = mapping->to - at < PIECE ? (size_t)(mapping->to - at) : PIECE;
        const ssize_t got = pread(hunt->memory, hunt->bytes + kept, wanted, (off_t)at);
        size_t length;

        if (got <= 0) { /* such as [vvar] */
            at = (at / page + 1) * page;
            kept = 0;
            continue;
        }
        length = kept + (size_t)got;
        report(hunt, mapping, at - kept, length);
        at += (uint64_t)got;
        hunt->seen += (uint64_t)got;
        kept = length < hunt->length - 1 ? length : hunt->length - 1;
        memmove(hunt->bytes, hunt->bytes + length - kept, kept);
    }
}

/* "7f00-7f01 rw-p ...": the first line of a mapping; false: one of the others. */
static bool begins_mapping(const char *line, struct mapping *mapping)
{
    char *end;
    const uint64_t from = strtoull(line, &end, 16);
    uint64_t to;

    if (end == line || *end != '-')
        return false;
    to = strtoull(end + 1, &end, 16);
    if (*end != ' ')
        return false;
    *mapping = (struct mapping){.from = from, .to = to};
    snprintf(mapping->line, sizeof mapping->line, "%.*s", (int)strcspn(line, "\n"), line);
    return true;
}

/* The number behind NAME, if this is its line. */
static uint64_t figure(const char *line, const char *name)
{
    const size_t length = strlen(name);

    return strncmp(line, name, length) == 0 ? strtoull(line + length, NULL, 10) : 0;
}

/* VmFlags is a mapping's last line. Memory never touched, which may be much, holds nothing. */
static void search_all(struct hunt *hunt, FILE *smaps)
{
    struct mapping mapping = {0};
    char *line = NULL;
    size_t room = 0;

    while (getline(&line, &room, smaps) > 0) {
        if (begins_mapping(line, &mapping))
            continue;
        mapping.held_kb += figure(line, "Rss:") + figure(line, "Swap:");
        if (strncmp(line, "VmFlags:", 8) == 0 && !strstr(line, " dd") && mapping.held_kb > 0)
            search(hunt, &mapping);
    }
    free(line);
}

static FILE *open_of(const char *pid, struct hunt *hunt)
{
    char path[64];

    snprintf(path, sizeof path, "/proc/%s/mem", pid);
    hunt->memory = open(path, O_RDONLY | O_CLOEXEC);
    if (hunt->memory < 0)
        return NULL;
    snprintf(path, sizeof path, "/proc/%s/smaps", pid);
    return fopen(path, "re");
}

int run_dumpable(const char *pid, const char *string)
{
    static struct hunt hunt;
    FILE *smaps = open_of(pid, &hunt);

    hunt.string = string;
    hunt.length = strlen(string);
    if (!smaps || hunt.length > STRING_MAX) {
        fprintf(stderr, "rig: process %s: %s\n", pid, smaps ? "too long" : strerror(errno));
        return CANNOT_SAY;
    }
    search_all(&hunt, smaps);
    fclose(smaps);
    if (hunt.seen == 0) {
        fprintf(stderr, "rig: process %s: has no memory to be read\n", pid);
        return CANNOT_SAY;
    }
    return hunt.hits == 0;
}

int run_keep(bool is_dumpable, size_t offset)
{
    const size_t size = offset + STRING_MAX;
    /* shared, as then it does not become one with the mapping beside it */
    char *bytes = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ssize_t got;

    if (bytes == MAP_FAILED || (!is_dumpable && madvise(bytes, size, MADV_DONTDUMP) < 0))
        return CANNOT_SAY;
    while ((got = read(STDIN_FILENO, bytes + offset, size - offset)) > 0)
        offset += (size_t)got;
    if (puts("kept") < 0 || fflush(stdout) != 0)
        return CANNOT_SAY;
    for (;;)
        pause();
}
