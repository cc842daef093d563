# The soak: a short one, and that it sees what it is there to see. `make soak` is the real one.

load helper

soak() { "$BATS_TEST_DIRNAME/../soak/soak" "$@"; }

# planted LINE...: slabcat with a fault, a script of these lines in which $real is the one that is tested
planted() {
    REAL=${REAL:-$SLABCAT} # at the second time SLABCAT is the script, which would start itself without end
    { printf '#!/bin/bash\nreal=%q\n' "$REAL" && printf '%s\n' "$@"; } >faulty
    chmod +x faulty
    export TMPDIR=$PWD SLABCAT=$PWD/faulty
}

# a round in which nothing is left to chance that would get in the way
plain=(bytes=50000 input=pipe outputs=pipe ending=eof disturbed=no policy=block limited=no ender=newline colors=no
    secrets=no compress=none digest=no stamp=none prefix=none fsync=no slab_count=8 slab_size=4096 zero_copy=auto)

# finds PATTERN ARGUMENT...: soak fails, and says that
finds() {
    local pattern=$1
    shift
    run -1 soak "$@"
    echo "$output"
    [[ $output =~ $pattern ]]
    [[ ${lines[-1]} != *' 0 failures' ]]
}

# nobody stands in the directories of a soak any more
all_gone() { ! find /proc/[0-9]* -maxdepth 1 -name cwd -lname "$PWD/soak.*" 2>/dev/null | grep -q .; }

@test "random rounds and steady ones, from a seed" {
    export TMPDIR=$PWD
    count=8
    [ "$SLOW" -lt 4 ] || count=4
    [ -z "$SANITIZE" ] || count=3
    SEED=1 run -0 soak --rounds "$count"
    echo "$output"
    [[ ${lines[0]} = 'soak: SEED=1' && ${lines[-1]} = "$count rounds, "*" bytes, "*" signals, 0 failures" ]]
    all_gone
    # nothing is kept of what went well
    [ -z "$(ls)" ]
}

@test "a seed is a round, whoever repeats it" {
    drawn() {
        bash -c '. "$1"; draw_round 4711; declare -p' x "$BATS_TEST_DIRNAME/../soak/draw.bash" |
            grep -vE ' (BASH|_|RANDOM|SRANDOM|EPOCH|PPID|SLOW)'
    }
    SLOW=1 drawn >once
    SLOW=4 drawn >twice
    diff once twice
    grep -q 'signals=' once
}

@test "a byte that is lost, or comes twice, is seen" {
    [ -z "$SANITIZE" ] || skip "it is not slabcat that is tested"
    planted '"$real" "$@" | { head -c 1000; head -c 1 >/dev/null; cat; }' 'exit "${PIPESTATUS[0]}"'
    finds 'not line [0-9]+ of the stream' --round 5 "${plain[@]}"
    planted '"$real" "$@" | { head -c 40000; cat >/dev/null; }' 'exit "${PIPESTATUS[0]}"'
    finds 'the end of line [0-9]+ is missing' --round 5 "${plain[@]}"
    [[ $output = *"--round 5"* && $output = *"$SLABCAT -s 4096 -n 8 "* ]]
    planted '"$real" "$@" | { tee copy | head -c 1000; cat >/dev/null; cat copy; }' 'exit "${PIPESTATUS[0]}"'
    finds 'not line [0-9]+ of the stream' --round 5 "${plain[@]}"
}

@test "statistics, messages and a status that do not agree are seen" {
    [ -z "$SANITIZE" ] || skip "it is not slabcat that is tested"
    planted '"$real" "$@" 2> >(sed "s/\"out_bytes\":/&1/" >&2)'
    finds 'bytes in, [0-9]+ accounted for' --round 5 "${plain[@]}"
    planted '"$real" "$@"' 'exit 3'
    finds 'status 3 where all went well' --round 5 "${plain[@]}"
    planted '"$real" "$@"' 'echo "oh dear" >&2'
    finds 'said: oh dear' --round 5 "${plain[@]}"
    planted 'head -c 10 >/dev/null' 'exec "$real" "$@"'
    finds '[0-9]+ bytes in, [0-9]+ accepted' --round 5 "${plain[@]}"
}

@test "what hangs, and what is left behind, is seen" {
    [ -z "$SANITIZE" ] || skip "it is not slabcat that is tested"
    planted 'exec sleep 60'
    PATIENCE=1 finds 'has not ended after 1 s' --round 5 "${plain[@]}"
    planted '"$real" "$@"' ': >core'
    finds 'left behind: core' --round 5 "${plain[@]}"
    planted "sleep $((5 * SLOW)) >/dev/null 2>&1 <&1 &" '"$real" "$@"'
    finds "left running: sleep $((5 * SLOW))" --round 5 "${plain[@]}"
}

@test "a steady one that takes ever more descriptors is seen" {
    [ -z "$SANITIZE" ] || skip "it is not slabcat that is tested"
    planted '[[ $* = *"-N screen"* ]] || exec "$real" "$@"' 'trap "" USR1' \
        'for ((;;)); do sleep 0.2 && exec {fd}</dev/null; done'
    run -1 "$BATS_TEST_DIRNAME/../soak/steady" "$PWD/steady" 5 1
    [[ $output =~ 'steady: screen holds '[0-9]+' descriptors' ]]
}

is_under_way() { compgen -G 'soak.*/steady/log.said' && compgen -G 'soak.*/*/spill'; } >/dev/null

@test "INT ends all of it" {
    export TMPDIR=$PWD
    hearing_int "$BATS_TEST_DIRNAME/../soak/soak" 1 >said 2>&1 &
    track
    eventually 10 is_under_way
    pause 0.3
    kill -INT "$!"
    status_of "$!"
    [ "$status" = 1 ]
    eventually 5 all_gone
}

@test "found by it: --start-fill of a ring that drops, and a file, which is never dropped of" {
    seq 100000 >numbers
    # the last slab has room left when the reader waits, but perhaps not for a line
    for policy in drop-newest drop-oldest; do
        for ring in '-s 64K -n 2' '-s 4K -n 7' '-s 300 -n 3'; do
            # shellcheck disable=SC2086
            timeout $((10 * SLOW)) "$SLABCAT" --on-full=$policy $ring --start-fill 100 <numbers | cmp - numbers
        done
    done
}
