# --run: a command's output is the input, signals are the command's, and so is the exit status.

load helper

# gives STATUS ARGUMENT...: slabcat ends with STATUS; out and err are what it says
gives() {
    local expected=$1 status=0
    shift
    timeout --foreground -k 1 $((30 * SLOW)) "$SLABCAT" "$@" >out 2>err || status=$?
    [ "$status" = "$expected" ] || { echo "status $status for: $*: $(cat err)"; return 1; }
}

# says PATTERN: err is one line, and matches
says() {
    if [ "$(wc -l <err)" != 1 ] || ! grep -qE -- "$1" err; then
        echo "says: $(cat err)"
        return 1
    fi
}

# script NAME: an executable file with the lines of stdin
script() {
    cat >"$1"
    chmod +x "$1"
}

# running FILE...: commands that write such a file have come so far
running() { eventually 10 test -s "$1"; }

@test "the exit status is the command's, and nothing is said" {
    for status in 0 1 2 3 125 126 127 255; do
        gives "$status" --run sh -c "echo words; exit $status"
        [ "$(cat out)" = words ]
        [ ! -s err ]
    done
}

@test "128 + N when a signal ended the command, whichever" {
    # shellcheck disable=SC2016
    for signal in 1 2 3 6 9 10 11 15; do
        gives $((128 + signal)) --run sh -c "echo words; ulimit -c 0; kill -$signal \$\$"
        [ "$(cat out)" = words ]
        [ ! -s err ]
    done
}

@test "not found: 127; found, but not to be run: 126; and nothing is truncated for it" {
    echo kept >log
    echo kept >expected
    mkdir directory
    echo "echo ran" >unmarked
    script lost <<<"#!$PWD/no/such/shell"
    gives 127 -o log --run no-such-command
    says "^slabcat: no-such-command: No such file or directory$"
    gives 127 -o log --run ./no/such/command
    says "No such file"
    gives 127 -o log --run ./lost
    gives 126 -o log --run ./directory
    says "Permission denied"
    gives 126 -o log --run ./unmarked
    says "Permission denied"
    gives 126 -o log --run ./unmarked/command
    PATH=$PWD/no:$PWD:$PATH gives 126 -o log --run unmarked
    diff log expected
    # the name is printed as any from outside
    gives 127 --run $'\e[31mred\n'
    says "^slabcat: '.*31mred.*'|^slabcat: .*31mred"
    not grep -q $'\e' err
}

@test "what execvp runs is run: by \$PATH, the current directory in it, and scripts without a first line" {
    mkdir first second
    script second/tool <<<'echo "ran $0 with $# words: $*"'
    echo "not this one" >first/tool
    PATH=$PWD/first:$PWD/none:$PWD/second:$PATH gives 0 --run tool one "two three"
    [ "$(cat out)" = "ran $PWD/second/tool with 2 words: one two three" ]
    cd second
    PATH=:$PATH gives 0 --run tool
    [[ $(cat out) == "ran ./tool with 0 words: " ]]
    gives 0 --run ./tool x
    [ "$(cat out)" = "ran ./tool with 1 words: x" ]
    status=0
    env -u PATH "$SLABCAT" --run sh -c 'echo found' >out || status=$?
    [ "$status" = 0 ]
    [ "$(cat out)" = found ]
}

@test "what stands behind the command is the command's, and --run is checked as any option" {
    gives 0 --run echo --stats -o file --no-such-option --run -- x
    [ "$(cat out)" = "--stats -o file --no-such-option --run -- x" ]
    [ ! -e file ]
    gives 0 --run=echo x
    [ "$(cat out)" = x ]
    gives 0 --run-stdout --run echo x
    [ "$(cat out)" = x ]
    refused "give one of them" file --run true
    refused "needs a value" --run
    refused "needs a value" --run ""
    refused "goes with --run" --linger 1s
    refused "range|from|to" --linger 25h --run true
}

@test "stdout and stderr are joined in the order they were written in; --run-stdout leaves stderr alone" {
    script both <<'END'
#!/bin/bash
for ((i = 0; i < 2000; i += 2)); do echo "$i"; echo "$((i + 1))" >&2; done
END
    gives 0 --run ./both
    seq 0 1999 | cmp - out
    [ ! -s err ]
    gives 0 --run-stdout ./both
    seq 0 2 1999 | cmp - out
    seq 1 2 1999 | cmp - err
}

