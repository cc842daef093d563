#include "output/explain_output.h"

#include "flow/explain.h"
#include "sys/say.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void explain_output_refusal(const struct output *output, ssize_t result)
{
    notes_explain(&output->flow->notes,
                  "way: copy from byte %" PRIu64 " on: splice to %s refuses: %s",
                  output->sink.written, quote_name(output->sink.name).text,
                  result ? strerror((int)-result) : "nothing was moved");
}

void explain_reopened(const struct output *output)
{
    notes_explain(&output->flow->notes, "%s: opened again at byte %" PRIu64,
                  quote_name(output->sink.name).text, output->sink.written);
}

void explain_output(struct flow *flow, const struct outputs *outputs)
{
    int i;

    explain_moved(&flow->notes, "out", &flow->meters.out);
    for (i = 0; i < outputs->count; i++) {
        const struct output *output = &outputs->list[i];
        const struct quoted name = quote_name(output->sink.name);
        char what[sizeof name.text + sizeof ": compression"];

        if (compressor_is_used(output)) {
            snprintf(what, sizeof what, "%s: compression", name.text);
            explain_cost(&flow->notes, what, output->compressor.ns, output->sink.written);
        }
        if (output->sink.sum.digest) {
            snprintf(what, sizeof what, "%s: digest", name.text);
            explain_cost(&flow->notes, what, output->sink.sum.ns, output->sink.sum.bytes);
        }
    }
}
