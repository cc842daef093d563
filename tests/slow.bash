# SLOW, which every limit in time is multiplied with (tests/run says more): the machine is measured, unless SLOW is
# given already. BUILD is where the programs are; without them nothing can be measured and SLOW is a fast machine's.
# shellcheck shell=bash

[ -n "${SLOW:-}" ] || SLOW=$("$BUILD/tests/cli/rig" machine 2>/dev/null | sed -n 's/.* slow //p')
[ -n "$SLOW" ] || SLOW=$([ -z "${SANITIZE:-}" ] && echo 1 || echo 10)
export SLOW
