# A chatty stream is not fast at the price of a quiet one, and waiting costs nothing.

load helper

latency_below() {
    local bound=$1
    shift
    rig latency "$@" >latency || return 2
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
    rig latency 10 30 "$SLABCAT" "$@" >latency || return 2
    cat latency
    awk -v least="$least" '{ exit !($2 >= least) }' latency || return 2
    awk -v most="$most" '{ exit !($2 <= most) }' latency
}

@test "a flush interval holds bytes for so long" {
    in_three_tries held 20000 $((20000 + 5000 * SLOW)) -f 20ms
    in_three_tries held 100000 $((100000 + 10000 * SLOW)) -f 100ms
}

# trickle: 150 lines, one each 3 ms, with the time at which each was written; awk would buffer, so bash writes
trickle() {
    local i
    for ((i = 0; i < 150; i++)); do
        echo "${EPOCHREALTIME/./}"
        pause 0.003
    done
}

# ages: how long each line of a trickle has been on its way, in us, in order
ages() {
    while read -r sent; do
        echo $((${EPOCHREALTIME/./} - sent))
    done | sort -n
}

# trickles_out INTERVAL MOST: no line takes longer than MOST us, beyond what it takes through a cat on the same machine
# at the same time. A few may, whom the machine keeps waiting.
trickles_out() {
    local plain late
    trickle | tee >(cat | ages >plain) | "$SLABCAT" -f "$1" | ages >stamps || return 2
    eventually 5 has_lines plain 150
    [ "$(wc -l <stamps)" = 150 ] || return 2
    plain=$(sed -n 143p plain) late=$(sed -n 143p stamps)
    echo "-f $1: $late us, cat: $plain us"
    [ "$late" -le $(($2 + plain * 4 + 2000 * SLOW)) ]
}
has_lines() { [ "$(wc -l <"$1")" = "$2" ]; }

@test "no byte of a trickle waits longer than the interval" {
    [ -z "$SANITIZE" ] || skip "a sanitizer takes the time that is measured"
    in_three_tries trickles_out 10ms 10000
    in_three_tries trickles_out 50ms 50000
    in_three_tries trickles_out auto 1000
}

@test "a flush interval makes the writes of a trickle few" {
    needs_trace
    began=$EPOCHREALTIME
    (for i in {1..100}; do echo line; pause 0.003; done) |
        strace -f -qq -o trace -e trace=writev,splice -P "$PWD/out" "$SLABCAT" -f 100ms >out
    elapsed_ms "$began"
    [ "$(wc -l <out)" = 100 ]
    writes=$(grep -cE 'writev\(1,|, 1, NULL' trace)
    echo "$writes writes in $elapsed_ms ms"
    # the first line goes at once, the last ones at the end of the input
    [ "$writes" -le $((elapsed_ms / 100 + 3)) ]
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
    # 13 MB a second, but for a slow machine
    local count=$((40000 / SLOW))
    chatter $count 256 $((20 * SLOW)) 2>/dev/null | "$SLABCAT" "$@" | sink >latency || return 2
    cat latency
    grep -q "^lines $count missing 0 damaged 0$" latency || return 2
    awk -v slow="$SLOW" '/^latency/ { exit !($4 < 20000000 + 40000000 * slow) }' latency
}

@test "an interval is kept by a hot stream that fills slab after slab" {
    in_three_tries on_time -f 20ms -n 256
    in_three_tries on_time -f 20ms -n 256 -s 4K
}

@test "the writer is not woken for bytes that wait for their interval" {
    needs_trace
    # 100 lines in a second, given out 10 times
    began=$EPOCHREALTIME
    chatter 100 64 10000 2>/dev/null | strace -f -qq -o trace -e trace=write "$SLABCAT" -f 100ms >out
    [ "$(wc -l <out)" = 100 ]
    elapsed_ms "$began"
    bells=$(grep -c '= 8$' trace) # its bell is an eventfd
    echo "$bells bells in $elapsed_ms ms"
    [ "$bells" -le $((elapsed_ms / 50 + 5)) ]
}
