# Several outputs: every byte goes to each, in order, and one that fails harms no other.

load helper

size=$((20 << 20))

@test "several outputs: every byte goes to each" {
    mkfifo one two
    for mode in "" "--zero-copy=never" "-n 0" "-s 1000 -n 3"; do
        # shellcheck disable=SC2086
        rig bytes "$size" | "$SLABCAT" $mode -o a -o b
        rig check "$size" <a
        cmp a b
        rm a b
        rig check "$size" <one 3>&- &
        track; first=$!
        (sleep 0.1; exec rig check "$size") <two 3>&- &
        track; second=$!
        # shellcheck disable=SC2086
        rig bytes "$size" | "$SLABCAT" $mode -o fd:5 -o fd:6 -o - 5>one 6>two | rig check "$size"
        status_of "$first" 60
        [ "$status" = 0 ]
        status_of "$second" 60
        [ "$status" = 0 ]
    done
}

# all_but PATTERN ARGUMENT...: one output fails, with one line that matches; the others, a and b, get everything; exit 1
all_but() {
    local pattern=$1
    shift
    rm -f a b
    status=0
    rig bytes "$size" | "$SLABCAT" "$@" 2>err || status=$?
    echo "$*: status $status, $(cat err)"
    [ "$status" = 1 ] || return 1
    [ "$(grep -c . err)" = 1 ] || return 1
    grep -qE "^slabcat: $pattern$" err || return 1
    rig check "$size" <a && rig check "$size" <b
}

@test "several outputs, of which one fails: the others get everything, exit 1, one message" {
    for mode in "" "--zero-copy=never" "-n 0"; do
        # shellcheck disable=SC2086,SC2046
        for names in "/dev/full a b" "a /dev/full b" "a b /dev/full"; do
            all_but "/dev/full: write at byte 0: No space left on device" $mode $(printf -- ' -o %s' $names)
        done
        # shellcheck disable=SC2086
        all_but "fd:5: write at byte [0-9]+: Broken pipe" $mode -o a -o fd:5 -o b 5> >(head -c 100000 >/dev/null)
    done
}

@test "several outputs, all of which fail: there is no point in going on" {
    (rig bytes 4000000000 2>/dev/null || true) | "$SLABCAT" -o /dev/full -o fd:5 2>err 5> >(head -c 100000 >/dev/null) &
    track; pid=$!
    status_of "$pid" 20
    cat err
    [ "$status" = 1 ]
    [ "$(grep -c ' at byte ' err)" = 2 ]
}
