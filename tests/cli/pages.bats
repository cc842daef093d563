# Pages instead of bytes: which way is chosen, that it is the one taken, and that every way it can be
# refused, cut short or fail in loses nothing.

load helper

# inject CALL ERROR WHEN ARGUMENT...: slabcat with CALL failing so, as strace counts WHEN
inject() {
    local call=$1 error=$2 when=$3
    shift 3
    strace -f -qq -o /dev/null -e "inject=$call:error=$error:when=$when" "$SLABCAT" "$@"
}

setup_file() { [ "$ZERO_COPY" = auto ] || skip "these tests choose for themselves"; }

@test "--explain tells what the ends are, the way, and why" {
    rig bytes 100000 >file
    run bash -c 'rig bytes 100000 | "$SLABCAT" --explain 2>&1 >out'
    [ "${lines[1]}" = "slabcat: from stdin, a pipe of 64K" ]
    [ "${lines[2]}" = "slabcat: to stdout, a file" ]
    [ "${lines[3]}" = "slabcat: way: splice through 8 slabs of 64K: nobody asked to see the bytes" ]
    [ "${lines[4]}" = "slabcat: slabs: each with a kernel pipe of 128K, made when it is needed" ]
    [ "${lines[5]}" = "slabcat: in: 100000 bytes as pages, 0 copied" ]
    [ "${lines[6]}" = "slabcat: out: 100000 bytes as pages, 0 copied" ]
    [ "${#lines[@]}" = 7 ]
    rig check 100000 <out
    run bash -c 'rig bytes 100000 | "$SLABCAT" --explain 2>&1 >>log'
    [ "${lines[2]}" = "slabcat: to stdout, a file open for appending" ]
    [ "${lines[3]}" = "slabcat: way: copy through 8 slabs of 64K: the output is open for appending, which refuses splice" ]
    [ "${lines[4]}" = "slabcat: in: 0 bytes as pages, 100000 copied" ]
    run bash -c '"$SLABCAT" --explain file 2>&1 >out'
    [ "${lines[3]}" = "slabcat: way: copy_file_range, without a ring: file to file" ]
    [ "${lines[4]}" = "slabcat: in: 100000 bytes as pages, 0 copied" ]
    run bash -c 'rig socket tcp out "$SLABCAT" --explain file 2>&1 >/dev/null'
    [ "${lines[2]}" = "slabcat: to stdout, a socket" ]
    [ "${lines[3]}" = "slabcat: way: sendfile, without a ring: file to socket" ]
    [ "${lines[4]}" = "slabcat: in: 100000 bytes as pages, 0 copied" ]
    run bash -c '("$SLABCAT" --explain file | cat >/dev/null) 2>&1'
    [ "${lines[3]}" = "slabcat: way: copy through 8 slabs of 64K: pages of a file could still change after delivery" ]
    run bash -c '("$SLABCAT" --explain --zero-copy=always file | cat >/dev/null) 2>&1'
    [ "${lines[3]}" = "slabcat: way: splice through 8 slabs of 64K: asked for; the file must not change now" ]
    [ "${lines[5]}" = "slabcat: in: 100000 bytes as pages, 0 copied" ]
    run bash -c 'rig bytes 100000 | "$SLABCAT" --explain --zero-copy=never 2>&1 >out'
    [ "${lines[3]}" = "slabcat: way: copy through 8 slabs of 64K: asked for" ]
    [ "${lines[4]}" = "slabcat: in: 0 bytes as pages, 100000 copied" ]
    run bash -c 'rig bytes 100000 | "$SLABCAT" --explain -n 0 2>&1 >out'
    [ "${lines[3]}" = "slabcat: way: copy, without a ring: each read is written before the next" ]
}

@test "names in --explain cannot speak to the terminal" {
    name=$'evil\e[2Jname'
    echo text >"$name"
    run bash -c '"$SLABCAT" --explain "$0" 2>&1 >out' "$name"
    [ "$status" = 0 ]
    [[ $output != *$'\e'* ]]
}

