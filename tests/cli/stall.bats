# When the output stalls, and when a signal says it is time to go: what is held, delivered, counted.

load helper

# A stalled consumer: descriptor 6 is the only reader of slabcat's output and does not read. rig presses
# the test stream in until nothing more is taken; then $accepted is how much that was.
# stalled ARGUMENT...: starts both; $pid is slabcat, its messages are in err
stalled() {
    mkfifo in out
    exec 5<>out 7<>in
    hearing_int "$SLABCAT" "$@" <in >out 2>err 5>&- 7>&- &
    track; pid=$!
    exec 6<out 5>&-
    eventually 20 at_rest "$pid" # started: else rig would wait for that, and not for long
    rig press accepted >in 6<&- 7>&- &
    track; producer=$!
    eventually 20 test -s accepted
    accepted=$(cat accepted)
    exec 7>&-
}

# what has been delivered, once slabcat is gone; checked to be a clean beginning of the stream
delivered() {
    cat <&6 >got
    exec 6<&-
    rig check "$(stat -c %s got)" <got || return 1
    got=$(stat -c %s got)
}

@test "a stalled output leaves room for all slabs, filled to the brim" {
    for ring in "4096 16" "65536 8" "1000000 5" "7 1000"; do
        read -r s n <<<"$ring"
        rm -f in out accepted
        stalled -s "$s" -n "$n" --pipe-size keep
        # besides the ring only the two pipes hold something, 64 KiB each
        echo "$s x $n: accepted $accepted"
        [ "$accepted" -ge $((s * n)) ]
        [ "$accepted" -le $((s * n + 2 * 65536)) ]
        kill -KILL "$producer"
        delivered
        [ "$got" = "$accepted" ]
        status_of "$pid"
        [ "$status" = 0 ]
    done
}

# input_holds FILE ARGUMENT...: how many bytes the input pipe takes after FILE, written to it by chatter
input_holds() {
    local stream=$1
    shift
    rm -f in accepted
    mkfifo in
    exec 4<>in
    "$SLABCAT" "$@" <in >/dev/null 4>&- &
    track; pid=$!
    # shellcheck disable=SC2086
    chatter $stream >&4 2>/dev/null
    eventually 5 at_rest "$pid" # until it has taken all: what is left in the pipe takes room
    kill -STOP "$pid"
    eventually 5 stopped "$pid"
    rig press accepted >in 4>&- &
    track; producer=$!
    eventually 10 test -s accepted
    kill -KILL "$producer" "$pid"
    exec 4>&-
    holds=$(cat accepted)
    echo "$stream, $*: $holds"
}

@test "the input pipe grows to 1 MiB when the stream is hot, and only then" {
    input_holds "20 256 20000" # quiet: 50 messages a second
    [ "$holds" = 65536 ]
    # a machine that is slow, or has other things to do, needs larger messages for the same rate
    for size in 256 256 1024 4096 16384; do
        input_holds "$((76800000 / size)) $size"
        [ "$holds" != 1048576 ] || break
    done
    [ "$holds" = 1048576 ]
    input_holds "$((76800000 / size)) $size" --pipe-size keep
    [ "$holds" = 65536 ]
    input_holds "20 256 20000" --pipe-size 256K
    [ "$holds" = 262144 ]
    input_holds "20 256 20000" -n 0 --pipe-size 256K
    [ "$holds" = 262144 ]
    input_holds "20 256 20000" --pipe-size 1 # a pipe is never made smaller
    [ "$holds" = 65536 ]
}

@test "--memory is what all slabs hold together" {
    stalled -m 1M -s 4K --pipe-size keep
    [ "$accepted" -ge $((1 << 20)) ]
    [ "$accepted" -le $(((1 << 20) + 2 * 65536)) ]
    kill -KILL "$producer"
    delivered
    [ "$got" = "$accepted" ]
}

