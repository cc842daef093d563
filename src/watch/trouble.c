#include "watch/trouble.h"

#include "sys/say.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int troubles_make(struct troubles *troubles)
{
    *troubles = (struct troubles){.last = &troubles->first};
    return -pthread_mutex_init(&troubles->lock, NULL);
}

static void forget(struct trouble *trouble)
{
    free(trouble->note);
    free(trouble);
}

void troubles_free(struct troubles *troubles)
{
    while (troubles->first) {
        struct trouble *trouble = troubles->first;

        troubles->first = trouble->next;
        forget(trouble);
    }
    pthread_mutex_destroy(&troubles->lock);
}

void troubles_add(struct troubles *troubles, struct trouble trouble)
{
    struct trouble *kept = malloc(sizeof *kept);

    pthread_mutex_lock(&troubles->lock);
    troubles->ever = troubles->ever || !trouble.note;
    if (kept) {
        *kept = trouble;
        kept->next = NULL;
        *troubles->last = kept;
        troubles->last = &kept->next;
    } else {
        free(trouble.note);
    }
    pthread_mutex_unlock(&troubles->lock);
}

void troubles_note(struct troubles *troubles, const char *format, va_list arguments)
{
    char *text = NULL;

    if (vasprintf(&text, format, arguments) >= 0)
        troubles_add(troubles, (struct trouble){.object = "", .note = text});
}

static bool say_one(const struct trouble *trouble)
{
    const struct quoted object = quote_name(trouble->object);

    if (trouble->note)
        return say("%s", trouble->note);
    if (!trouble->error)
        return say("%s: %s", object.text, trouble->operation);
    if (trouble->offset == TROUBLE_NO_OFFSET)
        return say("%s: %s: %s", object.text, trouble->operation, strerror(-trouble->error));
    return say("%s: %s at byte %" PRIu64 ": %s", object.text, trouble->operation, trouble->offset,
               strerror(-trouble->error));
}

bool troubles_are_new(struct troubles *troubles)
{
    bool are_new;

    pthread_mutex_lock(&troubles->lock);
    are_new = troubles->first != NULL;
    pthread_mutex_unlock(&troubles->lock);
    return are_new;
}

void troubles_say(struct troubles *troubles)
{
    struct trouble *list;
    bool is_heard = true;

    pthread_mutex_lock(&troubles->lock);
    list = troubles->first;
    troubles->first = NULL;
    troubles->last = &troubles->first;
    pthread_mutex_unlock(&troubles->lock);
    while (list) {
        struct trouble *trouble = list;

        list = trouble->next;
        is_heard = is_heard && say_one(trouble);
        forget(trouble);
    }
}

bool troubles_ever(struct troubles *troubles)
{
    bool ever;

    pthread_mutex_lock(&troubles->lock);
    ever = troubles->ever;
    pthread_mutex_unlock(&troubles->lock);
    return ever;
}
