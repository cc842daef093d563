# Descriptors that are closed, full, gone, the wrong way round or the same file.

load helper

# says STATUS LINE... -- SCRIPT: bash SCRIPT ends with STATUS and prints exactly these lines on stderr
says() {
    local expected=$1 lines=()
    shift
    while [ "$1" != -- ]; do
        lines+=("$1")
        shift
    done
    run bash -c "$2"' 2>&1 >/dev/null'
    [ "$status" = "$expected" ] || { echo "status $status: $output"; return 1; }
    [ "$output" = "$(printf '%s\n' "${lines[@]}")" ] || { echo "it says: $output"; return 1; }
}

@test "a closed stdin, stdout or stderr" {
    run bash -c '"$SLABCAT" <&-'
    [ "$status" = 1 ]
    [ "$output" = "slabcat: stdin: open: Bad file descriptor" ]
    run bash -c 'echo unread | ("$SLABCAT" >&-; echo "$?"; cat)'
    [ "$output" = $'slabcat: stdout: Bad file descriptor\n1\nunread' ]
    run bash -c 'echo text | "$SLABCAT" 2>&-'
    [ "$status" = 0 ]
    [ "$output" = text ]
    run bash -c '"$SLABCAT" <&- >&- 2>&-'
    [ "$status" = 1 ]
    run bash -c '"$SLABCAT" --help >&-'
    [ "$status" = 1 ]
    # with a file to read, stdin does not matter, and the file does not become stdin
    echo file >file
    run bash -c '"$SLABCAT" file <&-'
    [ "$status" = 0 ]
    [ "$output" = file ]
    run bash -c '"$SLABCAT" file - <&-'
    [ "$status" = 1 ]
    [ "$output" = $'slabcat: stdin: open: Bad file descriptor\nfile' ] || [ "$output" = $'file\nslabcat: stdin: open: Bad file descriptor' ]
}

@test "a descriptor that is open the wrong way round" {
    echo file >file
    run bash -c 'echo unread | ("$SLABCAT" 1<file; echo "$?"; cat)'
    [ "$output" = $'slabcat: stdout: Bad file descriptor\n1\nunread' ]
    run bash -c '"$SLABCAT" 0>other'
    [ "$status" = 1 ]
    [ "$output" = "slabcat: stdin: open: Bad file descriptor" ]
}

@test "/dev/full is full" {
    needs_copying
    for mode in "-n 8" "-n 0"; do
        run bash -c 'printf "%s" 12345 | "$SLABCAT" '"$mode"' >/dev/full'
        [ "$status" = 1 ]
        [ "$output" = $'slabcat: stdout: write at byte 0: No space left on device\nslabcat: stdout: 5 bytes were not delivered' ]
    done
}

@test "a disk that fills up: where it stopped, and exactly how much is missing" {
    [ "$(id -u)" = 0 ] || skip "only root can mount a small file system"
    mkdir disk
    unshare -m true 2>/dev/null || skip "no mount namespace can be had"
    run unshare -m bash -c '
        mount -t tmpfs -o size=1M none disk || exit 9
        rig bytes 3000000 2>/dev/null | "$SLABCAT" -s 10000 >disk/out
        echo "${PIPESTATUS[1]} $(stat -c %s disk/out)"
        cp disk/out copy'
    [ "$status" != 9 ] || skip "mounting is not permitted here"
    read -r code size <<<"${lines[-1]}"
    [ "$code" = 1 ]
    [ "${lines[0]}" = "slabcat: stdout: write at byte $size: No space left on device" ]
    [[ ${lines[1]} == "slabcat: stdout: "*" bytes were not delivered" ]]
    rig check "$size" <copy
}

@test "a file size limit is a message, not a death" {
    for mode in "-n 8" "-n 0"; do
        run bash -c 'ulimit -f 100; rig bytes 1000000 2>/dev/null | "$SLABCAT" '"$mode"' >out; exit "${PIPESTATUS[1]}"'
        [ "$status" = 1 ]
        [ "${lines[0]}" = "slabcat: stdout: write at byte 102400: File too large" ]
        rig check 102400 <out
    done
}

