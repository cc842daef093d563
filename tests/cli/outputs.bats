# Where the bytes go: files, descriptors, several outputs at once, files that are rotated away; and how fast.

load helper

@test "a file is created as the umask says, truncated, or with -a appended to" {
    (umask 027 && rig bytes 1000 | "$SLABCAT" -o file)
    [ "$(stat -c %a file)" = 640 ]
    rig check 1000 <file
    rig bytes 300 | "$SLABCAT" -o file
    rig check 300 <file
    rig bytes 1000 >whole
    head -c 600 whole >file
    needs_copying # a file open for appending takes no pages
    tail -c 400 whole | "$SLABCAT" -a -o file
    rig check 1000 <file
}

# appended_by_four ARGUMENT...: four at a time append numbered lines to the file log
appended_by_four() {
    local pids=() writer
    : >log
    for writer in 1 2 3 4; do
        seq -f "writer $writer line %06.0f end" 20000 | "$SLABCAT" -s 4K -f 10m "${@//WRITER/$writer}" >>log &
        track
        pids+=("$!")
    done
    for writer in "${pids[@]}"; do
        status_of "$writer" 30
        [ "$status" = 0 ] || return 1
    done
}

# every line is there once, and whole
has_all_lines() {
    local torn
    torn=$(grep -vcE '^writer [1-4] line [0-9]{6} end$' log) || true
    [ "$torn" = 0 ] || { echo "$torn lines are torn: $*"; return 1; }
    for writer in 1 2 3 4; do
        seq -f "writer $writer line %06.0f end" 20000 | cmp - <(grep "^writer $writer" log) || return 1
    done
}

@test "several that append to one file at the same time tear no line" {
    needs_copying
    for arguments in "" "-a -o log -o own.WRITER" "-L 500K -n 3" "-a -o log --rotate-size 1G" "-n 2"; do
        # shellcheck disable=SC2086
        appended_by_four $arguments
        has_all_lines "$arguments"
    done
}

@test "what is appended ends with a line: its beginning waits for its end, not for ever" {
    needs_copying
    mkfifo in
    "$SLABCAT" -s 8 -f 10m <in >>log &
    track; pid=$!
    exec 7>in
    printf 'one\ntwo ' >&7 # a slab
    eventually 5 has_size log 4
    printf 'too\n3 is' >&7
    eventually 5 has_size log 12
    # longer than a slab: it cannot be kept whole
    printf ' as long as ever' >&7
    eventually 5 has_size log 32
    printf '\nlast' >&7
    exec 7>&-
    status_of "$pid"
    [ "$status" = 0 ]
    [ "$(cat log)" = $'one\ntwo too\n3 is as long as ever\nlast' ]
    # with -0 a line ends with NUL
    rm log
    "$SLABCAT" -s 8 -f 10m -0 -a -o log <in &
    track; pid=$!
    exec 7>in
    printf 'one\0two\n' >&7
    eventually 5 has_size log 4
    exec 7>&-
    status_of "$pid"
    [ "$status" = 0 ]
    [ "$(stat -c %s log)" = 8 ]
    # no longer than the flush interval
    for interval in auto 0 100ms; do
        rm log
        "$SLABCAT" -f $interval <in >>log &
        track; pid=$!
        exec 7>in
        printf 'a line\nand half' >&7
        eventually 5 has_size log 15
        exec 7>&-
        status_of "$pid"
        [ "$status" = 0 ]
    done
    # nobody waits when there is no room for the end of the line
    for ring in "-s 100 -n 1" "-s 3 -n 2" "-s 1 -n 8"; do
        rm log
        # shellcheck disable=SC2086
        seq 10000 | "$SLABCAT" -f 10m $ring >>log
        seq 10000 | cmp - log
    done
}

@test "every kind of output takes its share: stdout, files, descriptors, a FIFO, a terminal's like" {
    mkfifo fifo
    rig check 3000000 <fifo &
    track; pid=$!
    rig bytes 3000000 | "$SLABCAT" -o - -o file -o fd:7 -o fifo -o /dev/null >out 7>seven
    status_of "$pid"
    [ "$status" = 0 ]
    for file in out file seven; do
        rig check 3000000 <"$file"
    done
}

@test "stderr as an output is still where messages go" {
    rig bytes 10000 | "$SLABCAT" -o fd:2 --stats=json 2>err
    head -c 10000 err | rig check 10000
    tail -c +10001 err | found '^{.*"out_bytes":10000,'
    # when it fails its number stays taken: messages would go to the file that is opened next
    mkfifo in told
    (exec 9<told) & # a reader that goes away
    track; reader=$!
    "$SLABCAT" -o fd:2 -o log <in 2>told &
    track; pid=$!
    exec 7>in
    status_of "$reader"
    stderr=$(readlink "/proc/$pid/fd/2")
    echo one >&7
    eventually 5 grep -q one log
    echo two >&7
    eventually 5 grep -q two log
    [ "$(readlink "/proc/$pid/fd/2")" = "$stderr" ]
    exec 7>&-
    status_of "$pid"
    [ "$status" = 1 ]
}

