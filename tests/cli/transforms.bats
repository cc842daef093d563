# --redact-env, --redact-file, --strip-ansi, --timestamp and --prefix at work: in any order of the options, wherever reads
# cut, under every policy, and with nothing held but what may be the beginning of a secret.

load helper

# a log in which everything can be found: escapes, secrets in and beside them, UTF-8, empty lines
sample() {
    printf 'one \033[31mred\033[0m hunter2\n\nhun\033[1mter2 \xc3\xa9\033]0;title\007\nlast sword\033[Kfish'
}
cleaned() { printf 'one red ***\n\n*** \xc3\xa9\nlast ***'; }

@test "always in the same order: escapes, secrets, stamps, whatever the options' order is" {
    export A=hunter2
    echo swordfish >secrets
    sample >in
    cleaned | sed 's/^/p /' >expected
    "$SLABCAT" --prefix 'p ' --redact-env A --redact-file secrets --strip-ansi <in | cmp - expected
    "$SLABCAT" --strip-ansi --redact-file secrets --redact-env A --prefix 'p ' <in | cmp - expected
    "$SLABCAT" --redact-file secrets --prefix 'p ' --strip-ansi --redact-env A in | cmp - expected
    # byte by byte, in slabs of any size
    for ring in "-s 1 -n 1" "-s 7 -n 2" "-s 1M -n 2"; do
        # shellcheck disable=SC2086
        while IFS= read -r -n 1 -d '' byte; do
            printf '%s' "$byte"
        done <in | "$SLABCAT" $ring --prefix 'p ' --redact-env A --redact-file secrets --strip-ansi | cmp - expected
    done
}

@test "what no transform is for goes through as it is: NUL, all bytes, one endless line" {
    echo "a secret that is not there" >secrets
    rig bytes 3000000 >in
    "$SLABCAT" --redact-file secrets <in | cmp - in
    "$SLABCAT" --redact-file secrets in in >out
    cmp out <(cat in in)
    tr -d '\33\200-\377' <in >ascii
    "$SLABCAT" --strip-ansi --redact-file secrets <ascii | cmp - ascii
    # invalid UTF-8 is no escape
    printf 'a\xff\xfe\xe2\x82b\xc3\n\0' >odd
    "$SLABCAT" --strip-ansi <odd | cmp - odd
}

@test "all input is one stream: a secret may begin in one file and end in the next" {
    printf 'in one hun' >one
    printf 'ter2 in two' >two
    A=hunter2 "$SLABCAT" --redact-env A one two >out
    [ "$(cat out)" = "in one *** in two" ]
    printf ' x' | A=hunter2 "$SLABCAT" --redact-env A one - two >out
    [ "$(cat out)" = "in one hun xter2 in two" ]
}

@test "what may begin a secret waits, everything else goes at once; at the end it is masked" {
    export A=hunter2
    mkfifo in
    "$SLABCAT" --redact-env A -f 0 --stats=json <in >out 2>err &
    track; pid=$!
    exec 7>in
    for i in 1 2 3; do
        printf . >&7
        eventually 2 has_size out $i
    done
    printf ' hunt' >&7
    eventually 2 has_size out 4
    eventually 5 at_rest "$pid"
    has_size out 4
    # it is accounted for
    kill -USR1 "$pid"
    eventually 2 grep -q '"held_bytes":4,' err
    adds_up
    printf 'ing' >&7
    eventually 2 has_size out 11
    printf ' hun' >&7
    exec 7>&-
    status_of "$pid"
    [ "$status" = 0 ]
    [ "$(cat out)" = "... hunting ***" ]
    adds_up
    # the same when it is stopped
    mkfifo in2
    "$SLABCAT" --redact-env A <in2 >out 2>err &
    track; pid=$!
    exec 7>in2
    printf 'more hunter' >&7
    eventually 2 has_size out 5
    kill -TERM "$pid"
    status_of "$pid"
    exec 7>&-
    [ "$status" = 0 ]
    [ "$(cat out)" = "more ***" ]
}

@test "a line is stamped with the time at which it began to come, not when it is written" {
    mkfifo in out
    exec 5<>out
    "$SLABCAT" --timestamp=elapsed <in >out 5>&- &
    track; pid=$!
    exec 6<out 5>&- 7>in
    printf 'first' >&7
    pause 0.6
    printf ' half\n' >&7
    pause 0.6
    # now the output is stuck for a while
    printf 'second\n' >&7
    pause 0.6
    exec 7>&-
    cat <&6 >got
    exec 6<&-
    status_of "$pid"
    cat got
    [ "$(cut -d' ' -f2- got)" = $'first half\nsecond' ]
    awk '{ print $1 }' got | { read -r first; read -r second
        awk -v a="$first" -v b="$second" -v slow="$SLOW" 'BEGIN { exit !(a < 0.5 * slow && b >= 1.1 && b < 1.2 + 0.5 * slow) }'; }
}

