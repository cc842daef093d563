# What goes in comes out: by content, at every size that matters, through every kind of output.

load helper

# through SIZE ARGUMENT...: SIZE bytes of the test stream go through slabcat unharmed
through() {
    local size=$1
    shift
    rig bytes "$size" | "$SLABCAT" "$@" | rig check "$size" || { echo "$size bytes through $*"; return 1; }
}

@test "every size around a slab and around the ring, in every mode" {
    for s in 1 7 4096 65536; do
        for n in 0 1 2 8; do
            for size in 0 1 $((s - 1)) "$s" $((s + 1)) $((n * s - 1)) $((n * s)) $((n * s + 1)) $((3 * n * s + 5)); do
                [ "$size" -lt 0 ] || through "$size" -s "$s" -n "$n"
            done
        done
    done
}

@test "producers that write 1, 7 and 256 bytes at a time" {
    for chunk in 1 7 256; do
        for mode in "-f auto" "-f 0" "-f 20ms" "-n 0" "-s 100 -n 3"; do
            # shellcheck disable=SC2086
            rig bytes 200001 "$chunk" | "$SLABCAT" $mode | rig check 200001
        done
    done
}

@test "what waits for its flush interval does not wait beyond the end of the input" {
    for mode in "" "-s 3" "--strip-ansi"; do
        [ "$ZERO_COPY" != always ] || [ "$mode" != --strip-ansi ] || continue
        # shellcheck disable=SC2086
        [ "$( (printf some; sleep 0.05; printf thing) | timeout $((5 * SLOW)) "$SLABCAT" -f $((10 * SLOW))s $mode)" = something ]
    done
}

@test "a producer that pauses, so that the stream is hot and quiet in turn" {
    for mode in "-f auto" "-f 5ms" "-s 1000 -n 2"; do
        # shellcheck disable=SC2086
        chatter 3000 64 30 2>/dev/null | "$SLABCAT" $mode | sink | found '^lines 3000 missing 0 damaged 0$'
        { for i in 1 2 3 4 5; do rig bytes 20000 100 | tail -c 4000; done; } >expected
        { for i in 1 2 3 4 5; do rig bytes 20000 100 | tail -c 4000; pause 0.02; done; } | "$SLABCAT" $mode | cmp - expected
    done
}

@test "5 GiB through a pipe" {
    [ -z "$SANITIZE" ] || skip "the numbers are no larger there, and it takes seven times as long"
    through 5368709120 --stats=json 2>err
    adds_up
    [ "$(figure in_bytes) $(figure out_bytes)" = "5368709120 5368709120" ]
}

@test "a file of more than 4 GiB, most of it a hole" {
    # in memory where that can be had: a disk's file system makes pages for the hole, which takes ten seconds
    sparse=$(mktemp -p /dev/shm 2>/dev/null || mktemp -p .)
    exec 4<>"$sparse"
    rm "$sparse"
    truncate -s 4295032832 /dev/fd/4
    rig bytes 1000 >>/dev/fd/4
    # what is behind 4095 MiB; tail would take its time
    run bash -c 'set -o pipefail; "$SLABCAT" /dev/fd/4 | dd bs=1M skip=4095 iflag=fullblock status=none | sha256sum'
    exec 4>&-
    [ "$status" = 0 ]
    [ "$output" = "$( (head -c $((65536 + 1048576)) /dev/zero; rig bytes 1000) | sha256sum)" ]
}

@test "into a file, /dev/null, a file by >>" {
    rig bytes 1000001 | "$SLABCAT" >out
    rig check 1000001 <out
    rig bytes 1000001 | "$SLABCAT" >/dev/null
    needs_copying
    head -c 500000 out >log
    tail -c +500001 out | "$SLABCAT" >>log
    rig check 1000001 <log
}

@test "over what a file holds already, at its shared offset" {
    printf 'header\n' >out
    (printf 'first '; echo second | "$SLABCAT"; echo third) >out
    [ "$(cat out)" = $'first second\nthird' ]
    printf 'one\ntwo\nthree\n' >in
    [ "$( (head -c 4 >/dev/null; "$SLABCAT"; ) <in)" = $'two\nthree' ]
}

