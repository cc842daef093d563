# Hostile surroundings: too little of everything, calls that are refused, nothing in /proc, /dev and /tmp, time that
# stands still, a stderr that nobody reads, and words made to hurt. Either slabcat does its work all the same, or it says
# what is missing, exits with 1, and has neither read a byte nor emptied a file.

load helper

setup_file() { [ "$ZERO_COPY" = auto ] || skip "these tests choose for themselves"; }

needs_no_sanitizer() { [ -z "${SANITIZE:-}" ] || skip "a sanitizer has needs of its own, or finds nothing that it does not find elsewhere"; }

needs_root() { [ "$(id -u)" = 0 ] || skip "only root can do that"; }

needs_denial() {
    local status=0
    rig deny tee EPERM true || status=$?
    [ "$status" = 0 ] || skip "the kernel has no filters for system calls"
}

# is_said: err is one line of slabcat's, and not longer than a line is
is_said() {
    [ "$(grep -c '^slabcat: ' err)" = 1 ] && [ "$(wc -l <err)" = 1 ] && [ "$(wc -c <err)" -lt 600 ] ||
        { echo "not one line: $(head -c 2000 err)"; return 1; }
}

# all_or_nothing PATTERN COMMAND...: it takes 100,000 bytes from stdin and brings them to ./out; or it ends with 1 and a
# message that matches, with nothing taken, and ./out as it was. What it came to goes into $came: all or nothing.
all_or_nothing() {
    local pattern=$1
    shift
    echo old >out
    rig bytes 100000 2>/dev/null | {
        code=0
        # without the descriptors that come from bats
        timeout -k 2 "$((10 * SLOW))" "$@" 2>err >other 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- || code=$?
        echo "$code" >code
        timeout "$((10 * SLOW))" cat >left
    }
    if [ "$(cat code)" = 0 ]; then
        came=all
        rig check 100000 <out || { echo "not all for: $*"; return 1; }
        return
    fi
    came=nothing
    if [ "$(cat code)" = 127 ] && grep -q 'error while loading shared libraries' err; then
        : # it is not slabcat that says so
    elif [ "$(cat code)" = 139 ] && dies_before_main "$@"; then
        : # nor is it slabcat that dies
    elif [ "$(cat code)" != 1 ] || ! is_said || ! grep -qE -- "$pattern" err; then
        echo "status $(cat code) for $*: $(cat err)"
        return 1
    fi
    [ "$(cat out)" = old ] || { echo "emptied for nothing: $* $(cat err)"; return 1; }
    rig check 100000 <left || { echo "read for nothing: $* $(cat err)"; return 1; }
}

# libc's loader does not look whether there is memory for itself
dies_before_main() {
    local status=0
    "${@:1:3}" --version >/dev/null 2>&1 || status=$?
    [ "$status" = 139 ]
}

@test "3 to 12 descriptors: everything, or a clean no" {
    needs_no_sanitizer
    # the most descriptors with which it cannot be done, as far as it is known
    while read -r least arguments; do
        for ((files = 3; files <= 12; files++)); do
            # shellcheck disable=SC2086
            all_or_nothing 'Too many open files' prlimit --nofile="$files" "$SLABCAT" $arguments -o out
            echo "$files descriptors, $arguments: $came"
            if [ "$files" -ge "$least" ]; then [ "$came" = all ]; fi
            if [ "$files" -le 4 ]; then [ "$came" = nothing ]; fi
        done
    done <<'END'
8
8 -n 0
8 --zero-copy=never
9 --on-full=spill -s 4K -n 2
9 -o second
END
}

@test "less and less memory: everything, or a no that names the ring" {
    needs_no_sanitizer
    declare -A seen
    export SECRET="is nowhere"
    for arguments in "" "-s 128K -n 12" "--redact-env SECRET" "-o second"; do
        slabs="8 slabs of 64K"
        [[ $arguments != -s* ]] || slabs="12 slabs of 128K"
        for kib in {2100..7700..700} 64000; do
            # shellcheck disable=SC2086
            all_or_nothing "^slabcat: cannot start: no (memory|threads|sealed memory) for $slabs: |^slabcat: (cannot start|--redact): Cannot allocate" \
                prlimit --as=$((kib * 1024)) "$SLABCAT" $arguments -o out
            seen[$came]=yes
            if grep -q "no .* for $slabs" err; then seen[said]=yes; fi
        done
        [ "$came" = all ]
    done
    [ "${#seen[@]}" = 3 ]
    # nor does it die at the end, of a stack that cannot grow
    for kib in {4400..5400..20}; do
        all_or_nothing "^slabcat: cannot start: " prlimit --as=$((kib * 1024)) "$SLABCAT" -o second -o out
    done
    # what is more than all there is is refused as such
    run prlimit --as=6000000 "$SLABCAT" -s 1M -n 8
    [ "$status" = 2 ]
    [[ $output == "slabcat: 8 slabs of 1M: 8M is more than the memory there is, "* ]]
}

