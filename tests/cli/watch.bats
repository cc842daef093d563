# What the user can see of a pour: statistics, advice, and the progress line.

load helper

@test "in = out + dropped + undelivered, whichever way the bytes take" {
    rig bytes 3000000 >file
    for mode in "" "--zero-copy=never" "--zero-copy=always" "-n 0" "-s 1000 -n 3" "-f 20ms" "-f 0 -s 4K"; do
        # shellcheck disable=SC2086
        rig bytes 3000000 | "$SLABCAT" $mode --stats=json 2>err | rig check 3000000
        adds_up err
        [ "$(figure in_bytes err)" = 3000000 ]
        [ "$(figure out_bytes err)" = 3000000 ]
        [ "$(figure undelivered_bytes err)" = 0 ]
        [ "$(figure ended err)" = true ]
    done
    if [ "$ZERO_COPY" != always ]; then
        "$SLABCAT" --stats=json file file >copy 2>err # by copy_file_range
        adds_up err
        [ "$(figure in_bytes err)" = 6000000 ]
        "$SLABCAT" --stats=json file <file - >>copy 2>err
        adds_up err
        [ "$(figure out_bytes err)" = 6000000 ]
    fi
}

@test "what could not be delivered is in the statistics, those left in the input too" {
    mkfifo in out
    exec 5<>out
    "$SLABCAT" --stats=json --drain-timeout 100ms -s 10000 -n 3 --pipe-size keep <in >out 2>err 5>&- &
    track; pid=$!
    rig press accepted >in 5>&- &
    track
    eventually 20 test -s accepted
    kill -TERM "$pid"
    status_of "$pid"
    [ "$status" = 3 ]
    adds_up err
    [ "$(figure in_bytes err)" = "$(cat accepted)" ]
    [ "$(figure undelivered_bytes err)" -gt 30000 ]
    grep -q "$(figure undelivered_bytes err) bytes were not delivered" err
    exec 5>&-
}

@test "a consumer that goes away leaves statistics behind" {
    rig bytes 3000000 2>/dev/null | "$SLABCAT" --stats=json 2>err | head -c 1000 >out || true
    adds_up err
    [ "$(figure out_bytes err)" -ge 1000 ]
}

@test "every name in the JSON is in the man page, and no other" {
    "$SLABCAT" --version | found '^with .*libcrypto' || skip "built without libcrypto: there are no checksums"
    echo line | "$SLABCAT" --digest sha256 --stats=json 2>err >out
    diff <(grep -o '"[a-z0-9_]*":' err | tr -d '":' | sort -u) \
        <(sed -n '/^\.Sh STATISTICS/,/^\.Sh [^S]/s/^\.It Li \([a-z0-9_]*\).*/\1/p' "$BATS_TEST_DIRNAME/../../man/slabcat.1" | sort -u)
}

@test "the JSON is JSON, and what is in a name does not break it" {
    command -v python3 >/dev/null || skip "python3 is not installed"
    echo line | "$SLABCAT" --stats=json -N 'a "quoted\" näme' 2>err >out
    python3 -c 'import json, sys; stats = json.load(sys.stdin); assert stats["name"] == "a \"quoted\\\" näme"; assert stats["in_bytes"] == 5' <err
    echo line | "$SLABCAT" --stats=prometheus -N 'a "quoted\" näme' 2>err >out
    grep -qxF 'slabcat_in_bytes_total{name="a \"quoted\\\" näme"} 5' err
}

