# What every bats file loads: where things are, and how to wait for them.
# shellcheck shell=bash

bats_require_minimum_version 1.5.0

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    # of all that stands in a pipeline: slabcat is seldom the last
    set -o pipefail
    # what tests/run has measured: whatever has a limit in time is given so many times as much
    [ -n "${SLOW:-}" ] || SLOW=$([ -z "${SANITIZE:-}" ] && echo 1 || echo 10)
    export SLOW
    # nothing is ever written to it: pause waits there. It is not in the directory of the test, which some tests list.
    silence=$BATS_FILE_TMPDIR/silence
    [ -p "$silence" ] || mkfifo "$silence"
    started=()
}

teardown() {
    local pid
    for pid in "${started[@]}"; do
        kill -CONT "$pid" 2>/dev/null
        kill -KILL "$pid" 2>/dev/null
    done
    return 0
}

# slabcat ... & : a shell without job control has background jobs ignore INT; this one hears it
hearing_int() { exec env --default-signal=INT "$@"; }

# remember the last background process, so that teardown stops it
track() { started+=("$!"); }

# pause SECONDS: sleep without a process of its own, which on a slow machine costs more than a short sleep takes
pause() { read -rt "$1" <>"$silence" || true; }

# eventually SECONDS COMMAND...: run COMMAND again and again until it succeeds
eventually() {
    local until=$((SECONDS + $1 * SLOW + 1))
    shift
    until "$@"; do
        if ((SECONDS >= until)); then
            echo "did not come true in time: $*" >&2
            return 1
        fi
        pause 0.01
    done
}

# elapsed_ms SINCE: whole milliseconds since $EPOCHREALTIME was SINCE, into $elapsed_ms
elapsed_ms() { elapsed_ms=$(((${EPOCHREALTIME/[.,]/} - ${1/[.,]/}) / 1000)); }

# not COMMAND...: a plain "! command" that is not so does not fail a test; this does. A grep that has nothing to look
# into has found out nothing
not() {
    local status=0
    "$@" || status=$?
    [ "$status" != 0 ] && { [ "$1" != grep ] || [ "$status" = 1 ]; }
}

# in_three_tries COMMAND...: for a COMMAND that measures. It returns 1 when the figure is not good enough, which may be
# the fault of other programs on the machine: the best of three tries counts. It returns 2 when a result is wrong, which
# is never tried again.
in_three_tries() {
    local verdict
    for _ in 1 2 3; do
        verdict=0
        "$@" || verdict=$?
        [ "$verdict" = 1 ] || return "$verdict"
    done
    return 1
}

# found ARGUMENT...: grep -q for the end of a pipeline; it reads everything, so that nobody before it dies of SIGPIPE
found() { grep "$@" >/dev/null; }

# has_size FILE BYTES, has_at_least FILE BYTES: for eventually
has_at_least() { [ "$(stat -c %s "$1")" -ge "$2" ]; }
has_size() { [ "$(stat -c %s "$1")" = "$2" ]; }