@test "16 outputs, and slabs of any size" {
    for ring in "-s 64K" "-s 1000 -n 3" "-s 4096 -n 1" "-s 1M -n 2"; do
        outputs=()
        for n in {1..16}; do outputs+=(-o "out.$n"); done
        # shellcheck disable=SC2086
        rig bytes 1000000 | "$SLABCAT" "${outputs[@]}" $ring
        for n in {1..16}; do rig check 1000000 <"out.$n"; done
    done
}

@test "pipes share pages by tee, and a slow one loses nothing" {
    mkfifo a b
    rig check 20000000 <a &
    track; fast=$!
    (sleep 0.5; exec rig check 20000000) <b &
    track; slow=$!
    rig bytes 20000000 | "$SLABCAT" -o a -o b --explain 2>err
    status_of "$fast"; [ "$status" = 0 ]
    status_of "$slow"; [ "$status" = 0 ]
    [ "$ZERO_COPY" = never ] || grep -qE 'out: [1-9][0-9]* bytes as pages' err
    [ "$ZERO_COPY" != never ] || grep -q 'out: 0 bytes as pages' err
}

@test "pages and files: what refuses splice gets copies of the same bytes" {
    needs_trace
    needs_copying
    mkfifo a
    for when in 1 2 3 10 20+; do
        rig check 3000000 <a &
        track; pid=$!
        rig bytes 3000000 |
            strace -f -qq -o /dev/null -e inject=splice:error=EINVAL:when=$when "$SLABCAT" -s 10000 -o a -o file
        status_of "$pid"; [ "$status" = 0 ]
        rig check 3000000 <file
    done
    for error in EINVAL ENOSYS EPERM; do
        rig check 3000000 <a &
        track; pid=$!
        rig bytes 3000000 |
            strace -f -qq -o /dev/null -e "inject=tee:error=$error:when=3+" "$SLABCAT" -s 10000 -o a -o file
        status_of "$pid"; [ "$status" = 0 ]
        rig check 3000000 <file
    done
}

@test "one that is ahead of another, and refuses pages in the middle of them, goes on where it is" {
    needs_trace
    needs_copying
    mkfifo a b
    for when in 16 18 20 22; do
        rig check 2000000 <a &
        track; first=$!
        (sleep 0.2; exec rig check 2000000) <b &
        track; second=$!
        # spans that are larger than what the outputs take at once
        rig bytes 2000000 | strace -f -qq -o /dev/null -e inject=splice:error=EINVAL:when=$when \
            "$SLABCAT" -s 512K -n 2 --start-fill 100 --pipe-size keep -o a -o b
        status_of "$first"; [ "$status" = 0 ]
        status_of "$second"; [ "$status" = 0 ]
    done
}

@test "one that fails is said once and left out, the others get everything" {
    needs_copying # /dev/full takes no pages
    for bad in /dev/full gone; do
        rm -f gone
        mkfifo gone
        head -c 100000 gone >/dev/null &
        track
        status=0
        rig bytes 3000000 | "$SLABCAT" -o first -o "$bad" -o last --stats=json 2>err || status=$?
        [ "$status" = 1 ]
        rig check 3000000 <first
        rig check 3000000 <last
        grep -qE "^slabcat: $bad: write at byte [0-9]+: (No space left on device|Broken pipe)$" err
        [ "$(grep -vc '^{' err)" = 1 ] || { cat err; false; }
        [ "$(figure out_bytes)" = 3000000 ]
        [ "$(figure undelivered_bytes)" = 0 ]
    done
}

@test "one that goes away while the rate limit holds it back holds up nobody" {
    rig bytes 600000 >whole
    mkfifo out
    # the file has had all of a slab's pages, and waits for the other one with the next
    (exec 8<out; sleep 1; head -c 40000 <&8 >/dev/null) &
    track
    cat whole | "$SLABCAT" -s 256K -o file -o out -L 256K 2>err &
    track; pid=$!
    status_of "$pid" 20
    [ "$status" = 1 ]
    cmp whole file
    [ "$(wc -l <err)" = 1 ]
    grep -q '^slabcat: out: write at byte [0-9]*: Broken pipe$' err
}

@test "when all have failed, what is missing is counted" {
    needs_copying # /dev/full takes no pages
    status=0
    rig bytes 3000000 2>/dev/null | "$SLABCAT" -o /dev/full -o fd:7 --stats=json 2>err 7>/dev/full || status=$?
    [ "$status" = 1 ]
    [ "$(grep -c 'write at byte 0: No space left on device' err)" = 2 ]
    [ "$(figure in_bytes)" = "$(figure undelivered_bytes)" ]
    [ "$(undelivered err)" = "$(figure undelivered_bytes)" ]
}

