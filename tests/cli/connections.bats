# Connections as outputs: made before a byte is read, found dead, made again, and ended such that a clean exit means
# that the peer has taken everything. At the other side stands tests/cli/peer.c, which does exactly what it is told.

load helper

# serve [OPTION...] PLAN...: a peer, and $to is where to reach it; what connection N brought is in got.N, how it went in said
serve() {
    local options=()
    while [[ $1 = -* ]]; do
        options+=("$1" "$2")
        shift 2
    done
    rm -f where got.*
    peer -o got "${options[@]}" where "$@" >said 2>peer-err &
    track; peer=$!
    eventually 5 [ -s where ]
    to=tcp://127.0.0.1:$(cat where)
}
serve_tcp() { serve "$@"; }
serve_unix() {
    rm -f socket
    serve -u socket "$@"
    to=unix:socket
}

# its plan is over, and it ended well
served() { status_of "$peer" && [ "$status" = 0 ]; }

# to_peer ARGUMENT...: the test stream of $length bytes; $status and err
to_peer() {
    status=0
    rig bytes "$length" 2>/dev/null | "$SLABCAT" -o "$to" "$@" 2>err || status=$?
}

# stream FROM LENGTH: a part of the test stream, of which whole is a copy
stream() { head -c $(($1 + $2)) whole | tail -c "$2"; }

@test "everything arrives, over TCP and unix sockets, by name and by number" {
    length=3000000
    for kind in tcp unix; do
        for ring in "-s 64K" "-n 0" "-s 4096 -n 2"; do
            [ "$ZERO_COPY" != always ] || [ "$ring" != "-s 4096 -n 2" ] || continue
            "serve_$kind" r
            # shellcheck disable=SC2086
            to_peer $ring
            [ "$status" = 0 ] || { cat err; false; }
            served
            rig check "$length" <got.1
            [ "$(cat said)" = "1 $length ended" ]
        done
    done
    serve r
    to=tcp://localhost:$(cat where)
    to_peer
    [ "$status" = 0 ]
    served
    rig check "$length" <got.1
}

@test "files go to a connection without a ring" {
    rig bytes 3000000 >whole
    serve r
    "$SLABCAT" -o "$to" --explain whole 2>err
    served
    rig check 3000000 <got.1
    [ "$ZERO_COPY" = never ] || grep -qx 'slabcat: way: sendfile, without a ring: file to socket' err
}

@test "what the peer says meanwhile is no reason to lose what it has not read" {
    # a plain close() with that unread would reset the connection, and destroy megabytes on their way
    length=3000000
    for kind in tcp unix; do
        "serve_$kind" -b 65536 w100000,s300,r
        to_peer
        [ "$status" = 0 ]
        served
        rig check "$length" <got.1
        "serve_$kind" r1000000,w100000,r
        to_peer -n 0
        [ "$status" = 0 ]
        served
        rig check "$length" <got.1
    done
}

@test "a clean exit waits for the peer, which has not read everything yet" {
    rig bytes 300000 >whole
    serve -b 65536 s700,r
    began=$EPOCHREALTIME
    "$SLABCAT" -o "$to" <whole
    elapsed_ms "$began"
    served
    [ "$elapsed_ms" -ge 600 ]
    rig check 300000 <got.1
}

@test "a peer that does not close in time: exit 1, and what it has not taken is counted" {
    length=100000
    for ring in "-n 8" "-n 0"; do
        serve r,h
        # shellcheck disable=SC2086
        to_peer --drain-timeout 300ms $ring
        [ "$status" = 1 ]
        [ "$(cat err)" = "slabcat: $to: wait for the peer to close: Connection timed out" ]
        rig check 100000 <got.1
        kill "$peer"
    done
}

