# --on-full=spill: what a full ring cannot hold goes to a file on disk, and nothing is lost by it.

load helper

# A consumer that does not read: descriptor 6 is the only reader of slabcat's output.
# stalled ARGUMENT...: $pid is slabcat, its messages are in err, its files go to dir; 7 is its input
stalled() {
    mkdir -p dir
    rm -f in out
    mkfifo in out
    exec 5<>out
    hearing_int "$SLABCAT" --on-full=spill:dir "$@" <in >out 2>err 5>&- &
    track; pid=$!
    exec 6<out 5>&- 7>in
}

# what has been delivered, once slabcat is gone; checked to be a clean beginning of the stream
delivered() {
    cat <&6 >got
    exec 6<&-
    rig check "$(stat -c %s got)" <got || return 1
    got=$(stat -c %s got)
}

# spill_of PID: the file, as one can open it
spill_of() { find "/proc/$1/fd" -lname '*/dir/#*(deleted)' -o -lname '*/slabcat.*(deleted)'; }

# on_disk PID: how much of the disk it takes; has_on_disk PID gt 1000
on_disk() { echo $(($(stat -L -c %b "$(spill_of "$1")") * 512)); }
has_on_disk() { test "$(on_disk "$1")" "-$2" "$3"; }

# once FILE COMMAND...: COMMAND, when somebody has made FILE; mostly "rig bytes ... && : >FILE", when all has been taken
once() {
    eventually 20 test -e "$1" || return 1
    "${@:2}"
}

# press: the test stream until nothing is taken any more; $accepted is how much was
press() {
    rm -f accepted
    rig press accepted >&7 6<&- &
    track; producer=$!
    exec 7>&-
    eventually 30 test -s accepted
    accepted=$(cat accepted)
}

@test "a producer never feels a stall that the disk can hold; all arrives, and the disk gets its space back" {
    for mode in "" "-n 1" "-n 1 -s 7" "-s 4096 -n 3" "-s 1000000 -n 2"; do
        length=12000000
        # a thread wakes the other for every 7 bytes
        [ "$mode" != "-n 1 -s 7" ] || length=500000
        # the largest ring and the pipes take the rest
        spilled=$((length / 3 * 2))
        # shellcheck disable=SC2086
        stalled $mode --stats=json
        # it ends only when every write() has returned
        timeout $((20 * SLOW)) rig bytes $length >&7 6<&-
        eventually 10 has_on_disk "$pid" gt $spilled
        not test -s err
        exec 7>&-
        rig check $length <&6
        exec 6<&-
        status_of "$pid"
        echo "$mode: status $status, $(cat err)"
        [ "$status" = 0 ]
        [ "$(figure in_bytes err)" = $length ]
        [ "$(figure out_bytes err)" = $length ]
        [ "$(figure spill_high_water_bytes err)" -gt $spilled ]
        [ "$(figure spilled_bytes err)" -le $length ]
        [ "$(figure ring_full_times err)" = 0 ]
    done
}

@test "the disk gets its space back while the backlog drains, and all of it when it is gone" {
    stalled
    rig bytes 50000000 >&7 6<&-
    eventually 10 has_on_disk "$pid" gt 48000000
    head -c 25000000 <&6 >/dev/null
    eventually 10 has_on_disk "$pid" lt 36000000
    head -c 25000000 <&6 | cksum >rest
    cmp rest <(rig bytes 50000000 | tail -c 25000000 | cksum)
    eventually 10 has_on_disk "$pid" eq 0
    # and then it is what it was before
    rig bytes 3000000 >&7 6<&-
    eventually 10 has_on_disk "$pid" gt 0
    exec 7>&-
    rig check 3000000 <&6
    status_of "$pid"
    [ "$status" = 0 ]
    [ ! -s err ]
}

@test "messages, one by one, in the middle of a stall and after it" {
    mkdir dir
    # it stalls again and again, so that the spill is filled and emptied many times
    chatter 200000 256 2>/dev/null | "$SLABCAT" --on-full=spill:dir -s 4096 -n 4 --stats=json 2>err |
        sink 3000000 20 12 >told
    cat told err
    grep -q '^lines 200000 missing 0 damaged 0$' told
    [ "$(figure spilled_bytes err)" -gt 1000000 ]
    [ "$(figure high_water_bytes err)" -le $((4 * 4096 + 1048576)) ]
}