@test "pages move without being read or written" {
    needs_trace
    rig bytes 3000000 >file
    for to in file pipe; do
        rig bytes 3000000 | strace -f -qq -o trace -e trace=preadv2,writev,pwritev2,read,write "$SLABCAT" --zero-copy=always |
            if [ "$to" = file ]; then cat >out; else rig check 3000000; fi
        # one read confirms the end of the input; bells ring with 8 bytes
        [ "$(grep -c 'preadv2(0' trace)" -le 1 ]
        not grep -E 'writev2?\(1' trace
    done
    rig socket unix out strace -f -qq -o trace -e trace=sendfile,read,preadv2,sendto,sendmsg "$SLABCAT" file </dev/null | rig check 3000000
    not grep -E 'send(to|msg)' trace
    strace -f -qq -o trace -e trace=copy_file_range,write,writev "$SLABCAT" file >out
    rig check 3000000 <out
    not grep -E 'writev?\(1,' trace
}

@test "a call that is refused, at once or later: everything arrives by copying" {
    needs_trace
    for error in EINVAL ENOSYS EPERM EOPNOTSUPP; do
        for when in 1 2 5 50 1+ 2+ 5+ 50+; do
            rig bytes 1000000 | inject splice $error $when -s 10000 | rig check 1000000
            rig bytes 1000000 | inject splice $error $when -s 10000 >out
            rig check 1000000 <out
            rig bytes 1000000 | rig socket tcp out strace -f -qq -o /dev/null -e "inject=splice:error=$error:when=$when" "$SLABCAT" -s 10000 | rig check 1000000
        done
    done
}

@test "an output that refuses pages in mid-stream: what is in the slabs' pipes arrives, and --explain says so" {
    needs_trace
    rig bytes 3000000 | strace -f -qq -o /dev/null -P "$PWD/out" -e inject=splice:error=EINVAL:when=20+ "$SLABCAT" --explain >out 2>err
    rig check 3000000 <out
    grep -qE '^slabcat: way: copy from byte [0-9]+ on: splice to stdout refuses: Invalid argument$' err
    [ "$(sed -n 's/^slabcat: in: \([0-9]*\) .*/\1/p' err)" -gt "$(sed -n 's/^slabcat: out: \([0-9]*\) .*/\1/p' err)" ]
}

@test "the same into a pipe that takes what was pulled bit by bit" {
    needs_trace
    mkfifo out
    (sleep 0.2; exec cat) <out >copy &
    track; consumer=$!
    rig bytes 5000000 | strace -f -qq -o /dev/null -P "$PWD/out" -e inject=splice:error=EINVAL:when=2+ "$SLABCAT" -s 1M >out
    status_of "$consumer"
    rig check 5000000 <copy
}

@test "an input that refuses pages in mid-stream" {
    needs_trace
    mkfifo in
    rig bytes 3000000 >in &
    track
    strace -f -qq -o /dev/null -P "$PWD/in" -e inject=splice:error=EINVAL:when=20+ "$SLABCAT" --explain <in >out 2>err
    rig check 3000000 <out
    grep -qE '^slabcat: way: copy from byte [0-9]+ on: splice from stdin refuses: Invalid argument$' err
}

@test "interrupted and unready calls are tried again" {
    needs_trace
    for error in EINTR EAGAIN; do
        for when in 1 2 5 50 1+3; do
            rig bytes 1000000 | inject splice $error $when -s 10000 | rig check 1000000
            rig bytes 1000000 | inject splice $error $when -s 10000 --zero-copy=always >out
            rig check 1000000 <out
        done
    done
}

@test "a real error is final, and says its side and where" {
    needs_trace
    for when in 1 2 5 20; do
        for mode in auto always; do
            rm -f out in
            mkfifo in
            rig bytes 2000000 >in 2>/dev/null &
            track
            run bash -c 'strace -f -qq -o /dev/null -P "$PWD/out" -e inject=splice:error=EIO:when='"$when"' "$SLABCAT" -s 10000 --zero-copy='"$mode"' <in 2>&1 >out'
            [ "$status" = 1 ]
            [ "${lines[0]}" = "slabcat: stdout: write at byte $(stat -c %s out): Input/output error" ]
            [[ ${lines[1]} == *"bytes were not delivered" ]]
            rig check "$(stat -c %s out)" <out
            rig bytes 2000000 >in 2>/dev/null &
            track
            run bash -c 'strace -f -qq -o /dev/null -P "$PWD/in" -e inject=splice:error=EIO:when='"$when"' "$SLABCAT" -s 10000 --zero-copy='"$mode"' <in 2>&1 >out'
            [ "$status" = 1 ]
            [ "${lines[0]}" = "slabcat: stdin: read at byte $(stat -c %s out): Input/output error" ]
            rig check "$(stat -c %s out)" <out
        done
    done
}

