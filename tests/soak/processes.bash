# Processes that a script of the soak has started, and has to stop.
# shellcheck shell=bash

started=()

# nothing is ever written to it; pause waits there
silence=$(mktemp -u "${TMPDIR:-/tmp}/soak.silence.XXXXXX") && mkfifo "$silence" && exec {silent}<>"$silence" &&
    rm "$silence" || exit 1

# pause SECONDS: sleep without a process of its own, which on a slow machine costs more than a short sleep takes
pause() { read -rt "$1" -u "$silent" || true; }

# remember the last background process
track() { started+=("$!"); }

# state_of PID: its state and its parent, from /proc, into $state and $parent; fails when it is gone
state_of() {
    local rest
    { read -r rest <"/proc/$1/stat"; } 2>/dev/null || return 1
    read -r state parent _ <<<"${rest##*) }"
}

# it has ended, whether it has been waited for or not. "wait -n" would not do: bash forgets what ends meanwhile.
is_gone() {
    local state parent
    ! state_of "$1" || [ "$state" = Z ]
}

# it waits for something: it neither runs, nor has it yet to run
is_waiting() {
    local state parent
    state_of "$1" && [ "$state" = S ]
}

# stop PID: only a child of ours, for the number of one that has ended may be another's by now
stop() {
    local state parent
    state_of "$1" && [ "$parent" = "$$" ] || return 0
    kill -KILL "$1" 2>/dev/null
}

stop_all() {
    local process
    for process in "${started[@]}"; do stop "$process"; done
    wait 2>/dev/null
}
