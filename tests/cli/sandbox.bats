# The sandbox: what is needed no more is given up, nothing else is, and only of slabcat itself. What the kernel then
# denies is in test_filter and test_sandbox.

load helper

# needs_sandbox: skip unless this build and this kernel have one
needs_sandbox() {
    [ -z "${SANITIZE:-}" ] || skip "a program under a sanitizer has no sandbox"
    "$SLABCAT" --explain </dev/null 2>&1 >/dev/null | grep -q '^slabcat: sandbox: no programs started' || skip "the kernel has none for us"
}

# needs_fence: and landlock
needs_fence() {
    needs_sandbox
    "$SLABCAT" -o fenced --explain </dev/null 2>&1 | grep -q 'but beside its own' || skip "the kernel has no landlock"
}

# holds WORDS ARGUMENT...: what --explain says of the sandbox with these arguments; stdin is a file
holds() {
    local words=$1 said
    shift
    said=$("$SLABCAT" --explain "$@" 2>&1 >/dev/null | grep '^slabcat: sandbox: ')
    [ "$said" = "slabcat: sandbox: $words" ] || { echo "$*: $said"; return 1; }
}

# value_of NAME FILE...: what these files of /proc say of a NAME, each value once
value_of() { sed -n "s/^$1:[[:space:]]*//p" "${@:2}" | sort -u; }

# confined PID [COUNT]: each of its threads has one filter of calls more than this shell, or COUNT more. The tests may
# run under a filter themselves.
confined() {
    local own
    own=$(value_of Seccomp_filters /proc/self/status)
    [ -n "$own" ] || skip "the kernel does not say how many filters there are"
    [ "$(value_of Seccomp_filters /proc/"$1"/task/*/status)" = $((own + ${2:-1})) ]
}

# denied: nothing that the traced slabcat did was; clone3 is unknown on purpose
denied() {
    # strace parts a call when another process calls meanwhile
    grep -Eq 'seccomp(\(SECCOMP_SET_MODE_FILTER| resumed).* = 0$' trace || { echo "there was no sandbox"; return 0; }
    awk '/SECCOMP_SET_MODE_FILTER/ { on = 1 } on' trace | grep -E ' = -1 (EPERM|ENOSYS|EACCES)' | grep -v clone3
}
traced() { strace -f -qq -o trace "$SLABCAT" "$@"; }

@test "--explain says what holds, by what is asked for" {
    needs_fence
    echo text >in
    exec <in
    holds "no programs started, no files opened, no connections made"
    holds "no programs started, no files opened, no connections made" -
    holds "no programs started, no files made, no connections made" in
    holds "no programs started, no files deleted but beside its own, no connections made" -o out
    holds "no programs started, no files made but beside its own, no connections made" --stats-file stats
    holds "no programs started, no files opened, no connections made" -o /dev/null
    holds "no programs started, only its own ends opened again, no connections made" --run true
    holds "no programs started, no files opened" --reconnect -o unix:none --stop-at 1 --drain-timeout 0
    holds "no programs started, no files made" --reconnect -o tcp://localhost:1 --stop-at 1 --drain-timeout 0
    holds "no programs started, no files opened" --reconnect -o tcp://127.0.0.1:1 --stop-at 1 --drain-timeout 0
    holds "none: --no-sandbox" --no-sandbox
}

@test "all threads are confined, and with --no-sandbox none" {
    needs_sandbox
    mkfifo in
    for filters in 1 0; do
        option=() privileges=1
        [ "$filters" = 1 ] || option=(--no-sandbox) privileges=$(value_of NoNewPrivs /proc/self/status)
        "$SLABCAT" -o a -o b "${option[@]}" <in &
        track; pid=$!
        exec 5>in
        echo text >&5
        eventually 5 has_size a 5
        confined "$pid" "$filters"
        [ "$(value_of NoNewPrivs /proc/"$pid"/task/*/status)" = "$privileges" ]
        exec 5>&-
        status_of "$pid"
        [ "$status" = 0 ]
    done
}

@test "the command of --run is free, and what it starts" {
    needs_sandbox
    "$SLABCAT" --run bash -c 'cat /proc/$$/status; grep . /proc/self/status; echo made >made; exit 3' >out || [ "$?" = 3 ]
    for name in Seccomp Seccomp_filters NoNewPrivs; do
        [ "$(grep -c "^$name:" out)" = 2 ] || [ "$name" = Seccomp_filters ]
        [ "$(value_of $name out)" = "$(value_of $name /proc/self/status)" ]
    done
    [ "$(cat made)" = made ]
}