@test "a producer of as many bytes as the ring holds finishes while the consumer sleeps" {
    mkfifo out
    exec 5<>out
    # 16 slabs of 16 KiB behind pipes of 64 KiB; chatty, so that every slab is begun early
    (chatter 1024 256 2>/dev/null; echo yes >finished) | "$SLABCAT" -s 16K -n 16 >out 5>&- 3>&- &
    track
    eventually 5 test -s finished
}

@test "TERM with a consumer that resumes: everything accepted arrives, exit 0" {
    for mode in "-n 8" "-n 0"; do
        rm -f in out accepted
        # shellcheck disable=SC2086
        stalled $mode --drain-timeout 20s
        kill -TERM "$pid"
        eventually 5 has_heard "$pid" # it must have begun to drain, and not have left
        not ended "$pid"
        delivered
        status_of "$pid"
        echo "status $status, accepted $accepted, got $got, $(cat err)"
        [ "$status" = 0 ]
        [ "$got" = "$accepted" ]
        [ ! -s err ]
    done
}

# gone_in_time ARGUMENT...: a TERM, and nobody reads: 300 ms later it is gone, and tells the exact number
gone_in_time() {
    local began
    rm -f in out accepted
    stalled "$@" --drain-timeout 300ms || return 2
    began=$EPOCHREALTIME
    kill -TERM "$pid"
    status_of "$pid" || return 2
    elapsed_ms "$began"
    delivered || return 2
    echo "$*: $elapsed_ms ms, status $status, accepted $accepted, got $got, $(cat err)"
    [ "$status" = 3 ] && [ "$elapsed_ms" -ge 300 ] || return 2
    [ "$(cat err)" = "slabcat: stdout: $((accepted - got)) bytes were not delivered within 300ms" ] || return 2
    [ "$elapsed_ms" -lt $((300 + 300 * SLOW)) ]
}

@test "TERM with a consumer that never resumes: gone in time, with the exact number, exit 3" {
    for mode in "-n 8" "-n 0" "-s 100000 -n 20" "-s 7 -n 100"; do
        # shellcheck disable=SC2086
        in_three_tries gone_in_time $mode
    done
}

@test "a second signal leaves at once and says what was lost" {
    for signals in "TERM TERM" "INT INT" "INT TERM" "HUP TERM"; do
        rm -f in out accepted
        stalled --drain-timeout 60s
        read -r first second <<<"$signals"
        kill -"$first" "$pid"
        pause 0.3 # closer together they are one wish
        eventually 5 has_heard "$pid"
        not ended "$pid"
        kill -"$second" "$pid"
        status_of "$pid"
        delivered
        [ "$status" = 3 ]
        [ "$(cat err)" = "slabcat: stdout: $((accepted - got)) bytes were not delivered: told to leave at once" ]
    done
}

@test "signals in one burst are one wish, and lose nothing" {
    for signals in "TERM HUP" "HUP TERM" "TERM TERM" "INT TERM"; do
        rm -f in out accepted
        stalled --drain-timeout 20s
        read -r first second <<<"$signals"
        kill -STOP "$pid"
        kill -"$first" "$pid"
        kill -"$second" "$pid"
        kill -CONT "$pid"
        sleep 0.1
        not ended "$pid"
        delivered
        status_of "$pid"
        echo "$signals: status $status, accepted $accepted, got $got"
        [ "$status" = 0 ]
        [ "$got" = "$accepted" ]
    done
}

# live PRODUCER ARGUMENT...: TERM comes while rig chat goes on writing to the FIFO in, which is stdin as
# well; what its write() calls were told was taken must arrive, behind $prefix
live() {
    local producer=$1
    shift
    rm -f in accepted out
    mkfifo in
    # shellcheck disable=SC2086
    rig chat accepted $producer >in &
    track
    "$SLABCAT" "$@" <in >out 2>err &
    track; pid=$!
    eventually 5 grep -q . out
    kill -TERM "$pid"
    status_of "$pid"
    eventually 5 test -s accepted
    echo "$producer, $*: status $status, accepted $(cat accepted), got $(stat -c %s out); $(cat err)"
    [ "$status" = 0 ] && [ ! -s err ] || return 1
    rig check "$(cat accepted)" <out
}