@test "stdin is the command's: a pipe, a file with its position, a terminal, or closed" {
    [ "$(seq 1000 | "$SLABCAT" --run cat | cksum)" = "$(seq 1000 | cksum)" ]
    seq 10 >numbers
    (read -r _; "$SLABCAT" --run head -n 1; cat >rest) <numbers >out
    [ "$(cat out)" = 2 ]
    # shellcheck disable=SC2016
    "$SLABCAT" --run sh -c '[ -e /proc/$$/fd/0 ] || echo closed' <&- >out
    [ "$(cat out)" = closed ]
    needs_terminal
    rig pty "$SLABCAT" --run tty </dev/null | found '^/dev/'
}

@test "the command gets what slabcat was started with, and nothing that is slabcat's" {
    exec 9<"$SLABCAT" # a make jobserver's, say
    ls /proc/self/fd >without
    ls /proc/self/fd 97>other >with
    not cmp -s with without
    for options in "" "--on-full=spill -o - --stats-file stats" "-n 0"; do
        # shellcheck disable=SC2086
        "$SLABCAT" $options --run ls /proc/self/fd 97>other >out
        diff out with || { echo "with: $options"; return 1; }
    done
    # whatever else is open
    echo "a secret" >secrets
    mkdir dir
    peer -k -u socket where r >said 2>&1 97>&- 9<&- &
    track
    eventually 5 test -s where
    for options in "--rotate-size 1M -o log -o -" "-o unix:socket -o -" "--redact-file secrets --on-full=spill:dir" \
        "--progress=force --localtime --timestamp"; do
        # shellcheck disable=SC2086
        "$SLABCAT" $options --run ls /proc/self/fd 97>other 2>err >out
        sed -E 's/^20[^ ]* //' out | diff - with || { echo "with: $options"; return 1; }
    done
    if "$SLABCAT" --version | found '^with .*zstd.*libcrypto'; then
        "$SLABCAT" --compress zstd --digest-file sums -o packed -o - --run ls /proc/self/fd 97>other >out
        diff out with
    fi
    for options in "-o fd:97" "-o log -o fd:2 -o - -o fd:97" "-n 0 -o fd:97"; do
        # shellcheck disable=SC2086
        "$SLABCAT" $options --run ls /proc/self/fd 97>other >out 2>err
        diff other without || { echo "with: $options"; return 1; }
    done
    gives 0 --run readlink /proc/self/fd/9
    [ "$(cat out)" = "$(readlink -f "$SLABCAT")" ]
    # a gap that slabcat has filled for itself is a gap for the command
    # shellcheck disable=SC2016
    "$SLABCAT" --run-stdout sh -c '[ -e /proc/$$/fd/2 ] || echo closed' 2>&- >out
    [ "$(cat out)" = closed ]
    exec 9<&-
}

@test "ignored signals stay ignored, and nothing else is; the mask is as it was" {
    # 32 and 33 belong to the C library
    figures() { echo $((0x$(awk '/SigBlk/ { print $2 }' "$1") & 0x7fffffff)) $((0x$(awk '/SigIgn/ { print $2 }' "$1") & 0x7fffffff)); }
    for signals in "" "HUP" "USR2 TERM" "INT QUIT PIPE"; do
        # shellcheck disable=SC2086
        ([ -z "$signals" ] || trap '' $signals; cat /proc/self/status >expected; "$SLABCAT" --run cat /proc/self/status >out)
        [ "$(figures out)" = "$(figures expected)" ] || { echo "with: $signals"; return 1; }
    done
    # the end of a child is heard of even so
    (trap '' CHLD; exec "$SLABCAT" --run sh -c 'exit 5') &
    track
    status_of "$!"
    [ "$status" = 5 ]
}

# talker: says what it hears, and ends with 7 on a signal to end; by itself when nobody has thought of that
talker() {
    script talker <<'END'
#!/bin/bash
for signal in HUP INT QUIT USR2 WINCH ALRM PROF XCPU PWR RTMIN; do trap "echo $signal" "$signal"; done
trap 'echo last words; exit 7' TERM
echo ready
echo $$ >ready
for ((i = 0; i < 1500 * SLOW; i++)); do read -rt 0.02 _ <>idle; done
END
    mkfifo idle
}
begin_talker() {
    talker
    rm -f ready
    hearing_int "$SLABCAT" "$@" --run ./talker >out 2>err &
    track; pid=$!
    running ready
}
heard() { [ "$(grep -cx "$1" "${3:-out}")" = "$2" ]; }

