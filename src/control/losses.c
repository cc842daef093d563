#include "control/losses.h"

#include "sys/say.h"
#include "sys/units.h"

#include <inttypes.h>
#include <stdio.h>

/*
 * The number of undelivered bytes with its verb: "65536 bytes were"; with a call that has not returned,
 * "65536 to 69632 bytes were".
 */
static void print_undelivered(char *text, size_t room, const struct remains *remains, bool is_exact)
{
    const uint64_t most = remains->undelivered;
    const char *const were = most == 1 ? "byte was" : "bytes were";

    if (!is_exact)
        snprintf(text, room, "%s %" PRIu64 " %s", remains->has_uncounted ? "about" : "at most",
                 most, were);
    else if (remains->has_uncounted)
        snprintf(text, room, "at least %" PRIu64 " %s", most - remains->uncertain, were);
    else if (remains->uncertain)
        snprintf(text, room, "%" PRIu64 " to %" PRIu64 " %s", most - remains->uncertain, most,
                 were);
    else
        snprintf(text, room, "%" PRIu64 " %s", most, were);
}

void losses_say_undelivered(const char *output, const struct remains *remains, bool is_exact,
                            const struct shutdown *shutdown)
{
    char bytes[80];

    print_undelivered(bytes, sizeof bytes, remains, is_exact);
    if (shutdown->level != ABANDON)
        say("%s: %s not delivered", output, bytes);
    else if (shutdown->was_hurried)
        say("%s: %s not delivered: told to leave at once", output, bytes);
    else
        say("%s: %s not delivered within %s", output, bytes,
            print_time(shutdown->drain_timeout).text);
}

void losses_say_dropped(const struct meters *meters)
{
    const uint64_t lines = counter_look(&meters->dropped_lines);
    const uint64_t bytes = counter_look(&meters->dropped);

    if (bytes)
        say("dropped %" PRIu64 " line%s (%" PRIu64 " byte%s): the ring was full", lines,
            lines == 1 ? "" : "s", bytes, bytes == 1 ? "" : "s");
}

bool losses_say_at_risk(const struct meters *meters, const char *output)
{
    const uint64_t bytes = counter_look(&meters->at_risk);

    if (bytes)
        say("%s: %" PRIu64
            " byte%s at risk: on the way when a connection broke, and not sent again",
            output, bytes, bytes == 1 ? "" : "s");
    return bytes > 0;
}