@test "the limit holds, and then the producer has to wait" {
    for limit in 1 100000 5000000; do
        stalled --spill-limit "$limit" --stats=json
        press
        # besides the spill: the ring, the two pipes, and the stage
        echo "$limit: accepted $accepted"
        [ "$accepted" -ge $((512 * 1024 + limit)) ]
        [ "$accepted" -le $((512 * 1024 + limit + 2 * 1048576 + 1048576)) ]
        kill -USR1 "$pid"
        eventually 5 grep -q '"ended":false' err
        [ "$(figure spill_held_bytes err)" -le "$limit" ]
        [ "$(figure spill_held_bytes err)" -ge $((limit * 9 / 10)) ]
        [ "$(figure ring_full_ns err)" -gt 0 ]
        [ "$(figure high_water_bytes err)" -le $((512 * 1024)) ]
        kill -KILL "$producer"
        delivered
        [ "$got" = "$accepted" ]
        status_of "$pid"
        [ "$status" = 0 ]
    done
}

@test "TERM in the middle of a stall: what is in the spill is delivered" {
    stalled --drain-timeout 60s
    rig bytes 20000000 >&7 6<&-
    eventually 10 has_on_disk "$pid" gt 18000000
    kill -TERM "$pid"
    eventually 5 has_heard "$pid" # it must have begun to drain, and not have left
    not ended "$pid"
    rig check 20000000 <&6
    exec 7>&-
    status_of "$pid"
    [ "$status" = 0 ]
    [ ! -s err ]
}

@test "TERM with a consumer that never resumes: in = out + undelivered, exit 3" {
    for mode in "" "--spill-limit 1M" "-n 1 -s 100"; do
        # shellcheck disable=SC2086
        stalled $mode --drain-timeout 300ms
        rig chat accepted 4096 0 >&7 6<&- &
        track
        exec 7>&-
        eventually 10 has_on_disk "$pid" gt 1000000
        kill -TERM "$pid"
        status_of "$pid"
        delivered
        eventually 5 test -s accepted
        accepted=$(cat accepted)
        echo "$mode: status $status, accepted $accepted, got $got, $(cat err)"
        [ "$status" = 3 ]
        [ "$(undelivered err)" = $((accepted - got)) ]
        rm accepted
    done
}

@test "a live producer and TERM, with a consumer that is slow: nothing is lost" {
    for mode in "" "-s 1000 -n 2"; do
        # shellcheck disable=SC2086
        stalled $mode --drain-timeout 60s
        rig chat accepted 1000 20 >&7 6<&- &
        track
        exec 7>&-
        eventually 10 has_on_disk "$pid" gt 1000000
        kill -TERM "$pid"
        delivered
        status_of "$pid"
        eventually 5 test -s accepted
        echo "status $status, accepted $(cat accepted), got $got"
        [ "$status" = 0 ]
        [ "$got" = "$(cat accepted)" ]
        rm accepted
    done
}

@test "a full disk is back-pressure and one message, not a loss" {
    [ "$(id -u)" = 0 ] || skip "only root can mount a small file system"
    unshare -m true 2>/dev/null || skip "no mount namespace can be had"
    mkdir -p dir
    run unshare -m bash -c '
        mount -t tmpfs -o size=2M none dir || exit 9
        rig bytes 10000000 | "$SLABCAT" --on-full=spill:dir -s 10000 2>err |
            (until [ -s err ]; do sleep 0.01; done; rig check 10000000)
        echo "${PIPESTATUS[*]}"'
    [ "$status" != 9 ] || skip "mounting is not permitted here"
    cat err
    [ "$output" = "0 0 0" ]
    grep -qE '^slabcat: spill in dir: write at byte [0-9]+: No space left on device; nothing is lost' err
    [ "$(wc -l <err)" = 1 ]
}