@test "an input that is the output is refused, and left as it was" {
    needs_copying
    rig bytes 5000 >file
    cp file before
    for mode in "-n 8" "-n 0"; do
        # shellcheck disable=SC2086
        run bash -c '"$SLABCAT" '"$mode"' file >>file'
        [ "$status" = 1 ]
        [ "$output" = "slabcat: file: input file is output file, not read" ]
        run bash -c '"$SLABCAT" '"$mode"' <file 1<>file'
        [ "$status" = 1 ]
        [ "$output" = "slabcat: stdin: input file is output file, not read" ]
        cmp file before
    done
    # also when it only becomes the output's by what was read before it
    for i in {1..20}; do
        : >file
        run bash -c 'head -c 200000 before | "$SLABCAT" - file >>file'
        [ "$status" = 1 ]
        [ "$output" = "slabcat: file: input file is output file, not read" ]
    done
    # an empty one cannot chase its tail
    : >empty
    run bash -c '"$SLABCAT" empty >>empty'
    [ "$status" = 0 ]
}

@test "an input that cannot be opened or read does not stop the others" {
    needs_copying
    echo a >a
    echo b >b
    mkdir directory
    for mode in "-n 8" "-n 0"; do
        # shellcheck disable=SC2086
        run --separate-stderr "$SLABCAT" $mode a none b directory a
        [ "$status" = 1 ]
        [ "$output" = $'a\nb\na' ]
        [ "${stderr_lines[0]}" = "slabcat: none: open: No such file or directory" ]
        [ "${stderr_lines[1]}" = "slabcat: directory: read at byte 0: Is a directory" ]
    done
}

@test "a read error says where, and what was read before it is delivered" {
    needs_copying
    needs_trace
    rig bytes 500 >before # where is said of each input by itself
    for mode in "-n 8" "-n 0"; do
        run bash -c 'rig bytes 30000 1000 | strace -f -qq -o /dev/null -e inject=preadv2:error=EIO:when=4+ "$SLABCAT" -s 1000 --zero-copy=never '"$mode"' before - 2>err >out; exit "${PIPESTATUS[1]}"'
        [ "$status" = 1 ]
        at=$(sed -n 's/^slabcat: stdin: read at byte \([0-9]*\): Input\/output error$/\1/p' err)
        [ -n "$at" ]
        tail -c +501 out | rig check "$at"
        rm out
    done
}

@test "an error of close is an error" {
    needs_trace
    run bash -c 'echo text | strace -f -qq -o /dev/null -e inject=close:error=EIO -P "$PWD/out" "$SLABCAT" >out'
    [ "$status" = 1 ]
    [ "$output" = "slabcat: stdout: close: Input/output error" ]
    run bash -c 'echo text | strace -f -qq -o /dev/null -e inject=fsync:error=ENOSPC "$SLABCAT" --fsync >out'
    [ "$status" = 1 ]
    [ "$output" = "slabcat: stdout: sync: No space left on device" ]
}

@test "--fsync syncs a file, and does no harm to a pipe" {
    [ "$(echo text | "$SLABCAT" --fsync)" = text ]
    echo text | "$SLABCAT" --fsync >/dev/null
    needs_trace
    echo text | strace -f -qq -o trace -e trace=fsync,close "$SLABCAT" --fsync >out
    [ "$(cat out)" = text ]
    grep -q 'fsync(1) *= 0' trace
}

@test "calls that a kernel or a filter does not have are done without" {
    needs_trace
    [ "$ZERO_COPY" = auto ] || skip "the wrapper cannot do without them"
    # what is opened to load the program itself has to be had
    loads=$(strace -f -qq -e trace=openat "$SLABCAT" --help 2>&1 >/dev/null | grep -c openat)
    for error in EOPNOTSUPP ENOSYS EPERM EINVAL; do
        for mode in "-n 8" "-n 0"; do
            trace="strace -f -qq -o /dev/null -e inject=preadv2,pwritev2:error=$error"
            # shellcheck disable=SC2086
            rig bytes 300000 | $trace "$SLABCAT" $mode | rig check 300000
            rig bytes 300000 | rig socket tcp out $trace "$SLABCAT" $mode | rig check 300000
            rig bytes 300000 | rig socket unix in $trace "$SLABCAT" $mode | rig check 300000
            # and with no /proc to reopen a pipe through
            rig bytes 300000 | $trace -e inject=openat:error=ENOENT:when=$((loads + 2))+ "$SLABCAT" $mode | rig check 300000
        done
    done
}

