# tests/run itself, on tests that are planted here, and rig's slow machine, which `make check-slow` runs it on.

load helper

# A build without slabcat, and with a rig that says of the machine what is in the file figures.
plant() {
    mkdir -p build/tests/cli
    printf '#!/bin/sh\n[ "$1" = machine ] && cat %q\n' "$PWD/figures" >build/tests/cli/rig
    chmod +x build/tests/cli/rig
    figures 1
}

# figures SLOW: what is measured from now on
figures() { echo "call_ns 86 spawn_us 770 wake_us 12 load_percent 104 slow $1" >figures; }

# program NAME LINE...: a test that is a shell script of these lines
program() {
    { echo '#!/bin/bash' && printf '%s\n' "${@:2}"; } >"$1"
    chmod +x "$1"
}

# runner [NAME=VALUE...] TEST...: tests/run with these tests of ours
runner() {
    local settings=()
    while [[ $1 = *=* ]]; do settings+=("$1") && shift; done
    env -u SLOW -u LANES BUILD="$PWD/build" SANITIZE= "${settings[@]}" "$BATS_TEST_DIRNAME/../run" "${@/#/$PWD/}"
}

# of whatever is in the memory of several tests only one may be there
alone='mkdir busy || echo "not ok 1"; sleep 0.3; rmdir busy; echo "ok 1"'

@test "SLOW is what has been measured, and every test gets it" {
    plant
    figures 3
    program test_heard 'echo "ok 1"' "echo \"\$SLOW\" >>$PWD/heard"
    printf '@test "x" { echo "$SLOW" >>%q; }\n' "$PWD/heard" >heard.bats
    run -0 runner test_heard heard.bats
    echo "$output"
    [ "${lines[0]}" = "the machine: a call takes 86 ns, the start of a program 770 us, a wake-up 12 us, the load is 1.0: SLOW=3" ]
    [ "$(cat heard)" = $'3\n3' ]
    [ "${lines[-1]}" = "2 passed, 0 failed" ]
}

@test "a SLOW that is given wins, if it is one; and where nothing can be measured it is a fast machine's" {
    plant
    figures 3
    program test_heard 'echo "ok 1 - $SLOW"' "echo \"\$SLOW\" >>$PWD/heard"
    run -0 runner SLOW=5 test_heard
    [[ ${lines[0]} = *"SLOW=5 is given" ]]
    for nonsense in 0 -1 1.5 many 99999; do
        run -2 runner SLOW=$nonsense test_heard
        [[ $output = *"SLOW is an integer"*"'$nonsense'" ]]
    done
    rm build/tests/cli/rig
    run -0 runner test_heard
    run -0 runner SANITIZE=address test_heard
    [ "$(tr '\n' ' ' <heard)" = "5 1 10 " ]
}

@test "a test that fails is reported with what the machine is now" {
    plant
    program test_fails 'echo "ok 1 - this is well"' 'echo "not ok 2 - this is not"'
    run -1 runner test_fails
    echo "$output"
    [[ $output = *$'not ok 2 - this is not\n# the machine is not slower than SLOW=1 says: a call takes 86 ns,'* ]]
    [ "${lines[-1]}" = "1 passed, 1 failed" ]

    # not before the other ones have ended, which are no load of somebody else's; what follows gets the new SLOW
    program test_slows 'echo "not ok 1"' "sed -i 's/slow .*/slow 4/' $PWD/figures" 'exit 1'
    program test_beside 'sleep 1' "touch $PWD/over" 'echo "ok 1"'
    sed -i "\$ s|\$|; [ -e $PWD/over ] \|\| [ ! -e $PWD/begun ] \|\| touch $PWD/early; touch $PWD/begun|" build/tests/cli/rig
    program test_heard 'echo "ok 1"' "echo \"\$SLOW\" >>$PWD/heard"
    run -1 runner LANES=2 test_beside test_slows test_heard
    echo "$output"
    [[ $output = *'# the machine has become slower, which may be the reason: SLOW was 1, and would now be 4: a call takes'* ]]
    [ "$(cat heard)" = 4 ]
    [ ! -e early ]
    [ "${lines[-1]}" = "2 passed, 1 failed" ]
    # each failure is tried once
    [ "$(grep -c '^not ok' <<<"$output")" = 1 ]
}

@test "a crash, no test at all and a skipped one are counted" {
    plant
    program test_crash 'echo "ok 1"' 'kill -SEGV $$'
    program test_none 'exit 0'
    program test_skip 'echo "ok 1"' 'echo "ok 2 # skip not today"'
    run -1 runner test_crash test_none test_skip
    echo "$output"
    [[ $output = *"# ended with status 139"* && $output = *"ok 2 # skip not today"* ]]
    [ "${lines[-1]}" = "2 passed, 2 failed, 1 skipped" ]
}

