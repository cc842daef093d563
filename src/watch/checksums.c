#include "watch/checksums.h"

#include "sys/say.h"
#include "watch/quoting.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

void checksums_make(struct checksums *checksums, const char *algorithm)
{
    *checksums = (struct checksums){.algorithm = algorithm, .lock = PTHREAD_MUTEX_INITIALIZER};
    checksums->last = &checksums->first;
}

static void free_sum(struct checksum *sum)
{
    free(sum->name);
    free(sum);
}

void checksums_free(struct checksums *checksums)
{
    while (checksums->first) {
        struct checksum *const sum = checksums->first;

        checksums->first = sum->next;
        free_sum(sum);
    }
}

/* Of those of OF leave the newest KEEP. */
static void forget_oldest(struct checksums *checksums, const void *of, uint64_t keep)
{
    struct checksum **at = &checksums->first;
    uint64_t count = 0;
    struct checksum *sum;

    for (sum = checksums->first; sum; sum = sum->next)
        count += sum->of == of;
    while (*at && count > keep) {
        sum = *at;
        if (sum->of == of) {
            *at = sum->next;
            free_sum(sum);
            count--;
        } else {
            at = &sum->next;
        }
    }
    for (checksums->last = &checksums->first; *checksums->last;)
        checksums->last = &(*checksums->last)->next;
}

int checksums_add(struct checksums *checksums, const struct checksum *complete, uint64_t keep)
{
    struct checksum *sum = malloc(sizeof *sum);

    if (!sum)
        return -ENOMEM;
    *sum = *complete;
    sum->next = NULL;
    sum->name = strdup(complete->name);
    if (!sum->name) {
        free(sum);
        return -ENOMEM;
    }
    pthread_mutex_lock(&checksums->lock);
    *checksums->last = sum;
    checksums->last = &sum->next;
    if (keep)
        forget_oldest(checksums, sum->of, keep);
    atomic_fetch_add(&checksums->added, 1);
    pthread_mutex_unlock(&checksums->lock);
    return 0;
}

static struct quoted name_of(const struct checksum *sum)
{
    return quote_name(strcmp(sum->name, "-") == 0 ? "stdout" : sum->name);
}

/* A name that would end the line is escaped, and a backslash in front of the line says so. */
static void write_line(FILE *to, const struct checksum *sum)
{
    const char *at;

    if (strpbrk(sum->name, "\\\n\r"))
        fputc('\\', to);
    fprintf(to, "%s  ", sum->hex);
    for (at = sum->name; *at; at++) {
        switch (*at) {
        case '\\': fputs("\\\\", to); break;
        case '\n': fputs("\\n", to); break;
        case '\r': fputs("\\r", to); break;
        default: fputc(*at, to);
        }
    }
    fputc('\n', to);
}

void checksums_write_lines(FILE *to, struct checksums *checksums)
{
    const struct checksum *sum;
    bool has_file = false;

    pthread_mutex_lock(&checksums->lock);
    for (sum = checksums->first; sum; sum = sum->next)
        has_file = has_file || sum->is_file;
    for (sum = checksums->first; sum; sum = sum->next) {
        if (sum->is_file || !has_file)
            write_line(to, sum);
    }
    pthread_mutex_unlock(&checksums->lock);
}

void checksums_write_text(FILE *to, struct checksums *checksums)
{
    const struct checksum *sum;

    pthread_mutex_lock(&checksums->lock);
    for (sum = checksums->first; sum; sum = sum->next)
        fprintf(to, "%s %s of %s\n", checksums->algorithm, sum->hex, name_of(sum).text);
    pthread_mutex_unlock(&checksums->lock);
}

void checksums_write_json(FILE *to, struct checksums *checksums)
{
    const struct checksum *sum;

    fputs(",\"digests\":[", to);
    pthread_mutex_lock(&checksums->lock);
    for (sum = checksums->first; sum; sum = sum->next) {
        fprintf(to, "%s{\"output\":", sum == checksums->first ? "" : ",");
        write_string(to, name_of(sum).text);
        fputs(",\"algorithm\":", to);
        write_string(to, checksums->algorithm);
        fprintf(to, ",\"sum\":\"%s\"}", sum->hex);
    }
    pthread_mutex_unlock(&checksums->lock);
    fputc(']', to);
}

void checksums_write_prometheus(FILE *to, struct checksums *checksums, const char *name)
{
    const struct checksum *sum;

    pthread_mutex_lock(&checksums->lock);
    if (checksums->first)
        fputs("# HELP slabcat_digest_info the checksum of an output that is complete\n"
              "# TYPE slabcat_digest_info gauge\n",
              to);
    for (sum = checksums->first; sum; sum = sum->next) {
        fputs("slabcat_digest_info{", to);
        if (name) {
            fputs("name=", to);
            write_string(to, name);
            fputc(',', to);
        }
        fputs("output=", to);
        write_string(to, name_of(sum).text);
        fputs(",algorithm=", to);
        write_string(to, checksums->algorithm);
        fprintf(to, ",sum=\"%s\"} 1\n", sum->hex);
    }
    pthread_mutex_unlock(&checksums->lock);
}
