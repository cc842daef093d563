#include "watch/sums.h"

#include "sys/say.h"
#include "watch/quoting.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

void sums_make(struct sums *sums, const char *algorithm)
{
    *sums = (struct sums){.algorithm = algorithm, .lock = PTHREAD_MUTEX_INITIALIZER};
    sums->last = &sums->first;
}

static void free_sum(struct sum *sum)
{
    free(sum->name);
    free(sum);
}

void sums_free(struct sums *sums)
{
    while (sums->first) {
        struct sum *const sum = sums->first;

        sums->first = sum->next;
        free_sum(sum);
    }
}

/* Of those of OF leave the newest KEEP. */
static void forget_oldest(struct sums *sums, const void *of, uint64_t keep)
{
    struct sum **at = &sums->first;
    uint64_t count = 0;
    struct sum *sum;

    for (sum = sums->first; sum; sum = sum->next)
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
    for (sums->last = &sums->first; *sums->last;)
        sums->last = &(*sums->last)->next;
}

int sums_add(struct sums *sums, const struct sum *complete, uint64_t keep)
{
    struct sum *sum = malloc(sizeof *sum);

    if (!sum)
        return -ENOMEM;
    *sum = *complete;
    sum->next = NULL;
    sum->name = strdup(complete->name);
    if (!sum->name) {
        free(sum);
        return -ENOMEM;
    }
    pthread_mutex_lock(&sums->lock);
    *sums->last = sum;
    sums->last = &sum->next;
    if (keep)
        forget_oldest(sums, sum->of, keep);
    atomic_fetch_add(&sums->added, 1);
    pthread_mutex_unlock(&sums->lock);
    return 0;
}

static struct quoted name_of(const struct sum *sum)
{
    return quote_name(strcmp(sum->name, "-") == 0 ? "stdout" : sum->name);
}

/* A name that would end the line is escaped, and a backslash in front of the line says so. */
static void write_line(FILE *to, const struct sum *sum)
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

void sums_write_lines(FILE *to, struct sums *sums)
{
    const struct sum *sum;
    bool has_file = false;

    pthread_mutex_lock(&sums->lock);
    for (sum = sums->first; sum; sum = sum->next)
        has_file = has_file || sum->is_file;
    for (sum = sums->first; sum; sum = sum->next) {
        if (sum->is_file || !has_file)
            write_line(to, sum);
    }
    pthread_mutex_unlock(&sums->lock);
}

void sums_write_text(FILE *to, struct sums *sums)
{
    const struct sum *sum;

    pthread_mutex_lock(&sums->lock);
    for (sum = sums->first; sum; sum = sum->next)
        fprintf(to, "%s %s of %s\n", sums->algorithm, sum->hex, name_of(sum).text);
    pthread_mutex_unlock(&sums->lock);
}

void sums_write_json(FILE *to, struct sums *sums)
{
    const struct sum *sum;

    fputs(",\"digests\":[", to);
    pthread_mutex_lock(&sums->lock);
    for (sum = sums->first; sum; sum = sum->next) {
        fprintf(to, "%s{\"output\":", sum == sums->first ? "" : ",");
        write_string(to, name_of(sum).text);
        fputs(",\"algorithm\":", to);
        write_string(to, sums->algorithm);
        fprintf(to, ",\"sum\":\"%s\"}", sum->hex);
    }
    pthread_mutex_unlock(&sums->lock);
    fputc(']', to);
}

void sums_write_prometheus(FILE *to, struct sums *sums, const char *name)
{
    const struct sum *sum;

    pthread_mutex_lock(&sums->lock);
    if (sums->first)
        fputs("# HELP slabcat_digest_info the checksum of an output that is complete\n"
              "# TYPE slabcat_digest_info gauge\n",
              to);
    for (sum = sums->first; sum; sum = sum->next) {
        fputs("slabcat_digest_info{", to);
        if (name) {
            fputs("name=", to);
            write_string(to, name);
            fputc(',', to);
        }
        fputs("output=", to);
        write_string(to, name_of(sum).text);
        fputs(",algorithm=", to);
        write_string(to, sums->algorithm);
        fprintf(to, ",sum=\"%s\"} 1\n", sum->hex);
    }
    pthread_mutex_unlock(&sums->lock);
}
