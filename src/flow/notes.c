#include "flow/notes.h"

#include <stdarg.h>

void notes_failure(struct notes *notes, const char *object, const char *operation, uint64_t offset,
                   int error)
{
    troubles_add(&notes->troubles,
                 (struct trouble){
                     .object = object, .operation = operation, .offset = offset, .error = error});
    bell_toll(notes->main_bell);
}

void notes_line(struct notes *notes, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    troubles_note(&notes->troubles, format, arguments);
    va_end(arguments);
    bell_toll(notes->main_bell);
}

void notes_explain(struct notes *notes, const char *format, ...)
{
    va_list arguments;

    if (!notes->explains)
        return;
    va_start(arguments, format);
    troubles_note(&notes->troubles, format, arguments);
    va_end(arguments);
    bell_toll(notes->main_bell);
}