@test "a kernel that has none, or does not let us: everything goes on, and nothing is said" {
    needs_trace
    rig bytes 300000 >in
    for calls in seccomp:error=ENOSYS seccomp:error=EINVAL seccomp:error=EPERM prctl:error=EINVAL prctl:error=EPERM \
        landlock_create_ruleset:error=ENOSYS landlock_create_ruleset:error=EOPNOTSUPP landlock_add_rule:error=ENOMEM \
        landlock_restrict_self:error=E2BIG seccomp,landlock_create_ruleset:error=ENOSYS; do
        run strace -f -qq -o /dev/null -e "inject=$calls" "$SLABCAT" -o out in
        [ "$status:$output" = 0: ] || { echo "$calls: $status $output"; return 1; }
        cmp in out
    done
    run strace -f -qq -o /dev/null -e inject=seccomp,landlock_create_ruleset:error=ENOSYS "$SLABCAT" --explain -o out in
    [[ $output == *"slabcat: sandbox: none: the kernel has none for us"* ]]
    run strace -f -qq -o /dev/null -e inject=landlock_create_ruleset:error=ENOSYS "$SLABCAT" --explain -o out in
    [[ $output == *"slabcat: sandbox: no programs started, no connections made"* ]]
    run strace -f -qq -o /dev/null -e inject=seccomp:error=ENOSYS "$SLABCAT" --explain -o out in
    [[ $output == *"slabcat: sandbox: no filter of system calls, "* ]]
}

@test "no feature wants what has been given up: pipes, transforms, statistics, a spill" {
    needs_sandbox
    needs_trace
    rig bytes 300000 >in
    (cat in; sleep 0.2; cat in || true) | traced --stop-at 500000 | cat >/dev/null
    not denied
    cat in | traced --timestamp='%H:%M:%.S %Z' --localtime --strip-ansi --prefix x >/dev/null
    not denied
    cat in | traced --on-full=spill:. -s 4096 -n 2 | (sleep 0.3; cat) >/dev/null
    not denied
    cat in | traced --stats-file stats --stats-every 10ms --advise -o out -o - -n 8 >/dev/null 2>err
    not denied
    traced --linger 50ms --run bash -c 'cat in; sleep 0.5 & exit 0' >/dev/null 2>err
    not denied
    if "$SLABCAT" --version | grep -q '^with .*zstd.*zlib.*libcrypto'; then
        cat in | traced --compress zstd -o a.zst -o b.zst --digest sha256 --digest-file sums --rotate-size 100K --rotate-keep 2
        not denied
        cat in | traced --compress gzip -o a.gz --digest md5 --fsync 2>err
        not denied
    fi
}

@test "no feature wants what has been given up: stopped, told to end, and its pipe frozen" {
    needs_sandbox
    needs_trace
    mkfifo in
    for end in TERM HUP INT; do
        (trap - INT; exec env --default-signal=INT strace -f -qq -o trace "$SLABCAT" in >out 2>err) &
        track; tracer=$!
        exec 5>in
        echo text >&5
        eventually 5 has_size out 5
        pid=$(pgrep -P "$tracer")
        kill -STOP "$pid"
        kill -CONT "$pid"
        echo more >&5
        eventually 5 has_size out 10
        kill "-$end" "$pid"
        [ "$end" != INT ] || exec 5>&-
        status_of "$tracer"
        exec 5>&-
        not denied
    done
}

@test "an input that becomes a FIFO only later, or another one, is frozen as well" {
    needs_sandbox
    needs_trace
    mkfifo first again
    strace -f -qq -o trace "$SLABCAT" first again later >out 2>err &
    track; tracer=$!
    exec 5>first
    echo 1 >&5
    eventually 5 has_size out 2
    rm again
    mkfifo again later
    exec 5>&-
    echo 2 >again
    exec 5>later
    echo 3 >&5
    eventually 5 has_size out 6
    kill -TERM "$(pgrep -P "$tracer")"
    status_of "$tracer"
    exec 5>&-
    [ "$status" = 0 ]
    not denied
    grep -q '/proc/self/fd/.*O_WRONLY' trace # refused it would have been seen above
}

@test "a consumer that goes away: it still dies of SIGPIPE" {
    status=0
    timeout $((20 * SLOW)) bash -c 'set -o pipefail; (rig bytes 3000000; true) 2>/dev/null | "$SLABCAT" | head -c 10 >/dev/null' || status=$?
    [ "$status" = 141 ]
}

