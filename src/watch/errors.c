#include "watch/errors.h"

#include "sys/say.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int errors_make(struct errors *errors)
{
    *errors = (struct errors){.last = &errors->first};
    return -pthread_mutex_init(&errors->lock, NULL);
}

static void forget(struct error_entry *entry)
{
    free(entry->note);
    free(entry);
}

void errors_free(struct errors *errors)
{
    while (errors->first) {
        struct error_entry *entry = errors->first;

        errors->first = entry->next;
        forget(entry);
    }
    pthread_mutex_destroy(&errors->lock);
}

void errors_add(struct errors *errors, struct error_entry entry)
{
    struct error_entry *kept = malloc(sizeof *kept);

    pthread_mutex_lock(&errors->lock);
    errors->ever = errors->ever || !entry.note;
    if (kept) {
        *kept = entry;
        kept->next = NULL;
        *errors->last = kept;
        errors->last = &kept->next;
    } else {
        free(entry.note);
    }
    pthread_mutex_unlock(&errors->lock);
}

void errors_note(struct errors *errors, const char *format, va_list arguments)
{
    char *text = NULL;

    if (vasprintf(&text, format, arguments) >= 0)
        errors_add(errors, (struct error_entry){.object = "", .note = text});
}

static bool say_one(const struct error_entry *entry)
{
    const struct quoted object = quote_name(entry->object);

    if (entry->note)
        return say("%s", entry->note);
    if (!entry->error)
        return say("%s: %s", object.text, entry->operation);
    if (entry->offset == ERROR_NO_OFFSET)
        return say("%s: %s: %s", object.text, entry->operation, strerror(-entry->error));
    return say("%s: %s at byte %" PRIu64 ": %s", object.text, entry->operation, entry->offset,
               strerror(-entry->error));
}

bool errors_are_new(struct errors *errors)
{
    bool are_new;

    pthread_mutex_lock(&errors->lock);
    are_new = errors->first != NULL;
    pthread_mutex_unlock(&errors->lock);
    return are_new;
}

void errors_say(struct errors *errors)
{
    struct error_entry *list;
    bool is_heard = true;

    pthread_mutex_lock(&errors->lock);
    list = errors->first;
    errors->first = NULL;
    errors->last = &errors->first;
    pthread_mutex_unlock(&errors->lock);
    while (list) {
        struct error_entry *entry = list;

        list = entry->next;
        is_heard = is_heard && say_one(entry);
        forget(entry);
    }
}

bool errors_ever(struct errors *errors)
{
    bool ever;

    pthread_mutex_lock(&errors->lock);
    ever = errors->ever;
    pthread_mutex_unlock(&errors->lock);
    return ever;
}