@test "interrupted and unready calls are tried again" {
    needs_trace
    for error in EINTR EAGAIN; do
        for when in 1 2 5 50; do
            rig bytes 1000000 | strace -f -qq -o /dev/null -e "inject=preadv2:error=$error:when=$when+7" \
                -e "inject=pwritev2:error=$error:when=$when+7" "$SLABCAT" -s 1000 | rig check 1000000
        done
    done
    rig bytes 1000000 | strace -f -qq -o /dev/null -e inject=ppoll:error=EINTR:when=2+3 "$SLABCAT" -s 1000 | rig check 1000000
}

@test "what cannot be had at the start is said, and no byte is read" {
    needs_trace
    for call in eventfd2 signalfd4 clone3,clone:when=1 clone3,clone:when=2; do
        run bash -c 'echo unread | (strace -f -qq -o /dev/null -e inject='"$call"':error=EMFILE "$SLABCAT"; echo "$?"; cat)'
        [[ ${lines[0]} == "slabcat: "*": Too many open files" ]] || { echo "$call: $output"; return 1; }
        [ "${lines[1]}" = 1 ]
        [ "${lines[2]}" = unread ]
    done
}

@test "when waiting itself fails, slabcat says so and ends" {
    needs_trace
    for mode in "-n 8" "-n 0"; do
        for when in 1 2; do
            # a slow producer and a stalled consumer make every thread wait
            run timeout $((10 * SLOW)) bash -c '(rig bytes 1000; sleep 0.2; rig bytes 300000 2>/dev/null) |
                strace -f -qq -o /dev/null -e inject=ppoll:error=ENOMEM:when='"$when"'+ "$SLABCAT" '"$mode"' 2>err |
                (sleep 0.4; cat >/dev/null); exit "${PIPESTATUS[1]}"'
            [ "$status" = 1 ] || { echo "$mode, $when: status $status: $(cat err)"; return 1; }
            grep -q "^slabcat: .*wait.*: Cannot allocate memory$" err
        done
    done
}

@test "when only the writer cannot wait, the reader does not wait for it" {
    needs_trace
    mkfifo in out
    exec 5<>out 4<>in
    timeout $((10 * SLOW)) strace -f -qq -o /dev/null -e inject=ppoll:error=ENOMEM -P "$PWD/out" "$SLABCAT" <in >out 2>err 4>&- 5>&- &
    track; pid=$!
    rig bytes 3000000 >in 2>/dev/null 4>&- 5>&- &
    track
    status_of "$pid"
    exec 4>&- 5>&-
    [ "$status" = 1 ]
    grep -q "^slabcat: .*wait.*: Cannot allocate memory$" err
}

# goes_with_its_consumer ARGUMENT...: within 0.2 s, quietly
goes_with_its_consumer() {
    local line began
    rm -f in out
    mkfifo in out
    exec 4<>in 5<>out # so that opening does not wait
    "$SLABCAT" "$@" <in >out 2>err 4>&- 5>&- &
    track; pid=$!
    exec 6<out 5>&- # the only reader left
    echo hello >&4
    read -r line <&6
    [ "$line" = hello ] || return 2
    began=$EPOCHREALTIME
    exec 6<&-
    status_of "$pid" || return 2
    elapsed_ms "$began"
    exec 4>&-
    echo "$*: $elapsed_ms ms, status $status"
    [ "$status" = 141 ] && [ ! -s err ] || return 2 # by SIGPIPE
    [ "$elapsed_ms" -lt $((200 * SLOW)) ]
}

@test "when the consumer goes, slabcat goes within 0.2 s, although the producer is silent" {
    for mode in "-n 8" "-n 0"; do
        # shellcheck disable=SC2086
        in_three_tries goes_with_its_consumer $mode
    done
}