@test "no pipes, or no descriptors for them: slabs of memory do it" {
    needs_trace
    for error in EMFILE ENFILE; do
        for when in 1 2 5 50 1+ 2+ 5+; do
            rig bytes 3000000 | inject pipe2 $error $when -s 4096 -n 100 | rig check 3000000
        done
    done
    for files in 16 20 40; do
        run bash -c 'rig bytes 3000000 | (ulimit -n '"$files"'; "$SLABCAT" -s 4096 -n 100 --explain 2>err) | (sleep 0.2; rig check 3000000)'
        [ "$status" = 0 ]
        grep -qE '^slabcat: slabs: [0-9]+ with a kernel pipe, the others without: Too many open files$' err
    done
}

@test "of a large ring 128 slabs, and 16 MiB, are pipes: others of this user want some, too" {
    rig bytes 20000000 | "$SLABCAT" -s 16K -n 400 --explain 2>err | (sleep 0.3; rig check 20000000)
    grep -q '^slabcat: slabs: 128 with a kernel pipe, the others without: they are enough; ' err
    # each with twice the slots that its bytes need
    rig bytes 60000000 | "$SLABCAT" -s 1M -n 40 --explain 2>err | (sleep 0.3; rig check 60000000)
    grep -qE '^slabcat: slabs: ([1-9]|1[0-6]) with a kernel pipe, the others without: ' err
}

@test "descriptors are left over for inputs to come" {
    for i in 1 2 3 4 5 6 7 8; do echo "$i" >"file$i"; done
    run bash -c 'rig bytes 1000000 | (ulimit -n 24; "$SLABCAT" -s 4096 -n 100 - file1 file2 file3 file4 file5 file6 file7 file8) | (sleep 0.3; tail -c 16 | tr -d "\n")'
    [ "$output" = 12345678 ]
}

@test "a limit on the size of pipes" {
    needs_trace
    for error in EPERM EBUSY; do
        # strace counts for each thread; the main one makes five that look at descriptors
        for when in 6 7 8 9 11 20; do
            run bash -c 'set -o pipefail; rig bytes 1000000 | strace -f -qq -o /dev/null -e inject=fcntl:error='"$error:when=$when"'+ "$SLABCAT" | rig check 1000000'
            [ "$status" = 0 ] || { echo "$error, $when: $output"; return 1; }
        done
    done
    run bash -c 'rig bytes 1000000 | strace -f -qq -o trace -e trace=fcntl -e inject=fcntl:error=EPERM:when=6+ "$SLABCAT" --pipe-size 1M 2>&1 >out'
    grep -q 'F_SETPIPE_SZ.*INJECTED' trace
    rig check 1000000 <out
}

@test "a user who has used up the limit of pipes" {
    [ "$(id -u)" = 0 ] || skip "only root can become another user"
    command -v setpriv >/dev/null || skip "setpriv is not installed"
    chmod 755 .
    run setpriv --reuid=65534 --clear-groups rig hog bash -c 'rig bytes 3000000 | "$SLABCAT" --explain 2>&1 >/dev/null'
    [ "$status" != 77 ] || skip "pipes are not limited here"
    [ "$status" = 0 ]
    [ "${lines[1]}" = "slabcat: from stdin, a pipe of 8K" ]
    [ "${lines[4]}" = "slabcat: slabs: 0 with a kernel pipe, the others without: the kernel grants no pipe as large as a slab" ]
    for mode in auto always never; do
        setpriv --reuid=65534 --clear-groups rig hog bash -c 'set -o pipefail; rig bytes 3000000 | "$SLABCAT" --zero-copy='"$mode"' | rig check 3000000'
    done
}