@test "nor is a limit on the size of files" {
    for mode in auto never; do
        [ "$ZERO_COPY" = auto ] || mode=$ZERO_COPY
        run bash -c 'mkdir -p dir; ulimit -f 1000
            rig bytes 10000000 | "$SLABCAT" --on-full=spill:dir --zero-copy='$mode' 2>err |
                (until [ -s err ]; do sleep 0.01; done; rig check 10000000)
            echo "${PIPESTATUS[*]}"'
        cat err
        [ "$output" = "0 0 0" ]
        grep -q 'File too large; nothing is lost' err
        [ "$(wc -l <err)" = 1 ]
    done
}

@test "a disk that refuses now and then loses nothing" {
    needs_trace
    needs_copying
    mkdir dir
    for refusal in pwrite64:error=ENOSPC:when=3+5 pwrite64:error=EIO:when=1+2 splice:error=EINVAL:when=20+3 \
        fallocate:error=EOPNOTSUPP ftruncate:error=EIO pread64:error=EINTR:when=20+2; do
        for mode in auto never; do
            rig bytes 12000000 | strace -f -qq -o trace -e trace=pwrite64,splice,fallocate,ftruncate,pread64 \
                -e inject="$refusal" "$SLABCAT" --on-full=spill:dir --zero-copy=$mode 2>err |
                (pause 0.3; rig check 12000000) || { echo "$refusal, $mode"; cat err; return 1; }
            [ "$(wc -l <err)" -le 1 ]
        done
    done
}

@test "the limit holds where the file system gives back nothing but whole files" {
    needs_trace
    needs_copying
    cat >traced <<'END'
exec strace -D -f -qq -o /dev/null -e trace=fallocate -e inject=fallocate:error=EOPNOTSUPP "$@"
END
    for mode in auto never; do
        mkdir -p dir
        rm -f in out
        mkfifo in out
        exec 5<>out
        bash traced "$SLABCAT" --on-full=spill:dir --spill-limit 12M --zero-copy=$mode <in >out 2>err 5>&- &
        track; pid=$!
        exec 6<out 5>&- 7>in
        (rig bytes 100000000 || true) >&7 6<&- 2>/dev/null &
        track
        exec 7>&-
        eventually 10 has_on_disk "$pid" gt 12000000
        # that it does so is found out when a piece, of 8M at most, is to be given back
        for _ in {1..10}; do
            head -c 4000000 <&6 >/dev/null
            [ "$(on_disk "$pid")" -le $((21 * 1024 * 1024)) ]
        done
        # it takes what comes as soon as there is room again
        { rig bytes 40000000; cat <&6; } | cksum >got
        exec 6<&-
        cmp got <(rig bytes 100000000 | cksum)
        not test -s err
    done
}

@test "what cannot be read back is undelivered, and exit 1" {
    needs_trace
    needs_copying
    mkdir dir
    run bash -c '(rig bytes 12000000 && : >taken) 2>/dev/null | strace -f -qq -o /dev/null -e inject=pread64:error=EIO:when=9+ \
        "$SLABCAT" --on-full=spill:dir --zero-copy=never --stats=json 2>err |
            (until [ -e taken ]; do sleep 0.01; done; cat >got)
        echo "${PIPESTATUS[1]}"'
    got=$(stat -c %s got)
    cat err
    [ "$output" = 1 ]
    rig check "$got" <got
    grep -qE "^slabcat: dir: read what was spilled at byte $got: Input/output error" err
    [ "$(figure in_bytes <(grep ended err))" = $((got + $(undelivered err))) ]
}

@test "kill -9 leaves nothing behind, and the file is nobody else's" {
    stalled
    rig bytes 3000000 >&7 6<&-
    eventually 10 has_on_disk "$pid" gt 1000000
    [ "$(stat -L -c '%a %h' "$(spill_of "$pid")")" = "600 0" ]
    [ -z "$(ls -A dir)" ]
    kill -KILL "$pid"
    eventually 5 ended "$pid"
    [ -z "$(ls -A dir)" ]
}