@test "signals are passed on, do nothing else, and the last words arrive" {
    begin_talker
    for signal in HUP INT QUIT USR2 WINCH ALRM PROF XCPU PWR RTMIN; do
        kill -"$signal" "$pid"
        eventually 10 heard "$signal" 1
    done
    kill -TERM "$pid"
    status_of "$pid"
    [ "$status" = 7 ]
    [ "$(tail -n 1 out)" = "last words" ]
    for signal in HUP INT QUIT USR2 WINCH ALRM PROF XCPU PWR RTMIN; do heard "$signal" 1; done
    [ ! -s err ]
    # also words that take their time
    rm -f ready
    "$SLABCAT" --run bash -c 'trap "sleep 0.3; echo late words; exit 7" TERM; echo >ready "$$"; while :; do sleep 0.05; done' \
        >out 2>err &
    track; pid=$!
    running ready
    kill -TERM "$pid"
    status_of "$pid"
    [ "$status" = 7 ]
    [ "$(cat out)" = "late words" ]
}

@test "the signal that ends the command makes the status" {
    for signal in INT TERM HUP QUIT USR2 ALRM VTALRM PROF XCPU PWR STKFLT RTMIN RTMAX; do
        rm -f ready
        hearing_int "$SLABCAT" --run bash -c 'ulimit -c 0; echo words; echo >ready "$$"; exec sleep 60' >out 2>err &
        track; pid=$!
        running ready
        kill -"$signal" "$pid"
        status_of "$pid"
        [ "$status" = $((128 + $(kill -l "$signal"))) ]
        [ "$(cat out)" = words ]
        [ ! -s err ]
    done
}

@test "USR1 is slabcat's own, and the command does not hear of it" {
    begin_talker
    [ "$(in_bytes "$pid" err)" -ge 6 ]
    kill -TERM "$pid"
    status_of "$pid"
    [ "$status" = 7 ]
    not grep -q USR1 out
}

@test "HUP opens path outputs again; without them it is the command's" {
    begin_talker -o log
    mv log log.1
    kill -HUP "$pid"
    eventually 10 test -e log
    kill -USR2 "$pid"
    eventually 10 heard USR2 1 log
    kill -TERM "$pid"
    status_of "$pid"
    [ "$status" = 7 ]
    cat log.1 log >all
    heard HUP 0 all
    [ "$(tail -n 1 log)" = "last words" ]
}

@test "under nohup a HUP does nothing to either" {
    talker
    nohup "$SLABCAT" --run ./talker >out 2>err </dev/null &
    track; pid=$!
    running ready
    kill -HUP "$pid"
    kill -HUP "$(cat ready)"
    kill -USR2 "$pid"
    eventually 10 heard USR2 1
    heard HUP 0
    kill -TERM "$pid"
    status_of "$pid"
    [ "$status" = 7 ]
}

# on_terminal: in.keys is typed into a terminal on which bash runs the file session
on_terminal() { exec timeout $((30 * SLOW)) rig pty bash --norc --noprofile session; }

@test "Ctrl-C at a terminal reaches the command once" {
    needs_terminal
    talker
    echo '"$SLABCAT" -o out --run ./talker; echo "$?" >status' >session
    mkfifo keys
    on_terminal <keys >shown 2>&1 &
    track
    exec 5>keys
    running ready
    printf '\003' >&5
    eventually 10 heard INT 1
    printf '\003' >&5
    eventually 10 heard INT 2
    printf '\034' >&5
    eventually 10 heard QUIT 1
    kill -TERM "$(cat ready)"
    eventually 10 test -s status
    exec 5>&-
    heard INT 2
    heard QUIT 1
    [ "$(cat status)" = 7 ]
}

@test "what the terminal has not told the command is passed on: Ctrl-C to another session, a hang-up to a leader" {
    needs_terminal
    talker
    echo 'exec "$SLABCAT" -o out --run setsid ./talker' >session
    mkfifo keys
    on_terminal <keys >shown 2>&1 &
    track
    exec 5>keys
    running ready
    printf '\003' >&5
    eventually 10 heard INT 1
    kill -TERM "$(cat ready)"
    eventually 10 heard "last words" 1
    exec 5>&-
    rm ready
    rig pty "$SLABCAT" -o out --run ./talker </dev/null >shown 2>&1 &
    track; pid=$!
    running ready
    kill -KILL "$pid"
    eventually 10 heard HUP 1
    kill -TERM "$(cat ready)"
    eventually 10 heard "last words" 1
}

