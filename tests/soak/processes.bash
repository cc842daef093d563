# Processes that a script of the soak has started, and has to stop.
# shellcheck shell=bash

started=()

# remember the last background process
track() { started+=("$!"); }

# it has ended, whether it has been waited for or not. "wait -n" would not do: bash forgets what ends meanwhile.
is_gone() { [ ! -e "/proc/$1" ] || grep -q '^State:.Z' "/proc/$1/status" 2>/dev/null; }

# stop PID: only a child of ours, for the number of one that has ended may be another's by now
stop() {
    grep -qx "PPid:.$$" "/proc/$1/status" 2>/dev/null || return 0
    kill -KILL "$1" 2>/dev/null
}

stop_all() {
    local process
    for process in "${started[@]}"; do stop "$process"; done
    wait 2>/dev/null
}