@test "the same where there are no files without a name" {
    needs_trace
    mkdir dir
    umask 0 # which says nothing about this file
    for error in EOPNOTSUPP EISDIR; do
        rm -f taken
        (rig bytes 5000000 && : >taken) | strace -f -qq -o trace -P dir -e trace=openat,unlink -e inject=openat:error=$error \
            "$SLABCAT" --on-full=spill:dir --stats=json 2>err | (
            once taken true
            ls -A dir >left
            stat -L -c '%a %h' "$(spill_of "$(pgrep -f "^$SLABCAT --on-full=spill:dir --stats=json")")" >mode
            rig check 5000000
        )
        grep -q "O_TMPFILE.*$error" trace
        [ "$(cat mode)" = "600 0" ]
        [ "$(figure spilled_bytes err)" -gt 1000000 ]
        [ ! -s left ]
    done
}

@test "a directory that cannot be used is an error before a byte is read" {
    touch file
    for dir in nowhere file $'no\ewhere' /proc; do
        run --separate-stderr bash -c 'echo unread | ("$SLABCAT" --on-full=spill:"$0"; echo "$?"; cat)' "$dir"
        echo "$dir: $output; $stderr"
        [ "$output" = $'1\nunread' ]
        [[ $stderr == "slabcat: --on-full=spill: "*": cannot make a file there: "* ]]
        [ "$(wc -l <<<"$stderr")" = 1 ]
        [[ $stderr != *$'\e'* ]]
    done
}

@test "without a directory it is TMPDIR" {
    run --separate-stderr bash -c 'echo unread | (TMPDIR=/nowhere "$SLABCAT" --on-full=spill; echo "$?"; cat)'
    [ "$output" = $'1\nunread' ]
    [[ $stderr == "slabcat: --on-full=spill: /nowhere: cannot make a file there: No such file or directory" ]]
    run bash -c 'echo text | TMPDIR=$PWD "$SLABCAT" --on-full=spill'
    [ "$output" = text ]
}

@test "files, sockets and what comes behind them" {
    mkdir dir
    rig bytes 6000000 >whole
    head -c 2000000 whole >part1
    tail -c 2000000 whole >part3
    head -c 4000000 whole | tail -c 2000000 |
        "$SLABCAT" --on-full=spill:dir -s 4096 part1 - part3 | (pause 0.3; rig check 6000000)
    (rig bytes 6000000 && : >taken1) | rig socket unix in "$SLABCAT" --on-full=spill:dir -s 4096 |
        once taken1 rig check 6000000
    (rig bytes 6000000 && : >taken2) | rig socket tcp in "$SLABCAT" --on-full=spill:dir --stats=json 2>err |
        once taken2 rig check 6000000
    [ "$(figure spilled_bytes err)" -gt 0 ]
    [ "$ZERO_COPY" = always ] || # messages are no pages
        (rig bytes 2000000 && : >taken3) | rig socket seqpacket in "$SLABCAT" --on-full=spill:dir -s 64K -n 2 |
            once taken3 rig check 2000000
    "$SLABCAT" --on-full=spill:dir --stats=json whole 2>err | (pause 0.3; rig check 6000000)
    [ "$(figure spilled_bytes err)" = 0 ] # a file does not mind waiting where it is
    rig bytes 6000000 | "$SLABCAT" --on-full=spill:dir -s 4096 >out
    rig bytes 6000000 | rig socket unix out "$SLABCAT" --on-full=spill:dir -s 4096 | rig check 6000000
    rig check 6000000 <out
}

@test "a message that comes while room is chosen for it is not cut, nor too long" {
    needs_copying
    mkdir dir
    for _ in {1..12}; do
        rig bytes 2000000 1000 | rig socket seqpacket in "$SLABCAT" --on-full=spill:dir --spill-limit 70000 -n 1 2>err |
            (sleep 0.1; rig check 2000000) || { cat err; false; }
    done
}

@test "with bytes in the spill and nothing to do it uses no CPU and does not wake up" {
    [ -z "$SANITIZE" ] || skip "the thread sanitizer has a thread of its own that wakes"
    stalled
    rig bytes 3000000 >&7 6<&-
    eventually 10 has_on_disk "$pid" gt 2000000
    in_three_tries asleep "$pid" # the producer is silent
    kill -KILL "$pid"
    stalled --spill-limit 1M
    press
    in_three_tries asleep "$pid" # the producer has to wait
}