@test "each kind of timestamp; the first byte of a line brings it" {
    echo line >in
    [[ $("$SLABCAT" --timestamp <in) =~ ^20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9]Z\ line$ ]]
    [[ $("$SLABCAT" --timestamp=iso-us <in) =~ ^20[0-9-]{8}T[0-9:]{8}\.[0-9]{6}Z\ line$ ]]
    [[ $("$SLABCAT" --timestamp=unix <in) =~ ^[0-9]{10}\.[0-9]{6}\ line$ ]]
    [[ $("$SLABCAT" --timestamp=elapsed <in) =~ ^[0-9]\.[0-9]{6}\ line$ ]]
    [[ $("$SLABCAT" --timestamp=delta <in) =~ ^[0-9]\.[0-9]{6}\ line$ ]]
    [[ $("$SLABCAT" --timestamp='%H:%M:%.S |' <in) =~ ^[0-9:]{6}[0-9]{2}\.[0-9]{6}\ \|\ line$ ]]
    [ "$(TZ=UTC-5 "$SLABCAT" --timestamp='%H' <in)" = "$(date -u +%H) line" ] ||
        [ "$(TZ=UTC-5 "$SLABCAT" --timestamp='%H' <in)" = "$(date -u +%H) line" ]
    [[ $(TZ=UTC-5:30 "$SLABCAT" --timestamp --localtime <in) =~ \+05:30\ line$ ]]
    now=$(date +%s)
    then=$(date -d "$("$SLABCAT" --timestamp <in | cut -d' ' -f1)" +%s)
    [ $((then - now)) -le $((2 * SLOW)) ]
    [ $((then - now)) -ge 0 ]
    # empty lines have one too, and what has no end
    printf '\n\nx' | "$SLABCAT" --prefix '> ' >out
    printf '> \n> \n> x' | cmp - out
    printf 'a\nb\0c' | "$SLABCAT" -0 --prefix '> ' >out
    printf '> a\nb\0> c' | cmp - out
    mkfifo slow
    "$SLABCAT" --prefix '> ' <slow >out &
    track; pid=$!
    exec 7>slow
    printf x >&7
    eventually 2 has_size out 3
    exec 7>&-
    status_of "$pid"
}

@test "under every policy lines stay whole, and everything adds up" {
    export A=hunter2
    for policy in drop-newest drop-oldest block spill; do
        # a loop would be slow under bats
        printf '\033[1m%06d\033[0m hunter2 and what else a line may have\n' {1..20000} >in
        mkfifo pipe out
        exec 5<>out
        "$SLABCAT" -s 4K -n 4 --on-full=$policy --strip-ansi --redact-env A --prefix 'p ' --stats=json <pipe >out 2>err 5>&- &
        track; pid=$!
        exec 6<out 5>&- 7>pipe
        cat in >&7 6<&- &
        track; producer=$!
        exec 7>&-
        [ $policy = block ] || { status_of "$producer"; [ "$status" = 0 ]; }
        cat <&6 >got
        exec 6<&-
        status_of "$pid"
        adds_up
        not grep -q 'hunter2' got
        not grep -qv '^p [0-9]* \*\*\* and what else a line may have$' got
        case $policy in
        block | spill)
            [ "$status" = 0 ]
            [ "$(wc -l <got)" = 20000 ]
            ;;
        *)
            [ "$status" = 3 ]
            [ "$(($(wc -l <got) + $(figure dropped_lines)))" = 20000 ]
            ;;
        esac
        [ "$(figure removed_bytes)" = $((20000 * (8 + 4 - 2))) ]
        rm -f pipe out
    done
}

@test "several outputs, a rate limit, -S, and a slow consumer see the same transformed stream" {
    sample >in
    "$SLABCAT" --strip-ansi --prefix 'p ' -o a -o b -o - <in >c
    cmp a b
    cmp a c
    [ "$("$SLABCAT" -S 8 --prefix 'p ' <in | od -c)" = "$(head -c 8 in | sed 's/^/p /' | od -c)" ]
    (yes 'a line' || true) | head -c 300000 >in
    "$SLABCAT" --prefix 'p ' -L 3MB/s --stats=json <in 2>err >out
    cmp out <(sed 's/^/p /' in)
    adds_up
    [ "$(figure added_bytes)" = $((2 * $(grep -c '' in))) ]
    # percent and the time that is left are those of the input
    "$SLABCAT" --prefix 'pppppppppppp ' --progress=force -i 10ms -L 3MB/s in 2>err >out
    not grep -qE '1[0-9][1-9]%' err
}

# in_time FILE ARGUMENT...: 10 MB that are as bad as can be, at no less than a few MB for each second of CPU time
in_time() {
    local file=$1
    shift
    (ulimit -St $((4 * SLOW)) && exec "$SLABCAT" "$@") <"$file" >out
}

