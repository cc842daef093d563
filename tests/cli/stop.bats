# --stop-at: exactly so many bytes are taken, by every way bytes can take, and what follows is left to others.

load helper

# cut_at SIZE pipe|file ARGUMENT...: of 300,001 bytes of the test stream slabcat takes SIZE, and whoever reads behind it
# has all the others
cut_at() {
    local size=$1 from=$2
    shift 2
    if [ "$from" = file ]; then
        [ -f whole ] || rig bytes 300001 >whole
        ("$SLABCAT" -S "$size" --stats=json "$@" >taken 2>stats; cat >rest) <whole
    else
        rig bytes 300001 | ("$SLABCAT" -S "$size" --stats=json "$@" 2>stats >taken; cat >rest)
    fi
    rig check "$size" <taken || { echo "-S $size from a $from, $*: $(cat stats)"; return 1; }
    cat taken rest | rig check 300001 || { echo "behind -S $size from a $from, $*"; return 1; }
    read -r stats <stats
    [[ $stats = *"\"in_bytes\":$size,\"out_bytes\":$size,"*'"undelivered_bytes":0,'* ]] || { cat stats; return 1; }
}

@test "sizes around slabs and the ring, pipes and files, in every mode" {
    for from in pipe file; do
        for mode in "-s 4K" "-n 0 -s 4K" "-s 1000 -n 3" "-n 1" "-f 50ms"; do
            sizes="1 999 1000 1001 4095 4096 4097 65535 65536 65537 299999 300000 300001"
            [ "$from" = pipe ] || sizes="1 1000 4097 65536 300000 300001" # a file is read where it is
            for size in $sizes; do
                # shellcheck disable=SC2086
                cut_at "$size" "$from" $mode
            done
        done
        for mode in always never; do
            for size in 1 4097 65536 250001; do
                cut_at "$size" "$from" --zero-copy="$mode"
                cut_at "$size" "$from" --zero-copy="$mode" -n 0 -s 4K
                cut_at "$size" "$from" --zero-copy="$mode" -s 4K -n 40
            done
        done
    done
}

@test "under every policy, and whatever else is done with the bytes" {
    for mode in "--on-full=spill:." "--on-full=drop-newest -m 1M" "--on-full=drop-oldest -m 1M -s 4K" "-o - -o extra" \
        "-L 20M" "--start-fill 50" "--prefix="; do
        [ "$ZERO_COPY" != always ] || [[ $mode != --on-full=drop* && $mode != --prefix* ]] || continue
        [ "$mode" != --prefix= ] || mode="--redact-env A"
        for size in 1 4097 65537 250001; do
            # shellcheck disable=SC2086
            A="nothing of that kind" cut_at "$size" pipe $mode
        done
    done
    rig check 250001 <extra
}

@test "what is spilled, or dropped, counts as taken; what is behind the size is not touched" {
    rig bytes 3000000 >whole
    cat whole | ("$SLABCAT" -S 1000000 -n 2 -s 4K --on-full=spill:.; cat >rest) | (pause 0.3; exec rig check 1000000)
    cmp rest <(tail -c 2000000 whole)
    needs_copying
    seq 400000 >whole
    cat whole | (
        "$SLABCAT" -S 1000000 -n 2 -s 4K --on-full=drop-newest --stats=json 2>err || echo "$?" >status
        cat >rest
    ) | (pause 0.3; cat >got)
    cmp rest <(tail -c +1000001 whole)
    [ "$(cat status)" = 3 ]
    adds_up
    [ "$(figure in_bytes)" = 1000000 ]
    [ "$(figure out_bytes)" = "$(stat -c %s got)" ]
}

@test "an input that has less ends as it would" {
    rig bytes 1000 | "$SLABCAT" -S 1001 | rig check 1000
    rig bytes 1000 >in
    "$SLABCAT" -S 1M in >out
    rig check 1000 <out
}

@test "files that the kernel moves by itself, to a file and to a socket" {
    rig bytes 20000000 >whole
    for size in 1 100 16777215 16777216 16777217 20000000; do
        ("$SLABCAT" -S "$size" --explain >taken 2>err; cat >rest) <whole
        rig check "$size" <taken
        cat taken rest | rig check 20000000
        rig socket tcp out "$SLABCAT" -S "$size" <whole | rig check "$size"
        rig socket unix out "$SLABCAT" -S "$size" -n 0 whole | rig check "$size"
    done
    grep -q copy_file_range err
}

@test "over several files and stdin together, the later ones untouched" {
    printf 12345 >a
    printf 67890 >b
    for mode in "-n 8" "-n 0" "--zero-copy=never"; do
        # shellcheck disable=SC2086
        {
            [ "$("$SLABCAT" $mode -S 4 a b | cat)" = 1234 ]
            [ "$("$SLABCAT" $mode -S 5 a missing | cat)" = 12345 ]
            [ "$("$SLABCAT" $mode -S 7 a b a)" = 1234567 ]
            "$SLABCAT" $mode -S 11 a b a >out
            [ "$(cat out)" = 12345678901 ]
            [ "$(printf stdin | ("$SLABCAT" $mode -S 7 a - b; cat))" = 12345stdin ]
            [ "$(printf stdin | ("$SLABCAT" $mode -S 5 a - b; printf :; cat))" = 12345:stdin ]
        }
    done
}