@test "a limit on files: each says where it has stopped, and what is missing is counted, by any way" {
    for options in "-o a" "-o a -o b" "-n 0 -o a" "-o a --rotate-size 1M" "-o a --strip-ansi" \
        "-s 1000 -n 3 -o a -o b"; do
        [ "$ZERO_COPY" != always ] || [ "$options" = "-o a" ] || continue
        rm -f a b
        # no escapes are in it
        run bash -c 'ulimit -f 100; yes 123456789 2>/dev/null | head -c 1000000 2>/dev/null |
            "$SLABCAT" '"$options"' --stats=json 2>err; echo "${PIPESTATUS[2]}"'
        echo "$options: $output; $(cat err)"
        [ "$output" = 1 ]
        for file in a b; do
            [ -e "$file" ] || continue
            grep -qx "slabcat: $file: write at byte 102400: File too large" err
            [ "$(yes 123456789 | head -c 102400 | cmp - "$file" 2>&1)" = "" ]
        done
        [ "$(grep -c 'write at byte' err)" = "$(ls [ab] | wc -l)" ]
        adds_up
        [ "$(figure out_bytes)" = 102400 ]
        [ "$(figure undelivered_bytes)" -gt 0 ]
        [ "$(undelivered err)" = "$(figure undelivered_bytes)" ]
    done
}

@test "a stalled one holds up the others no sooner than the ring is full" {
    needs_copying
    mkfifo in stuck
    exec 5<>stuck
    "$SLABCAT" -s 4096 -n 64 -o stuck -o file --zero-copy=never --drain-timeout 200ms <in 2>err 5>&- &
    track; pid=$!
    exec 7>in
    # the pipe's 64 KiB, and then the ring
    rig bytes 300000 >&7
    eventually 5 has_size file 300000
    rig check 300000 <file
    kill -TERM "$pid"
    status_of "$pid"
    [ "$status" = 3 ]
    # what the pipe has is the slowest one's
    [ "$(cat err)" = "slabcat: outputs: $((300000 - 65536)) bytes were not delivered within 200ms" ]
}

@test "a disk that does not answer holds up the others no sooner either, and TERM ends it" {
    needs_copying
    [ "${SANITIZE:-}" != thread ] || skip "the thread sanitizer lets threads run on after _exit"
    mkfifo in
    "$SLABCAT" -n 16 -o slow -o file --drain-timeout 300ms <in 2>err &
    track; pid=$!
    exec 7>in
    rig bytes 1000 >&7
    eventually 5 has_size slow 1000
    rig hold slow 7>&- >holding &
    track; holder=$!
    held_by "$holder" holding
    rig bytes 500000 | tail -c +1001 >&7
    eventually 5 has_size file 500000
    rig check 500000 <file
    has_size slow 1000
    kill -TERM "$pid"
    eventually 5 grep -q "499000 bytes were not delivered within 300ms" err
    kill -KILL "$holder"
    exec 7>&-
    status_of "$pid"
    [ "$status" = 3 ]
}

@test "a write that fails after the drain timeout is reported with its error, not only counted" {
    needs_trace
    needs_copying
    mkfifo in
    # a write that takes longer than there is time, and then fails; its thread is stopped meanwhile, and waited for
    strace -f -qq -o /dev/null -P "$PWD/slow" -e inject=writev:error=EIO:delay_enter=1000000:when=2+ \
        "$SLABCAT" --zero-copy=never -o slow -o file --drain-timeout 300ms <in 2>err &
    track; pid=$!
    exec 7>in
    echo one >&7
    eventually 5 has_size slow 4
    traced "$pid"
    echo two >&7
    eventually 5 has_size file 8
    kill -TERM "$child"
    exec 7>&-
    status_of "$pid"
    [ "$status" = 1 ]
    grep -qx 'slabcat: slow: write at byte 4: Input/output error' err
    [ "$(cat slow)" = one ]
    [ "$(cat file)" = $'one\ntwo' ]
    [ "$(wc -l <err)" = 1 ]
}

