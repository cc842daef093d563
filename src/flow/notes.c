#include "flow/notes.h"

#include <stdarg.h>

void notes_failure(struct notes *notes, const char *object, const char *operation, uint64_t offset,
                   int error)
{
    errors_add(&notes->errors,
               (struct error_entry){
                   .object = object, .operation = operation, .offset = offset, .error = error});
    bell_wake_always(notes->main_bell);
}

void notes_line(struct notes *notes, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    errors_note(&notes->errors, format, arguments);
    va_end(arguments);
    bell_wake_always(notes->main_bell);
}

void notes_explain(struct notes *notes, const char *format, ...)
{
    va_list arguments;

    if (!notes->explains)
        return;
    va_start(arguments, format);
    errors_note(&notes->errors, format, arguments);
    va_end(arguments);
    bell_wake_always(notes->main_bell);
}