@test "one-byte pages do not use up the ring: it holds all of its bytes" {
    mkfifo in out
    exec 5<>out
    "$SLABCAT" -s 1000 -n 4 <in >out 2>err 5>&- &
    track; pid=$!
    rig chat accepted 1 100 >in 5>&- &
    track
    runs() { grep -qx slabcat-reader /proc/"$pid"/task/*/comm; }
    eventually 5 runs
    # the writer may have begun with the first slab: what the pipe behind it has taken, in 16 pages
    holds_all() {
        kill -USR1 "$pid"
        grep -Eq '(39[5-9][0-9]|4000) bytes held, 0 dropped' err
    }
    eventually 20 holds_all
    kill -TERM "$pid"
    cat <&5 >got &
    track
    status_of "$pid"
    eventually 5 test -s accepted
    [ "$status" = 0 ]
    eventually 5 rig check "$(cat accepted)" <got
    exec 5>&-
}

@test "a stalled slabcat holds no lock that a neighbour on the same pipe would hang on" {
    for mode in auto always never; do
        mkfifo in out
        exec 5<>out
        "$SLABCAT" --zero-copy=$mode <in >out 5>&- &
        track; pid=$!
        rig press accepted >in 5>&- &
        track
        eventually 20 test -s accepted
        # a write that waits can be interrupted; one that waits for the lock cannot
        for neighbour in 'echo neighbour >&5' 'echo neighbour >in'; do
            bash -c "echo >begun; $neighbour" &
            track; writer=$!
            eventually 5 test -s begun
            eventually 5 at_rest "$writer"
            kill -TERM "$writer"
            status_of "$writer"
            [ "$status" = 143 ]
            rm begun
        done
        kill -KILL "$pid"
        exec 5>&-
        rm in out accepted
    done
}

@test "two writers of one file, and a reader before, share the position" {
    rig bytes 100000 >in
    (head -c 1000 >/dev/null; "$SLABCAT") <in >out
    cmp out <(tail -c +1001 in)
    (head -c 1000; "$SLABCAT"; echo end) <in | cmp - <(cat in; echo end)
    for mode in auto always never; do
        (echo begin; rig bytes 100000 | "$SLABCAT" --zero-copy=$mode; echo end) >out
        cmp out <(echo begin; cat in; echo end)
        (echo begin; "$SLABCAT" --zero-copy=$mode in; echo end) >out
        cmp out <(echo begin; cat in; echo end)
        (echo begin; "$SLABCAT" --zero-copy=$mode in; echo end) | cmp - <(echo begin; cat in; echo end)
    done
}

@test "files: every size, into a file, a socket and a pipe" {
    for size in 0 1 4095 65536 1000001 40000000; do
        rig bytes $size >file
        for mode in auto always never; do
            "$SLABCAT" --zero-copy=$mode file >out
            rig check $size <out
            "$SLABCAT" --zero-copy=$mode file | rig check $size
            for family in tcp unix; do
                rig socket $family out "$SLABCAT" --zero-copy=$mode file </dev/null | rig check $size
            done
        done
        "$SLABCAT" -n 0 file | rig check $size
        "$SLABCAT" -n 0 file >out
        rig check $size <out
    done
    rig bytes 1000 >file
    "$SLABCAT" file file >out
    rig bytes 1000 >>file
    cmp file out
    "$SLABCAT" /proc/self/status >out
    grep -q ^VmPeak out
    run bash -c '"$SLABCAT" /proc/sys/kernel/ostype >out; cat out'
    [ "$output" = Linux ]
}

@test "files: calls that are refused, interrupted, or fail" {
    needs_trace
    # the first call, or all: of any file. The later ones, for which it makes no difference which error it is: of one that
    # takes several.
    rig bytes 300000 >small
    truncate -s 60M file
    rig bytes 1000 >>file
    for error in EINVAL ENOSYS EPERM EXDEV EOPNOTSUPP EBADF EINTR; do
        inject copy_file_range $error 1 small >out
        cmp small out
        rig socket tcp out strace -f -qq -o /dev/null -e "inject=sendfile:error=$error:when=1" "$SLABCAT" small </dev/null | cmp - small
        [ $error != EINTR ] || continue # for ever
        inject copy_file_range $error 1+ small >out
        cmp small out
    done
    for error in EINVAL EINTR; do
        for when in 2 5 5+; do
            [ $error$when != EINTR5+ ] || continue
            inject copy_file_range $error $when file >out
            cmp file out
        done
        for when in 5 50 50+; do
            [ $error$when != EINTR50+ ] || continue
            rig socket tcp out strace -f -qq -o /dev/null -e "inject=sendfile:error=$error:when=$when" "$SLABCAT" file </dev/null | cmp - file
        done
    done
    rig socket tcp out strace -f -qq -o /dev/null -e "inject=sendfile:error=EAGAIN:when=2+2" "$SLABCAT" file </dev/null | cmp - file
    run bash -c 'strace -f -qq -o /dev/null -e inject=copy_file_range:error=EIO:when=3 "$SLABCAT" file 2>&1 >out'
    [ "$status" = 1 ]
    [ "$output" = "slabcat: stdout: write at byte $(stat -c %s out): Input/output error" ]
    # when the file cannot be read either, it is the input's error
    run bash -c 'strace -f -qq -o /dev/null -e inject=copy_file_range:error=EIO:when=3+ -e inject=pread64,read:error=EIO -P "$PWD/file" "$SLABCAT" file 2>&1 >out'
    [ "$status" = 1 ]
    [ "${lines[0]}" = "slabcat: file: read at byte $(stat -c %s out): Input/output error" ]
    run bash -c 'rig socket unix out strace -f -qq -o /dev/null -e inject=sendfile:error=ENOSPC:when=3 "$SLABCAT" file 2>&1 >/dev/null </dev/null'
    [ "$status" = 1 ]
    [[ $output == "slabcat: stdout: write at byte "*": No space left on device" ]]
}

@test "files of two file systems" {
    [ -w /dev/shm ] && [ "$(stat -c %d /dev/shm)" != "$(stat -c %d .)" ] || skip "there is only one"
    rig bytes 3000000 >file
    other=$(mktemp -p /dev/shm)
    "$SLABCAT" file >"$other"
    rig check 3000000 <"$other" || { rm "$other"; return 1; }
    "$SLABCAT" "$other" >out
    rm "$other"
    rig check 3000000 <out
}

@test "a file that changes after it was taken does not change what was delivered" {
    head -c 60000 /dev/zero >file
    mkfifo out
    exec 5<>out
    "$SLABCAT" file >out 5>&-
    tr '\0' x <file | dd of=file conv=notrunc status=none
    run bash -c 'head -c 60000 <&5 | tr -d "\0" | wc -c'
    exec 5>&-
    [ "$output" = 0 ]
}

@test "a socket that stalls: TERM leaves in time, with the exact number" {
    rig bytes 30000000 >file
    for mode in auto always never; do
        # rig's stdout is full and nobody reads it, so it does not read the socket for long
        mkfifo out
        exec 5<>out
        rig bytes 300000000 2>/dev/null | rig socket unix out "$SLABCAT" --zero-copy=$mode --drain-timeout 300ms 2>err >out 5>&- &
        track
        is_there() { pid=$(pgrep -f "^$SLABCAT --zero-copy=$mode --drain-timeout"); }
        eventually 5 is_there
        eventually 10 at_rest "$pid" # everything has come to a halt
        kill -TERM "$pid"
        eventually 3 ended "$pid"
        grep -qE '^slabcat: stdout: [0-9]+ bytes were not delivered within 300ms$' err
        exec 5>&-
        rm out
    done
}

@test "a socket with too small a buffer for pages is written by copying" {
    run bash -c 'set -o pipefail; rig bytes 100000 1 | rig socket small out "$SLABCAT" --explain 2>err | rig check 100000'
    [ "$status" = 0 ]
    grep -qx "slabcat: way: copy from byte 0 on: splice to stdout refuses: Operation not supported" err
    rig bytes 100000 >file
    rig socket small out "$SLABCAT" file </dev/null | rig check 100000
}

@test "always: pipes and files in turn are pages all of them" {
    rig bytes 100000 >file
    for mode in "-n 8" "-n 0"; do
        # shellcheck disable=SC2086
        (rig bytes 100000; sleep 0.1) | "$SLABCAT" $mode --zero-copy=always --explain file - file >out 2>err
        cmp out <(cat file file file)
        grep -qx "slabcat: in: 300000 bytes as pages, 0 copied" err
        grep -qx "slabcat: out: 300000 bytes as pages, 0 copied" err
    done
    # and otherwise it says what it does
    run bash -c '"$SLABCAT" --explain none file 2>&1 >out'
    [[ ${lines[4]} == "slabcat: way: copy through 8 slabs of 64K: not all inputs are files, so there is a ring" ]]
}

@test "always: where it is impossible it says so, before a byte is read" {
    run bash -c 'rig bytes 1000 | (sleep 0.2; exec "$SLABCAT" --zero-copy=always 2>&1 >>log)'
    [ "$status" = 1 ]
    [ "${lines[0]}" = "slabcat: --zero-copy=always: the output is open for appending, which refuses splice" ]
    [ "${lines[1]}" = "slabcat: stdout: 1000 bytes were not delivered" ]
    run bash -c 'rig bytes 1000 | "$SLABCAT" --zero-copy=always 2>&1 >/dev/full'
    [ "$status" = 1 ]
    [ "${lines[0]}" = "slabcat: stdout: move pages for --zero-copy=always at byte 0: Invalid argument" ]
    run bash -c 'rig bytes 300000 2>/dev/null | (ulimit -n 14; "$SLABCAT" --zero-copy=always -s 4K -n 50 2>&1 >/dev/full)'
    [ "$status" = 1 ]
    mkfifo out
    exec 5<>out
    run bash -c 'rig bytes 300000 2>/dev/null | (ulimit -n 20; "$SLABCAT" --zero-copy=always -s 4K -n 50 2>&1 >out)'
    exec 5>&-
    [ "$status" = 1 ]
    [[ ${lines[0]} == "slabcat: --zero-copy=always: make a pipe for each slab: Too many open files" ]]
    run "$SLABCAT" --zero-copy=sometimes
    [ "$status" = 2 ]
    [ "$output" = "slabcat: --zero-copy 'sometimes': not auto, always or never" ]
}

@test "the tuner tries both ways in mid-stream, says what it found, and nothing is out of order" {
    for to in file pipe; do
        rig bytes 400000000 | "$SLABCAT" --explain 2>err | if [ $to = file ]; then cat >out; rig check 400000000 <out; else rig check 400000000; fi
        grep -qE '^slabcat: tuner: after [0-9.]+[KM]?: CPU time a byte is [0-9.]+ ns \([0-9.]+ in one thread\) for pages, [0-9.]+ ns \([0-9.]+ in one thread\) for copies: (pages|copies) from here on$' err
        read -r pages copied <<<"$(sed -n 's/^slabcat: in: \([0-9]*\) bytes as pages, \([0-9]*\) copied$/\1 \2/p' err)"
        [ "$pages" -gt 0 ]
        [ "$copied" -gt 0 ]
        [ $((pages + copied)) = 400000000 ]
    done
    for mode in always never; do
        rig bytes 400000000 | "$SLABCAT" --explain --zero-copy=$mode 2>err >/dev/null
        not grep tuner err
    done
}

# emptied_in_one_go SIZE GAP_US: a stream in such bursts; how often a splice took much more than a slab holds is added
# to $large
emptied_in_one_go() {
    local options=(-f -qq)
    # no more of the other calls is seen than is needed: the reader has to be fast
    ! strace --seccomp-bpf -f -o /dev/null true 2>/dev/null || options+=(--seccomp-bpf)
    rig chat accepted "$@" >in &
    track
    strace "${options[@]}" -o trace -P "$PWD/in" -e trace=splice "$SLABCAT" -S 4000000 -s 4K -n 256 <in >out || return 1
    rig check 4000000 <out || return 1
    large=$((large + $(awk -F '= ' '/splice/ && $NF > 2 * 4096' trace | wc -l)))
    echo "$*: $large large ones so far, and $(grep -c splice trace) splices"
}

@test "a hot pipe is emptied in one go, however small the slabs" {
    needs_trace
    mkfifo in
    # A stream is hot when something came within 250 us after the pipe had been emptied, eight times in a row. On a busy
    # machine none is for most of the time, so there are many tries; without the stage no splice at all is large.
    large=0
    for _ in {1..5}; do
        for pace in "16000 200" "16000 100" "12000 50" "20000 150"; do
            # shellcheck disable=SC2086
            emptied_in_one_go $pace
            [ "$large" -lt 5 ] || break 2
        done
    done
    [ "$large" != 0 ] || [ "$SLOW" = 1 ] || skip "this machine is too slow for a stream to be hot for a traced reader"
    [ "$large" != 0 ]
}

@test "a stage that has nothing just now is asked again: that is no failure of the input" {
    needs_trace
    for when in 5 20 40; do
        chatter 100000 256 2>/dev/null | strace -f -qq -o trace -e trace=read -e inject=read:error=EAGAIN:when=$when "$SLABCAT" >>out
        sink <out | found '^lines 100000 missing 0 damaged 0$'
        rm out
    done
}

@test "never: nothing is spliced, not even on the way into a slab" {
    needs_trace
    chatter 100000 256 5 2>/dev/null | strace -f -qq -o trace -e trace=splice,tee,sendfile,copy_file_range "$SLABCAT" --zero-copy=never |
        sink | found '^lines 100000 missing 0 damaged 0$'
    [ ! -s trace ]
}