@test "text, JSON and Prometheus say the same" {
    for format in text json prometheus; do
        rig bytes 1234567 | "$SLABCAT" --stats=$format 2>$format >out
    done
    grep -qE '^slabcat: in +1234567 bytes, ' text
    grep -qE '^slabcat: out +1234567 bytes, ' text
    grep -qE '^slabcat: rest +0 bytes held, 0 dropped, 0 undelivered$' text
    [ "$(figure in_bytes json)" = 1234567 ]
    grep -qxF 'slabcat_in_bytes_total 1234567' prometheus
    not grep -E '^slabcat_[a-z_]*_seconds[^.]* [0-9]+(\.[0-9]{0,8}|\.[0-9]{10,})?$' prometheus
    [ "$(grep -cE '^slabcat_[a-z_]*_seconds.* [0-9]+\.[0-9]{9}$' prometheus)" -ge 10 ]
    # each sample has its help and its type, and nothing else is there
    not grep -vE '^(# (HELP|TYPE) slabcat_[a-z_]+ .+|slabcat_[a-z_]+(\{quantile="[0-9.]+"\})? [0-9.]+)$' prometheus
    for name in $(sed -n 's/^\(slabcat_[a-z_]*\).*/\1/p' prometheus | sort -u); do
        [ "$(grep -c "^# TYPE $name " prometheus)" = 1 ]
    done
}

@test "lines are counted where every byte is seen, and only there" {
    seq 100000 | "$SLABCAT" --stats=json --zero-copy=never 2>err >out
    [ "$(figure in_lines err)" = 100000 ]
    [ "$(figure out_lines err)" = 100000 ]
    seq 100000 | "$SLABCAT" --stats=json --zero-copy=never -n 0 2>err >out
    [ "$(figure out_lines err)" = 100000 ]
    seq 100000 | "$SLABCAT" --stats=json 2>err >>out # pages are not taken here
    [ "$(figure out_lines err)" = 100000 ]
    seq 100000 | "$SLABCAT" --stats=json --zero-copy=always 2>err | cat >out
    [ "$(figure in_lines err)" = null ]
    head -c 1000000 /dev/zero | tr '\0' '\n' | "$SLABCAT" --stats=json --zero-copy=never 2>err >out
    [ "$(figure in_lines err)" = 1000000 ]
    printf 'no newline' | "$SLABCAT" --stats --zero-copy=never 2>err >out
    grep -q ' 0 lines$' err
}

@test "a stall is counted, timed, and seen in the ring" {
    [ -z "$SANITIZE" ] || skip "times mean little under a sanitizer"
    # 5 MB/s and a stall of 0.4 s; all of it SLOW times as slow
    seen() {
        chatter 12000 256 $((50 * SLOW)) 2>/dev/null | "$SLABCAT" --stats=json --pipe-size keep -n 2 2>err |
            sink 1000000 $((400 * SLOW)) >/dev/null || return 2
        cat err
        awk -v slow="$SLOW" -v longest="$(figure longest err)" -v full="$(figure ring_full_longest_ns err)" \
            -v stalls="$(figure stalls err)" -v high="$(figure high_water_bytes err)" 'BEGIN {
            longest /= slow
            full /= slow
            exit !(longest > 250e6 && longest < 450e6 && full > 150e6 && full < 450e6 && stalls >= 1 && stalls < 10 && high == 131072)
        }'
    }
    in_three_tries seen
    [ "$(figure ring_full_times err)" -ge 1 ]
}

@test "a running slabcat tells of a stall that goes on" {
    mkfifo in out
    exec 5<>out
    "$SLABCAT" --stats=json -s 10000 -n 3 <in >out 2>err 5>&- &
    track; pid=$!
    rig press accepted >in 5>&- &
    track
    eventually 20 test -s accepted
    kill -USR1 "$pid"
    eventually 5 test -s err
    [ "$(figure ended err)" = false ]
    adds_up err
    [ "$(figure ring_full_ns err)" -gt 300000000 ]
    [ "$(figure held_bytes err)" -gt 20000 ]
    [ "$(figure stalls err)" = 1 ]
    exec 5>&-
}

@test "a stats file is replaced as a whole, at the end and at intervals" {
    mkfifo in
    "$SLABCAT" --stats-file stats --stats=json --stats-every 50ms <in >out &
    track; pid=$!
    exec 4>in
    eventually 5 test -s stats
    ln stats before # as long as it is there its inode is not used again
    echo text >&4
    brings() { [ "$(figure out_bytes stats)" = 5 ]; }
    eventually 5 brings
    [ ! stats -ef before ]
    rm before
    for _ in {1..50}; do # never a part of it
        [[ $(cat stats) == '{'*'}' ]]
    done
    exec 4>&-
    status_of "$pid"
    [ "$status" = 0 ]
    [ "$(figure ended stats)" = true ]
    [ "$(ls)" = $'in\nout\nstats' ]
}

