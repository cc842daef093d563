# --on-full=drop-newest and drop-oldest: the producer never waits, lines are whole, what is missing is counted.

load helper

# lines COUNT LONGEST: numbered lines of many lengths, of which survey knows how long each is
lines() {
    awk -v count="$1" -v longest="$2" 'BEGIN {
        for (pad = "."; length(pad) < longest; pad = pad pad) ;
        for (i = 1; i <= count; i++)
            print i " " substr(pad, 1, (i * 7919) % longest)
    }'
}

# survey COUNT LONGEST FILE: are these whole lines of lines, in order, each once? With markers: do they say just
# what is missing where they stand? Prints "lines bytes marked_lines marked_bytes marker_bytes".
survey() {
    LC_ALL=C awk -v count="$1" -v longest="$2" '
        function size(i) { return length(i "") + 2 + (i * 7919) % longest }
        function missing(upto, bytes, i) {
            for (i = last + 1; i < upto; i++)
                bytes += size(i)
            if (has_marks && (marked != upto - 1 - last || marked_here != bytes + 0)) {
                print "before line " upto " " upto - 1 - last " are missing, and " marked " marked" >"/dev/stderr"
                exit failed = 1
            }
            marked = marked_here = 0
        }
        BEGIN { has_marks = '"${marks:-0}"' }
        /^slabcat: [0-9,]+ lines? \([0-9,]+ bytes?\) dropped here$/ {
            own += length($0) + 1
            gsub(/[,(]/, "")
            marked += $2
            marked_here += $4
            all += $2
            all_bytes += $4
            next
        }
        $1 !~ /^[0-9]+$/ || $1 <= last || length($0) + 1 != size($1) || $2 ~ /[^.]/ {
            print "damaged, or out of order: " substr($0, 1, 60) >"/dev/stderr"
            exit failed = 1
        }
        { missing($1 + 0); last = $1 + 0; lines++; bytes += size(last) }
        END {
            if (failed)
                exit 1
            missing(count + 1)
            print lines + 0, bytes + 0, all + 0, all_bytes + 0, own + 0
        }
    ' "$3"
}

# stalled ARGUMENT...: slabcat $pid from the FIFO in to the FIFO out, which nobody reads until resumed
stalled() {
    rm -f in out err
    mkfifo in out
    exec 5<>out
    "$SLABCAT" --pipe-size keep --stats=json "$@" <in >out 2>>err 5>&- &
    track; pid=$!
}
# resumed: into the file got, to the end; what slabcat's status was
resumed() {
    exec 6<out 5>&-
    cat <&6 >got
    exec 6<&-
    status_of "$pid"
}

# delivered_or_dropped COUNT LONGEST FILE: what came out, in FILE, and what was dropped is what went in
delivered_or_dropped() {
    local -a found
    adds_up err || return 1
    not grep 'not delivered' err || return 1
    read -ra found < <(survey "$1" "$2" "$3") || return 1
    echo "found ${found[*]}; dropped $(figure dropped_lines err) lines"
    [ "$((found[0] + $(figure dropped_lines err)))" = "$1" ] || return 1
    [ "$((found[1] + $(figure dropped_bytes err)))" = "$(figure in_bytes err)" ] || return 1
    [ "$(figure in_bytes err)" = "$(stat -c %s sent)" ] || return 1
    [ "${found[4]}" = "$(figure marked_bytes err)" ] || return 1
    if [ "${marks:-0}" = 1 ]; then
        [ "${found[2]} ${found[3]}" = "$(figure dropped_lines err) $(figure dropped_bytes err)" ] || return 1
    fi
}

# sheds COUNT LONGEST ARGUMENT...: so many lines come while nobody reads: they are dropped, and nobody waits
sheds() {
    local count=$1 longest=$2
    shift 2
    marks=0
    [[ " $* " != *" --mark-gaps "* ]] || marks=1
    [ "${lines_are:-}" = "$count $longest" ] || lines "$count" "$longest" >sent
    lines_are="$count $longest"
    stalled "$@"
    timeout $((20 * SLOW)) cat sent >in 5>&- || return 1
    resumed || return 1
    echo "$*: status $status, $(tail -n 1 err)"
    [ "$status" = 3 ] || return 1
    grep -qxF "slabcat: dropped $(figure dropped_lines err) lines ($(figure dropped_bytes err) bytes): the ring was full" err || return 1
    delivered_or_dropped "$count" "$longest" got
}

@test "with a stalled consumer lines are dropped whole, and counted exactly" {
    for policy in drop-newest drop-oldest; do
        for sizes in "-s 64K -n 8" "-s 4K -n 16" "-s 1000 -n 2" "-s 1000 -n 3" "-s 257 -n 40"; do
            # shellcheck disable=SC2086
            sheds 12000 120 $sizes --on-full=$policy
            # shellcheck disable=SC2086
            sheds 12000 120 $sizes --on-full=$policy --mark-gaps
        done
    done
}

@test "lines longer than slabs, and longer than the ring" {
    for policy in drop-newest drop-oldest; do
        sheds 3000 900 -s 300 -n 20 --on-full=$policy --mark-gaps
        sheds 1000 9000 -s 1K -n 4 --on-full=$policy --mark-gaps
        sheds 1000 9000 -s 1K -n 4 --on-full=$policy
        sheds 3000 500 -s 7 -n 50 --on-full=$policy
    done
}

@test "the newest are dropped, or the oldest" {
    lines 30000 100 >sent
    for policy in drop-newest drop-oldest; do
        stalled -s 4K -n 8 --on-full=$policy
        exec 4>in
        cat sent >&4
        eventually 5 all_taken
        exec 4>&-
        resumed
        delivered_or_dropped 30000 100 got
        last=$(sed -n '$s/ .*//p' got)
        case $policy in
        # the writer of a busy machine may have been late with what the pipe takes
        drop-newest) [ "$last" -lt 29000 ] ;;
        drop-oldest) [ "$last" = 30000 ] ;;
        esac
    done
    # the ring holds 500 of them or so; what the pipe to the consumer has taken is not to be had back
    [ "$(tail -n 300 got | sed -n '1s/ .*//p')" = 29701 ]
}