@test "no threads to be had: a clean no" {
    needs_no_sanitizer
    chmod 777 .
    ordinary=()
    if [ "$(id -u)" = 0 ]; then
        command -v setpriv >/dev/null || skip "setpriv is not installed"
        ordinary=(setpriv --reuid=65534 --clear-groups)
    fi
    "${ordinary[@]}" test -x "$SLABCAT" || skip "an ordinary user cannot start it"
    for arguments in "" "-n 0" "-o second"; do
        echo old >out
        chmod 666 out
        # shellcheck disable=SC2086
        all_or_nothing '^slabcat: cannot start: no threads for [18] slabs? of 64K: Resource temporarily unavailable$' \
            "${ordinary[@]}" prlimit --nproc=0 "$SLABCAT" -o out $arguments
        [ "$came" = nothing ]
    done
}

@test "files may not be long: where it stopped, and how much is missing" {
    needs_no_sanitizer
    for arguments in "" "-n 0" "--zero-copy=never" "--timestamp=%%"; do
        rm -f out
        code=0
        # shellcheck disable=SC2086
        rig bytes 1000000 2>/dev/null | prlimit --fsize=102400 "$SLABCAT" $arguments -o out --stats=json 2>err || code=$?
        [ "$code" = 1 ]
        grep -q '^slabcat: out: write at byte [0-9]*: File too large$' err
        grep -q '^slabcat: out: [0-9]* bytes were not delivered$' err
        [ "$(stat -c %s out)" = 102400 ]
        adds_up
    done
    # of two one goes on
    code=0
    rig bytes 1000000 | prlimit --fsize=102400 "$SLABCAT" -o out -o fd:7 7> >(rig check 1000000 && : >whole) 2>err || code=$?
    [ "$code" = 1 ]
    grep -q '^slabcat: out: write at byte 102400: File too large$' err
    eventually 5 test -e whole
    # what tells of the pour is no less
    all_or_nothing '^slabcat: st: write: File too large$' prlimit --fsize=60 "$SLABCAT" --stats-file st -o out
    [ "$came" = nothing ]
    [ ! -e st ]
}

@test "no locked memory, and core files without a limit, are nothing to redaction" {
    needs_no_sanitizer
    SECRET=nowhere all_or_nothing x prlimit --memlock=0 --core=unlimited "$SLABCAT" --redact-env SECRET -o out
    [ "$came" = all ]
}

@test "a user who holds all pipes: several outputs and a spill do with what there is" {
    needs_no_sanitizer
    needs_root
    command -v setpriv >/dev/null || skip "setpriv is not installed"
    chmod 777 .
    run setpriv --reuid=65534 --clear-groups rig hog bash -c '
        set -o pipefail
        rig bytes 1000000 | "$SLABCAT" -o fd:7 7> >(rig check 1000000 && : >whole) -o - | rig check 1000000 || exit 1
        rig bytes 1000000 | "$SLABCAT" --on-full=spill:. -s 4K -n 2 | (sleep 0.1; rig check 1000000)'
    [ "$status" != 77 ] || skip "pipes are not limited here"
    [ "$status" = 0 ]
    eventually 5 test -e whole
}

# what may be refused, each by itself and all at once, and is done some other way
spared='splice tee vmsplice sendfile copy_file_range preadv2 pwritev2 RWF_NOWAIT eventfd2 timerfd_create epoll_create1
    io_uring_setup memfd_create poll fallocate O_TMPFILE F_SETPIPE_SZ F_GETPIPE_SZ prctl lseek prlimit64'

@test "calls that are refused, one or all at once, and are done another way" {
    needs_denial
    rig bytes 100000 >file
    # shellcheck disable=SC2086
    set -- $spared pipe2 "$(tr -s ' \n' ',' <<<"$spared" | sed 's/,$//')"
    if [ -n "${SANITIZE:-}" ]; then set -- eventfd2 preadv2,pwritev2,splice; fi
    for calls; do
        errors=EPERM
        if [[ $calls = *,* ]]; then errors="EPERM ENOSYS"; fi
        for error in $errors; do
            all_or_nothing x rig deny "$calls" "$error" "$SLABCAT" -o out
            [ "$came" = all ]
            rig bytes 100000 | rig deny "$calls" "$error" "$SLABCAT" --on-full=spill -s 4K -n 2 | rig check 100000
        done
        rig deny "$calls" EPERM "$SLABCAT" file -o out -o second
        rig check 100000 <out
        rig check 100000 <second
        rig deny "$calls" EPERM "$SLABCAT" -n 0 file | rig check 100000
        rig socket unix out rig deny "$calls" EPERM "$SLABCAT" file </dev/null | rig check 100000
    done
}