@test "TERM in the middle of a live stream: every byte the producer got rid of arrives" {
    for producer in "64 20" "64 0" "100 1000" "4096 0" "65536 0"; do
        live "$producer"
        live "$producer" -n 0
        live "$producer" -s 100 -n 3
        live "$producer" -f 50ms
    done
}

@test "the same, however stdin is named" {
    : >empty
    for mode in "-n 8" "-n 0"; do
        # shellcheck disable=SC2086
        for names in "-" "/dev/stdin" "- -" "empty - empty -"; do
            live "64 20" $mode $names
            live "4096 0" $mode $names
        done
    done
}

@test "TERM and the first bytes of a FIFO in one moment: they arrive" {
    mkfifo fifo
    for mode in "-n 8" "-n 0"; do
        for i in {1..20}; do
            # shellcheck disable=SC2086
            "$SLABCAT" $mode fifo >out 2>err &
            track; pid=$!
            exec 4>fifo
            kill -STOP "$pid"
            echo accepted >&4
            kill -TERM "$pid"
            kill -CONT "$pid"
            status_of "$pid"
            exec 4>&-
            [ "$status" = 0 ]
            [ "$(cat out)" = accepted ]
        done
    done
}

@test "two producers: everything accepted is counted" {
    mkfifo in out fifo
    exec 4<>in 5<>out 7<>fifo
    hearing_int "$SLABCAT" -s 4K -n 1 --drain-timeout 200ms fifo - <in >out 2>err 4>&- 5>&- 7>&- &
    track; pid=$!
    exec 6<out 5>&-
    echo "ten bytes" >&4
    rig press accepted >&7 &
    track
    eventually 10 test -s accepted
    kill -TERM "$pid"
    status_of "$pid"
    delivered
    exec 4>&- 7>&-
    echo "accepted $(cat accepted) + 10, got $got; $(cat err)"
    [ "$(undelivered err)" = $(($(cat accepted) + 10 - got)) ]
}

@test "a message too long, and those behind it, are counted" {
    needs_copying
    run bash -c '(rig bytes 5000; sleep 0.1; rig bytes 100; sleep 0.1) | rig socket seqpacket in "$SLABCAT" -s 4K'
    [ "$status" = 1 ]
    [[ $output == *"Message too long"*" 5000 bytes were not delivered"* || $output == *"Message too long"*" 5100 bytes were not delivered"* ]]
}

@test "Ctrl-C before slabcat has looked at its input is no TERM" {
    for i in {1..10}; do
        rm -f in
        mkfifo in
        env --default-signal=INT --block-signal=INT bash -c 'kill -INT $$; exec "$SLABCAT"' <in >out &
        track; pid=$!
        exec 4>in
        pause 0.02
        echo last words >&4
        exec 4>&-
        status_of "$pid"
        [ "$status" = 0 ]
        [ "$(cat out)" = "last words" ]
    done
}

@test "a stuck terminal as stderr holds up nothing" {
    needs_terminal
    mkfifo in
    rig pty bash -c '"$SLABCAT" <in >out & echo "$!" >pid; wait "$!"; echo "$?" >status' </dev/null >/dev/null &
    track; terminal=$!
    exec 4>in
    echo text >&4
    eventually 5 test -s out
    kill -STOP "$terminal"
    read -r pid <pid
    for i in {1..400}; do # a terminal holds some kilobytes; each line is a hundred
        kill -USR1 "$pid"
        pause 0.002
    done
    kill -TERM "$pid"
    eventually 5 test -s status
    exec 4>&-
    [ "$(cat status)" = 0 ]
}

@test "a full disk in the middle of a live stream: the exact number" {
    for producer in "1000 20" "1000 0" "65536 0"; do
        for mode in "-n 8" "-n 0"; do
            rm -f accepted in
            mkfifo in
            # shellcheck disable=SC2086
            "$SLABCAT" $mode <in >/dev/full 2>err &
            track; pid=$!
            # shellcheck disable=SC2086
            rig chat accepted $producer >in &
            track
            status_of "$pid"
            [ "$status" = 1 ]
            eventually 5 test -s accepted
            echo "$producer, $mode: accepted $(cat accepted): $(cat err)"
            [ "$(undelivered err)" = "$(cat accepted)" ]
        done
    done
}