# state_of FILE: the state letter in a /proc/.../stat, into $state; fails when the process is gone
state_of() {
    read -r state <"$1" || return 1
    state=${state##*) }
    state=${state:0:1}
} 2>/dev/null

# ended PID: the process is gone, or waits to be collected
ended() {
    local state=''
    ! state_of "/proc/$1/stat" || [ "$state" = Z ]
}

# status_of PID [SECONDS]: wait for a child, within a limit; its exit status goes into $status. While bash still has the
# job, and under pipefail, wait returns the status of the whole pipeline; when called again, that of the process.
status_of() {
    eventually "${2:-10}" ended "$1" || return 1
    wait "$1" || true
    status=0
    wait "$1" || status=$?
}

# stopped PID: SIGSTOP has taken effect on every thread
stopped() {
    local task state
    for task in /proc/"$1"/task/*/stat; do
        state=''
        state_of "$task" && [ "$state" = T ] || return 1
    done
}

# sleeps PID: all of its threads wait for something; none runs, or has yet to run
sleeps() {
    local task state
    for task in /proc/"$1"/task/*/stat; do
        state=''
        state_of "$task" && [ "$state" = S ] || return 1
    done
}

# cpu_ns PID: CPU time that all threads of a process have used; count_cpu puts it into $cpu_ns
cpu_ns() {
    local cpu_ns
    count_cpu "$1"
    echo "$cpu_ns"
}
count_cpu() {
    local task ns
    cpu_ns=0
    for task in /proc/"$1"/task/*/schedstat; do
        read -r ns _ <"$task" && cpu_ns=$((cpu_ns + ns))
    done
}

# switches PID: how many times its threads have gone to sleep
switches() {
    local task name value sum=0
    for task in /proc/"$1"/task/*/status; do
        while read -r name value; do
            [ "$name" != voluntary_ctxt_switches: ] || sum=$((sum + value))
        done <"$task"
    done
    echo "$sum"
}

# asleep PID: for a second, no CPU time and no waking up
asleep() {
    local cpu switches
    cpu=$(cpu_ns "$1")
    switches=$(switches "$1")
    pause 1
    cpu=$(($(cpu_ns "$1") - cpu))
    switches=$(($(switches "$1") - switches))
    echo "in a second: $cpu ns of CPU, woken $switches times"
    [ "$switches" = 0 ] && [ "$cpu" = 0 ]
}

# is_pouring PID: it has more than one thread, and signals are its own from there on
is_pouring() {
    local tasks=(/proc/"$1"/task/*)
    [ ${#tasks[@]} -ge 2 ]
}

# at_rest PID: it has got as far as it gets by itself: all of its threads sleep, and have used no CPU time for a moment.
# The thread sanitizer has one that wakes up ten times in a second.
at_rest() {
    local cpu_ns cpu idle=0
    [[ ${SANITIZE:-} != *thread* ]] || idle=2000000
    sleeps "$1" || return 1
    count_cpu "$1"
    cpu=$cpu_ns
    pause 0.05
    sleeps "$1" || return 1
    count_cpu "$1"
    [ $((cpu_ns - cpu)) -le "$idle" ]
}

# has_heard PID: no signal waits to be taken, and what was taken has been dealt with
has_heard() { has_no_signal "$1" && at_rest "$1"; }
has_no_signal() { not grep -qE '^(Sig|Shd)Pnd:.*[1-9a-f]' "/proc/$1/status"; }

# fill FD: write into that pipe until it takes no more
fill() { dd if=/dev/zero of="/dev/fd/$1" bs=4096 oflag=nonblock conv=notrunc 2>/dev/null || true; }

# held_by PID FILE: rig hold, with that stdout, keeps writes waiting; skips where that cannot be done
held_by() {
    eventually 5 begins_to_hold "$1" "$2" || return 1
    [ -s "$2" ] || skip "no slow disk can be had here"
}
begins_to_hold() { [ -s "$2" ] || ended "$1"; }

# in_bytes PID ERRFILE: what a running slabcat says it has read, by SIGUSR1
in_bytes() {
    local lines
    lines=$(grep -c '^slabcat: in ' "$2")
    kill -USR1 "$1" || return 1
    eventually 5 more_lines_than "$lines" "$2" || return 1
    sed -n 's/^slabcat: in  *\([0-9]*\) bytes.*/\1/p' "$2" | tail -n 1
}
more_lines_than() { [ "$(grep -c '^slabcat: in ' "$2")" -gt "$1" ]; }

# figure NAME [FILE]: from the last statistics in FILE (err), which are JSON
figure() { grep '^{' "${2:-err}" | tail -n 1 | grep -o "\"$1\":[^,}]*" | cut -d: -f2-; }

# adds_up [FILE]: these statistics account for every byte
adds_up() {
    local file=${1:-err} in out
    in=$(($(figure in_bytes "$file") + $(figure added_bytes "$file") + $(figure marked_bytes "$file")))
    out=$(($(figure out_bytes "$file") + $(figure removed_bytes "$file") + $(figure dropped_bytes "$file") +
        $(figure undelivered_bytes "$file") + $(figure held_bytes "$file")))
    [ "$in" = "$out" ] || { echo "$in in, $out accounted for: $(cat "$file")"; return 1; }
}

# undelivered FILE: the number in slabcat's last message about bytes it could not deliver
undelivered() { sed -n 's/.*: \([0-9]*\) bytes* w.* not delivered.*/\1/p' "$1" | tail -n 1; }

# undelivered_at_most FILE: the larger number where a call has not returned, "65536 to 69632 bytes were not delivered"
undelivered_at_most() { sed -n 's/.*: \([0-9]* to \)\{0,1\}\([0-9]*\) bytes* w.* not delivered.*/\2/p' "$1" | tail -n 1; }

# traced STRACE: wait for what the strace with that id has started; its id goes into $child
traced() { eventually 5 has_child "$1"; }

# has_child PID: process PID has started a program; its id goes into $child. A child with the name of PID is none: it
# has yet to become the program, or strace tries something out in it.
has_child() {
    local own name
    { read -r own <"/proc/$1/comm"; } 2>/dev/null || return 1
    for child in $(pgrep -P "$1"); do
        { read -r name <"/proc/$child/comm"; } 2>/dev/null && [ "$name" != "$own" ] && return
    done
    return 1
}

# needs_trace: skip unless strace works here
needs_trace() {
    command -v strace >/dev/null || skip "strace is not installed"
    strace -o /dev/null true 2>/dev/null || skip "tracing is not permitted here"
    [ -z "${SANITIZE:-}" ] || skip "a sanitized program cannot be traced"
}

# needs_copying: skip where pages have been insisted on, which the test's ends do not take
needs_copying() { [ "$ZERO_COPY" != always ] || skip "these ends take no pages"; }

# needs_terminal: skip unless there are pseudo terminals (a chroot without /dev/pts has none)
needs_terminal() { rig pty true </dev/null >/dev/null 2>&1 || skip "no pseudo terminal can be had"; }

# needs_sight: skip where the memory of other processes is hidden from us
needs_sight() { rig dumpable "$$" x >/dev/null 2>&1 || [ "$?" = 1 ] || skip "others' memory cannot be read here"; }

# refused PATTERN ARGUMENT...: exit 2, one line on stderr that matches, nothing on stdout, no byte read
refused() {
    local pattern=$1 left
    shift
    left=$({ "$SLABCAT" "$@" >out 2>err; echo "$?" >status; cat; } <<<"unread")
    [ "$(cat status)" = 2 ] || { echo "status $(cat status) for: $*"; return 1; }
    [ ! -s out ]
    [ "$left" = unread ] || { echo "a byte was read for: $*"; return 1; }
    [ "$(head -n 1 err | grep -cE -- "$pattern")" = 1 ] || { echo "$* says: $(cat err)"; return 1; }
    [ "$(grep -cv "^Try 'slabcat --help'.$" err)" = 1 ]
}