@test "where poll is refused and ppoll is not, nobody spins" {
    needs_no_sanitizer
    needs_denial
    mkfifo in
    rig deny poll EPERM "$SLABCAT" in >out 2>err & # whoever opens a FIFO waits for its writer
    track; pid=$!
    exec 7>in
    echo text >&7
    eventually 5 has_size out 5
    eventually 10 asleep "$pid"
    exec 7>&-
    status_of "$pid"
    [ "$status" = 0 ]
    # messages wait for stderr to have room
    run rig deny poll EPERM "$SLABCAT" none
    [ "$output" = "slabcat: none: open: No such file or directory" ]
}

@test "calls that nothing can be done without: a clean no before the first byte" {
    needs_no_sanitizer
    needs_denial
    while read -r calls error arguments; do
        # shellcheck disable=SC2086
        all_or_nothing '^slabcat: (cannot start: no .* for|signals: |out: (truncate|sync|rename): )' \
            rig deny "$calls" "$error" "$SLABCAT" -o out $arguments
        echo "$calls $error $arguments: $came $(cat err)"
        [ "$came" = nothing ]
    done <<'END'
eventfd2 EMFILE
eventfd2,pipe2 ENOSYS
signalfd4 EPERM
rt_sigprocmask EPERM
ppoll EPERM
ppoll ENOSYS -n 0
clone3,clone EPERM
clone3,clone EAGAIN -o second
clone3,clone EAGAIN --rotate-size 1M
ftruncate EPERM
madvise EPERM --timestamp
fsync EPERM --rotate-size 1M
renameat2 EPERM --rotate-size 1M
renameat2,linkat ENOSYS --rotate-size 1M
END
    # a pipe that cannot be had is not the fault of the command
    run rig deny pipe2 EPERM "$SLABCAT" --run echo words
    [ "$status" = 125 ]
    [ "$output" = "slabcat: pipe: Operation not permitted" ]
}

@test "what waits in a socket and cannot be counted is delivered after TERM all the same" {
    needs_denial
    for family in unix tcp; do
        rm -f pid sent
        { rig bytes 100000; : >sent; } | rig socket "$family" in rig deny ioctl EPERM bash -c '
            echo "$$" >pid; exec "$SLABCAT" -s 4K -n 2 --pipe-size keep --drain-timeout 20s' | {
            eventually 5 test -s pid
            eventually 5 test -e sent
            sleep 0.3 # until the ring is full, and the rest in the socket
            kill "$(cat pid)"
            sleep 0.1
            rig check 100000
        }
    done
}

@test "what waits in a pipe and cannot be counted is not left out of the number in silence" {
    needs_no_sanitizer
    needs_denial
    mkfifo in out
    exec 8<>out # a consumer that never reads
    rig deny ioctl ENOSYS "$SLABCAT" -s 4K -n 2 --zero-copy=never --drain-timeout 100ms --stats=json <in >out 2>err &
    track; pid=$!
    rig press accepted >in &
    track
    eventually 10 test -s accepted
    kill "$pid"
    status_of "$pid"
    [ "$status" = 1 ]
    grep -qx 'slabcat: stdin: count what is left: Function not implemented' err
    grep -qxE 'slabcat: stdout: at least [0-9]+ bytes were not delivered within 100ms' err
    [ "$(figure undelivered_bytes)" = "$(sed -n 's/.*at least \([0-9]*\) bytes.*/\1/p' err)" ]
    adds_up
}
@test "calls that kill: no file is emptied by a start that comes to nothing" {
    needs_no_sanitizer
    needs_denial
    for call in eventfd2 signalfd4 clone3 ppoll; do
        echo old >out
        run bash -c 'ulimit -c 0; rig bytes 100000 2>/dev/null | rig deny '"$call"' kill "$SLABCAT" -o out; exit "${PIPESTATUS[1]}"'
        [ "$status" = $((128 + 31)) ]
        [ "$(cat out)" = old ]
    done
}