@test "files and then stdin: a signal during a file does not forget the producer on stdin" {
    truncate -s 20M big
    for signal in INT TERM; do
        rm -f in out
        mkfifo in out
        exec 4<>in 5<>out
        hearing_int "$SLABCAT" --drain-timeout 20s big - <in >out 2>err 4>&- 5>&- &
        track; pid=$!
        exec 6<out 5>&-
        echo accepted >&4
        eventually 5 at_rest "$pid" # it has filled its ring with the file
        kill -"$signal" "$pid"
        eventually 5 has_heard "$pid"
        [ "$signal" = TERM ] || echo last words >&4
        exec 4>&-
        tail -c 30 <&6 | tr -d '\0' >got
        exec 6<&-
        status_of "$pid"
        echo "$signal: status $status, $(cat got err)"
        [ "$status" = 0 ]
        grep -qx accepted got
        [ "$signal" = TERM ] || grep -qx "last words" got
    done
}

@test "TERM during a file: what waits in a FIFO that has not been opened stays there" {
    truncate -s 20M big
    mkfifo fifo out
    exec 5<>out 7<>fifo
    echo unread >&7
    "$SLABCAT" --drain-timeout 20s big fifo >out 2>err 5>&- 7>&- &
    track; pid=$!
    exec 6<out 5>&-
    head -c 1 <&6 >/dev/null # it is on its way, and cannot get to the end of the file
    kill -TERM "$pid"
    cat <&6 >/dev/null
    exec 6<&-
    status_of "$pid"
    [ "$status" = 0 ]
    read -rt $((5 * SLOW)) left <&7
    [ "$left" = unread ]
}

@test "TERM stops a producer at once, although the output takes nothing" {
    for mode in "-n 2" "-n 0"; do
        rm -f in out told
        mkfifo in out
        exec 5<>out
        # shellcheck disable=SC2086
        "$SLABCAT" -s 4K $mode --drain-timeout 20s <in >out 2>err 5>&- &
        track; pid=$!
        exec 6<out 5>&-
        (yes >in 6<&- || echo "$?" >told) 2>/dev/null &
        track
        head -c 1 <&6 >/dev/null
        kill -TERM "$pid"
        eventually 10 test -s told
        cat <&6 >/dev/null
        exec 6<&-
        status_of "$pid"
        [ "$status" = 0 ]
    done
}

@test "HUP drains as TERM does" {
    stalled --drain-timeout 20s
    kill -HUP "$pid"
    delivered
    status_of "$pid"
    [ "$status" = 0 ]
    [ "$got" = "$accepted" ]
}

@test "Ctrl-C keeps the producer's last words" {
    for mode in "-n 8" "-n 0"; do
        cat >app <<'END'
#!/bin/bash
trap 'sleep 0.3; echo last words; exit 0' INT
echo first words
ps -o pgid= -p $$ | tr -d ' ' >ready
for i in {1..400}; do sleep 0.05; done
END
        chmod +x app
        rm -f ready
        # a process group of its own, as a terminal's foreground job is
        hearing_int setsid --wait bash -c './app | "$SLABCAT" '"$mode"' >out; echo "${PIPESTATUS[1]}" >status' 3>&- &
        track; pid=$!
        eventually 5 test -s ready
        eventually 5 grep -q "first words" out
        kill -INT -- "-$(cat ready)"
        eventually 5 test -s status
        [ "$(cat status)" = 0 ]
        [ "$(cat out)" = $'first words\nlast words' ]
        rm status
    done
}

@test "after Ctrl-C a producer that goes on is not waited for longer than the drain timeout" {
    mkfifo in
    hearing_int "$SLABCAT" --drain-timeout 300ms <in >out &
    track; pid=$!
    exec 4>in
    echo words >&4
    eventually 5 test -s out
    kill -INT "$pid"
    status_of "$pid"
    exec 4>&-
    [ "$status" = 0 ]
    [ "$(cat out)" = words ]
}