@test "what kill -9 has left beside a stats file is removed at the next start, and nothing else is" {
    needs_trace
    command -v flock >/dev/null || skip "flock is not installed"
    echo text >in
    names() { find . -mindepth 1 -name 'stats*' -printf '%f\n' | LC_ALL=C sort; }
    strace -f -qq -o /dev/null -e inject=rename,renameat,renameat2:error=EIO:signal=KILL \
        "$SLABCAT" --stats-file stats in >out || true
    [[ $(names) =~ ^stats\.[0-9a-f]{24}~$ ]]
    left=$(names)
    # one that is in use, and what has other names or is no file of ours
    digits=0123456789abcdef0123456
    exec 6>"stats.${digits}0~"
    flock 6
    touch "stats.$digits" "stats.${digits}00~" "stats.${digits^^}0~" "stats.${digits}0" "stats${digits}0~" "stats.~"
    mkdir "stats.${digits}1~"
    mkfifo "stats.${digits}2~"
    ln -s in "stats.${digits}3~"
    ln in "stats.${digits}4~"
    touch "stats.${digits}5~"
    if [ "$(id -u)" = 0 ]; then chown 12345 "stats.${digits}5~"; else rm "stats.${digits}5~"; fi
    names | grep -vx "$left" >expected
    for _ in 1 2; do
        "$SLABCAT" --stats-file stats in >out
        diff expected <(names | grep -vx stats)
        # once it is not in use
        flock -u 6
        grep -vx "stats.${digits}0~" expected >rest
        mv rest expected
    done
    grep -q '^in ' stats
}

@test "a temporary file that is being written is not taken for one that was left" {
    needs_trace
    echo text >in
    # it stops when it has its lock
    # shellcheck disable=SC2016
    strace -f -qq -o /dev/null -e trace=flock -e inject=flock:signal=STOP:when=1 \
        bash -c 'echo "$$" >pid; exec "$SLABCAT" --stats-file stats in >out' 3>&- &
    track; tracer=$!
    eventually 5 test -s pid
    child=$(cat pid)
    started+=("$child")
    has_temporary() { compgen -G 'stats.*~' >/dev/null; }
    is_locked() { has_temporary && grep -q "FLOCK .*:$(stat -c %i stats.*~) " /proc/locks; }
    eventually 5 is_locked
    "$SLABCAT" --stats-file stats in >out
    has_temporary
    # the signal to stop may come after the first one to go on
    goes_on_to_its_end() { kill -CONT "$child" 2>/dev/null; ended "$tracer"; }
    eventually 10 goes_on_to_its_end
    status_of "$tracer"
    [ "$status" = 0 ]
    not has_temporary
}

@test "a stats file may be a link, and what is no file is written to" {
    echo old >real
    ln -s real link
    echo text | "$SLABCAT" --stats-file link >out
    [ -L link ]
    grep -q '^in ' real
    mkfifo fifo
    exec 4<>fifo
    echo text | "$SLABCAT" --stats-file fifo >out
    read -rt $((5 * SLOW)) line <&4
    [[ $line == in\ * ]]
    exec 4>&-
    echo text | "$SLABCAT" --stats-file /dev/null >out
    [ -c /dev/null ]
}

@test "a stats file that cannot be written is found before a byte is read" {
    echo text >file
    exec 4<file
    run "$SLABCAT" --stats-file none/stats <&4
    [ "$status" = 1 ]
    [ "$output" = "slabcat: none/stats: write: No such file or directory" ]
    read -r line <&4
    [ "$line" = text ]
    exec 4>&-
}

@test "a stats file that is an end of the pour is refused before a byte is lost" {
    seq 5 >in
    ln in link
    for file in in link; do
        run "$SLABCAT" --stats-file $file in
        [ "$status" = 1 ]
        [ "$output" = "slabcat: --stats-file $file: it is the input" ]
        run "$SLABCAT" --stats-file $file <in
        [ "$output" = "slabcat: --stats-file $file: it is the input" ]
    done
    [ "$(cat in)" = "$(seq 5)" ]
    not "$SLABCAT" --stats-file out <in >out 2>err
    [ "$(cat err)" = "slabcat: --stats-file out: it is the output" ]
    not "$SLABCAT" --stats-file err <in >out 2>err
    [ "$(cat err)" = "slabcat: --stats-file err: it is standard error" ]
    not "$SLABCAT" --stats-file /dev/stdout <in 2>err | cat >out
    [ ! -s out ]
    # under its own name standard error is what it is without
    echo before >err
    "$SLABCAT" --stats-file /dev/stderr <in >out 2>>err
    [ "$(head -n 1 err)" = before ]
    [ "$(grep -c '^in ' err)" = 2 ]
    # nor is what the name of a descriptor stands for ever replaced
    exec 5>gone
    rm gone
    "$SLABCAT" --stats-file /dev/fd/5 <in >out
    grep -q '^in *10 bytes' /proc/self/fd/5
    exec 5>&-
}