@test "hostile input takes no longer: unfinished escapes, beginnings of secrets, one endless line" {
    (yes $'\033[;;;;;' | tr -d '\n' || true) | head -c 10000000 >escapes
    in_time escapes --strip-ansi
    [ "$(stat -c %s out)" -lt 10 ]
    (yes $'\033]0;' | tr -d '\n' || true) | head -c 10000000 >titles
    in_time titles --strip-ansi
    head -c 10000000 /dev/zero | tr '\0' a >letters
    head -c 3000 letters >secrets
    echo b >>secrets
    head -c 5000 letters | fold -w 100 | sed 's/$/c/' >>secrets
    in_time letters --redact-file secrets
    [ "$(tail -c 3 out)" = '***' ]
    { head -c 999 letters; echo; head -c 998 letters; echo; head -c 4 letters; echo; } >secrets
    in_time letters --redact-file secrets
    [ "$(cat out)" = '***' ]
    in_time letters --timestamp --prefix p
    [ "$(stat -c %s out)" -lt 10000100 ]
    tr a '\n' <letters >lines
    in_time lines --prefix 'ppp'
    [ "$(stat -c %s out)" = 40000000 ]
    tr a '\233' <letters >c1
    in_time c1 --strip-ansi
    head -c 10000000 /dev/urandom >noise
    printf 'abcd\nefgh\n' >secrets
    in_time noise --strip-ansi --redact-file secrets --timestamp
}

@test "a flood of what is left out altogether can be stopped" {
    (while :; do printf '\033[1m\033[1m\033[1m\033[1m'; done) 2>/dev/null |
        "$SLABCAT" --strip-ansi >out &
    track; pid=$!
    eventually 10 is_pouring "$pid"
    pause 0.3
    kill -TERM "$pid"
    status_of "$pid"
    [ "$status" = 0 ]
    [ ! -s out ]
}

@test "messages of a socket are pieces of the stream, of any length" {
    export A=hunter2
    seq -f 'hunter2 %06g' 30000 >in
    # slabs are smaller than messages: that does not matter, as they are not kept as they are
    for ring in "-s 100K -n 8" "-s 100 -n 8"; do
        # shellcheck disable=SC2086
        rig socket seqpacket in "$SLABCAT" $ring --redact-env A <in >out
        cmp out <(sed 's/hunter2/***/' in)
    done
}

@test "the secrets are nowhere: not in the output, the arguments, messages, statistics, the spill, memory that is dumped" {
    needs_sight
    secret=S3cr3t.$RANDOM$RANDOM.x
    other=an0ther.$RANDOM$RANDOM.y
    echo "$other" >secrets
    mkdir dir
    mkfifo in out
    exec 5<>out
    # it is not in the environment of the shell that looks
    env PASSWORD="$secret" "$SLABCAT" -s 4K -n 2 --pipe-size=keep --on-full=spill:dir --redact-env PASSWORD \
        --redact-file secrets --stats=json --explain <in >out 2>err 5>&- &
    track; pid=$!
    exec 6<out 5>&- 7>in
    printf "%s $secret $other\n" {1..20000} >&7 6<&-
    # a part of one is held, as long as it may become one
    printf '%s' "${secret%.x}" >&7
    kill -USR1 "$pid"
    eventually 5 grep -q '"spill_held_bytes":[1-9]' err
    eventually 5 at_rest "$pid"
    not grep -a -e "$secret" -e "$other" "/proc/$pid/cmdline" "/proc/$pid/environ"
    for fd in /proc/"$pid"/fd/*; do
        case $(readlink "$fd") in *deleted*) not grep -a -c -e "${secret%.x}" -e "$other" "$fd" ;; esac
    done
    # a sanitizer keeps a copy of the environment of its own
    [ -n "${SANITIZE:-}" ] || run -1 rig dumpable "$pid" "${secret%.x}"
    run -1 rig dumpable "$pid" "$other"
    exec 7>&-
    cat <&6 >got
    exec 6<&-
    status_of "$pid"
    [ "$status" = 0 ]
    [ "$(head -n 20000 got | grep -c '^[0-9]* \*\*\* \*\*\*$')" = 20000 ]
    not grep -a -e "${secret%.x}" -e "$other" got err
}

@test "bad secrets are refused in one line that does not tell them" {
    printf 'good enough\nxyz\n' >short
    : >empty
    printf '\n\n' >blank
    printf -- '-----BEGIN KEY-----\nabcdefgh\n' >open
    refused 'line 2: a secret of 3 bytes' --redact-file short
    not grep -q xyz err
    refused 'no secret' --redact-file empty
    refused 'no secret' --redact-file blank
    refused 'END' --redact-file open
    refused 'No such file' --redact-file missing
    refused 'directory' --redact-file .
    [ "$(id -u)" = 0 ] || { : >unreadable; chmod 0 unreadable; refused 'denied' --redact-file unreadable; }
    unset UNSET
    A=known refused 'number 2: no variable of that name is set' --redact-env A --redact-env UNSET
    not grep -q UNSET err
    EMPTY='' refused 'empty' --redact-env EMPTY
    SHORT=xyz refused '3 bytes' --redact-env SHORT
    not grep -q xyz err
    head -c 70000 /dev/zero | tr '\0' a >large
    refused 'more than' --redact-file large
}