@test "Ctrl-C with a file as the input does not wait at all" {
    mkfifo out
    exec 5<>out
    truncate -s 1G big
    hearing_int "$SLABCAT" --drain-timeout 300ms big >out 2>err 5>&- &
    track; pid=$!
    eventually 5 at_rest "$pid"
    kill -INT "$pid"
    status_of "$pid" 2
    [ "$status" = 3 ]
    grep -qE '^slabcat: stdout: [0-9]+ bytes were not delivered within 300ms$' err
}

@test "TERM takes what the input pipe holds and waits for no more" {
    for mode in "-n 8" "-n 0"; do
        mkfifo in
        exec 4<>in
        # shellcheck disable=SC2086
        "$SLABCAT" $mode <in >out &
        track; pid=$!
        echo one >&4
        eventually 5 test -s out
        kill -STOP "$pid"
        echo two >&4
        kill -TERM "$pid"
        kill -CONT "$pid"
        status_of "$pid" 1
        [ "$status" = 0 ]
        [ "$(cat out)" = $'one\ntwo' ]
        exec 4>&-
        rm in out
    done
}

@test "USR1 prints what went in and out, and in = out + held" {
    stalled -s 10000 -n 5 --pipe-size keep
    kill -USR1 "$pid"
    eventually 5 grep -q "^slabcat: time " err
    read -r in out held <<<"$(sed -nE 's/^slabcat: (in|out|rest) +([0-9]+) bytes.*/\2/p' err | tr '\n' ' ')"
    echo "in $in, out $out, held $held, accepted $accepted"
    [ "$in" = $((out + held)) ]
    [ "$held" -gt 40000 ]
    [ "$held" -le 50000 ]
    # the input pipe is full as well, but for what is gone from its first page
    [ $((accepted - in)) -le 65536 ]
    [ $((accepted - in)) -gt 61440 ]
    kill -KILL "$producer"
    delivered
    [ "$got" = "$accepted" ]
}

@test "signals that were ignored at the start stay ignored" {
    mkfifo in
    # shellcheck disable=SC2046
    (trap '' INT HUP TERM $(deadly); exec "$SLABCAT" <in >out) &
    track; pid=$!
    exec 4>in
    echo here >&4
    eventually 5 test -s out # before, it is the shell that ignores them
    kill -INT "$pid"
    kill -HUP "$pid"
    kill -TERM "$pid"
    for signal in $(deadly); do kill -"$signal" "$pid"; done
    eventually 5 has_no_signal "$pid"
    echo still here >&4
    eventually 5 has_size out 16
    exec 4>&-
    status_of "$pid"
    [ "$status" = 0 ]
}

# deadly: the signals that end a program that has not thought of them, but for those of a crash, KILL and PIPE
deadly() { kill -l | tr '\t' '\n' | sed 's/.*) *SIG//' | grep -xE 'QUIT|ALRM|VTALRM|PROF|XCPU|PWR|STKFLT|RT(MIN|MAX)'; }

# in a background job of a shell without job control QUIT is ignored
hearing_all() { hearing_int() { exec env --default-signal "$@"; }; }

@test "a signal that would end others is as TERM: everything accepted arrives, or the rest is counted" {
    hearing_all
    [ "$(deadly | wc -l)" -ge 8 ]
    for signal in $(deadly); do
        rm -f in out accepted
        stalled -s 10000 -n 5 --drain-timeout 60s
        kill -"$signal" "$pid"
        eventually 5 has_no_signal "$pid"
        delivered
        [ "$got" = "$accepted" ] || { echo "$signal: $got of $accepted"; return 1; }
        status_of "$pid"
        [ "$status" = 0 ]
        [ "$signal" = QUIT ] || [ "$signal" = ALRM ] || continue
        rm -f in out accepted
        stalled -s 10000 -n 5 --drain-timeout 0
        kill -"$signal" "$pid"
        status_of "$pid"
        [ "$status" = 3 ]
        delivered
        [ $((got + $(undelivered err))) = "$accepted" ] || { echo "$signal: $(cat err)"; return 1; }
    done
}