@test "a stats file keeps its mode, and one that cannot be written for a while is no failure" {
    touch stats
    chmod 640 stats
    echo text | "$SLABCAT" --stats-file stats >out
    [ "$(stat -c %a stats)" = 640 ]
    ln -s nowhere/stats dangling
    run "$SLABCAT" --stats-file dangling </dev/null
    [ "$output" = "slabcat: dangling: write: No such file or directory" ]
    mkfifo in
    mkdir place
    "$SLABCAT" --stats-file place/stats --stats-every 20ms <in >out 2>err &
    track; pid=$!
    exec 4>in
    eventually 5 test -s place/stats
    mv place elsewhere
    eventually 5 test -s err
    mv elsewhere place
    exec 4>&-
    status_of "$pid"
    [ "$status" = 0 ]
    [ "$(cat err)" = "slabcat: place/stats: write: No such file or directory" ]
    # but the last one has to be
    "$SLABCAT" --stats-file place/stats <in >out 2>err &
    track; pid=$!
    exec 4>in
    eventually 5 grep -q '^out  *0 bytes' place/stats
    mv place elsewhere
    exec 4>&-
    status_of "$pid"
    [ "$status" = 1 ]
}

@test "a stderr that takes a page and no more holds up nothing" {
    mkfifo stuck
    exec 5<>stuck
    fill 5
    head -c 4096 <&5 >/dev/null
    began=$EPOCHREALTIME
    # longer than a page; who hangs in it hears no signal but one
    echo text | timeout -s KILL $((5 * SLOW)) "$SLABCAT" --stats=prometheus -N "$(printf %050d 7)" 2>&5 >out
    elapsed_ms "$began"
    echo "$elapsed_ms ms"
    [ "$elapsed_ms" -lt $((1000 * SLOW)) ]
    exec 5>&-
}

@test "USR1 goes to the stats file" {
    mkfifo in
    "$SLABCAT" --stats-file stats <in >out 2>err &
    track; pid=$!
    exec 4>in
    eventually 5 test -s stats
    echo text >&4
    eventually 5 test -s out
    rm stats
    kill -USR1 "$pid"
    eventually 5 test -s stats
    grep -qE '^out +5 bytes' stats
    exec 4>&-
    status_of "$pid"
    [ ! -s err ]
}

@test "advice: the sizes that would have absorbed the stall" {
    [ -z "$SANITIZE" ] || skip "times mean little under a sanitizer"
    # 2.56 MB/s; 300 ms are 768 KB, of which the pipe to sink takes some. All of it SLOW times as slow.
    stalls_once() {
        chatter 10000 256 $((100 * SLOW)) 2>/dev/null | "$SLABCAT" --advise --pipe-size keep --zero-copy=never "$@" 2>err |
            sink 500000 $((300 * SLOW)) >/dev/null || return 2
        cat err
    }
    advised() {
        local seen='^slabcat: seen: R=([0-9.]+)([KM])iB/s \(lines of M=256 bytes\) in the busiest tenth of a second, '
        seen+='L=[0-9.]+[mu]s for 9 of 10 writes, S=([0-9.]+)(m?s)$'
        stalls_once -n 2 || return
        [[ $(grep seen: err) =~ $seen ]] || return 1
        awk -v slow="$SLOW" -v rate="${BASH_REMATCH[1]}" -v prefix="${BASH_REMATCH[2]}" -v stall="${BASH_REMATCH[3]}" \
            -v unit="${BASH_REMATCH[4]}" 'BEGIN {
            rate *= slow * (prefix == "K" ? 1 : 1024)
            stall *= (unit == "s" ? 1000 : 1) / slow
            # a producer that was kept waiting catches up, at the pace of the machine, which SLOW does not change
            exit !(rate >= 2048 && (slow > 1 || rate < 4096) && stall >= 200 && stall < 300)
        }' || return 1
        [ "$(sed -nE 's/^slabcat: the longest stall was [0-9.]+m?s; 2 x 64K absorb [0-9.]+m?s for certain at this rate: use -n ([0-9]+) .*/\1/p' err)" -ge 10 ]
    }
    in_three_tries advised
    # and with it they say that it is enough
    enough() {
        stalls_once -n 14 || return
        grep -q ': enough' err
    }
    in_three_tries enough
}