@test "--drain-timeout 0 does not wait for the peer to close, and claims nothing that is not acknowledged" {
    length=100000
    for ring in "-n 8" "-n 0"; do
        for kind in tcp unix; do
            "serve_$kind" r,h
            # shellcheck disable=SC2086
            leaves_with_all $ring
            rig check 100000 <got.1
            kill "$peer"
            # nobody reads, and a unix socket acknowledges nothing else
            "serve_$kind" h
            length=5000
            # shellcheck disable=SC2086
            to_peer --drain-timeout 0 $ring
            [ "$kind $status" = "tcp 0" ] || {
                [ "$status" = 1 ]
                [ "$(head -n 1 err)" = "slabcat: $to: wait for what was sent to be acknowledged: Connection timed out" ]
                [ "$(undelivered err)" = 5000 ]
            }
            length=100000
            kill "$peer"
        done
    done
}
# the input ends when the peer has read everything, so that it takes no time to acknowledge it
leaves_with_all() {
    status=0
    { rig bytes "$length"; eventually 5 has_size got.1 "$length"; } |
        "$SLABCAT" -o "$to" --drain-timeout 0 "$@" 2>err || status=$?
    [ "$status" = 0 ] && [ ! -s err ]
}

@test "a connection that is reset: exit 1, where, and how much has not arrived" {
    length=6000000
    for plan in r1000000,x r1000000; do
        for ring in "-n 8" "-n 0"; do
            serve "$plan"
            # shellcheck disable=SC2086
            to_peer --stats=json $ring
            [ "$status" = 1 ]
            served
            rig check 1000000 <got.1
            at=$(sed -n 's/.*: write at byte \([0-9]*\): .*/\1/p' err)
            # its kernel may have taken more than it has read, never less but for a late confirmation
            [ "$at" -ge 900000 ]
            [ "$(grep -c '^slabcat: .*write at byte' err)" = 1 ]
            [ "$(figure out_bytes)" = "$at" ] || { cat err; false; }
            [ $(($(figure in_bytes) - $(figure out_bytes))) = "$(figure undelivered_bytes)" ]
            # all that the producer had come to write may be on the other side by then
            [ "$(figure undelivered_bytes)" = 0 ] ||
                grep -qx "slabcat: $to: $(figure undelivered_bytes) bytes were not delivered" err
        done
    done
}

@test "a peer that closes its side only may still read" {
    length=3000000
    serve f,r
    to_peer
    [ "$status" = 0 ]
    served
    rig check "$length" <got.1
}

@test "nobody listens, nobody knows the name: exit 1, one line, and not a byte is read" {
    serve r
    kill "$peer"
    wait "$peer" || true
    for where in "$to" unix:nothing "tcp://no-such-host.invalid:1" tcp://127.0.0.1:no-such-service; do
        status=0
        left=$({ "$SLABCAT" -o "$where" 2>err; echo $? >status; cat; } <<<unread)
        [ "$(cat status)" = 1 ]
        [ "$left" = unread ]
        [ "$(wc -l <err)" = 1 ]
        [[ "$(cat err)" == "slabcat: $where: connect: "* ]] || { cat err; false; }
    done
    # who is not known by that name is not waited for, as one would be who does not listen yet
    left=$({
        timeout $((10 * SLOW)) "$SLABCAT" -o tcp://no-such-host.invalid:1 --reconnect 2>err
        echo $? >status
        cat
    } <<<unread)
    [ "$(cat status)" = 1 ]
    [ "$left" = unread ]
    # nor is another output touched
    echo kept >file
    status=0
    "$SLABCAT" -o file -o "$to" </dev/null 2>err || status=$?
    [ "$status" = 1 ]
    [ "$(cat file)" = kept ]
}

@test "--reconnect=resend: nothing that the peer's kernel had not taken is missing" {
    needs_copying # what has to be kept
    length=8000000
    rig bytes "$length" >whole
    for kind in tcp unix; do
        # one that had read all it was sent before it went; one that was reset
        for plan in r1000000,x r1000000; do
            "serve_$kind" "$plan" "$plan" r
            to_peer --reconnect --stats=json
            [ "$status" = 0 ] || { cat err; false; }
            served
            [ "$(figure reconnects)" = 2 ]
            [ "$(figure out_bytes)" = "$length" ]
            [ "$(figure undelivered_bytes)" = 0 ]
            [ "$(grep -c 'connecting again$' err)" = 2 ]
            [ "$(grep -c ': connected after ' err)" = 2 ]
            # the last connection's bytes are the stream's end, in order, each once
            cmp got.3 <(tail -c "$(stat -c %s got.3)" whole)
            # what came twice is no more than what was sent again
            [ "$(cat got.* | wc -c)" -le $((length + $(figure resent_bytes))) ]
            # it begins where the one before broke, at the latest
            at=$(sed -n 's/.*: write at byte \([0-9]*\): .*/\1/p' err | tail -n 1)
            [ "$(stat -c %s got.3)" = $((length - at)) ]
        done
    done
}