@test "a long queue of signals does not delay the end" {
    needs_trace
    mkfifo in
    strace -f -qq -o trace -e trace=read bash -c 'echo "$$" >id; exec "$0" --drain-timeout 0' "$SLABCAT" <in >out 2>err &
    track; pid=$!
    exec 4>in
    echo here >&4
    eventually 5 test -s out
    read -r inner <id
    kill -STOP "$inner"
    eventually 5 grep -q '^State:.[Tt]' "/proc/$inner/status" # t: as strace sees it
    for _ in {1..5000}; do kill -RTMAX "$inner"; done
    kill -TERM "$inner"
    kill -CONT "$inner"
    status_of "$pid"
    [ "$status" = 0 ]
    exec 4>&-
    # the end comes before most of them have been taken: each is a read of 128 bytes
    taken=$(grep -c ', 128) *= 128$' trace)
    echo "$taken were taken"
    [ "$taken" -ge 16 ]
    [ "$taken" -lt 2500 ]
}

@test "USR2 and IO end nothing" {
    mkfifo in
    hearing_int "$SLABCAT" <in >out &
    track; pid=$!
    exec 4>in
    echo here >&4
    eventually 5 test -s out
    kill -USR2 "$pid"
    kill -IO "$pid"
    eventually 5 has_no_signal "$pid"
    echo still here >&4
    eventually 5 has_size out 16
    exec 4>&-
    status_of "$pid"
    [ "$status" = 0 ]
}

@test "kill -9 leaves a clean beginning of the input" {
    for i in 1 2 3 4 5; do
        rig bytes 1000000000 2>/dev/null | "$SLABCAT" -s 10000 >out &
        track; pid=$!
        eventually 5 test -s out
        kill -KILL "$pid"
        status_of "$pid"
        rig check "$(stat -c %s out)" <out
    done
}

@test "stopped and continued, and stopped again, nothing is lost" {
    rig bytes 300000000 | "$SLABCAT" >out &
    track; pid=$!
    for i in 1 2 3 4 5; do
        kill -STOP "$pid"
        pause 0.02
        kill -CONT "$pid"
        pause 0.005
    done
    status_of "$pid"
    [ "$status" = 0 ]
    rig check 300000000 <out
}

@test "a job in the background with tostop is stopped, not broken" {
    needs_copying
    needs_terminal
    cat >session <<'END'
stty tostop
set -m
echo "from the background" | "$SLABCAT" &
for i in $(seq $((500 * SLOW))); do
    [[ $(jobs -s) == *Stopped* ]] && break
    sleep 0.01
done
[[ $(jobs -s) == *Stopped* ]] && echo "it was stopped"
fg >/dev/null
echo "status $?"
END
    run timeout $((10 * SLOW)) rig pty bash --norc session </dev/null
    [[ $output == *"it was stopped"*"from the background"*"status 0"* ]]
}

@test "a disk that does not answer cannot keep slabcat from leaving" {
    # the third write does not return, and no signal gets through to it
    : >out
    rig bytes 1000000 2>/dev/null | rig hang out writev,splice 2 "$SLABCAT" --drain-timeout 200ms >out 2>err &
    track; holder=$!
    eventually 5 has_child "$holder" || skip "no call can be held up here"
    eventually 5 test -s out
    kill -TERM "$child"
    status_of "$holder"
    [ "$status" = 3 ]
    grep -q 'not delivered within 200ms' err
}

