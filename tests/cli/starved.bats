# Threads without CPU, and calls that do not return: main waits for the first, leaves without the second, and the
# numbers are exact in both cases.

load helper

# halted NAME COMMAND...: COMMAND runs while the threads of slabcat ($pid) that are called so are stopped
halted() {
    local name=$1 result=0
    shift
    rig halt "$pid" "$name" "$@" || result=$?
    [ "$result" != 77 ] || skip "no thread can be stopped here"
    return "$result"
}

# starts ARGUMENT...: slabcat with these, in the background, from the pipe "in", whose other side is descriptor 4
starts() {
    rm -f in out err
    mkfifo in
    "$SLABCAT" --pipe-size keep --stats=json "$@" <in 2>err 4>&- &
    track; pid=$!
    exec 4>in
    eventually 5 has_thread "$1"
}
has_thread() { grep -qxE 'slabcat-(reader|direct)' /proc/"$pid"/task/*/comm; } 2>/dev/null

# for halted: more bytes come, slabcat is told to leave, and the time passes within which it would leave a stuck mover
cat_script() {
    cat >leave <<'END'
rig bytes 50000 >in
kill -TERM "$1"
sleep 1
kill -0 "$1"
END
}

# accounted ACCEPTED FILE...: each byte is in every FILE, or said not to be
accounted() {
    local accepted=$1 file
    shift
    adds_up || return 1
    [ "$(figure in_bytes)" = "$accepted" ] || { echo "$accepted accepted: $(cat err)"; return 1; }
    [ "$(figure uncertain_bytes)" = 0 ] || { echo "uncertain: $(cat err)"; return 1; }
    for file; do
        [ $((accepted - $(stat -c %s "$file"))) = "$(figure undelivered_bytes)" ] ||
            { echo "$(stat -c %s "$file") of $accepted in $file: $(cat err)"; return 1; }
    done
    [ "$(figure undelivered_bytes)" = 0 ] || [ "$(undelivered err)" = "$(figure undelivered_bytes)" ]
}

@test "a reader that is stopped while slabcat is told to leave is waited for: what the pipe holds is counted" {
    cat_script
    starts -o out --drain-timeout 100ms
    halted slabcat-reader bash leave "$pid"
    status_of "$pid"
    exec 4>&-
    [ "$status" = 3 ]
    accounted 50000 out
    [ "$(undelivered err)" = 50000 ]
}

@test "so are a writer, a worker and the only thread of -n 0" {
    needs_copying
    cat_script
    for thread in writer worker direct; do
        outputs=(-o out)
        [ "$thread" != worker ] || outputs=(-o out -o second)
        [ "$thread" != direct ] || outputs=(-o out -n 0)
        starts "${outputs[@]}" --drain-timeout 100ms
        halted "slabcat-$thread" bash leave "$pid"
        status_of "$pid"
        exec 4>&-
        # a worker has been given its job before it is late to leave, and does it
        if [ "$thread" = worker ]; then
            [ "$status" = 0 ]
            accounted 50000 out second
            rig check 50000 <second
        else
            [ "$status" = 3 ]
            accounted 50000 out
        fi
    done
}

@test "and after a second signal" {
    starts -o out
    cat >leave <<'END'
rig bytes 50000 >in
kill -TERM "$1"
sleep 0.3
kill -TERM "$1"
sleep 1
kill -0 "$1"
END
    halted slabcat-reader bash leave "$pid"
    status_of "$pid"
    exec 4>&-
    [ "$status" = 3 ]
    accounted 50000 out
    grep -q ': 50000 bytes were not delivered: told to leave at once$' err
}

@test "stopped and continued when all time is over, the movers still have their turn" {
    for i in 1 2 3 4 5; do
        starts -o out --drain-timeout 50ms
        kill -STOP "$pid"
        eventually 5 stopped "$pid"
        rig bytes 50000 >&4
        kill -TERM "$pid"
        sleep 0.1
        kill -CONT "$pid"
        status_of "$pid"
        exec 4>&-
        accounted 50000 out
    done
}

# chatted ARGUMENT...: a producer that writes until nobody takes it any more, into slabcat
chatted() {
    rm -f accepted
    starts "$@"
    rig chat accepted 1000 0 >&4 &
    track; producer=$!
    exec 4>&-
    eventually 5 test -s out
}

# told: slabcat hears TERM, and ends; the producer knows what has been accepted
told() {
    kill -TERM "$pid"
    status_of "$pid" 120 || return 1
    status_of "$producer" || return 1
    eventually 5 test -s accepted || return 1
    accounted "$(cat accepted)" out
}

# threads NAME...: their ids
threads() {
    local task name
    for task in /proc/"$pid"/task/*; do
        for name; do
            [ "$(cat "$task/comm")" != "slabcat-$name" ] || echo "${task##*/}"
        done
    done
}