@test "when the peer of a socket goes, slabcat goes, although the producer is silent" {
    for kind in unix tcp; do
        for mode in "-n 8" "-n 0"; do
            mkfifo in
            exec 4<>in
            # the peer is rig, which dies when it passes a line on to a consumer that has gone
            # shellcheck disable=SC2086
            rig socket "$kind" out "$SLABCAT" $mode <in 2>err 4>&- | head -n 1 >line &
            track
            echo hello >&4
            eventually 5 test -s line
            pid=$(pgrep -f "^$SLABCAT $mode")
            rig=$(pgrep -f "^rig socket $kind out $SLABCAT $mode")
            [ -n "$pid" ]
            [ -n "$rig" ]
            echo "and one more" >&4
            eventually 5 ended "$rig"
            # over TCP a peer that has closed may still read, until it answers a line with a reset
            [ "$kind" = unix ] || echo "and another" >&4
            eventually 5 ended "$pid"
            exec 4>&-
            rm in line
        done
    done
}

@test "with SIGPIPE ignored, a consumer that has gone is an error" {
    for mode in "-n 8" "-n 0"; do
        run bash -c 'trap "" PIPE; (sleep 0.2; rig bytes 1000000 2>/dev/null) | { "$SLABCAT" '"$mode"' 2>err; echo "$?" >status; } | :'
        [ "$(cat status)" = 1 ]
        grep -qE '^slabcat: stdout: write at byte 0: Broken pipe$' err
    done
}

# peak_memory COUNT: of a ring of so many slabs that a stream without stalls goes through, in kB
peak_memory() {
    local pid
    rm -f in
    mkfifo in
    "$SLABCAT" -n "$1" <in >/dev/null &
    track; pid=$!
    exec 4>in
    chatter 20000 4096 20 >&4 2>/dev/null
    sed -n 's/VmHWM:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$pid/status"
    exec 4>&-
    wait "$pid"
}
large_is_as_small() {
    local small large
    small=$(peak_memory 8)
    large=$(peak_memory 4096)
    echo "peak: $small and $large kB"
    [ "$large" -le $((small + 1024)) ]
}

@test "a large ring touches no memory until a stall needs it" {
    [ -z "$SANITIZE" ] || skip "a sanitizer needs memory of its own"
    # a writer that the machine gives no time to is a stall as well
    in_three_tries large_is_as_small
}

@test "what else has gone wrong goes before lost bytes: 1, not 3" {
    needs_copying
    # dropped lines, and an input that is not there
    seq 100000 | {
        sleep 0.1
        "$SLABCAT" --on-full drop-newest -s 1K -n 2 none - 2>err || echo "$?" >status
    } | (sleep 0.3; cat >/dev/null)
    [ "$(cat status)" = 1 ]
    grep -qx 'slabcat: none: open: No such file or directory' err
    grep -q '^slabcat: dropped [0-9]* lines' err
    # no time, and an input that is not there
    mkfifo in out
    exec 5<>out
    "$SLABCAT" --drain-timeout 100ms none - <in >out 2>err 5>&- &
    track; pid=$!
    rig press accepted >in 5>&- &
    track
    eventually 10 test -s accepted
    kill -TERM "$pid"
    status_of "$pid"
    exec 5>&-
    [ "$status" = 1 ]
    grep -q 'bytes were not delivered within 100ms$' err
}

# peak_of ARGUMENT...: of a ring of 64 slabs that is full, in kB
peak_of() {
    local pid
    rm -f in out accepted
    mkfifo in out
    exec 5<>out
    "$SLABCAT" -s 64K -n 64 "$@" <in >out 5>&- &
    track; pid=$!
    rig press accepted >in 5>&- &
    track
    eventually 20 test -s accepted
    [ "$(cat accepted)" -ge $((64 * 65536)) ]
    peak=$(sed -n 's/VmHWM:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$pid/status")
    echo "$*: $peak kB"
    kill -KILL "$pid"
    exec 5>&-
}

@test "a full ring takes as much memory as it holds, and 2 MiB" {
    [ -z "$SANITIZE" ] || skip "a sanitizer needs memory of its own"
    [ "$ZERO_COPY" = auto ] || skip "these choose for themselves"
    for options in --zero-copy=never "--on-full=spill:. --spill-limit 8M" "-o - -o file"; do
        # shellcheck disable=SC2086
        peak_of $options
        [ "$peak" -le $((4096 + 2048 + 2048)) ] # the libraries take the last 2
    done
}