@test "a slow disk is slabcat's to bear: the ring fills to the brim, and TERM tells the exact number" {
    [ "${SANITIZE:-}" != thread ] || skip "the thread sanitizer lets threads run on after _exit"
    mkfifo in
    "$SLABCAT" -n 16 --pipe-size keep --drain-timeout 300ms <in >out 2>err &
    track; pid=$!
    (for i in 1 2 3 4 5 6 7 8; do rig bytes 1000; pause 0.01; done) >in & # a stream that has begun
    track; begun=$!
    exec 4>in
    eventually 5 test -s out
    rig hold out 4>&- >holding &
    track; holder=$!
    held_by "$holder" holding
    wait "$begun" # all of that is accepted
    rig press accepted >in 4>&- &
    track
    eventually 10 test -s accepted
    before=$(stat -c %s out)
    kill -TERM "$pid"
    eventually 5 grep -q "not delivered within 300ms" err
    accepted=$((8000 + $(cat accepted)))
    echo "accepted $accepted, in the file $before, $(cat err)"
    kill -KILL "$holder"
    exec 4>&-
    status_of "$pid"
    echo "status $status, $(cat err)"
    [ "$status" = 3 ]
    # whether the bytes of the write that does not return arrive, nobody knows
    [ "$(undelivered_at_most err)" = $((accepted - before)) ]
    asked=$(sed -nE 's/^slabcat: stdout: (write|splice) of ([0-9]*) bytes has not returned for .*/\2/p' err)
    [ "$(sed -n 's/.*: \([0-9]*\) to .*not delivered.*/\1/p' err)" = $((accepted - before - asked)) ]
    # with pages insisted on a slab that small writes have begun holds less
    [ "$ZERO_COPY" = always ] || [ "$accepted" -ge $((16 * 65536)) ]
}

@test "an fsync that does not come back cannot keep slabcat from leaving" {
    : >out
    echo text | rig hang out fsync 0 "$SLABCAT" --fsync --drain-timeout 200ms >out 2>err &
    track; holder=$!
    eventually 5 has_child "$holder" || skip "no call can be held up here"
    eventually 5 test -s out
    kill -TERM "$child"
    status_of "$holder"
    [ "$status" = 1 ]
    grep -qx "slabcat: stdout: not synced or closed within 200ms" err
}

@test "a read that does not come back cannot keep slabcat when the consumer has gone" {
    mkfifo out
    rig bytes 300000 >file
    rig hang file read,preadv2,splice 2 "$SLABCAT" file >out 2>err &
    track; holder=$!
    exec 6<out
    eventually 5 has_child "$holder" || skip "no call can be held up here"
    head -c 100 <&6 >/dev/null
    exec 6<&-
    status_of "$holder"
    [ "$status" = 141 ]
    not grep slabcat: err
}

@test "a stuck stderr holds up nothing" {
    mkfifo in stuck
    exec 5<>stuck
    fill 5
    "$SLABCAT" none1 none2 none3 none4 none5 none6 - <in >out 2>stuck &
    track; pid=$!
    exec 4>in
    echo text >&4
    eventually 5 test -s out
    kill -USR1 "$pid"
    began=$EPOCHREALTIME
    kill -TERM "$pid"
    status_of "$pid"
    elapsed_ms "$began"
    exec 4>&- 5>&-
    echo "$elapsed_ms ms, status $status"
    [ "$status" = 1 ]
    [ "$elapsed_ms" -lt $((4000 * SLOW)) ] # 0.2 s for each message, if main has begun with none of them
}

@test "a terminal that is stopped: gone in time, with the exact number" {
    needs_copying
    needs_terminal
    mkfifo in
    # a raw terminal, so that what arrives is what was written
    rig pty bash -c 'stty raw; exec "$SLABCAT" --drain-timeout 300ms <in 2>err' </dev/null >shown &
    track; terminal=$!
    rig press accepted >in &
    track
    eventually 5 test -s shown
    kill -STOP "$terminal"
    eventually 20 test -s accepted
    kill -TERM "$(pgrep -f "^$SLABCAT --drain-timeout 300ms")"
    eventually 5 test -s err
    kill -CONT "$terminal"
    status_of "$terminal"
    echo "accepted $(cat accepted), shown $(stat -c %s shown), $(cat err)"
    [ "$status" = 3 ]
    [ "$(undelivered err)" = $(($(cat accepted) - $(stat -c %s shown))) ]
}