# beside COUNT: as many loops that use up the first CPU we have
busy_beside() {
    local i
    cpu=$(taskset -cp "$BASHPID" | sed 's/.*: \([0-9]*\).*/\1/')
    loops=()
    for ((i = 0; i < $1; i++)); do
        taskset -c "$cpu" bash -c 'while :; do :; done' 3>&- 4>&- &
        track; loops+=("$!")
    done
}

@test "movers of SCHED_IDLE beside busy loops are waited for, and the numbers are exact" {
    chrt -i 0 true 2>/dev/null || skip "no SCHED_IDLE is to be had here"
    busy_beside 3
    for i in 1 2; do
        chatted -o out --drain-timeout 20ms
        for task in $(threads reader writer); do
            taskset -cp "$cpu" "$task"
            chrt -i -p 0 "$task"
        done >moved
        told
    done
    kill "${loops[@]}"
}

# a_thousandth: from now on the movers get a millisecond of CPU in a second, by the cgroup $group; all of slabcat where threads cannot be apart
a_thousandth() {
    local place task
    for place in /sys/fs/cgroup/cpu /sys/fs/cgroup; do
        group=$place/slabcat-$$-$BATS_TEST_NUMBER
        mkdir "$group" 2>/dev/null || continue
        if echo 1000000 >"$group/cpu.cfs_period_us" && echo 1000 >"$group/cpu.cfs_quota_us"; then
            for task in $(threads reader writer); do echo "$task" >"$group/tasks"; done
            return
        elif echo '1000 1000000' >"$group/cpu.max"; then
            echo "$pid" >"$group/cgroup.procs"
            return
        fi 2>/dev/null
        rmdir "$group"
    done
    return 1
}

@test "with a thousandth of a CPU the numbers are exact" {
    for i in 1 2 3; do
        chatted -o out --drain-timeout 20ms
        a_thousandth || skip "no cgroup limits the CPU here"
        result=0
        told || result=$?
        eventually 5 rmdir "$group"
        [ "$result" = 0 ]
    done
}

# hung CALLS AFTER ARGUMENT...: slabcat, from the pipe "in", with calls about the file "out" that do not return
hung() {
    rm -f in err
    : >out
    mkfifo in
    rig hang out "$1" "$2" "$SLABCAT" --pipe-size keep --drain-timeout 200ms --stats=json "${@:3}" <in 2>err 4>&- &
    track; holder=$!
    exec 4>in
    eventually 5 has_child "$holder" || skip "no call can be held up here"
    pid=$child
}

# it_ends: slabcat, which rig waits for
it_ends() {
    status_of "$holder"
    exec 4>&-
}

