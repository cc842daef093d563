# Every policy with every kind of output and every end: nothing is lost in silence, nothing comes twice or out of order,
# and the count is right to the byte.

load helper

policies="block drop-newest drop-oldest drop-newest,marks drop-oldest,marks spill"

# options_of POLICY: into the array options
options_of() {
    options=(--on-full "${1%,marks}")
    [ "$1" = "${1%,marks}" ] || options+=(--mark-gaps)
    # lines have to be seen
    [[ $ZERO_COPY != always || $1 != drop-* ]] || return 1
}

# at the end nothing is held
adds_up_to_the_end() { adds_up && [ "$(figure held_bytes)" = 0 ]; }

# in_order FILE: whole lines, their numbers rising; the last one may be cut if $may_be_cut says so
in_order() {
    awk -v may_be_cut="${may_be_cut:-0}" '
        /^slabcat: [0-9,]+ lines? \([0-9,]+ bytes?\) dropped here$/ { next }
        was_bad { exit }
        { was_bad = $0 !~ /^[0-9][0-9][0-9][0-9][0-9][0-9][0-9]$/ || $1 + 0 <= last; last = $1 + 0 }
        END { exit was_bad && !(may_be_cut && length($0) < 7) }' "$1"
}

# all that was sent, but for what was dropped
is_complete() {
    [ $(($(grep -vc '^slabcat: ' "$1") + $(figure dropped_lines))) = "$lines" ]
}

# STATUS is that of a pour that has dropped lines, or of one that has not
says_what_was_dropped() {
    echo "$policy: status $1, $(cat err)"
    [ "$1" = "$([ "$(figure dropped_bytes)" = 0 ] && echo 0 || echo 3)" ]
}

lines=60000
numbers() { seq 1000001 $((1000000 + lines)); }

@test "into a pipe that stalls" {
    for policy in $policies; do
        options_of "$policy" || continue
        for ring in "-s 4096 -n 4" "-s 64K -n 2" "-s 300 -n 100"; do
            # shellcheck disable=SC2086
            numbers | { echo 0 >status; "$SLABCAT" "${options[@]}" $ring --stats=json 2>err || echo $? >status; } |
                (pause 0.1; cat) >out
            adds_up_to_the_end
            in_order out
            is_complete out
            # where they are seen; those that say what is missing have gone out as well
            [ "$(figure in_lines)" = null ] || {
                [ "$(figure in_lines)" = $((lines)) ]
                [ "$(figure out_lines)" = "$(wc -l <out)" ]
            }
            [[ $policy != drop-* ]] || [ "$(figure in_lines)" = $((lines)) ]
            says_what_was_dropped "$(cat status)"
        done
    done
}

@test "into two files and a pipe that stalls" {
    for policy in $policies; do
        options_of "$policy" || continue
        rm -f a b
        numbers | {
            echo 0 >status
            "$SLABCAT" "${options[@]}" -s 4096 -n 8 -o a -o b -o - --stats=json 2>err || echo $? >status
        } | (pause 0.1; cat) >out
        says_what_was_dropped "$(cat status)"
        adds_up_to_the_end
        in_order out
        is_complete out
        cmp a b
        cmp a out
    done
}

@test "into a pipe that goes, while a file gets everything" {
    for policy in $policies; do
        options_of "$policy" || continue
        rm -f a
        status=0
        numbers | "$SLABCAT" "${options[@]}" -s 4096 -n 8 -o a -o fd:7 --stats=json 2>err 7> >(sleep 0.1; exec head -c 20000 >/dev/null) || status=$?
        echo "$policy: status $status, $(cat err)"
        # so much may have been dropped that the pipe took the rest
        [ "$status" = 1 ] || [[ $policy = drop-* && $status = 3 ]]
        [ "$status" = "$(grep -q 'Broken pipe' err && echo 1 || echo 3)" ]
        adds_up_to_the_end
        in_order a
        is_complete a
    done
}

@test "into a connection that stalls, and into one that breaks and comes back" {
    for policy in $policies; do
        options_of "$policy" || continue
        for plan in "s200,r" "r100000,x r"; do
            [ "$plan" = "s200,r" ] || [ "$ZERO_COPY" != always ] || continue # what is kept is copied
            rm -f where got.*
            again=()
            [ "$plan" = "s200,r" ] || again=(--reconnect)
            # shellcheck disable=SC2086
            peer -b 65536 -o got where $plan >said &
            track; peer=$!
            eventually 5 [ -s where ]
            ended_with=0
            numbers | "$SLABCAT" "${options[@]}" -s 4096 -n 64 -o "tcp://127.0.0.1:$(cat where)" "${again[@]}" \
                --stats=json 2>err || ended_with=$?
            says_what_was_dropped "$ended_with"
            status_of "$peer"
            adds_up_to_the_end
            [ "$(figure undelivered_bytes)" = 0 ]
            may_be_cut=1 in_order got.1
            [ "$plan" != "s200,r" ] || is_complete got.1
        done
    done
}

# ended_by SIGNAL: a pour whose consumer has stalled is told to end
ended_by() {
    local pid fed
    rm -f in out got
    mkfifo in out
    exec 5<>out
    hearing_int "$SLABCAT" "${options[@]}" -s 4096 -n 8 --drain-timeout 200ms --stats=json <in >out 2>err 5>&- &
    track; pid=$!
    exec 6<out 5>&- 7>in
    (numbers >&7; sleep 5) 2>/dev/null &
    track; fed=$!
    exec 7>&-
    eventually 10 at_rest "$pid"
    kill "-$1" "$pid"
    status_of "$pid"
    kill "$fed" 2>/dev/null || true
    cat <&6 >got
    exec 6<&-
    adds_up_to_the_end
    may_be_cut=1 in_order got
    [ "$(figure out_bytes)" = "$(stat -c %s got)" ]
    [ "$status" = 3 ]
}

@test "TERM and INT in a stall" {
    for policy in $policies; do
        options_of "$policy" || continue
        ended_by TERM
        ended_by INT
    done
}