@test "outputs that cannot be had: exit 1, one line, nothing read, and no other file is touched" {
    mkdir directory
    echo kept >file
    ln file link
    cases=("directory" "nothing/file" "./file" "link" "fd:77" "/")
    for bad in "${cases[@]}"; do
        left=$({ "$SLABCAT" -o file -o "$bad" >/dev/null 2>err; echo $? >status; cat; } <<<unread)
        wanted=1
        [[ $bad != ./file && $bad != link ]] || wanted=2 # the same output twice
        [ "$(cat status)" = "$wanted" ] || { echo "$bad: $(cat status)"; false; }
        [ "$left" = unread ]
        [ "$(wc -l <err)" = 1 ]
        [[ "$(cat err)" == "slabcat: $bad: "* ]] || { cat err; false; }
        [ "$(cat file)" = kept ]
    done
    # an input is not truncated for being an output
    for input in link - "" "directory -" /dev/stdin; do
        for options in "" -a "-n 0" "--rotate-size 1M"; do
            status=0
            # shellcheck disable=SC2086
            "$SLABCAT" $options -o file $input <./link 2>err || status=$?
            [ "$status" = 1 ] || { echo "$options with $input"; false; }
            [ "$(cat file)" = kept ]
            grep -qx 'slabcat: file: is an input as well' err
        done
    done
    # nor is the file of the secrets, by any of its names
    needs_copying
    for output in file link directory/../file; do
        for options in "" -a "--rotate-size 1M" "--timestamp"; do
            for secrets in file link; do
                status=0
                # shellcheck disable=SC2086
                "$SLABCAT" $options --redact-file $secrets -o $output </dev/null 2>err || status=$?
                [ "$status" = 1 ]
                [ "$(cat file)" = kept ] || { echo "$options --redact-file $secrets -o $output"; false; }
                grep -qx "slabcat: $output: is a --redact-file as well" err
            done
        done
    done
    options=--stats-file
    ! "$SLABCAT" --version | found libcrypto || options="--stats-file --digest-file"
    for option in $options; do
        status=0
        "$SLABCAT" --redact-file link $option file </dev/null 2>err || status=$?
        [ "$status" = 1 ]
        [ "$(cat file)" = kept ]
        grep -qx "slabcat: $option file: it is a --redact-file" err
        # and what is an output is not replaced by these
        status=0
        "$SLABCAT" -o link $option file </dev/null 2>err || status=$?
        [ "$status" = 1 ]
        [ "$(cat file)" = kept ]
    done
    # nor do statistics replace an output, or is it touched for what else cannot be had
    status=0
    "$SLABCAT" -o file --stats-file file </dev/null 2>err || status=$?
    [ "$status" = 1 ]
    [ "$(cat file)" = kept ]
    status=0
    "$SLABCAT" -o file --on-full=spill:nothing </dev/null 2>err || status=$?
    [ "$status" = 1 ]
    [ "$(cat file)" = kept ]
}

# refused_as_same ARGUMENT...: status 2, and not a byte of the input is read; what is written to fd 1, 3 and 4 goes to
# the same pipe
refused_as_same() {
    {
        status=0
        "$SLABCAT" "$@" 2>err 3>&1 4>&1 || status=$?
        echo "$status" >status
        cat >left
    } <<<unread | cat >out
    [ "$(cat status)" = 2 ] || { echo "status $(cat status): $*"; return 1; }
    [ ! -s out ] || return 1
    [ "$(cat left)" = unread ] || { echo "a byte was read: $*"; return 1; }
    grep -q "^slabcat: .*: is the same output as " err || { cat err; return 1; }
}

@test "the same output by two names is refused: files, pipes, sockets; a device is what everybody writes to" {
    needs_copying
    ln -s /proc/self/fd/1 link
    refused_as_same -o - -o fd:3
    refused_as_same -o fd:3 -o fd:4
    refused_as_same -o link -o -
    refused_as_same -o - -o link
    refused_as_same -o - -o fd:3 --run echo never
    # a FIFO, by its name and by a descriptor
    mkfifo fifo
    cat fifo >out &
    track
    exec 7>fifo
    status=0
    "$SLABCAT" -o fd:7 -o fifo <<<unread 2>err || status=$?
    [ "$status" = 2 ]
    exec 7>&-
    [ ! -s out ]
    # a socket
    status=0
    # shellcheck disable=SC2016
    rig socket unix out bash -c '"$SLABCAT" -o - -o fd:3 3>&1 2>err <<<unread' >out || status=$?
    [ "$status" = 2 ]
    [ ! -s out ]
    # two pipes are two outputs
    echo hi | "$SLABCAT" -o fd:3 -o fd:4 3> >(cat >one) 4> >(cat >two)
    eventually 5 [ -s one ]
    eventually 5 [ -s two ]
    # nobody minds what is written to /dev/null, and stderr is often the terminal that stdout is
    ln -s /dev/null null
    echo hi | "$SLABCAT" -o null -o /dev/null -o - -o fd:2 >/dev/null 2>&1
    needs_terminal
    # shellcheck disable=SC2016
    [ "$(rig pty bash -c 'echo hi | "$SLABCAT" -o - -o fd:2' </dev/null | grep -c hi)" = 2 ]
}