# the machine may have been slow enough for the ring
kept_all() { [ "$status" = 0 ] && cmp sent got; }

@test "many sizes" {
    local try tries=30 until=$((SECONDS + 20))
    RANDOM=7
    # fewer where they take long
    for ((try = 0; try < 12 || (try < tries && SECONDS < until); try++)); do
        sheds $((1000 + RANDOM % 2000)) $((1 + RANDOM % 300)) -s $((256 + RANDOM % 4000)) -n $((2 + RANDOM % 7)) \
            --on-full="$( ((RANDOM % 2)) && echo drop-newest || echo drop-oldest)" \
            -f "$( ((RANDOM % 2)) && echo auto || echo 20ms)" --mark-gaps || kept_all
    done
}

@test "a consumer that stops now and then misses what is marked as missing" {
    for policy in drop-newest drop-oldest; do
        lines 200000 100 >sent
        marks=1
        # it takes some, then nothing for a while
        "$SLABCAT" --pipe-size keep --stats=json -s 4K -n 8 --on-full=$policy --mark-gaps 2>err < <(cat sent) |
            for _ in {1..20}; do head -c 40000; pause 0.02; done >got || true
        # the last head may leave something, or slabcat may not have noticed that nobody is there any more
        adds_up err
        rm got
        { "$SLABCAT" --pipe-size keep --stats=json -s 4K -n 8 --on-full=$policy --mark-gaps 2>err < <(cat sent) || true; } |
            { for _ in {1..20}; do head -c 40000; pause 0.02; done; cat; } >got
        delivered_or_dropped 200000 100 got
    done
}

@test "a consumer that is stopped, and goes on" {
    lines 100000 100 >sent
    for policy in drop-newest drop-oldest; do
        rm -f out in
        mkfifo in out
        cat out >got &
        track; consumer=$!
        "$SLABCAT" --stats=json -s 16K -n 8 --pipe-size keep --on-full=$policy <in >out 2>err &
        track; pid=$!
        exec 4>in
        head -n 1000 sent >&4
        eventually 5 test -s got
        kill -STOP "$consumer"
        eventually 5 stopped "$consumer"
        tail -n +1001 sent >&4 # all of it, at once
        kill -CONT "$consumer"
        exec 4>&-
        status_of "$pid"
        wait "$consumer"
        [ "$status" = 3 ]
        delivered_or_dropped 100000 100 got
    done
}

@test "while there is room nothing is dropped, and nothing is marked" {
    lines 20000 100 >sent
    for policy in drop-newest drop-oldest; do
        (while read -r n; do sed -n "${n}p" sent; done < <(seq 50); pause 0.05; cat sent) |
            "$SLABCAT" -s 256K -n 16 --on-full=$policy --mark-gaps 2>err >got
        cmp got <(head -n 50 sent; cat sent)
        [ ! -s err ]
    done
}

@test "lines that end in NUL, and newlines in them" {
    for policy in drop-newest drop-oldest; do
        lines 20000 100 | tr '\n.' '\0\n' >sent
        stalled -s 1000 -n 6 --on-full=$policy --mark-gaps -0
        cat sent >in 5>&-
        resumed
        [ "$status" = 3 ]
        tr '\0\n' '\n.' <got >as_lines
        marks=1
        delivered_or_dropped 20000 100 as_lines
    done
}

