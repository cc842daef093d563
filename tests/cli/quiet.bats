# A chatty stream is not fast at the price of a quiet one, and waiting costs nothing.

load helper

latency_below() {
    local bound=$1
    shift
    rig latency "$@" >latency || return 1
    cat latency
    awk -v bound="$bound" '{ exit !($2 < bound && $4 < 20 * bound) }' latency
}

@test "a lone line arrives at once" {
    for mode in "-n 8" "-n 0" "-f 0" "-n 1 -s 64"; do
        # shellcheck disable=SC2086
        in_three_tries latency_below $((2000 * SLOW)) 50 20 "$SLABCAT" $mode
    done
}

@test "lines that answer each other are not held up" {
    in_three_tries latency_below $((500 * SLOW)) 2000 0 "$SLABCAT"
}

# held MIN MAX ARGUMENT...: the median time a lone line takes, in us
held() {
    local least=$1 most=$2
    shift 2
    rig latency 10 30 "$SLABCAT" "$@" >latency || return 1
    cat latency
    awk -v least="$least" -v most="$most" '{ exit !($2 >= least && $2 <= most) }' latency
}

@test "a flush interval holds bytes for so long" {
    in_three_tries held 20000 $((20000 + 5000 * SLOW)) -f 20ms
    in_three_tries held 100000 $((100000 + 10000 * SLOW)) -f 100ms
}

# trickle INTERVAL: a line each 3 ms; none may take longer than the interval and what waking costs
trickles_out() {
    rm -f stamps
    # each line carries the time it was written; awk would buffer, so bash reads
    (for i in {1..150}; do
        echo "${EPOCHREALTIME/./}"
        read -rt 0.003 <>/dev/null || true
    done) | "$SLABCAT" -f "$1" | while read -r sent; do
        echo $((${EPOCHREALTIME/./} - sent))
    done >stamps || return 1
    [ "$(wc -l <stamps)" = 150 ] || return 1
    sort -n stamps | tail -n 1
    [ "$(sort -n stamps | tail -n 8 | head -n 1)" -le "$2" ]
}

@test "no byte of a trickle waits longer than the interval" {
    [ -z "$SANITIZE" ] || skip "a sanitizer takes the time that is measured"
    in_three_tries trickles_out 10ms $((10000 + 6000 * SLOW))
    in_three_tries trickles_out 50ms $((50000 + 6000 * SLOW))
    in_three_tries trickles_out auto $((1000 + 6000 * SLOW))
}

@test "a flush interval makes the writes of a trickle few" {
    needs_trace
    (for i in {1..100}; do echo line; read -rt 0.003 <>/dev/null || true; done) |
        strace -f -qq -o trace -e trace=writev,splice -P "$PWD/out" "$SLABCAT" -f 100ms >out
    [ "$(wc -l <out)" = 100 ]
    writes=$(grep -cE 'writev\(1,|, 1, NULL' trace)
    echo "$writes writes"
    [ "$writes" -le 20 ]
}

@test "an idle slabcat uses no CPU and does not wake up" {
    [ -z "$SANITIZE" ] || skip "the thread sanitizer has a thread of its own that wakes"
    for mode in "-n 8" "-n 0" "-f 10ms"; do
        mkfifo in
        exec 4<>in
        # shellcheck disable=SC2086
        "$SLABCAT" $mode <in >out 4>&- &
        track; pid=$!
        echo hello >&4
        eventually 5 test -s out
        in_three_tries asleep "$pid"
        kill -TERM "$pid" # which it hears all the same
        status_of "$pid"
        [ "$status" = 0 ]
        exec 4>&-
        rm in out
    done
}

@test "a stalled slabcat uses no CPU and does not wake up" {
    [ -z "$SANITIZE" ] || skip "the thread sanitizer has a thread of its own that wakes"
    for mode in "-n 8" "-n 0"; do
        mkfifo in out
        exec 4<>in 5<>out
        # shellcheck disable=SC2086
        "$SLABCAT" $mode <in >out &
        track; pid=$!
        rig press accepted >in &
        track
        eventually 10 test -s accepted
        in_three_tries asleep "$pid"
        kill -KILL "$pid"
        exec 4>&- 5>&-
        rm in out accepted
    done
}

on_time() {
    chatter 40000 256 20 2>/dev/null | "$SLABCAT" "$@" | sink >latency || return 1
    cat latency
    grep -q '^lines 40000 missing 0 damaged 0$' latency || return 1
    awk '/^latency/ { exit !($4 < 60000000) }' latency
}

@test "an interval is kept by a hot stream that fills slab after slab" {
    in_three_tries on_time -f 20ms -n 256
    in_three_tries on_time -f 20ms -n 256 -s 4K
}

@test "the writer is not woken for bytes that wait for their interval" {
    needs_trace
    # 100 lines in a second, given out 10 times
    chatter 100 64 10000 2>/dev/null | strace -f -qq -o trace -e trace=write "$SLABCAT" -f 100ms >out
    [ "$(wc -l <out)" = 100 ]
    grep -c '= 8$' trace
    [ "$(grep -c '= 8$' trace)" -le 25 ] # its bell is an eventfd
}