# "${desert[@]}" COMMAND...: with nothing in /proc and /dev/shm
# shellcheck disable=SC2016
desert=(unshare -m bash -c '
    for place in /proc /dev/shm; do
        [ ! -d "$place" ] || mount -t tmpfs none "$place" || exit 99
    done
    exec "$@"' desert)

needs_desert() {
    needs_no_sanitizer
    local status=0
    "${desert[@]}" true 2>/dev/null || status=$?
    [ "$status" = 0 ] || skip "no mount namespace can be had"
}

@test "no /proc and no /dev/shm: all of it runs" {
    needs_desert
    for arguments in "" "-n 0" "--zero-copy=never" "--on-full=spill:. -s 4K -n 2" "-L 100M -p" "-o second" "--stats-file st"; do
        # shellcheck disable=SC2086
        all_or_nothing x "${desert[@]}" "$SLABCAT" $arguments -o out
        [ "$came" = all ]
    done
    rig bytes 100000 | "${desert[@]}" "$SLABCAT" --run cat | rig check 100000
    rm -f log*
    rig bytes 100000 | "${desert[@]}" "$SLABCAT" -o log --rotate-size 30K
    [ "$(find . -name 'log.2*' | wc -l)" -ge 3 ]
    cat log.* log | rig check 100000
    # whoever reads the end of its output behind TERM cannot be frozen; what is said is right all the same
    mkfifo in
    "${desert[@]}" "$SLABCAT" --stats=json <in >slow 2>err &
    track; pid=$!
    exec 4>in
    rig bytes 100000 >&4
    eventually 5 has_size slow 100000
    kill -TERM "$pid"
    status_of "$pid"
    exec 4>&-
    [ "$status" = 0 ]
    adds_up
    rig check 100000 <slow
    # what only /proc could do is said
    run "${desert[@]}" "$SLABCAT" -o /proc/self/fd/1 </dev/null
    [ "$status" = 1 ]
    [[ $output == "slabcat: /proc/self/fd/1: open: "* ]]
}

# a place with slabcat, its libraries and a file, and nothing else
make_cell() {
    needs_no_sanitizer
    needs_root
    mkdir -p cell
    # shellcheck disable=SC2046
    cp -L --parents $(ldd "$SLABCAT" | grep -o '/[^ ]*') cell || skip "its libraries cannot be found"
    cp "$(readlink -f "$SLABCAT")" cell/slabcat
    chroot cell /slabcat --version >/dev/null 2>&1 || skip "nothing starts in another root here"
}

@test "a working directory outside of the root: HUP opens the file again, sandbox or not" {
    make_cell
    command -v perl >/dev/null || skip "perl is not installed"
    mkdir outside
    mkfifo in
    # shellcheck disable=SC2016
    (cd outside && exec perl -e 'chroot "../cell" or die; exec "/slabcat", "--strip-ansi", "-o", "log"' <../in 2>../err) &
    track; pid=$!
    exec 5>in
    echo one >&5
    eventually 5 has_size outside/log 4
    mv outside/log outside/log.1
    kill -HUP "$pid"
    eventually 5 test -e outside/log
    echo two >&5
    exec 5>&-
    status_of "$pid"
    [ "$status" = 0 ]
    [ ! -s err ]
    [ "$(cat outside/log.1 outside/log)" = $'one\ntwo' ]
}

@test "no /dev, /proc, /tmp and /etc: all of it runs, with closed descriptors too" {
    make_cell
    rig bytes 100000 >cell/file
    rig bytes 100000 | chroot cell /slabcat | rig check 100000
    chroot cell /slabcat file <&- 2>&- | rig check 100000
    chroot cell /slabcat file -o copy >&- 2>&-
    rig check 100000 <cell/copy
    chroot cell /slabcat --run /slabcat file <&- | rig check 100000
    chroot cell /slabcat -p --stats --advise --timestamp --localtime file <&- >/dev/null 2>err
    grep -q '^slabcat: in  *100000 bytes' err
    # "run" would put a pipe where a descriptor has been closed
    while read -r said arguments; do
        code=0
        # shellcheck disable=SC2086
        chroot cell /slabcat $arguments <&- 2>err >other || code=$?
        [ "$code" = 1 ]
        is_said
        grep -qE "$said" err
    done <<'END'
^slabcat:.stdin:.open:.Bad.file.descriptor$
^slabcat:.--on-full=spill:./tmp:.cannot.make.a.file.there:. --on-full=spill file
^slabcat:.tcp://localhost:1:.connect:. -o tcp://localhost:1 file
END
    code=0
    chroot cell /slabcat file >&- 2>err || code=$?
    [ "$code" = 1 ]
    grep -q '^slabcat: stdout: Bad file descriptor$' err
    run -127 chroot cell /slabcat --run nowhere
    [ "$status" = 127 ]
}

# growth_is_fair FROM SIZE RATE: since the moment FROM (us), when it had SIZE bytes, out has grown no faster than RATE
growth_is_fair() {
    local size now
    size=$(stat -c %s out)
    now=${EPOCHREALTIME/[.,]/}
    # and the burst, a hundredth of a second of it
    echo "$((size - $2)) bytes in $((now - $1)) us"
    [ "$((size - $2))" -le $((($3 * (now - $1)) / 1000000 + $3 / 100)) ]
}

@test "stopped and continued: nothing above the rate limit, nothing lost, and no CPU afterwards" {
    needs_no_sanitizer
    mkfifo in
    "$SLABCAT" -L 1M -p -i 10s -f 20ms --stats=json <in >out 2>err &
    track; pid=$!
    exec 4>in
    rig bytes 1000000 >&4 2>/dev/null &
    track
    eventually 5 test -s out
    for _ in 1 2; do
        kill -STOP "$pid"
        eventually 5 stopped "$pid"
        pause 0.2
        size=$(stat -c %s out)
        from=${EPOCHREALTIME/[.,]/}
        kill -CONT "$pid"
        for _ in {1..8}; do
            growth_is_fair "$from" "$size" 1048576
            pause 0.01
        done
    done
    eventually 20 has_size out 1000000
    in_three_tries asleep "$pid"
    exec 4>&-
    status_of "$pid"
    [ "$status" = 0 ]
    rig check 1000000 <out
    adds_up
}

@test "stopped while a byte waits to be flushed: it leaves" {
    needs_no_sanitizer
    mkfifo in
    "$SLABCAT" -f 300ms <in >out &
    track; pid=$!
    exec 4>in
    printf 'a' >&4
    eventually 5 has_size out 1
    for ((size = 2; size <= 4; size++)); do
        printf 'b' >&4
        kill -STOP "$pid"
        eventually 5 stopped "$pid"
        pause 0.05
        kill -CONT "$pid"
        eventually 5 has_size out "$size"
    done
    exec 4>&-
    status_of "$pid"
    [ "$status" = 0 ]
}

@test "stopped beyond its deadlines: they are kept then, with exact numbers" {
    mkfifo in out
    exec 5<>out
    "$SLABCAT" --drain-timeout 200ms --stats=json <in >out 2>err 5>&- &
    track; pid=$!
    rig press accepted >in 5>&- &
    track
    eventually 20 test -s accepted
    kill -TERM "$pid"
    kill -STOP "$pid"
    eventually 5 stopped "$pid"
    pause 0.5
    kill -CONT "$pid"
    status_of "$pid"
    [ "$status" = 3 ]
    cat <&5 >got &
    track; reader=$!
    eventually 5 has_size got $(($(cat accepted) - $(undelivered err)))
    kill "$reader"
    adds_up
    # the linger time of a command
    "$SLABCAT" --linger 200ms --run sh -c 'echo words; sleep 20 & echo "$!" >held' >words 2>err 5>&- &
    track; pid=$!
    eventually 5 test -s held
    kill -STOP "$pid"
    eventually 5 stopped "$pid"
    pause 0.5
    kill -CONT "$pid"
    status_of "$pid"
    kill "$(cat held)"
    [ "$status" = 0 ]
    [ "$(cat words)" = words ]
    grep -q 'still held open' err
}

needs_clocks() {
    needs_no_sanitizer
    command -v "${CC:-cc}" >/dev/null || skip "there is no compiler"
    "${CC:-cc}" -D_GNU_SOURCE -shared -fPIC -o clocks.so "$BATS_TEST_DIRNAME/clocks.c" || skip "no library can be made"
    # shellcheck disable=SC2016
    [ "$(LD_PRELOAD=./clocks.so CLOCKS=wild date +%s)" -lt 1000000000 ] || skip "nothing can be preloaded"
}

# by CLOCKS COMMAND...: with a clock that cannot be trusted
by() { LD_PRELOAD=$PWD/clocks.so CLOCKS=$1 "${@:2}"; }

@test "the real time is for stamps and names alone: nobody else asks" {
    needs_clocks
    # the trap works
    not by none "$SLABCAT" --timestamp <<<"a line" 2>/dev/null
    for arguments in "" "-n 0" "-L 1M" "-f 5ms" "--stats=json --stats-every 100ms" "-p -i 100ms" "--advise --explain" "-o out -o second" \
        "--on-full=drop-oldest --mark-gaps" "--on-full=spill -s 4K -n 2" "--start-fill 50" "--run cat" "-S 50000"; do
        # shellcheck disable=SC2086
        rig bytes 50000 | by none "$SLABCAT" $arguments >other 2>err
    done
}

@test "steps of the clock: no rotated file is overwritten, no line lost, no stamp a crash" {
    needs_clocks
    seq 1 30000 >numbers
    for clocks in back wild; do
        rm -f log*
        # each run begins where the clock has been before
        for part in 1 2 3; do
            split -n "l/$part/3" numbers | by "$clocks" "$SLABCAT" -o log --rotate-size 10K
        done
        cat log.* log | cmp - numbers
        [ "$(find . -name 'log.*' | wc -l)" -ge 16 ]
        [ "$clocks" = wild ] || continue
        for stamp in iso iso-us unix elapsed delta '%Y-%m-%d %H:%M:%.S %z'; do
            head -n 300 numbers | while read -r number; do echo "$number"; done | by "$clocks" "$SLABCAT" --timestamp="$stamp" |
                sed 's/.* //' | cmp - <(head -n 300 numbers)
            TZ=Asia/Kathmandu by "$clocks" "$SLABCAT" --timestamp="$stamp" --localtime <<<"a line" | found 'a line$' ||
                [[ $stamp != iso* && $stamp != %* ]]
        done
    done
    # waiting does not depend on it
    begun=${EPOCHREALTIME/[.,]/}
    rig bytes 300000 | by wild "$SLABCAT" -L 1M --timestamp | wc -c >other
    [ $((${EPOCHREALTIME/[.,]/} - begun)) -ge 200000 ]
}

# quickly COMMAND...: it ends long before a stderr that is stuck would make it wait for each of 50 messages
quickly() {
    local begun=$SECONDS code=0
    timeout -s KILL "$((30 * SLOW))" "$@" || code=$?
    [ $((SECONDS - begun)) -le $((6 * SLOW)) ] || { echo "took $((SECONDS - begun)) s: $*"; return 1; }
    return "$code"
}

@test "a stderr that is full, closed, or that nobody reads: the data goes on, and the end comes" {
    needs_no_sanitizer
    rig bytes 300000 >file
    mkfifo full
    exec 5<>full
    fill 5
    not timeout 0.2 bash -c 'echo >&5'
    for way in '2>&5' '2>/dev/full' '2>&-' '2>/proc/self/mem'; do
        for arguments in "-p --stats --explain --advise" "--digest-file none/sum"; do
            code=0
            quickly bash -c '"$SLABCAT" '"$arguments"' -o out none{1..50} file '"$way"' 5>&-' || code=$?
            [ "$code" = 1 ]
            [[ $arguments = *none* ]] || rig check 300000 <out
        done
        code=0
        # shellcheck disable=SC2016
        rig bytes 300000 2>/dev/null | quickly bash -c '"$SLABCAT" --stats >/dev/full '"$way"' 5>&-' || code=$?
        [ "$code" = 1 ]
        code=0
        quickly bash -c '"$SLABCAT" --nonsense '"$way"' 5>&-' || code=$?
        [ "$code" = 2 ]
        code=0
        quickly bash -c '"$SLABCAT" -o out --run sh -c "cat file; exit 7" '"$way"' 5>&-' || code=$?
        [ "$code" = 7 ]
        rig check 300000 <out
    done
}

# on_stuck_terminal HOW COMMAND...: with stderr on a terminal that has been stopped by ^S, or whose reader has
on_stuck_terminal() {
    local how=$1 terminal code
    shift
    rm -f ready go code
    mkfifo go typed
    # shellcheck disable=SC2016
    rig pty bash -c '
        echo "$BASHPID" >ready
        read -r _ <go
        head -c 300000 /dev/zero | timeout --foreground 0.5 cat >&2
        begun=$SECONDS; code=0
        timeout --foreground -s KILL "$((30 * SLOW))" "$@" || code=$?
        echo "$code $((SECONDS - begun))" >code' stuck "$@" <typed >/dev/null &
    track; terminal=$!
    exec 6>typed
    rm typed
    eventually 5 test -s ready
    if [ "$how" = reader ]; then
        kill -STOP "$terminal"
    else
        printf '\023' >&6
        sleep 0.2
    fi
    echo >go
    rm go
    eventually 60 test -s code
    kill -CONT "$terminal" || ended "$terminal"
    exec 6>&-
    read -r code took <code
    [ "$took" -le $((6 * SLOW)) ] || { echo "took $took s"; return 1; }
    return "$code"
}

@test "a terminal that is stopped, by ^S or for want of a reader: the data goes on, and the end comes" {
    needs_no_sanitizer
    needs_terminal
    rig bytes 300000 >file
    TERM=xterm on_stuck_terminal ^S "$SLABCAT" -p -i 10ms --stats --explain -o out file
    rig check 300000 <out
    code=0
    TERM=xterm on_stuck_terminal reader "$SLABCAT" -p -L 3M --stats -o out none{1..50} file || code=$?
    [ "$code" = 1 ]
    rig check 300000 <out
    # without a description of its own
    if "${desert[@]}" true 2>/dev/null; then
        code=0
        TERM=xterm on_stuck_terminal reader "${desert[@]}" "$SLABCAT" -p -L 3M --stats -o out none{1..50} file || code=$?
        [ "$code" = 1 ]
        rig check 300000 <out
    fi
}

# speaks_well: what err says is slabcat's, line by line of bounded length, and nothing raw in it
speaks_well() {
    [ "$(LC_ALL=C grep -avcE "^(slabcat: |Try 'slabcat --help'\.$|[{#]|slabcat_)" err)" = 0 ] &&
        not env LC_ALL=C grep -qaP '[^\x20-\x7e\n]' err && [ "$(wc -L <err)" -lt 2100 ] ||
        { echo "says: $(head -c 3000 err | cat -v)"; return 1; }
}

@test "variables that are empty, huge or hostile" {
    printf 'one\ntwo\n' >in
    huge=$(head -c 130000 /dev/zero | tr '\0' x)
    ln -s . link
    # each by itself, in what is most of what reads the environment
    while read -r variable; do
        variable=$(printf '%b' "$variable" | sed "s/HUGE/$huge/")
        env -i PATH="$PATH" "$variable" "$SLABCAT" --progress=force -i 100ms --stats --timestamp=iso --localtime --on-full=spill:. in >out 2>err ||
            { echo "${variable:0:100}: $(head -c 1000 err)"; return 1; }
        [ "$(grep -cE '^2[0-9-]*T[0-9:]*[+-][0-9:]* (one|two)$' out)" = 2 ]
        sed -i '/ETA/d; /^$/d' err # the progress line
        speaks_well
    done <<'END'
TERM=../../x
TERM=
TERM=\\e[2J
TERM=HUGE
COLUMNS=-1
COLUMNS=
COLUMNS=0
COLUMNS=99999999999999999999
COLUMNS=HUGE
TZ=garbage
TZ=
TZ=:/etc/passwd
TZ=:../../dev/zero
TZ=XXX-167:59:59
TZ=\\e[2J
TZ=HUGE
LC_ALL=\\e[2J
LC_ALL=tr_TR.UTF-8
LANG=HUGE
NO_COLOR=HUGE
MALLOC_ARENA_MAX=0
MALLOC_TOP_PAD_=1048576
MALLOC_PERTURB_=165
GLIBC_TUNABLES=glibc.malloc.check=3:glibc.pthread.stack_cache_size=-1
END
    # a mebibyte of them
    env -i PATH="$PATH" A="$huge" B="$huge" C="$huge" D="$huge" E="$huge" F="$huge" G="$huge" H="$huge" "$SLABCAT" --run cat in |
        cmp - in
    [ -n "${SANITIZE:-}" ] || { env -i "$SLABCAT" in | cmp - in; }
    # where a spill goes; a name is said as it is, and no longer than a line
    for place in "" . link "$PWD/link"; do
        TMPDIR=$place "$SLABCAT" --on-full=spill in | cmp - in
    done
    for place in /nowhere in $'\e[2J\n' "$huge"; do
        code=0
        TMPDIR=$place "$SLABCAT" --on-full=spill in >out 2>err || code=$?
        [ "$code" = 1 ]
        grep -q '^slabcat: --on-full=spill: .*: cannot make a file there: ' err
        is_said
        speaks_well
    done
    PATH="$huge:$PATH" "$SLABCAT" --run cat in | cmp - in
    code=0
    SECRET=$huge "$SLABCAT" --redact-env SECRET in >out 2>err || code=$?
    [ "$code" = 2 ]
    is_said
    not grep -q xxxx err
}

@test "words that are huge, or full of controls: one line each, quoted and of bounded length" {
    huge=$(head -c 130000 /dev/zero | tr '\0' x)
    words=("$huge" $'a\nb\e[2J\x9b\x80\xff' "" $'\xe2\x80\xae gnp.exe' "%s%n%1000000d")
    if [ -n "${SANITIZE:-}" ]; then words=("${words[1]}"); fi
    for option in -o -s -n -m -L -S -f -i -N --timestamp --prefix --name --stats --stats-file --digest --digest-file --compress \
        --redact-env --redact-file --on-full --on-full=spill: --zero-copy --pipe-size --rotate-size --linger --drain-timeout --plan \
        --run --run-stdout --xx -- -o=tcp:// -o=unix: -o=fd: --progress -Q; do
        : >err
        for word in "${words[@]}"; do
            case $option in
            -? | --*=* | -o=*) set -- "${option/-o=/-o}$word" ;;
            --*) set -- "$option=$word" ;;
            esac
            code=0
            "$SLABCAT" "$@" </dev/null >out 2>>err || code=$?
            [ "$code" -lt 128 ] || { echo "status $code for ${*:0:100}"; return 1; }
            code=0
            "$SLABCAT" "$option" "$word" </dev/null >out 2>>err || code=$?
            [ "$code" -lt 128 ] || { echo "status $code for ${*:0:100}"; return 1; }
        done
        speaks_well || { echo "for $option"; return 1; }
        find . -maxdepth 1 -type f ! -name out ! -name err -delete
    done
    "$SLABCAT" "$huge" >out 2>err && return 1
    is_said
}

# cpu_of_inputs COUNT: CPU time in ms that slabcat takes for that many files, into $took
cpu_of_inputs() {
    local TIMEFORMAT='%3U %3S' user system
    { time head -n "$1" names | xargs -n 200000 -s 1500000 "$SLABCAT" >out; } 2>cost || return 1
    [ "$(sort out | uniq -c)" = "$(printf '%7d text' "$1")" ] || return 1
    read -r user system <cost
    took=$((10#${user/./} + 10#${system/./}))
    echo "$1 inputs: $took ms of CPU"
}

@test "100,000 inputs" {
    echo text >in
    (yes in || true) | head -n 100000 >names
    # where each was compared with all others it took not 5 but 25 times as long
    cpu_of_inputs 20000
    few=$took
    cpu_of_inputs 100000
    [ "$took" -lt $((few * 12 + 200)) ]
    code=0
    (yes none || true) | head -n 30000 | xargs -n 200000 -s 1500000 "$SLABCAT" >out 2>err || code=$?
    [ "$code" = 123 ]
    [ "$(sort -u err)" = "slabcat: none: open: No such file or directory" ]
}

@test "names with newlines and escapes, wherever a name is said" {
    mkdir place
    cd place
    name=$'ev\nil\e[2J\x9b\xff name'
    printf 'l1\nl2\nl3\nl4\n' >"$name"
    # tells STATUS ARGUMENT...: that status, and what is said is said well and has the name, spelled out
    tells() {
        local wanted=$1 code=0
        shift
        timeout "$((10 * SLOW))" "$SLABCAT" "$@" </dev/null >../out 2>err || code=$?
        mv err ../err
        cd ..
        [ "$code" = "$wanted" ] && speaks_well && grep -qF 'ev\x0ail\x1b[2J\x9b\xff name' err || { echo "status $code: $*, $(cat err)"; return 1; }
        cd place
    }
    tells 0 --explain "$name"
    tells 0 --explain -o "$name.out" "$name"
    tells 1 "no $name"
    tells 1 -o "$name/no" "$name"
    tells 1 -o "$name" "$name"
    tells 2 -o "$name.out" -o "$name.out" "$name"
    tells 1 --stats-file "$name/no" "$name"
    tells 1 --stats-file "$name" "$name"
    tells 1 --digest-file "$name" "$name"
    tells 1 --on-full="spill:$name" "$name"
    tells 2 --redact-file "no $name" "$name"
    tells 2 --redact-file "$name" "$name"
    tells 127 --run "$name"
    tells 126 --run "./$name"
    tells 1 -o "unix:$name" "$name"
    tells 2 -o "tcp://$name:80" "$name"
    tells 2 -o "fd:$name" "$name"
    tells 2 --name "$name" "$name"
    tells 2 --prefix "$name" "$name"
    tells 2 "--$name"
    ln -s nowhere "$name.link"
    tells 1 -o "$name.link" --rotate-size 3 "$name"
    mkdir "$name.d"
    tells 1 "$name.d"
    ln -s /dev/full "$name.full"
    [ "$ZERO_COPY" = always ] || tells 1 -o "$name.full" "$name"
    printf '#!/bin/sh\nkill -9 $$\n' >"$name.sh"
    chmod +x "$name.sh"
    tells 125 -o "/nowhere/$name" --run "./$name.sh"
    tells 125 -o "$name.full" --run sh -c 'echo words' "$name"
    # rotated files: the old ones too, and their checksums
    "$SLABCAT" -o "$name.log" --rotate-size 3 --rotate-keep 2 --digest-file "$name.sums" "$name" 2>err
    [ ! -s err ]
    [ "$(find . -name '*.log.2*' -printf x)" = xx ]
    rm err
    if "$SLABCAT" --digest sha256 </dev/null 2>/dev/null; then
        tells 0 --digest sha256 -o "$name.out" "$name"
        sha256sum -c --quiet --ignore-missing "$name.sums"
    fi
}