@test "as many files at a time as there are CPUs, and what is timed alone" {
    plant
    local i names=()
    # these end only when all of them run
    for i in 1 2 3; do
        program "test_$i" "touch $PWD/here.$i" "until [ -e $PWD/here.1 -a -e $PWD/here.2 -a -e $PWD/here.3 ]; do sleep 0.05; done" 'echo "ok 1"'
    done
    run -0 runner LANES=3 "FILE_LIMIT=$((20 * SLOW))" test_1 test_2 test_3
    # and these only one by one
    for i in 4 5 6; do program "test_$i" "cd $PWD" "$alone"; done
    run -0 rig busy 0 env -u SLOW BUILD="$PWD/build" SANITIZE= "$BATS_TEST_DIRNAME/../run" "$PWD"/test_[456]
    echo "$output"
    [ "${lines[-1]}" = "3 passed, 0 failed" ]
    run -1 runner LANES=3 test_4 test_5 test_6
    # those of the list timed
    for i in quiet proof; do program "$i" "cd $PWD" "$alone"; done
    run -0 runner LANES=3 quiet test_4 proof
    echo "$output"
    # which are also behind the others, in what is printed as well
    [ "$(grep -oE '^  [a-z_4]+' <<<"$output" | tr -d '\n')" = "  test_4  quiet  proof" ]
}

@test "the limit of a file is stretched by SLOW" {
    plant
    program test_long 'sleep 1.5' 'echo "ok 1"'
    run -0 runner FILE_LIMIT=1 SLOW=$((5 * SLOW)) test_long
    program test_hangs 'echo "ok 1"' "echo \$\$ >$PWD/hanging" 'exec sleep 600'
    local begun=$SECONDS
    run -1 runner FILE_LIMIT=1 SLOW=3 test_hangs
    echo "$output"
    [[ $output = *'did not end within 3 s'* ]]
    [ $((SECONDS - begun)) -ge 3 ]
    eventually 5 ended "$(cat hanging)"
    # a sanitizer has most of its SLOW in the length of its tests
    run -1 runner FILE_LIMIT=1 SLOW=10 SANITIZE=address test_hangs
    [[ $output = *'did not end within 3 s'* ]]
}

# longest_silence: of stdin's lines, in ms
longest_silence() {
    local last now longest=0
    last=${EPOCHREALTIME/./}
    while IFS= read -r _; do
        now=${EPOCHREALTIME/./}
        [ $((now - last)) -le "$longest" ] || longest=$((now - last))
        last=$now
    done
    echo $((longest / 1000))
}

@test "something says at least every 5 s what runs and how much is left" {
    plant
    program test_quick 'echo "ok 1"'
    program test_sleeps 'sleep 11' 'echo "ok 1"'
    runner LANES=2 test_sleeps test_quick | tee said | longest_silence >silence
    cat said silence
    [ "$(cat silence)" -le $((5000 * SLOW + 200)) ]
    grep -qE '^  \.\.\. 1 of 2 files done after 0:[0-9]+, about [0-9]+:[0-9]+ to go; test_sleeps [0-9]+ s$' said
    # not more of it than has to be, and nothing but text
    [ "$(grep -c 'files done' said)" -le 3 ]
    not grep -q '[^ -~]' said
    # what has been learnt for the next time
    [ "$(sed 's/^1[0-9]:test_sleeps$/found/' build/tests/took.1 | grep -c found)" = 1 ]
}

@test "on a terminal that is one line, which gives way to what is printed" {
    needs_terminal
    plant
    program test_quick 'echo "ok 1 # skip no reason"'
    program test_sleeps 'sleep 2.5' 'echo "ok 1"'
    export TERM=xterm
    runner LANES=1 test_quick test_sleeps >plain
    # shellcheck disable=SC2016
    rig pty env -u SLOW BUILD="$PWD/build" SANITIZE= LANES=1 bash -c 'stty cols 40; exec "$@"' x \
        "$BATS_TEST_DIRNAME/../run" "$PWD/test_quick" "$PWD/test_sleeps" </dev/null >screen
    cat -v screen
    # drawn more than once, never wider than the screen
    [ "$(grep -o $'\r[0-9]* of 2 files done after' screen | wc -l)" -ge 2 ]
    not grep -qE $'\r[^\r]{40,}\033\\[K' screen
    # what is left on it is what a file gets
    sed -E $'s/\r$//; s/^.*\r\033\\[K//' screen >left
    diff <(sed 's/, [0-9]* s$//' plain) <(sed 's/, [0-9]* s$//' left)
    # a terminal that cannot erase gets lines
    TERM=dumb rig pty env -u SLOW BUILD="$PWD/build" SANITIZE= "$BATS_TEST_DIRNAME/../run" "$PWD/test_sleeps" </dev/null >screen
    not grep -q $'\033' screen
}