@test "sockets, and whoever reads them next" {
    for family in unix tcp; do
        for mode in "-n 8" "-n 0" "-s 4K --zero-copy=never"; do
            # shellcheck disable=SC2016
            rig bytes 300001 | rig socket "$family" in bash -c '"$SLABCAT" -S 123457 '"$mode"' >taken; cat >rest'
            rig check 123457 <taken
            cat taken rest | rig check 300001
        done
    done
}

@test "messages are taken whole: the end comes before the one that is too long" {
    rig bytes 10000 >whole
    for mode in "-n 8" "-n 0"; do
        # messages of 1000 bytes, or of some thousands where rig is slower than that
        # shellcheck disable=SC2016
        for ((i = 0; i < 10; i++)); do head -c $((i * 1000 + 1000)) whole | tail -c 1000; pause 0.03; done |
            rig socket seqpacket in bash -c '"$SLABCAT" -S 3500 '"$mode"' >taken; cat >rest'
        [ "$(stat -c %s taken)" -le 3000 ]
        [ $(($(stat -c %s taken) % 1000)) = 0 ]
        cat taken rest | rig check 10000
    done
}

@test "the end comes at once, though the producer goes on and says nothing" {
    for mode in "-n 8" "-n 0" "-f 1m" "-n 1 -s 5"; do
        (printf 0123456789; exec sleep 60) > >(
            # shellcheck disable=SC2086
            "$SLABCAT" $mode -S 10 >out
            echo "$?" >status
        ) &
        track
        eventually 10 test -s status
        [ "$(cat status)" = 0 ]
        [ "$(cat out)" = 0123456789 ]
        rm status
    done
}

@test "a producer that goes on learns that nobody reads, and nothing counts as lost" {
    for mode in "-n 8" "-n 0" "-s 4K -n 2"; do
        # shellcheck disable=SC2016
        run timeout $((60 * SLOW)) bash -c 'set -o pipefail; yes | "$SLABCAT" '"$mode"' -S 1000000 2>err | wc -c; echo "${PIPESTATUS[@]}"'
        [ "${lines[0]}" = 1000000 ]
        [ "${lines[1]}" = "141 0 0" ]
        [ ! -s err ]
    done
}

@test "a hot stream, of which all that waits is taken at once, is cut as exactly" {
    for size in 1000000 5000001 9999999; do
        for mode in "-n 64" "-n 64 --zero-copy=always" "-n 8 -s 1000"; do
            # shellcheck disable=SC2086
            rig bytes 10000000 256 | ("$SLABCAT" $mode -S "$size" >taken; cat >rest)
            rig check "$size" <taken
            cat taken rest | rig check 10000000
        done
    done
}

@test "a stalled output and a signal: what is behind the size is neither taken nor counted" {
    # a pipe of 64K, a ring of 32K and a pipe of 64K hold the stream: the size is in the ring, or in the last
    for size in 80000 98304 100000 120000; do
        mkfifo in out
        exec 5<>out
        "$SLABCAT" -S "$size" -s 4K -n 8 --pipe-size=keep --drain-timeout 100ms <in >out 2>err 5>&- &
        track; pid=$!
        exec 6<out 5>&-
        rig press accepted >in 6<&- &
        track; producer=$!
        eventually 20 test -s accepted
        kill -TERM "$pid"
        status_of "$pid"
        [ "$status" = 3 ]
        kill -KILL "$producer"
        cat <&6 >got
        exec 6<&-
        out=$(stat -c %s got)
        rig check "$out" <got
        [ "$out" -gt 0 ]
        [ $((out + $(undelivered err))) = "$size" ] || { echo "$out of $size: $(cat err)"; return 1; }
        rm in out accepted
    done
}

@test "messages behind the size stay where they are when the output stalls for good" {
    mkfifo out
    exec 5<>out
    fill 5
    # shellcheck disable=SC2016
    (rig bytes 1000; sleep 0.3; rig bytes 9000) | rig socket seqpacket in bash -c '
        exec 8<&0
        "$SLABCAT" -S 1000 -s 1000 -n 1 --drain-timeout 50ms <&8 >out 2>err 5>&- &
        sleep 1
        kill -TERM "$!" 2>/dev/null
        wait "$!"
        cat >rest'
    exec 5>&-
    # all 10,000 where rig was slow, and made one message of them
    [ "$(stat -c %s rest)" -ge 9000 ]
}

@test "the progress line expects no more than that" {
    rig bytes 1000000 >whole
    "$SLABCAT" -S 250000 --progress=force --interval 10ms whole 2>err >out
    grep -q '100 *%' err
    (rig bytes 1000000 || true) 2>/dev/null | "$SLABCAT" -S 250000 --progress=force --size 1000000 2>err >out
    grep -q '100 *%' err
}

@test "a size of nothing is refused" {
    refused 'stop-at .0.: not a size from 1' -S 0
    refused 'stop-at .x.: not a size' --stop-at=x
    refused 'stop-at .2000T.: not a size' --stop-at=2000T
}
