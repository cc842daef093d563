#include "flow/explain.h"

#include "sys/units.h"

#include <inttypes.h>

void explain_moved(struct notes *notes, const char *name, const struct io_counters *counters)
{
    const uint64_t pages = counter_look(&counters->pages);

    notes_explain(notes, "%s: %" PRIu64 " bytes as pages, %" PRIu64 " copied", name, pages,
                  counters_bytes(counters) - pages);
}

void explain_cost(struct notes *notes, const char *what, uint64_t ns, uint64_t bytes)
{
    notes_explain(notes, "%s: %s in all, %.2f ns a byte", what, print_about_time(ns).text,
                  bytes ? (double)ns / (double)bytes : 0.0);
}