@test "advice where there is none to give says why" {
    "$SLABCAT" --advise </dev/null 2>err
    [ "$(cat err)" = "slabcat: nothing came in: no advice" ]
    echo text >file
    "$SLABCAT" --advise file 2>err >copy
    [ "$(cat err)" = "slabcat: the kernel moves files like these by itself: no ring is needed" ]
    (for _ in {1..100}; do head -c 65536 || exit; pause 0.01; done) < <(rig bytes 4000000 2>/dev/null | "$SLABCAT" -n 2 --pipe-size keep --advise 2>err) >out
    eventually 5 grep -q 'and no ring is large enough$' err
}

@test "advice after a single long stall, after bursts, and after a few bytes" {
    [ -z "$SANITIZE" ] || skip "times mean little under a sanitizer"
    # full for most of the time, but once: a ring absorbs that
    once() {
        chatter 4000 256 200 2>/dev/null | "$SLABCAT" --advise --pipe-size keep -n 2 --zero-copy=never 2>err | sink 200000 1500 >/dev/null || return 2
        cat err
        grep -qE '^slabcat: the longest stall was 1.[0-9]+s; 2 x 64K absorb [0-9.]+ms for certain at this rate: use -n [0-9]+ ' err
    }
    in_three_tries once
    # never a long stall, but full again and again
    bursts() {
        (for _ in {1..4}; do head -c 300000 /dev/zero; sleep 0.5; done) | "$SLABCAT" --advise -s 4K -n 2 --pipe-size keep --zero-copy=never 2>err |
            (while [ "$(head -c 4096 | wc -c)" -gt 0 ]; do :; done)
        cat err
        grep -qE 'and yet it was full for [0-9.]+ms, by bursts: try -n 4$|: use -n |the ring was full for [0-9]+ % of the time, again and again' err
    }
    in_three_tries bursts
    echo text | "$SLABCAT" --advise 2>err >out
    grep -q ': enough$' err
    (printf x; sleep 1.2) | "$SLABCAT" --advise 2>err >out
    grep -q ': enough$' err
}

@test "progress: nothing on what is no terminal, unless it is forced" {
    chatter 1000 256 500 2>/dev/null | "$SLABCAT" -p -i 50ms >out 2>err
    [ ! -s err ]
    chatter 1000 256 500 2>/dev/null | COLUMNS=120 "$SLABCAT" --progress=force -i 50ms -N 'the build' --size 256000 >out 2>err
    cat err
    [ "$(wc -l <err)" -ge 4 ]
    for words in -p=force -p=force\ -a -ap=force "-p -i 1s -p=force"; do
        # shellcheck disable=SC2086
        echo text | "$SLABCAT" $words -o out 2>again
        [ -s again ] || { echo "nothing for $words"; false; }
    done
    echo text | "$SLABCAT" -p= -o out 2>again
    [ ! -s again ]
    not grep -vE '^the build: +[0-9.]+[KM]?i?B +[0-9.]+[KM]?i?B/s in +[0-9.]+[KM]?i?B/s out \[[#.|]+\] ([0-9]+ stalls? )?0:00:0[0-9] [0-9]+% ETA (0:00:0[0-9]|-:--:--)$' err
    grep -q ' 100% ETA 0:00:00$' <(tail -n 1 err)
}

# looked COUNT: the statistics have been written so many times more, in intervals of 20ms
looked() {
    local seen i
    for ((i = 0; i < $1; i++)); do
        seen=$(figure elapsed_ns stats)
        eventually 5 differs "$seen" || return 1
    done
}
differs() { [ "$(figure elapsed_ns stats)" != "$1" ]; }

@test "progress: nothing is drawn before the first byte, and it goes on in silence" {
    mkfifo in
    "$SLABCAT" --progress=force -i 10ms --stats=json --stats-file stats --stats-every 20ms <in >out 2>err &
    track; pid=$!
    exec 7>in
    eventually 5 [ -s stats ]
    looked 5
    [ ! -s err ]
    echo >&7
    eventually 5 [ -s err ]
    drawn=$(wc -l <err)
    longer() { [ "$(wc -l <err)" -gt "$((drawn + 3))" ]; }
    eventually 5 longer
    exec 7>&-
    status_of "$pid"
    [ "$status" = 0 ]
}