@test "--reconnect=resend: what a unix peer has not read when it goes is sent again" {
    # what lay unread goes with it, and no longer counts as on its way: a stalled one, and one in the middle of a write
    length=4000000
    rig bytes "$length" >whole
    for ring in "-m 16M" "-s 4K -n 4"; do
        for plan in r200000,s100,r100000,s50 r1300000,x; do
            for _ in 1 2 3; do
                serve_unix "$plan" r
                # shellcheck disable=SC2086
                to_peer --reconnect $ring
                [ "$status" = 0 ] || { cat err; false; }
                served
                [ $(($(stat -c %s got.1) + $(stat -c %s got.2))) -ge "$length" ] ||
                    { echo "missing with $ring $plan"; cat said err; false; }
                cmp got.2 <(tail -c "$(stat -c %s got.2)" whole)
            done
        done
    done
}

@test "a peer that had read everything before it closed: not a byte is missing or doubled" {
    needs_copying # what has to be kept
    # it closes in silence: what it has read is all that was sent
    serve r500000 r
    mkfifo in
    "$SLABCAT" -o "$to" --reconnect --stats=json <in 2>err &
    track; pid=$!
    exec 7>in
    rig bytes 2000000 >whole
    stream 0 500000 >&7
    eventually 5 [ -s said ]
    eventually 5 grep -q 'connected after' err
    stream 500000 1500000 >&7
    exec 7>&-
    status_of "$pid"
    [ "$status" = 0 ]
    served
    cat got.1 got.2 | rig check 2000000
    [ "$(figure resent_bytes)" = 0 ]
    grep -qx "slabcat: $to: write at byte 500000: closed by the peer; connecting again" err
}

@test "--on-reconnect=skip: nothing comes twice, and what is at risk is counted" {
    needs_copying # what has to be kept
    length=8000000
    rig bytes "$length" >whole
    serve -b 65536 r1000000,x r
    to_peer --reconnect --on-reconnect=skip --stats=json
    ended_with=$status
    served
    [ "$(figure reconnects)" = 1 ]
    risk=$(figure at_risk_bytes)
    [ "$(figure resent_bytes)" = 0 ]
    first=$(stat -c %s got.1) second=$(stat -c %s got.2)
    cmp got.1 <(head -c "$first" whole)
    cmp got.2 <(tail -c "$second" whole)
    [ $((first + second)) -le "$length" ]
    if [ "$risk" = 0 ]; then
        [ "$ended_with" = 0 ]
    else
        [ "$ended_with" = 3 ]
        grep -qE "^slabcat: $to: $risk bytes? at risk: " err
    fi
}

@test "--on-reconnect=skip: what is at risk is counted once, although nobody comes back" {
    needs_copying # what has to be kept
    # its buffer is small, ours is not; and who comes again is refused
    serve -b 65536 l,r100000,s300,x
    rig bytes 8000000 | "$SLABCAT" -m 16M -o "$to" --reconnect --on-reconnect=skip --drain-timeout 300ms --stats=json 2>err &
    track; pid=$!
    eventually 10 grep -q 'connecting again$' err
    kill -TERM "$pid"
    status_of "$pid"
    [ "$status" = 3 ]
    at=$(sed -n 's/.*: write at byte \([0-9]*\): .*/\1/p' err)
    risk=$(figure at_risk_bytes)
    echo "at $at, risk $risk, out $(figure out_bytes)"
    [ "$at" -ge 100000 ]
    [ "$at" -le 1000000 ]
    [ "$risk" -gt 0 ]
    [ "$(figure out_bytes)" = $((at + risk)) ]
    [ "$(figure undelivered_bytes)" = $(($(figure in_bytes) - at - risk)) ]
}

@test "while there is no connection the ring absorbs, and the first one may come late" {
    needs_copying # what has to be kept
    serve r
    port=$(cat where)
    kill "$peer"
    wait "$peer" || true
    rig bytes 300000 | "$SLABCAT" -o "tcp://127.0.0.1:$port" --reconnect 2>err &
    track; pid=$!
    eventually 5 grep -q 'trying again' err
    serve -l "$port" r
    status_of "$pid"
    [ "$status" = 0 ]
    served
    rig check 300000 <got.1
}