@test "the last line needs no end" {
    for policy in drop-newest drop-oldest; do
        for end in short "$(printf %3000d 7)"; do
            [ "$(printf 'one\n%s' "$end" | "$SLABCAT" -s 1K -n 8 --on-full=$policy)" = $'one\n'"$end" ]
        done
        stalled -s 1000 -n 4 --on-full=$policy
        { lines 10000 100; printf unfinished; } >in 5>&-
        resumed
        adds_up err
        cat got | tail -n 1 | cut -c 1-60
        if [ $policy = drop-oldest ]; then
            [ "$(tail -n 1 got)" = unfinished ]
        else
            # the line without an end counts as one, wherever it has gone
            [ "$(($(grep -c '' got) + $(figure dropped_lines err)))" = 10001 ]
        fi
    done
}

@test "a part of a line waits for the rest of it, and a whole line does not wait" {
    mkfifo in
    "$SLABCAT" --on-full=drop-newest <in >out &
    track; pid=$!
    exec 4>in
    printf 'one\ntw' >&4
    eventually 5 test -s out
    eventually 5 at_rest "$pid"
    [ "$(cat out)" = one ]
    echo o >&4
    two() { [ "$(cat out)" = $'one\ntwo' ]; }
    eventually 5 two
    exec 4>&-
    status_of "$pid"
    [ "$status" = 0 ]
    soon() {
        rig latency 20 5 "$SLABCAT" --on-full=drop-oldest >took || return 1
        cat took
        [ "$(sed 's/median_us \([0-9]*\).*/\1/' took)" -lt $((2000 * SLOW)) ]
    }
    in_three_tries soon
}

@test "--start-fill: a full ring is written although more is dropped, and filled again when it ran empty" {
    local line
    line=$(printf %900d 7)
    for policy in drop-newest drop-oldest; do
        rm -f in out
        mkfifo in
        "$SLABCAT" -s 1000 -n 2 --start-fill 100 --on-full=$policy <in >out 2>err &
        track; pid=$!
        exec 4>in
        for round in 1 2 3; do
            for _ in 1 2; do
                echo "$line" >&4
                eventually 5 at_rest "$pid"
            done
            has_size out $(((round - 1) * 1802))
            echo "$line" >&4 # two fit, and this is one too many
            eventually 5 has_size out $((round * 1802))
            eventually 5 at_rest "$pid" # it has been written; that the ring is empty is noticed a moment later
        done
        exec 4>&-
        status_of "$pid"
        [ "$status" = 3 ]
        grep -qxF 'slabcat: dropped 3 lines (2703 bytes): the ring was full' err
    done
}

# report: the statistics as they are now, into err
report() {
    : >err
    kill -USR1 "$pid"
    eventually 5 grep -q '^{.*}$' err
}

# all of sent has been read
all_taken() { report && [ "$(figure in_bytes err)" = "$(stat -c %s sent)" ]; }

# between two reports it was not
is_full_no_more() {
    local full
    report && full=$(figure ring_full_ns err) && report && [ "$full" = "$(figure ring_full_ns err)" ]
}

# a sanitizer has threads of its own, which wake up
is_asleep() { [ -n "$SANITIZE" ] || { eventually 10 at_rest "$pid" && in_three_tries asleep "$pid"; }; }

@test "what is missing is said as soon as there is room, although nothing more comes; then the ring is not full" {
    for policy in drop-newest drop-oldest; do
        stalled -s 4K -n 4 --on-full=$policy --mark-gaps
        exec 4>in
        lines 30000 100 >&4
        is_asleep # it waits for input
        cat out 4>&- 5>&- >got &
        track
        eventually 5 grep -q '^slabcat: .* dropped here$' got
        is_asleep
        eventually 5 is_full_no_more
        exec 4>&- 5>&-
        status_of "$pid"
        [ "$status" = 3 ]
    done
}

@test "lines are not taken for older than they are because others were dropped before them" {
    began=$EPOCHREALTIME
    stalled -s 4K -n 4 --on-full=drop-newest
    exec 4>in
    lines 30000 100 >&4
    cat out 4>&- 5>&- >got &
    track
    eventually 5 test -s got
    eventually 5 at_rest "$pid"
    # no line that has been written so far is older than this; the next one would seem to be older by the pause
    elapsed_ms "$began"
    pause "$((elapsed_ms / 1000 + 3))"
    echo more >&4
    eventually 5 grep -qx more got
    report
    longest=$(grep -o '"inside_ns":{[^}]*}' err | grep -o '"longest":[0-9]*' | cut -d: -f2)
    echo "$longest ns, $elapsed_ms ms before the pause"
    [ "$longest" -lt $(((elapsed_ms + 1900) * 1000000)) ]
    exec 4>&- 5>&-
    status_of "$pid"
}