@test "progress: the size of files is known, and COLUMNS is kept" {
    rig bytes 5000000 >file
    for columns in 40 60 79 120; do
        COLUMNS=$columns "$SLABCAT" --progress=force file 2>err | cat >out
        [ "$(wc -L <err)" -lt "$columns" ]
    done
    grep -q '100% ETA' err
    "$SLABCAT" --progress=force <file 2>err | cat >out
    grep -q '100% ETA' err
}

@test "progress: more than was said will come is more than 100 percent" {
    rig bytes 100 | "$SLABCAT" --progress=force --size 50 2>err >out
    [ "$(tail -n 1 err | grep -cE ' 200%$')" = 1 ]
}

@test "what progress cannot use is refused" {
    refused "slabcat: --progress 'often': not force" --progress=often
    refused "slabcat: --progress 'often': not force" -p=often
    refused "slabcat: unknown option '-='" -V=force
    refused "slabcat: --interval '1ms': not a time from 10ms to 24h, such as 100ms, 2s or 1m" -i 1ms
    refused "slabcat: --stats 'xml': not text, json or prometheus" --stats=xml
    refused "slabcat: --stats-every '0': not a time from 10ms to 24h, such as 100ms, 2s or 1m" --stats-every 0
    refused "slabcat: --name '.x1b\[2J': not a printable text of at most 100 bytes" -N $'\e[2J'
    refused "slabcat: --name '': not a printable text of at most 100 bytes" -N ''
    refused "slabcat: --name .*: not a printable text of at most 100 bytes" -N "$(printf %0101d 7)"
    refused "slabcat: --stats-file '': not the name of a file" --stats-file ''
    refused "slabcat: --stats-file '-': not the name of a file" --stats-file -
}

# on_terminal FILE: run the script in FILE on a terminal of its own; what is typed comes from stdin
on_terminal() { timeout $((20 * SLOW)) rig pty bash --norc --noprofile "$1"; }

@test "progress on a terminal: one line, drawn again and again, and ended" {
    needs_terminal
    cat >session <<'END'
stty cols 100 -onlcr
chatter 1000 256 500 2>/dev/null | "$SLABCAT" -p -i 50ms >out
echo "the end"
END
    TERM=xterm on_terminal session </dev/null >shown
    cat -v shown
    [ "$(grep -o $'\r\e\\[K' shown | wc -l)" -ge 4 ]
    # nothing but these, and a line that ends before the prompt
    [ "$(sed 's/\r\x1b\[K//g' shown | tr -cd '\033' | wc -c)" = 0 ]
    [ "$(wc -l <shown)" = 2 ]
    [ "$(tail -n 1 shown)" = "the end" ]
    [ "$(stat -c %s out)" = 256000 ]
}

@test "progress on a terminal follows its size" {
    needs_terminal
    cat >session <<'END'
stty cols 100 -onlcr
(sleep 0.5; stty cols 45 </dev/tty; sleep 0.5) &
chatter 3000 256 500 2>/dev/null | "$SLABCAT" -p -i 100ms >out
wait
END
    COLUMNS='' TERM=xterm on_terminal session </dev/null >shown
    sed 's/\r\x1b\[K/\n/g' shown >frames
    cat frames
    [ "$(awk '{ if (length > most) most = length } END { print most }' frames)" -gt 60 ]
    [ "$(tail -n 1 frames | wc -L)" -lt 45 ]
}

@test "progress on a terminal: a full ring is red, but not with NO_COLOR, and nothing erases on a dumb one" {
    needs_terminal
    cat >session <<'END'
stty -onlcr
chatter 2000 256 2>/dev/null | "$SLABCAT" -p -i 20ms -s 4K -n 2 --pipe-size keep | (sleep "$SLOW"; cat >out)
END
    TERM=xterm on_terminal session </dev/null >shown
    grep -q $'\e\\[31m' shown
    NO_COLOR=1 TERM=xterm on_terminal session </dev/null >shown
    grep -q $'\r\e\\[K' shown
    not grep -q $'\e\\[31m' shown
    TERM=dumb on_terminal session </dev/null >shown
    not grep -q $'\e' shown
    [ "$(wc -l <shown)" -ge 5 ]
}

