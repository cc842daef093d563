#include "watch/report.h"

#include "sys/clock.h"
#include "sys/say.h"

#include <inttypes.h>

void report_say(const struct lane *in, const struct lane *out, uint64_t elapsed)
{
    /* out first: bytes that come in between the two are held, and never is out ahead of in */
    const uint64_t out_bytes = lane_bytes(out);
    const uint64_t in_bytes = lane_bytes(in);

    say("in %" PRIu64 " bytes in %" PRIu64 " reads, out %" PRIu64 " bytes in %" PRIu64
        " writes, held %" PRIu64 " bytes, after %" PRIu64 ".%03" PRIu64 " s",
        in_bytes, lane_calls(in), out_bytes, lane_calls(out), in_bytes - out_bytes,
        elapsed / NS_PER_SECOND, elapsed % NS_PER_SECOND / NS_PER_MS);
}