# starts_not ARGUMENT...: slabcat reads nothing, and leaves every file as it was; by whatever runs it, in the array by
starts_not() {
    local status=0
    rm -rf ./*
    echo old >log
    echo old >second
    echo old >stats
    echo old >sums
    touch -d @1000000000 log second stats sums
    mkdir directory
    "${by[@]}" "$SLABCAT" "$@" <<<unread >/dev/null 2>../err || status=$?
    [[ $status = 1 || $status = 12[567] ]] || { echo "status $status: ${by[*]} $*"; return 1; }
    [ "$(ls)" = $'directory\nlog\nsecond\nstats\nsums' ] || { echo "${by[*]} $*: $(ls)"; return 1; }
    [ "$(cat log second stats sums)" = $'old\nold\nold\nold' ] || { echo "${by[*]} $*: a file was changed"; return 1; }
    [ "$(stat -c %Y log second stats sums | uniq)" = 1000000000 ] ||
        { echo "${by[*]} $*: a file has another time"; return 1; }
}

@test "a start that comes to nothing leaves every file as it was, and makes none" {
    needs_copying
    mkdir here
    cd here
    local by=() digest=()
    ! "$SLABCAT" --version | found libcrypto || digest=(--digest-file sums)
    outputs=(-o log -o new -o second --stats-file stats "${digest[@]}")
    starts_not "${outputs[@]}" -o directory
    starts_not "${outputs[@]}" -o none/such
    starts_not "${outputs[@]}" -o log/such
    starts_not "${outputs[@]}" -o tcp://127.0.0.1:1
    starts_not "${outputs[@]}" --on-full=spill:none
    starts_not -o log -o new "${digest[@]}" --stats-file none/such
    starts_not -o log -o new "${digest[@]}" --stats-file directory
    starts_not "${outputs[@]}" --run ./none
    starts_not "${outputs[@]}" --run ./log
    starts_not "${outputs[@]}" --rotate-size 1M --run ./none
    [ ${#digest[@]} = 0 ] || starts_not -o log -o new --stats-file stats --digest-file none/such
    [ ${#digest[@]} = 0 ] || starts_not -o log -o new --stats-file none --digest-file directory/../none
    needs_trace
    # of several outputs one cannot be emptied, renamed or made again
    for fault in ftruncate:error=EIO:when=1 ftruncate:error=EIO:when=2; do
        by=(strace -f -qq -o /dev/null -e inject="$fault")
        starts_not "${outputs[@]}"
    done
    for fault in fsync:error=EIO:when={1..5} renameat2:error=EACCES:when={1..2}; do
        by=(strace -f -qq -o /dev/null -e "trace=fsync,renameat2" -e inject="$fault")
        starts_not -o log -o second --rotate-size 1M
        starts_not -o log -o new -o second --rotate-size 1M --rotate-keep 1
    done
    # a file that is not replaced, in a directory where only its owner may do that
    by=(strace -f -qq -o /dev/null -e inject=write:error=ENOSPC)
    starts_not "${outputs[@]}"
    # what somebody else has put there meanwhile stays
    rm -f fifo
    mkfifo fifo
    "$SLABCAT" -o new -o fifo -o directory 2>../err &
    track; pid=$!
    eventually 5 test -e new
    echo theirs >>new
    cat fifo
    status_of "$pid"
    [ "$status" = 1 ]
    [ "$(cat new)" = theirs ]
    # and what somebody else is going to write to
    rm new
    "$SLABCAT" -o new -o fifo -o directory 2>../err &
    track; pid=$!
    eventually 5 test -e new
    exec 4>>new
    cat fifo
    status_of "$pid"
    [ "$status" = 1 ]
    echo theirs >&4
    exec 4>&-
    [ "$(cat new)" = theirs ]
}

@test "a name of control characters is quoted" {
    status=0
    "$SLABCAT" -o $'no\e[2J/such' </dev/null 2>err || status=$?
    [ "$status" = 1 ]
    not grep -q $'\e' err
}

# rotate FIRST LAST: slabcat writes log from in, numbered lines; it is rotated by rename and HUP, to log.FIRST and so on
rotate() {
    local n
    for ((n = $1; n <= $2; n++)); do
        mv log "log.$n"
        kill -HUP "$pid"
        eventually 5 [ -e log ]
        pause 0.01
    done
}

# numbers: lines 1, 2, 3, ... until there is a file rotated; how many they were goes to the file sent. The shell itself
# writes them: it is slow enough for all rotations to be in the middle, on any machine.
numbers() {
    local thousands
    for ((thousands = 0; ; thousands++)); do
        [ ! -e rotated ] || break
        eval "printf '%d\n' {$((thousands * 1000 + 1))..$((thousands * 1000 + 1000))}"
        pause 0.005
    done
    echo $((thousands * 1000)) >sent
}

# in_order: the pieces, one behind the other, are lines 1, 2, 3, ... and each ends with a line
in_order() {
    local n
    for n in $(seq "$1"); do
        [ ! -s "log.$n" ] || [ "$(tail -c 1 "log.$n")" = "" ] || { echo "log.$n is cut"; return 1; }
        cat "log.$n"
    done >all
    cat log >>all
    awk -v last="$2" '$1 != NR { bad = 1; exit } END { exit bad || NR != last }' all
}

@test "HUP: files that were rotated away are opened again, between two lines, under load" {
    for options in "" "--zero-copy=never" "-a" "-s 1000 -n 3" "-n 0"; do
        [ "$ZERO_COPY" != always ] || [ "$options" = "" ] || continue
        rm -f log log.* in rotated
        mkfifo in
        # shellcheck disable=SC2086
        hearing_int "$SLABCAT" -o log $options <in 2>err &
        track; pid=$!
        numbers >in &
        track; producer=$!
        eventually 5 [ -s log ]
        rotate 1 20
        : >rotated
        status_of "$producer"
        status_of "$pid"
        [ "$status" = 0 ]
        [ ! -s err ]
        in_order 20 "$(cat sent)" || { echo "with $options"; false; }
    done
}

@test "HUP while nothing comes: the next line is in the new file; a line that is under way is finished in the old" {
    needs_copying
    mkfifo in
    hearing_int "$SLABCAT" -o log <in 2>err &
    track; pid=$!
    exec 7>in
    echo 1 >&7
    eventually 5 [ -s log ]
    mv log log.1
    kill -HUP "$pid"
    eventually 5 [ -e log ]
    printf 2 >&7
    eventually 5 [ -s log ]
    mv log log.2
    kill -HUP "$pid"
    eventually 5 has_heard "$pid"
    printf '\n3\n' >&7
    eventually 5 [ -s log ]
    exec 7>&-
    status_of "$pid"
    [ "$status" = 0 ]
    [ "$(cat log.1)" = 1 ]
    [ "$(cat log.2)" = 2 ]
    [ "$(cat log)" = 3 ]
}

@test "HUP in the middle of a line: what comes at once with its end goes to the new file, by any way" {
    for options in "" "--zero-copy=always" "-n 0" "-n 0 --zero-copy=always"; do
        rm -f in log log.1
        mkfifo in
        # shellcheck disable=SC2086
        hearing_int "$SLABCAT" -o log $options <in 2>err &
        track; pid=$!
        exec 7>in
        printf 'one\ntw' >&7
        eventually 5 has_size log 6
        mv log log.1
        kill -HUP "$pid"
        eventually 5 has_heard "$pid"
        printf 'o\nthree\n' >&7
        eventually 5 [ -s log ] || { echo "with $options"; tail log*; false; }
        exec 7>&-
        status_of "$pid"
        [ "$status" = 0 ]
        [ "$(cat log.1)" = $'one\ntwo' ]
        [ "$(cat log)" = three ]
    done
}

@test "HUP, when other outputs share the pages: the cut is behind a line all the same" {
    mkfifo in
    hearing_int "$SLABCAT" -s 256K -o log -o - -L 1M --burst 4K <in >copy 2>err &
    track; pid=$!
    exec 7>in
    seq 98000 >&7 &
    track; producer=$!
    # a whole slab of pages is on its way then
    eventually 5 has_at_least log 200000
    kill -STOP "$pid"
    eventually 5 stopped "$pid"
    mv log log.1
    size=$(stat -c %s log.1)
    kill -HUP "$pid"
    kill -CONT "$pid"
    eventually 5 [ -e log ]
    rotate 2 3
    status_of "$producer"
    exec 7>&-
    status_of "$pid"
    [ "$status" = 0 ]
    cmp copy <(seq 98000)
    in_order 3 98000
    # not all that was on its way goes to the old file, but what the rate limit lets through until the HUP has been heard
    echo "$size bytes were in the file, $(stat -c %s log.1) are"
    [ "$(stat -c %s log.1)" -lt $((size + SLOW * 100000)) ]
}

@test "HUP, and the old file cannot be read: one line more at most, and the new one is there" {
    command -v setpriv >/dev/null || skip "setpriv is not installed"
    mkdir -m 777 dir
    mkfifo -m 666 in
    for options in "" "--zero-copy=never" "-n 0"; do
        setpriv --bounding-set -all --inh-caps -all \
            "$SLABCAT" -o dir/log $options <in 2>err &
        track; pid=$!
        exec 7>in
        echo one >&7
        eventually 5 [ -s dir/log ]
        chmod 222 dir/log
        mv dir/log dir/log.1
        kill -HUP "$pid"
        eventually 5 has_heard "$pid"
        printf 'two\nthree\n' >&7
        eventually 5 [ -s dir/log ]
        exec 7>&-
        status_of "$pid"
        [ "$status" = 0 ]
        chmod 666 dir/log.1
        cat dir/log.1 dir/log | cmp - <(printf 'one\ntwo\nthree\n')
        # of bytes that went by way of memory it is known that they ended a line
        [[ "$(cat dir/log)" = three || ("$options" && "$(cat dir/log)" = $'two\nthree') ]]
        rm -f dir/log dir/log.1
    done
}

@test "HUP without a rename truncates nothing; a file that is there again is written to behind what it has" {
    mkfifo in
    hearing_int "$SLABCAT" -o log <in 2>err &
    track; pid=$!
    exec 7>in
    echo one >&7
    eventually 5 [ -s log ]
    kill -HUP "$pid"
    eventually 5 has_heard "$pid"
    echo two >&7
    eventually 5 grep -q two log
    mv log log.1
    echo before >log
    kill -HUP "$pid"
    eventually 5 has_heard "$pid"
    echo three >&7
    eventually 5 grep -q three log
    exec 7>&-
    status_of "$pid"
    [ "$status" = 0 ]
    [ "$(cat log.1)" = $'one\ntwo' ]
    [ "$(cat log)" = $'before\nthree' ]
}

@test "HUP, and the new file cannot be opened: said, and the old one goes on" {
    mkfifo in
    mkdir dir
    hearing_int "$SLABCAT" -o dir/log <in 2>err &
    track; pid=$!
    exec 7>in
    echo one >&7
    eventually 5 [ -s dir/log ]
    mv dir gone
    kill -HUP "$pid"
    eventually 5 grep -q '^slabcat: dir/log: open again at byte 4: No such file or directory$' err
    echo two >&7
    exec 7>&-
    status_of "$pid"
    [ "$status" = 1 ]
    [ "$(cat gone/log)" = $'one\ntwo' ]
}

@test "HUP, and a name leads to the file of another output: said, and each keeps its own" {
    mkfifo in
    # by a link to the other one, or to what stdout is; and when two have swapped their names
    for change in "ln -f a b" "ln -sf a b" "ln -f out b" "mv a t; mv b a; mv t b"; do
        rm -f a b t
        hearing_int "$SLABCAT" -o a -o b -o - <in >out 2>err &
        track; pid=$!
        exec 7>in
        echo one >&7
        eventually 5 has_size out 4
        eventually 5 has_size a 4
        exec 5<>a 6<>b # whatever their names are
        eval "$change"
        kill -HUP "$pid"
        eventually 5 grep -q '^slabcat: b: not opened again: ' err
        echo two >&7
        exec 7>&-
        status_of "$pid"
        [ "$status" = 1 ]
        for file in /proc/self/fd/5 /proc/self/fd/6 out; do
            [ "$(cat "$file")" = $'one\ntwo' ] || { echo "$change: $(cat "$file")"; false; }
        done
        [[ $change == mv* ]] || [ "$(wc -l <err)" = 1 ]
        exec 5>&- 6>&-
    done
}

@test "HUP: a stream without lines is cut all the same, and nothing is lost" {
    mkfifo in
    hearing_int "$SLABCAT" -o log <in 2>err &
    track; pid=$!
    exec 7>in
    head -c 500000 /dev/zero >&7
    eventually 5 [ -s log ]
    mv log log.1
    kill -HUP "$pid"
    eventually 5 has_heard "$pid"
    head -c 500000 /dev/zero >&7
    exec 7>&-
    status_of "$pid"
    [ "$status" = 0 ]
    [ -s log ]
    [ "$(cat log.1 log | tr -d '\0' | wc -c)" = 0 ]
    [ "$(cat log.1 log | wc -c)" = 1000000 ]
}

# hung_up ARGUMENT...: one line has come to out, and a HUP ends slabcat
hung_up() {
    hearing_int "$SLABCAT" "$@" <in >stdout &
    track; pid=$!
    exec 7>in
    echo one >&7
    eventually 5 [ -s out ]
    kill -HUP "$pid"
    status_of "$pid"
    exec 7>&-
    [ "$status" = 0 ]
}

@test "HUP without a file that could be rotated ends slabcat, as ever" {
    mkfifo in fifo
    ln -s stdout out
    hung_up
    rm out
    cat fifo >out &
    track
    hung_up -o fifo
}

@test "-L: never faster than that, by any way the bytes take" {
    head -c 500000 /dev/zero >half
    for options in "" "--zero-copy=never"; do
        [ "$ZERO_COPY" != always ] || [ "$options" = "" ] || continue
        began=$EPOCHREALTIME
        # shellcheck disable=SC2086
        cat half | "$SLABCAT" -L 1MB $options | cat >out
        elapsed_ms "$began"
        cmp half out
        [ "$elapsed_ms" -ge 480 ]
        [ "$elapsed_ms" -lt $((500 + 1000 * SLOW)) ]
    done
    # several outputs, files, and what moves as pages
    began=$EPOCHREALTIME
    "$SLABCAT" -L 1MB -o a -o b half
    elapsed_ms "$began"
    [ "$elapsed_ms" -ge 480 ]
    cmp half a
    cmp half b
    # and pages that are shared out
    mkfifo fifo
    cat fifo >copy &
    track
    began=$EPOCHREALTIME
    cat half | "$SLABCAT" -L 1MB -o fifo -o - | cat >out
    elapsed_ms "$began"
    [ "$elapsed_ms" -ge 480 ]
    cmp half out
    eventually 5 cmp -s half copy
}

@test "--start-fill: nothing before the ring is that full, all of it then, and again when it ran empty" {
    needs_copying
    mkfifo in
    "$SLABCAT" -s 4096 -n 10 --start-fill 50% <in >out 2>err &
    track; pid=$!
    exec 7>in
    for round in 1 2 3; do
        rig bytes 16000 >&7
        eventually 5 at_rest "$pid"
        has_size out $(((round - 1) * 20480))
        rig bytes 4480 >&7
        eventually 5 has_size out $((round * 20480))
    done
    # the end of the input lets go what there is
    rig bytes 100 >&7
    exec 7>&-
    status_of "$pid"
    [ "$status" = 0 ]
    has_size out 61540
}

@test "--start-fill 100 does not wait for what cannot come" {
    rig bytes 3000000 | "$SLABCAT" -s 4096 -n 3 --start-fill 100 | rig check 3000000
    [ "$ZERO_COPY" = always ] || # messages are no pages
        # of messages of 64 KiB each of these slabs takes one
        rig bytes 300000 | rig socket seqpacket in timeout $((10 * SLOW)) "$SLABCAT" -s 100000 -n 2 --start-fill 100 |
            rig check 300000
    mkfifo in
    "$SLABCAT" --start-fill 100 <in >out &
    track; pid=$!
    exec 7>in
    rig bytes 1000 >&7
    eventually 5 at_rest "$pid"
    kill -TERM "$pid"
    status_of "$pid"
    exec 7>&-
    [ "$status" = 0 ]
    rig check 1000 <out
}

@test "--fsync syncs each file" {
    needs_trace
    rig bytes 1000 | strace -f -qq -o trace -e trace=fsync "$SLABCAT" --fsync -o a -o b
    [ "$(grep -c '= 0$' trace)" = 2 ]
}

@test "where others can write, their symbolic links are not followed" {
    needs_copying
    [ "$(id -u)" = 0 ] || skip "only root can become another user"
    command -v setpriv >/dev/null || skip "setpriv is not installed"
    chmod 755 .
    mkdir shared
    chmod 777 shared # without a sticky bit: with one the kernel may see to it by itself
    echo mine >mine
    setpriv --reuid=65534 --clear-groups ln -s ../mine shared/theirs
    ln -s theirs shared/leads-to-theirs
    ln -s ../mine shared/ours
    for link in theirs leads-to-theirs; do
        run -1 --separate-stderr "$SLABCAT" -a -o shared/$link <<<bytes
        [ "$stderr" = "slabcat: shared/$link: open: Permission denied" ]
        run -1 --separate-stderr "$SLABCAT" --stats-file shared/$link <<<bytes
        [ "$stderr" = "slabcat: shared/$link: write: Permission denied" ]
        run -1 --separate-stderr "$SLABCAT" --digest sha256 --digest-file shared/$link -o out <<<bytes
        [ "$stderr" = "slabcat: shared/$link: write: Permission denied" ]
    done
    [ "$(cat mine)" = mine ]
    "$SLABCAT" -a -o shared/ours <<<more
    [ "$(cat mine)" = $'mine\nmore' ]
    # put in the place of a file that has been rotated away
    "$SLABCAT" --rotate-size 1 -o shared/log < <(echo first; eventually 5 test -L shared/log; echo second) 2>err &
    track; pid=$!
    eventually 5 grep -q first shared/log
    mv shared/log shared/log.1
    setpriv --reuid=65534 --clear-groups ln -s ../mine shared/log
    status_of "$pid"
    [ "$status" = 1 ]
    grep -qx "slabcat: shared/log: open again at byte 6: Permission denied" err
    [ "$(cat shared/log.1)" = $'first\nsecond' ]
    [ "$(cat mine)" = $'mine\nmore' ]
    # nobody else can put one here
    chmod 755 shared
    "$SLABCAT" -a -o shared/leads-to-theirs <<<at-last
    [ "$(tail -n 1 mine)" = at-last ]
}

@test "links of /proc, chains of links, and links to nothing yet are followed" {
    needs_copying
    chmod 777 .
    for path in /dev/stdout /dev/fd/1 /proc/self/fd/1; do
        [ "$("$SLABCAT" -a -o $path <<<bytes | cat)" = bytes ]
    done
    ln -s stdout first
    ln -s /dev/stdout stdout
    [ "$("$SLABCAT" -a -o first <<<bytes | cat)" = bytes ]
    mkdir sub
    ln -s sub/second chain
    ln -s "$PWD/sub/third" sub/second
    ln -s ../new sub/third
    "$SLABCAT" -o chain <<<bytes
    [ "$(cat new)" = bytes ]
    ln -s circle circle
    run -1 "$SLABCAT" -o circle <<<bytes
    [ "$output" = "slabcat: circle: open: Too many levels of symbolic links" ]
}

@test "--fsync syncs a file that has been rotated away, too" {
    needs_trace
    mkfifo in
    strace -f -qq -o trace -e trace=fsync "$SLABCAT" --fsync -o log <in 2>err &
    track; pid=$!
    exec 7>in
    echo one >&7
    eventually 5 has_size log 4
    traced "$pid"
    mv log log.1
    kill -HUP "$child"
    # with the input still open: it is the old one
    eventually 5 grep -q '= 0$' trace
    exec 7>&-
    status_of "$pid"
    [ "$status" = 0 ]
    [ "$(grep -c '= 0$' trace)" = 2 ]
}