@test "progress on a terminal: Ctrl-C keeps the last words, and ends the line" {
    needs_terminal
    cat >session <<'END'
stty -onlcr
trap : INT
bash -c 'trap "echo last words; exit" INT; echo first; while :; do sleep 0.1; done' | "$SLABCAT" -p -i 50ms >out
echo "status ${PIPESTATUS[1]}"
END
    (eventually 10 grep -q first out; sleep 0.3; printf '\003'; sleep 2) | TERM=xterm on_terminal session >shown
    cat -v shown
    [ "$(cat out)" = $'first\nlast words' ]
    [ "$(tail -n 1 shown)" = "status 0" ]
}

@test "progress: a job in the background draws nothing, and is not stopped for it" {
    needs_terminal
    cat >session <<'END'
stty tostop -onlcr
set -m
chatter 1000 256 500 2>/dev/null | "$SLABCAT" -p -i 50ms >out &
wait
echo "status $?, stopped:$(jobs -s)"
echo text | "$SLABCAT" --stats >out2 & # its report is for the terminal
wait
echo "status $?, stopped:$(jobs -s)"
END
    TERM=xterm on_terminal session </dev/null >shown
    cat -v shown
    [ "$(head -n 1 shown)" = "status 0, stopped:" ]
    [ "$(tail -n 1 shown)" = "status 0, stopped:" ]
    grep -q '^slabcat: out *5 bytes' shown
    [ "$(stat -c %s out)" = 256000 ]
}

@test "progress: a terminal that is stuck holds up nothing" {
    needs_terminal
    mkfifo in
    rig pty bash -c 'TERM=xterm "$SLABCAT" -p -i 10ms --stats <in >out & echo "$!" >pid; wait "$!"; echo "$?" >status' </dev/null >/dev/null &
    track; terminal=$!
    exec 4>in
    echo text >&4
    eventually 5 test -s out
    kill -STOP "$terminal"
    sleep 2 # a terminal holds some kilobytes, which the frames have filled by now
    rig bytes 3000000 >&4
    arrived() { [ "$(stat -c %s out)" = 3000005 ]; }
    eventually 5 arrived
    exec 4>&-
    eventually 5 test -s status
    [ "$(cat status)" = 0 ]
}

@test "a message does not get mixed up with the progress line" {
    needs_terminal
    cat >session <<'END'
stty -onlcr
(sleep 0.3; echo text) | "$SLABCAT" -p -i 50ms - none >out
echo "status $?"
END
    TERM=xterm on_terminal session </dev/null >shown
    cat -v shown
    grep -qE $'(^|\e\\[K)slabcat: none: open: No such file or directory$' shown
}

@test "reads and writes are counted, and where there is no ring it has no size" {
    rig bytes 3500 >file
    "$SLABCAT" -n 0 -s 1000 --stats=json file 2>err | rig check 3500
    [ "$(figure reads) $(figure writes)" = "4 4" ]
    [ "$(figure slab_size_bytes) $(figure slab_count)" = "0 0" ]
    "$SLABCAT" -s 1000 -n 7 --stats=json --zero-copy=never file 2>err | rig check 3500
    [ "$(figure reads)" = 4 ]
    [ "$(figure slab_size_bytes) $(figure slab_count)" = "1000 7" ]
    [ "$(figure in_pages_bytes) $(figure out_pages_bytes)" = "0 0" ]
    [ "$ZERO_COPY" = never ] || {
        "$SLABCAT" --stats=json file 2>err >copy # by the kernel alone
        [ "$(figure slab_size_bytes) $(figure in_pages_bytes) $(figure out_pages_bytes)" = "0 3500 3500" ]
    }
}

@test "the disk of a stats file does not answer: everything else goes on" {
    needs_trace
    mkfifo in
    # the first one has to be written before anything moves
    strace -f -qq -o /dev/null -e trace=rename -e inject=rename:delay_enter=60000000:when=2+ \
        "$SLABCAT" --stats-file stats --stats-every 20ms -o out <in 2>err &
    track; pid=$!
    exec 7>in
    traced "$pid"
    # the second one is written, and does not get its name
    waits() { [ -n "$(find . -name 'stats.*~' -size +0)" ]; }
    eventually 5 waits
    rig bytes 3000000 >&7
    eventually 5 has_size out 3000000
    rig check 3000000 <out
    waits
    kill -KILL "$child"
    exec 7>&-
}

@test "who may read a stats file that was not there is what the umask says" {
    (umask 027 && echo text | "$SLABCAT" --stats-file stats >out)
    [ "$(stat -c %a stats)" = 640 ]
}
