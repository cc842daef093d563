# rig dumpable, which tests of secrets rely on: what it must find it finds, and the rest it does not.
load helper

# The strings to look for are put together here, so that no file or command line holds them.
word() { printf '%s-%s-%s' sesame "$1" open; }

# keep yes|no OFFSET: a process that has the word there; its id goes into $kept
keep() {
    rig keep "$1" "$2" < <(word one) >kept &
    kept=$!
    track
    eventually 5 has_size kept 5
}

@test "a string in memory is found, wherever reads cut it" {
    needs_sight
    local offset
    for offset in 0 4090 65520 65521 65522 65525 65530 65535 65536 131065; do
        keep yes "$offset"
        run -0 rig dumpable "$kept" "$(word one)"
        [ "${#lines[@]}" = 1 ] || { echo "at $offset: $output"; return 1; }
        run -1 rig dumpable "$kept" "$(word two)"
        [ -z "$output" ]
        kill "$kept"
    done
}

@test "memory that is in no core dump does not count" {
    needs_sight
    keep no 65530
    run -1 rig dumpable "$kept" "$(word one)"
    # it is there all the same
    grep -q 'VmFlags:.* dd' /proc/"$kept"/smaps
}

@test "the environment is memory too" {
    needs_sight
    WORD=$(word one) sleep 100 3>&- &
    track
    eventually 5 grep -qz "$(word one)" /proc/"${started[0]}"/environ
    run -0 rig dumpable "${started[0]}" "$(word one)"
    [[ "$output" == *"[stack]"* ]]
}

@test "a process that cannot be looked into is not one without secrets" {
    run -2 rig dumpable 999999999 x
    run -2 rig dumpable self/nowhere x
    run -2 rig dumpable "$$" ""
}