@test "HUP: a file is opened again where it was, through a link, and behind a directory" {
    mkdir here there elsewhere
    ln -s ../there/log here/log
    mkfifo in
    "$SLABCAT" -o here/log -o elsewhere/other <in 2>err &
    track; pid=$!
    exec 5>in
    for round in 1 2 3; do
        echo "$round" >&5
        eventually 5 has_size there/log 2
        eventually 5 has_size elsewhere/other $((2 * round))
        mv there/log "there/log.$round"
        kill -HUP "$pid"
        eventually 5 has_size there/log 0
    done
    exec 5>&-
    status_of "$pid"
    [ "$status" = 0 ]
    [ ! -s err ]
}

@test "HUP goes where the path leads by then: another directory, a link set anew" {
    mkdir -p monday tuesday logs
    ln -s monday today
    mkfifo in
    "$SLABCAT" -o today/log -o logs/log <in 2>err &
    track; pid=$!
    exec 5>in
    echo one >&5
    eventually 5 has_size monday/log 4
    eventually 5 has_size logs/log 4
    ln -sfn tuesday today
    mv logs old
    mkdir logs
    kill -HUP "$pid"
    eventually 5 test -e tuesday/log
    eventually 5 test -e logs/log
    echo two >&5
    exec 5>&-
    status_of "$pid"
    [ "$status" = 0 ]
    [ ! -s err ]
    [ "$(cat monday/log tuesday/log)" = $'one\ntwo' ]
    [ "$(cat old/log logs/log)" = $'one\ntwo' ]
}

@test "HUP follows a link of our own where others can write" {
    [ "$(id -u)" = 0 ] || skip "only root can become another user"
    command -v setpriv >/dev/null || skip "setpriv is not installed"
    chmod 755 .
    as_other=(setpriv --reuid=65534 --clear-groups)
    mkdir -m 755 there
    mkdir shared
    chown 65534 there
    chmod 777 shared
    "${as_other[@]}" ln -s ../there/log shared/log
    mkfifo in
    "${as_other[@]}" "$SLABCAT" -o shared/log <in 2>err &
    track; pid=$!
    exec 5>in
    echo one >&5
    eventually 5 has_size there/log 4
    mv there/log there/log.1
    kill -HUP "$pid"
    eventually 5 test -e there/log
    exec 5>&-
    status_of "$pid"
    [ "$status" = 0 ]
    [ ! -s err ]
}

@test "statistics stay in their directory, unless --no-sandbox says otherwise" {
    needs_fence
    mkfifo in
    for expected in 0 1; do
        option=()
        [ "$expected" = 1 ] || option=(--no-sandbox)
        rm -rf dir old
        mkdir dir
        "$SLABCAT" --stats-file dir/stats "${option[@]}" <in >out 2>err &
        track; pid=$!
        exec 5>in
        eventually 5 test -e dir/stats
        mv dir old
        mkdir dir
        echo one >&5
        exec 5>&-
        status_of "$pid"
        [ "$status" = "$expected" ]
        [ "$expected" = 0 ] || grep -qx 'slabcat: dir/stats: write: Permission denied' err
        [ "$(cat out)" = one ]
    done
}

@test "connections are made again, by address, by name, to a path" {
    rig bytes 300000 >in
    for to in tcp://127.0.0.1: tcp://localhost: unix:; do
        rm -f where got.*
        if [ "$to" = unix: ]; then peer -u socket -o got where r1000 r; else peer -o got where r1000 r; fi >said &
        track; peer=$!
        eventually 5 [ -s where ]
        run "$SLABCAT" -o "$to$(cat where)" --reconnect in
        [ "$status" = 0 ] || { echo "$to: $output"; return 1; }
        [[ $output == *"connected after"* ]]
        status_of "$peer"
        [ "$status" = 0 ]
    done
}

@test "progress on a terminal, and a terminal as the input" {
    needs_terminal
    rig bytes 300000 >in
    TERM=xterm rig pty bash -c '(cat in; sleep 0.1; cat in) | "$SLABCAT" -p -i 10ms >out; echo "status $?"' </dev/null >screen
    grep -q 'status 0' screen
    grep -q '%\|MiB\|KiB' screen
    [ "$(stat -c %s out)" = 600000 ]
    printf 'typed\n\004' | timeout $((10 * SLOW)) rig pty bash -c '"$SLABCAT" >typed' >/dev/null
    [ "$(cat typed)" = typed ]
}