@test "nothing is left to send: no connection is waited for" {
    mkfifo in
    # all of it had been acknowledged when it broke; the end of the input comes later
    serve r10
    "$SLABCAT" -o "$to" --reconnect <in 2>err &
    track; pid=$!
    exec 7>in
    printf 0123456789 >&7
    served
    eventually 5 grep -q 'connecting again$' err
    exec 7>&-
    status_of "$pid"
    [ "$status" = 0 ]
    # it breaks when everything has been sent, and none of that is sent again
    length=3000000
    serve -b 65536 r100000,s300,x
    to_peer -m 16M --reconnect --on-reconnect=skip --stats=json
    [ "$status" = 3 ]
    served
    [ "$(figure reconnects)" = 1 ]
    [ "$(figure at_risk_bytes)" -gt 0 ]
    [ "$(figure undelivered_bytes)" = 0 ]
    # there has never been one
    status=0
    "$SLABCAT" -o "$to" --reconnect </dev/null 2>err || status=$?
    [ "$status" = 0 ]
}

@test "TERM while there is no connection: all that was accepted is counted" {
    needs_copying # what has to be kept
    serve r
    to="tcp://127.0.0.1:$(cat where)"
    kill "$peer"
    wait "$peer" || true
    mkfifo in
    "$SLABCAT" -o "$to" --reconnect --drain-timeout 200ms --stats=json <in 2>err &
    track; pid=$!
    exec 7>in
    rig bytes 30000 >&7
    eventually 5 grep -q 'trying again' err
    kill -TERM "$pid"
    status_of "$pid"
    exec 7>&-
    [ "$status" = 3 ]
    [ "$(undelivered err)" = 30000 ]
    [ "$(figure undelivered_bytes)" = 30000 ]
}

@test "TERM while a connection rests: it is tried at once" {
    serve r
    port=$(cat where)
    kill "$peer"
    wait "$peer" || true
    mkfifo in
    "$SLABCAT" -o "tcp://127.0.0.1:$port" --reconnect --drain-timeout "$((SLOW * 300))ms" <in 2>err &
    track; pid=$!
    exec 7>in
    rig bytes 30000 >&7
    eventually 5 grep -q 'trying again' err
    # the rest that goes on now takes 0.8 s at least, mostly more
    sleep 3.2
    serve -l "$port" r
    kill -TERM "$pid"
    status_of "$pid"
    exec 7>&-
    [ "$status" = 0 ] || { cat err; false; }
    served
    rig check 30000 <got.1
}

@test "a peer that takes connections and drops them is left alone for longer and longer" {
    serve x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x
    mkfifo in
    "$SLABCAT" -o "$to" --reconnect <in 2>err &
    track; pid=$!
    exec 7>in
    for _ in {1..100}; do
        echo something >&7
        pause 0.02
    done
    # 15 of them, if each rest were the first one
    [ "$(wc -l <said)" -le 8 ] || { cat err; false; }
}

@test "idle, with a connection: no wake-up" {
    [ -z "$SANITIZE" ] || skip "a sanitizer has threads of its own"
    serve r
    mkfifo in
    "$SLABCAT" -o "$to" <in 2>err &
    track; pid=$!
    exec 7>in
    rig bytes 3000 >&7
    eventually 5 has_size got.1 3000
    eventually 5 at_rest "$pid"
    pause 0.5
    before=$(switches "$pid")
    pause 1
    [ $(($(switches "$pid") - before)) -le 1 ]
    exec 7>&-
    status_of "$pid"
    [ "$status" = 0 ]
}

@test "slabcat listens nowhere" {
    not grep -rnE '\b(bind|listen|accept4?) *\(' "$BATS_TEST_DIRNAME/../../src"
}

@test "a peer that stalls is asked less and less often what it has confirmed" {
    [ -z "$SANITIZE" ] || skip "a sanitizer has threads of its own"
    needs_copying # what has to be kept
    serve -b 4096 h
    mkfifo in
    "$SLABCAT" -o "$to" --reconnect <in 2>err &
    track; pid=$!
    exec 7>in
    rig bytes 100000 >&7
    pause 0.3
    before=$(switches "$pid")
    pause 1
    times=$(($(switches "$pid") - before))
    exec 7>&-
    echo "$times times in a second"
    [ "$times" -ge 5 ]
    [ "$times" -le 200 ]
}