@test "a write that does not return: which, how long, and from how many to how many bytes are missing" {
    needs_copying
    for mode in '-s 4096 -n 16' '-s 4096 -n 0'; do
        # shellcheck disable=SC2086
        hung writev,splice 2 --zero-copy=never $mode -o out
        for i in 1 2 3 4; do
            rig bytes 1000 >&4
            [ "$i" -gt 2 ] || eventually 5 has_size out $((i * 1000))
        done
        eventually 5 holds_in_write
        kill -TERM "$pid"
        it_ends
        cat err
        [ "$status" = 3 ]
        adds_up
        has_size out 2000
        [ "$(figure out_bytes)" = 2000 ]
        grep -qE '^slabcat: out: write of [12]000 bytes has not returned for [0-9.]+(ms|s)$' err
        asked=$(sed -n 's/.*: write of \([0-9]*\) bytes has.*/\1/p' err)
        [ "$(figure uncertain_bytes)" = "$asked" ]
        in=$(figure in_bytes)
        if [[ $mode = *'-n 0' ]]; then
            # the only thread sits in the write, so nobody counts
            grep -qx 'slabcat: input: what it still holds is not counted' err
        else
            [ "$in" = 4000 ]
            not grep -q 'input:' err
        fi
        grep -qx "slabcat: out: $((in - 2000 - asked)) to $((in - 2000)) bytes were not delivered within 200ms" err
    done
}
holds_in_write() { grep -qhE '^(20|66|328) 0x' /proc/"$pid"/task/*/syscall; } 2>/dev/null

@test "a worker that does not come back: what the other output has counts" {
    needs_copying
    hung writev 1 -s 4096 -n 16 -o out -o second
    rig bytes 1000 >&4
    eventually 5 has_size out 1000
    rig bytes 3000 >&4
    eventually 5 has_size second 4000
    kill -TERM "$pid"
    it_ends
    cat err
    [ "$status" = 3 ]
    adds_up
    has_size out 1000
    asked=$(sed -n 's/slabcat: out: write of \([0-9]*\) bytes has not returned for .*/\1/p' err)
    [ "$asked" -gt 0 ]
    grep -qx "slabcat: outputs: $((3000 - asked)) to 3000 bytes were not delivered within 200ms" err
}

larger_than() { [ "$(stat -c %s "$2")" -gt "$1" ]; }

@test "compressed bytes that are stuck: what is in the compressor counts as not delivered" {
    needs_copying
    "$SLABCAT" --compress gzip </dev/null >/dev/null || skip "no gzip is built in"
    hung writev 2 --compress gzip -o out # a header, and what the first bytes have become
    rig bytes 10000 >&4
    eventually 5 larger_than 100 out
    rig bytes 20000 >&4
    eventually 5 holds_in_write
    kill -TERM "$pid"
    it_ends
    cat err
    [ "$status" = 3 ]
    adds_up
    [ "$(figure in_bytes)" = 30000 ]
    [ "$(figure undelivered_bytes)" = 20000 ]
    grep -qE '^slabcat: out: write of 20000 bytes has not returned' err
}

@test "an fsync that does not return is named" {
    hung fsync 0 --fsync -o out
    rig bytes 1000 >&4
    exec 4>&-
    eventually 5 has_size out 1000
    eventually 5 grep -qhE '^(74|82) 0x' /proc/"$pid"/task/*/syscall
    kill -TERM "$pid"
    it_ends
    cat err
    [ "$status" = 1 ]
    grep -qE '^slabcat: out: fsync has not returned for [0-9.]+ms$' err
    grep -qx 'slabcat: out: not synced or closed within 200ms' err
    [ "$(figure undelivered_bytes)" = 0 ]
}

@test "a read that does not return is named, and is no loss" {
    rig bytes 100000 >file
    rm -f out
    rig hang file read,preadv2 1 "$SLABCAT" --zero-copy=never -n 2 --drain-timeout 200ms -o out - file </dev/null 2>err &
    track; holder=$!
    eventually 5 has_child "$holder" || skip "no call can be held up here"
    eventually 5 has_size out 65536
    kill -TERM "$child"
    status_of "$holder"
    cat err
    [ "$status" = 0 ] # files are left where they are
    grep -qE '^slabcat: input: read has not returned for at least [0-9.]+ms$' err
    not grep -q 'not delivered' err
}

@test "of several outputs the one whose fsync does not return is named" {
    hung fsync 0 --fsync -s 4096 -o first -o out
    rig bytes 1000 >&4
    eventually 5 has_size first 1000
    eventually 5 has_size out 1000
    eventually 5 at_rest "$pid" # the writer knows what both hands have written
    exec 4>&-
    eventually 5 grep -qhE '^(74|82) 0x' /proc/"$pid"/task/*/syscall
    kill -TERM "$pid"
    it_ends
    cat err
    [ "$status" = 1 ]
    grep -qE '^slabcat: out: fsync has not returned for [0-9.]+(ms|s)$' err
}