@test "what is interrupted leaves nothing running" {
    plant
    program test_hangs "echo \$\$ >$PWD/hanging" 'exec sleep 600'
    hearing_int env -u SLOW BUILD="$PWD/build" SANITIZE= "$BATS_TEST_DIRNAME/../run" "$PWD/test_hangs" &
    track
    eventually 10 test -s hanging
    kill -INT "$!"
    status_of "$!"
    [ "$status" = 1 ]
    eventually 10 ended "$(cat hanging)"
}

# slow_for FIGURE...: the SLOW of a machine with these
slow_for() { rig machine "$@" | sed 's/.* slow //'; }

@test "SLOW is 1 on a fast machine, more on a slower one, and neither too much nor a fraction" {
    export SANITIZE=
    [ "$(slow_for 150 1000 60 100)" = 1 ]
    [ "$(slow_for 300 1500 150 125)" = 2 ]
    # calls: alone, and when the CPU is shared as well
    [ "$(slow_for 1050 800 10 100)" = 4 ]
    [ "$(slow_for 1050 800 10 150)" = 6 ]
    # programs, wake-ups, load
    [ "$(slow_for 100 4500 10 100)" = 3 ]
    [ "$(slow_for 100 800 300 100)" = 2 ]
    [ "$(slow_for 100 800 10 500)" = 5 ]
    # whatever is beyond all measure, and what could not be measured
    [ "$(slow_for 90000 900000 90000 9000)" = 8 ]
    [ "$(slow_for 0 0 0 0)" = 1 ]
    SANITIZE=thread
    [ "$(slow_for 100 800 10 100)" = 10 ]
    [ "$(slow_for 100 800 10 200)" = 20 ]
    [ "$(slow_for 100 800 10 700)" = 40 ]
}

# measured NAME [COMMAND...]: that figure of rig machine, run by COMMAND
measured() { "${@:2}" rig machine | sed "s/.*\<$1 \([0-9]*\).*/\1/"; }

needs_filters() { rig deny splice EPERM true || skip "calls cannot be made slower here"; }

@test "rig slow makes every call cost 1 us more, and its programs may still become others" {
    needs_filters
    local fast slow
    dearer() {
        fast=$(measured call_ns)
        slow=$(measured call_ns rig slow)
        echo "$fast ns, slowed down: $slow ns"
        [ "$slow" -ge $((fast + 1000)) ] && [ "$slow" -le $((fast + 4000)) ]
    }
    in_three_tries dearer
    run -3 rig slow bash -c 'exit 3'
    if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
        [ "$(rig slow setpriv --reuid=65534 --clear-groups id -u)" = 65534 ]
        [ "$(rig slow grep NoNewPrivs /proc/self/status)" = "$(grep NoNewPrivs /proc/self/status)" ]
    fi
    # other filters may be added
    rig slow rig deny splice EPERM true
}

@test "rig busy: one CPU, which others want as well, as long as the command runs" {
    [ "$(rig busy 0 nproc)" = 1 ]
    # at least: two threads on one CPU with three loops beside them
    shared() { [ "$(measured load_percent rig busy 3)" -ge 400 ]; }
    in_three_tries shared
    # the loops are children of what rig becomes
    rig busy 3 sleep 600 &
    track
    has_loops() { loops=$(pgrep -P "$1" -x 'busy loop') && [ "$(wc -l <<<"$loops")" = 3 ]; }
    eventually 10 has_loops "$!"
    kill -KILL "$!"
    for pid in $loops; do eventually 10 ended "$pid"; done
}

@test "a machine that rig has made slow is seen to be" {
    needs_filters
    program test_heard 'echo "ok 1"' "echo \"\$SLOW\" >>$PWD/heard"
    run -0 env -u SLOW SANITIZE= rig busy 3 rig slow "$BATS_TEST_DIRNAME/../run" "$PWD/test_heard"
    echo "$output"
    [ "$(cat heard)" = 8 ]
}

@test "status_of returns the status of the process, not that of its pipeline" {
    for _ in 1 2 3; do
        (pause 0.1 && exit 7) | true &
        track
        status_of "$!"
        [ "$status" = 0 ]
    done
}

@test "many tests that crash are all counted" {
    plant
    local i names=()
    for i in {1..20}; do
        program "test_$i" 'echo "ok 1"' 'kill -SEGV $$'
        names+=("test_$i")
    done
    run -1 runner LANES=2 "${names[@]}"
    echo "$output"
    [ "${lines[-1]}" = "20 passed, 20 failed" ]
}