@test "into a unix socket and a TCP socket, and out of them" {
    for family in unix tcp; do
        rig bytes 3000001 | rig socket "$family" out "$SLABCAT" | rig check 3000001
        rig bytes 3000001 | rig socket "$family" in "$SLABCAT" | rig check 3000001
        rig bytes 3000001 | rig socket "$family" out "$SLABCAT" -n 0 | rig check 3000001
        rig bytes 3000001 | rig socket "$family" in "$SLABCAT" -n 0 | rig check 3000001
    done
}

@test "messages are not cut at the end of a slab, and one that is too long is an error" {
    needs_copying
    rig bytes 3000000 1000 | rig socket seqpacket in "$SLABCAT" | (sleep 0.3; exec rig check 3000000)
    rig bytes 3000000 1000 | rig socket seqpacket in "$SLABCAT" -n 0 | (sleep 0.3; exec rig check 3000000)
    run bash -c '(rig bytes 5000; sleep 0.1) | rig socket seqpacket in "$SLABCAT" -s 4K'
    [ "$status" = 1 ]
    [[ ${lines[0]} == "slabcat: stdin: read at byte 0: Message too l"* ]] # long or large, as the libc has it
}

@test "into a terminal" {
    needs_copying
    needs_terminal
    seq 20000 >numbers
    rig pty "$SLABCAT" numbers </dev/null | tr -d '\r' | cmp - numbers
    rig pty "$SLABCAT" -n 0 numbers </dev/null | tr -d '\r' | cmp - numbers
}

@test "out of a terminal, which one ^D ends" {
    needs_copying
    needs_terminal
    for mode in "-n 8" "-n 0"; do
        # shellcheck disable=SC2086
        run timeout $((10 * SLOW)) bash -c 'printf "typed\n\004" | rig pty "$SLABCAT" '"$mode"
        [ "$status" = 0 ]
        # the terminal's echo and the line itself
        [ "$(grep -c typed <<<"$output")" = 2 ]
    done
}

@test "out of FIFOs, /proc files and several files in turn" {
    mkfifo fifo
    rig bytes 100000 >fifo 3>&- &
    track
    "$SLABCAT" fifo | rig check 100000
    printf a >a
    printf b >b
    [ "$(printf stdin | "$SLABCAT" a - b a)" = astdinba ]
    [ "$(: | "$SLABCAT" a - -)" = a ]
    needs_copying
    "$SLABCAT" /proc/cpuinfo >out
    [ -s out ]
    grep -q processor out
}

@test "a FIFO is waited for until its writer comes" {
    mkfifo fifo
    "$SLABCAT" fifo >out 3>&- &
    track
    pid=$!
    # it must not have taken the empty FIFO for its end
    opens_it() { [[ $(readlink "/proc/$pid/exe") != *bash ]] && at_rest "$pid"; }
    eventually 5 opens_it
    not ended "$pid"
    echo late >fifo
    status_of "$pid"
    [ "$status" = 0 ]
    [ "$(cat out)" = late ]
}

@test "O_NONBLOCK that others have set is left alone and costs no spinning" {
    for mode in "-n 8" "-n 0"; do
        mkfifo "in$mode" "out$mode"
        (sleep 0.3; rig bytes 2000000; sleep 0.3) >"in$mode" &
        (sleep 0.8; exec cat) <"out$mode" >copy &
        # shellcheck disable=SC2086
        run bash -c 'TIMEFORMAT="%U %S"; time rig nonblock "$SLABCAT" '"$mode <'in$mode' >'out$mode'"
        [ "$status" = 0 ] || { echo "$output"; return 1; }
        awk -v slow="$SLOW" '{ exit !($1 + $2 < 0.3 * slow) }' <<<"$output"
        wait
        rig check 2000000 <copy
    done
}

@test "a million messages of 256 bytes cost at least fifty times fewer reads and writes" {
    needs_trace
    chatter 1000000 256 2>/dev/null | strace -f -qq -o trace -e trace=read,write,readv,writev,preadv2,pwritev2 "$SLABCAT" >/dev/null
    calls=$(grep -cv resumed trace)
    echo "$calls calls"
    [ "$calls" -le 20000 ]
}