@test "who holds the output when the command has ended is waited for as long as --linger says" {
    # shellcheck disable=SC2016
    script parent <<'END'
#!/bin/bash
trap '' PIPE
(echo "$BASHPID" >child; sleep 0.1; echo from the child; exec sleep 60) &
until [ -s child ]; do :; done
echo from the parent
exit 6
END
    rm -f child
    gives 6 --run ./parent
    [ "$(sort out)" = "from the child
from the parent" ]
    says "^slabcat: ./parent: has ended, but its output is still held open"
    kill "$(cat child)"
    rm -f child
    gives 6 --linger 10ms --run ./parent
    grep -q "from the parent" out
    kill "$(cat child)"
    # at once, and yet all that the command has written
    for options in "" "-n 0" "--zero-copy=never" "--on-full=spill" "-s 4K -n 1"; do
        # shellcheck disable=SC2086
        gives 0 --linger 0 $options --run bash -c 'sleep 60 & echo "$!" >child; seq 100000'
        seq 100000 | cmp - out
        says "still held open"
        kill "$(cat child)"
    done
}

@test "a child that lets go in time is heard to its end, and nothing is said" {
    gives 6 --linger 60s --run bash -c '(sleep 0.3; echo late) & exit 6'
    [ "$(cat out)" = late ]
    [ ! -s err ]
    # nor is there anything to say where nobody holds it
    for ((i = 0; i < 20; i++)); do
        gives 0 --linger 0 --run seq 1000
        seq 1000 | cmp - out
        [ ! -s err ]
    done
}

@test "a slow consumer is no lingering: it is waited for, even with --linger 0" {
    mkfifo out.fifo
    exec 5<>out.fifo
    "$SLABCAT" --linger 0 --drain-timeout 10ms --run bash -c 'rig bytes 500000; echo >ready "$?"' >out.fifo 2>err 5>&- &
    track; pid=$!
    running ready
    eventually 10 childless "$pid"
    pause 0.1 # more than enough for a drain timeout
    eventually 5 at_rest "$pid"
    rig check 500000 <out.fifo 5>&- &
    track; check=$!
    exec 5>&-
    status_of "$pid"
    [ "$status" = 0 ]
    [ ! -s err ]
    status_of "$check"
    [ "$status" = 0 ]
}

@test "once the command has ended a signal is slabcat's own" {
    mkfifo out.fifo
    exec 5<>out.fifo
    "$SLABCAT" --drain-timeout 100ms --run bash -c 'rig bytes 500000; echo >ready "$?"' >out.fifo 2>err 5>&- &
    track; pid=$!
    running ready
    eventually 10 childless "$pid"
    kill -TERM "$pid"
    status_of "$pid"
    exec 5>&-
    [ "$status" = 125 ]
    grep -q "bytes were not delivered within 100ms" err
}
childless() { ! grep -q . "/proc/$1/task/$1/children"; }

@test "a command that has closed its output and goes on is waited for" {
    gives 4 --run bash -c 'echo words; exec >&- 2>&-; sleep 0.5; echo more >later; exit 4'
    [ "$(cat later)" = more ]
    [ "$(cat out)" = words ]
    [ ! -s err ]
}

@test "an output that fails: 125, how the command ended, and its next write fails" {
    gives 125 -o /dev/full --run sh -c 'echo words; exit 3'
    grep -q "^slabcat: /dev/full: write at byte 0: No space left on device$" err
    [ "$(tail -n 1 err)" = "slabcat: sh: ended with status 3" ]
    gives 125 -o /dev/full --run yes
    [ "$(tail -n 1 err)" = "slabcat: yes: ended by signal 13 (Broken pipe)" ]
    gives 125 -o /dev/full --run echo words
    not grep -q "ended" err
    # shellcheck disable=SC2016
    gives 125 -o /dev/full --run bash -c 'trap "" PIPE; while echo words; do :; done; echo failed >status'
    [ "$(cat status)" = failed ]
}

@test "what no ring can be made of is refused before the command is started" {
    needs_trace
    echo kept >log
    for fault in ftruncate:error=EIO clone3,clone:error=EAGAIN:when=1 clone3,clone:error=EAGAIN:when=2 \
        eventfd2:error=EMFILE ppoll:error=ENOMEM; do
        status=0
        strace -f -qq -o /dev/null -e trace="${fault%%:*}" -e inject="$fault" \
            "$SLABCAT" -o log -o new --stats-file stats --run touch started 2>err || status=$?
        echo "$fault: status $status, $(cat err)"
        [ "$status" = 125 ]
        grep -qE '^slabcat: .*: (Input/.*|Resource temporarily .*|Too many open files|Cannot allocate memory)$' err
        [[ $fault != clone* ]] || grep -q '^slabcat: cannot start: no threads for ' err
        [ "$(cat log)" = kept ]
        [ "$(ls)" = $'err\nlog' ]
    done
}

@test "what cannot be had is refused before the command is started" {
    mkdir directory
    echo kept >log
    for options in "-o directory" "-o no/such/file" "-o fd:77" "-o log -o directory" "--stats-file no/such/file" \
        "--on-full=spill:no/such/directory" "-o tcp://127.0.0.1:1"; do
        # shellcheck disable=SC2086
        gives 125 $options --run touch started || { echo "with: $options"; return 1; }
        says "^slabcat: "
        [ ! -e started ] || { echo "with: $options"; return 1; }
    done
    [ "$(cat log)" = kept ]
    status=0
    "$SLABCAT" --run touch started >&- 2>err || status=$?
    [ "$status" = 125 ]
    [ ! -e started ]
}

@test "a consumer that goes away ends both, quietly" {
    status=0
    "$SLABCAT" --run yes 2>err | head -n 1 >out || status=${PIPESTATUS[0]}
    [ "$(cat out)" = y ]
    [ ! -s err ]
    run bash -c '"$SLABCAT" --run yes | head -n 1 >out; echo "${PIPESTATUS[0]}"'
    [ "$output" = 141 ]
    run bash -c 'trap "" PIPE; "$SLABCAT" --run bash -c "while echo y; do :; done 2>/dev/null; exit 3" 2>err | head -n 1 >out; echo "${PIPESTATUS[0]}"'
    [ "$output" = 125 ]
    grep -q "Broken pipe" err
    grep -q "ended with status 3" err
}

@test "after --stop-at bytes the command's next write fails" {
    gives 141 -S 100000 --run rig bytes 100000000
    rig check 100000 <out
    gives 0 -S 100000 --run rig bytes 100000
    rig check 100000 <out
}

@test "a flood arrives whole, in a file and in a pipe, without a ring and by copying too" {
    for options in "" "-n 0" "--zero-copy=never" "-s 4K -n 2" "--on-full=spill"; do
        # shellcheck disable=SC2086
        "$SLABCAT" $options -o file --run rig bytes 50000000
        rig check 50000000 <file
        # shellcheck disable=SC2086
        "$SLABCAT" $options --run rig bytes 50000000 | rig check 50000000
    done
}

@test "lost lines are a failure of slabcat's" {
    needs_copying
    mkfifo out.fifo
    exec 5<>out.fifo
    "$SLABCAT" --on-full drop-oldest -s 4K -n 4 --run bash -c 'seq 200000; echo >ready "$?"' >out.fifo 2>err 5>&- &
    track; pid=$!
    running ready
    cat <out.fifo >out 5>&- &
    track
    exec 5>&-
    status_of "$pid"
    [ "$status" = 125 ]
    grep -q "^slabcat: dropped " err
    eventually 10 grep -qx 200000 out
}

# again_and_again COMMAND...: 500 times, with the number of the time behind it; not so often where that takes longer
# than 5 s, but 50 times at least
again_and_again() {
    local i until=$((SECONDS + 5))
    for ((i = 0; i < 50 || (i < 500 && SECONDS < until); i++)); do "$@" "$i" || return 1; done
}

@test "the same again and again: no zombie, no hang, and all that was said" {
    says_and_ends() {
        local said status=0
        "$SLABCAT" --run sh -c "echo $1; exit $(($1 % 100))" >out || status=$?
        read -r said <out
        [ "$status" = $(($1 % 100)) ] && [ "$said" = "$1" ]
    }
    again_and_again says_and_ends
    is_true() { "$SLABCAT" --run true; }
    again_and_again is_true
}

@test "children that are not the command are collected, and nothing more" {
    # as with process 1 of a container: the shell's children become slabcat's by exec. There is no output to wait for
    # when they end.
    bash -c 'sleep 0 & sleep 0.3 & exec "$SLABCAT" --run bash -c "exec >&- 2>&-; : >started; until [ -e seen ]; do sleep 0.01; done; exit 9"' >out 2>err &
    track; pid=$!
    eventually 10 test -e started
    eventually 10 only_child "$pid"
    : >seen
    status_of "$pid"
    [ "$status" = 9 ]
}
only_child() { [ "$(wc -w <"/proc/$1/task/$1/children")" = 1 ] && [[ $(ps -o stat= --ppid "$1") != *Z* ]]; }

@test "the command's stdin says nothing about how much is to come" {
    needs_terminal
    seq 300000 >numbers
    cat >session <<'END'
TERM=xterm "$SLABCAT" -p -i 10ms -L 5M -o out $RUN <numbers
END
    (RUN='' on_terminal </dev/null >shown)
    grep -q ETA shown
    (RUN='--run cat' on_terminal </dev/null >shown)
    grep -q 'MiB/s out' shown
    not grep -q ETA shown
    cmp numbers out
}

@test "HUP is the command's once the output has been closed, although that was a file" {
    # shellcheck disable=SC2016
    script cmd <<'EOF'
#!/bin/sh
trap 'echo heard >heard; exit 3' HUP
exec >&- 2>&-
echo ready >ready
for i in $(seq $((100 * SLOW))); do sleep 0.1; done # so long, even if nobody tells it
EOF
    "$SLABCAT" -o file --run ./cmd 2>err &
    track; pid=$!
    running ready
    # the files of the pour are closed, and not to be opened again
    eventually 10 not holds_file "$pid"
    kill -HUP "$pid"
    status_of "$pid"
    [ "$status" = 3 ]
    [ "$(cat heard)" = heard ]
}
holds_file() { readlink /proc/"$1"/fd/* | found "/file$"; }

@test "what fails behind the command's start ends the command, and is slabcat's failure" {
    needs_trace
    # shellcheck disable=SC2016
    script command <<'END'
#!/bin/sh
trap 'echo told >told; exit 3' TERM
echo $$ >started
while :; do sleep 0.05; done
END
    # what had been found possible before: truncating; the writer, and the reader, behind the two threads that were
    # tried and the one that is the command
    for fault in ftruncate:error=EIO:when=2 clone3,clone:error=EAGAIN:when=4 clone3,clone:error=EAGAIN:when=5; do
        rm -f told started
        echo kept >log
        status=0
        timeout $((10 * SLOW)) strace -f -qq -o /dev/null -e trace="${fault%%:*}" -e inject="$fault" \
            "$SLABCAT" -o log --run ./command 2>err || status=$?
        echo "$fault: status $status, $(cat err)"
        [ "$status" = 125 ]
        grep -qE '^slabcat: .*: (Input/.*|Resource temporarily .*|Too many open files|Cannot allocate memory)$' err
        # it has been told, unless it had not got so far; then that was its end
        grep -qx 'slabcat: ./command: ended by signal 15 (Terminated)' err ||
            { [ -e told ]; grep -qx 'slabcat: ./command: ended with status 3' err; }
        [ ! -e started ] || ended "$(cat started)"
        [ "${fault%%:*}" != ftruncate ] || [ "$(cat log)" = kept ]
    done
}

@test "a command that does not hear that it is to end is waited for two seconds" {
    needs_trace
    began=$EPOCHREALTIME
    status=0
    # shellcheck disable=SC2016
    (
        trap '' TERM
        echo kept >log
        exec strace -qq -o /dev/null -e trace=ftruncate -e inject=ftruncate:error=EIO:when=2 \
            "$SLABCAT" -o log --run sh -c 'echo $$ >started; exec sleep 60' 2>err 3>&-
    ) || status=$?
    elapsed_ms "$began"
    kill -KILL "$(cat started)"
    echo "$elapsed_ms ms, $(cat err)"
    [ "$status" = 125 ]
    [ "$(tail -n 1 err)" = "slabcat: sh: is still running" ]
    [ "$elapsed_ms" -ge 2000 ]
    [ "$elapsed_ms" -lt $((2000 + 10000 * SLOW)) ]
}