@test "the only thread of -n 0 reads from the input, and not from the output" {
    rig bytes 100000 >file
    rm -f out
    rig hang file read,preadv2 1 "$SLABCAT" --zero-copy=never -n 0 --drain-timeout 200ms -o out - file </dev/null 2>err &
    track; holder=$!
    eventually 5 has_child "$holder" || skip "no call can be held up here"
    eventually 5 larger_than 0 out
    kill -TERM "$child"
    status_of "$holder"
    cat err
    grep -qE '^slabcat: input: read has not returned for at least [0-9.]+ms$' err
}

# has_spill: slabcat ($pid) has a file that has been deleted, which becomes "spill"; its descriptor goes into $spill_fd
has_spill() {
    local fd
    for fd in /proc/"$pid"/fd/*; do
        [[ $(readlink "$fd") == *'(deleted)' ]] || continue
        spill_fd=${fd##*/}
        ln -s "$fd" spill && return
    done
    return 1
}

# splices_to FD: a thread of slabcat ($pid) is in a splice to that descriptor, the third argument
splices_to() {
    local fd
    printf -v fd '0x%x' "$1"
    grep -qhE "^(275|76) 0x[0-9a-f]+ 0x[0-9a-f]+ $fd " /proc/"$pid"/task/*/syscall
}

@test "a spill that takes nothing any more is no input that does not answer" {
    needs_copying
    mkfifo in full
    rig hang spill splice 0 "$SLABCAT" --pipe-size keep -s 4096 -n 2 --on-full spill:. \
        --drain-timeout 200ms --stats=json <in 2>err 1<>full 4>&- &
    track; holder=$!
    exec 4>in
    eventually 5 has_child "$holder" || skip "no call can be held up here"
    pid=$child
    eventually 5 has_spill
    { rig bytes 200000 >&4 || true; } 2>/dev/null &
    track; producer=$!
    exec 4>&-
    eventually 5 splices_to "$spill_fd" || skip "the spill takes no pages"
    kill -TERM "$pid"
    status_of "$holder"
    kill "$producer" 2>/dev/null || true
    cat err
    [ "$status" = 3 ]
    adds_up
    grep -qE '^slabcat: spill in \.: splice has not returned for at least [0-9.]+ms$' err
}

@test "where /proc does not tell, the message says at most how many bytes are missing" {
    needs_copying
    [ -z "${SANITIZE:-}" ] || skip "a sanitizer wants /proc"
    # shellcheck disable=SC2016
    desert=(unshare -m bash -c 'mount -t tmpfs none /proc && exec "$@"' desert)
    "${desert[@]}" true 2>/dev/null || skip "no mount namespace can be had"
    : >out
    mkfifo in
    rig hang out writev 1 "${desert[@]}" "$SLABCAT" --zero-copy=never --drain-timeout 200ms --stats=json \
        -o out <in 2>err 4>&- &
    track; holder=$!
    exec 4>in
    eventually 5 has_child "$holder" || skip "no call can be held up here"
    rig bytes 1000 >&4
    eventually 5 has_size out 1000
    rig bytes 2000 >&4
    eventually 5 grep -qhE '^(20|66) 0x' /proc/"$child"/task/*/syscall
    kill -TERM "$child"
    status_of "$holder" 20
    exec 4>&-
    cat err
    [ "$status" = 3 ]
    adds_up
    grep -qx 'slabcat: out: at most 2000 bytes were not delivered within 200ms' err
}