@test "in the middle of a stall the statistics add up" {
    for policy in drop-newest drop-oldest; do
        stalled -s 4K -n 4 --on-full=$policy --mark-gaps
        exec 4>in
        for round in 1 2 3; do
            lines 5000 $((round * 70)) >&4
            : >err
            kill -USR1 "$pid"
            eventually 5 grep -q '^{.*}$' err
            adds_up err
        done
        [ "$(figure dropped_lines err)" -gt 1000 ]
        [ "$(figure held_bytes err)" -gt 4000 ]
        [ "$(figure ring_full_ns err)" -gt 0 ]
        exec 4>&-
        resumed
        adds_up err
    done
}

@test "TERM while lines are dropped: everything is accounted for" {
    for policy in drop-newest drop-oldest; do
        # the consumer comes back
        lines 30000 100 >sent
        stalled -s 4K -n 4 --on-full=$policy --mark-gaps --drain-timeout 20s
        exec 4>in
        cat sent >&4
        kill -TERM "$pid"
        resumed
        exec 4>&-
        [ "$status" = 3 ]
        marks=1
        delivered_or_dropped 30000 100 got
        # or it does not
        stalled -s 4K -n 4 --on-full=$policy --drain-timeout 100ms
        rig chat accepted 1000 0 >in 5>&- &
        track
        eventually 10 is_pouring "$pid"
        dropping() { : >err; kill -USR1 "$pid"; eventually 5 grep -q '^{.*}$' err && [ "$(figure dropped_bytes err)" -gt 100000 ]; }
        eventually 10 dropping
        kill -TERM "$pid"
        status_of "$pid"
        [ "$status" = 3 ]
        eventually 5 test -s accepted
        adds_up err
        [ "$(figure in_bytes err)" = "$(cat accepted)" ]
        grep -q "$(figure undelivered_bytes err) bytes were not delivered" err
        grep -q ': the ring was full$' err
        rm accepted
        exec 5>&-
    done
}

@test "a second signal, and a consumer that goes away: everything is accounted for" {
    for policy in drop-newest drop-oldest; do
        lines 30000 100 >sent
        stalled -s 4K -n 4 --on-full=$policy --mark-gaps --drain-timeout 60s
        fill 5 # else a writer that gets little CPU may have room left for what was not dropped
        exec 4>in
        cat sent >&4
        kill -TERM "$pid"
        pause 0.3 # closer together they are one wish
        eventually 5 has_heard "$pid"
        kill -TERM "$pid"
        status_of "$pid"
        [ "$status" = 3 ]
        adds_up err
        [ "$(figure undelivered_bytes err)" -gt 4000 ]
        exec 4>&- 5>&-

        stalled -s 4K -n 4 --on-full=$policy --mark-gaps
        exec 4>in
        cat sent >&4
        exec 5>&- # nobody reads any more
        status_of "$pid"
        [ "$status" = 141 ]
        adds_up err
        grep -q ': the ring was full$' err
        exec 4>&-
    done
}

@test "memory stays within the ring" {
    [ -z "$SANITIZE" ] || skip "a sanitizer takes memory of its own"
    for policy in drop-newest drop-oldest; do
        stalled -s 64K -n 64 --on-full=$policy --mark-gaps
        exec 4>in
        lines 200000 200 >&4
        peak=$(sed -n 's/^VmHWM:[[:space:]]*\([0-9]*\) kB/\1/p' "/proc/$pid/status")
        echo "$peak kB"
        [ "$peak" -lt $((4096 + 2048 + 2048)) ] # the libraries take the last 2
        exec 4>&-
        resumed
    done
}

@test "messages of a socket stay whole" {
    for policy in drop-newest drop-oldest; do
        lines 300 3000 >sent
        rig socket seqpacket in "$SLABCAT" -s 100K -n 8 --on-full=$policy <sent >got 2>err || { cat err; false; }
        survey 300 3000 got
    done
}

@test "of a file nothing is dropped: it minds no waiting" {
    seq 300000 >file
    for policy in drop-newest drop-oldest; do
        for ring in "-s 300 -n 2" "-s 64K -n 3"; do
            # shellcheck disable=SC2086
            "$SLABCAT" --on-full=$policy $ring file | (pause 0.1; cmp - file)
        done
        # but what no ring can hold
        status=0
        (head -c 100000 /dev/zero; echo; echo end) >long
        "$SLABCAT" --on-full=$policy -s 1K -n 4 long >got 2>err || status=$?
        [ "$status" = 3 ]
        [ "$(cat got)" = end ]
        grep -q "dropped 1 line (100001 bytes)" err
    done
}
