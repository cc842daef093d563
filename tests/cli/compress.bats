# --compress and --digest: what is written is what the tools take, whole frames wherever a file ends, within the flush
# interval on a quiet stream, and the sums are those of the files.

load helper

# needs LIBRARY...: skip where slabcat was built without it
needs() {
    local library
    for library; do
        "$SLABCAT" --version | found "^with .*$library" || skip "built without $library"
    done
}

# decoded KIND FILE: to stdout, as far as it goes
decoded() {
    case $1 in
    zstd) zstd -dcq --no-check <"$2" ;;
    gzip) gzip -dc <"$2" ;;
    esac
}

# decodes_to KIND FILE TEXT: what has been written so far brings out TEXT
decodes_to() { [ "$(decoded "$1" "$2" 2>/dev/null)" = "$3" ]; }

# whole KIND FILE: complete frames, and nothing else
whole() {
    case $1 in
    zstd) zstd -tq "$2" ;;
    gzip) gzip -t <"$2" ;;
    esac
}

# refused_late PATTERN ARGUMENT...: exit 1, one line that matches, no byte read
refused_late() {
    local pattern=$1 left
    shift
    left=$({ "$SLABCAT" "$@" >out 2>err; echo "$?" >status; cat; } <<<unread)
    [ "$(cat status)" = 1 ]
    [ "$left" = unread ]
    [ "$(wc -l <err)" = 1 ]
    grep -q -- "$pattern" err
}

# a log of so many lines, which compresses as logs do
log_of() { awk -v n="$1" 'BEGIN { for (i = 0; i < n; i++) printf "2026-11-21 12:00:%02d worker-%d: request %d took %d us\n", i % 60, i % 7, i, (i * 7919) % 100003 }'; }

@test "what goes in comes out of zstd and gzip, at any size, at any level" {
    needs zstd zlib
    for kind in zstd zstd:1 zstd:19 gzip gzip:1 gzip:9; do
        for bytes in 0 1 100 65536 65537 1000000; do
            rig bytes $bytes | "$SLABCAT" --compress $kind >out
            whole ${kind%:*} out
            decoded ${kind%:*} out | rig check $bytes
        done
    done
    # slabs of any size; several inputs are one stream
    rig bytes 300000 >file
    for ring in "-s 1 -n 1" "-s 7 -n 3" "-s 1M -n 2"; do
        # shellcheck disable=SC2086
        head -c 3000 file | "$SLABCAT" $ring --compress zstd | zstd -dcq | cmp - <(head -c 3000 file)
    done
    "$SLABCAT" --compress zstd file - file <file | zstd -dcq | cmp - <(cat file file file)
    # and who has a damaged one is told
    "$SLABCAT" --compress zstd file >out
    zstd -lv out | grep -q XXH64
    # a pipe that takes what was made bit by bit
    head -c 3000000 /dev/urandom >file
    for kind in zstd gzip; do
        "$SLABCAT" --pipe-size keep --compress $kind file | (pause 0.1; cat) >out
        decoded $kind out | cmp - file
    done
}

@test "a lone line can be decoded at once, and each of a slow stream within the flush interval" {
    needs zstd zlib
    for kind in zstd gzip; do
        for interval in auto 200ms 0; do
            mkfifo in
            "$SLABCAT" -f $interval --compress $kind -o out <in &
            track; pid=$!
            exec 7>in
            echo one >&7
            eventually 1 decodes_to $kind out one
            echo two >&7
            eventually 1 decodes_to $kind out $'one\ntwo'
            not whole $kind out 2>/dev/null
            exec 7>&-
            status_of "$pid"
            [ "$status" = 0 ]
            whole $kind out
            rm -f in out
        done
    done
}

@test "nobody is woken while a compressed stream rests" {
    needs zstd
    [ -z "${SANITIZE:-}" ] || skip "the sanitizers wake up on their own"
    mkfifo in
    "$SLABCAT" --compress zstd -o out <in &
    track; pid=$!
    exec 7>in
    echo one >&7
    eventually 1 decodes_to zstd out one
    in_three_tries asleep "$pid"
}

@test "nobody is woken while what is due waits for the rate limit, but by that" {
    needs zstd
    [ -z "${SANITIZE:-}" ] || skip "the sanitizers wake up on their own"
    rig bytes 300000 >file # of noise: it stays as long
    "$SLABCAT" -L 20K --compress zstd -o out <file &
    track; pid=$!
    eventually 5 test -s out
    hardly_busy() {
        local cpu
        cpu=$(cpu_ns "$pid")
        pause 1
        cpu=$(($(cpu_ns "$pid") - cpu))
        echo "$cpu ns of CPU in a second"
        [ "$cpu" -lt 150000000 ]
    }
    in_three_tries hardly_busy
}

@test "while the ring fills what is in the compressor comes out, and nobody is woken" {
    needs zstd
    mkfifo in
    "$SLABCAT" --start-fill 50 -s 4K -n 4 --compress zstd -o out --stats=json <in 2>err &
    track; pid=$!
    exec 7>in
    { head -c 8191 <(log_of 300); echo; } >log # what fills it by half, and not a byte more
    cat log >&7
    decodes_all() { (zstd -dcq <out 2>/dev/null || true) | cmp - log; }
    eventually 1 decodes_all
    [ -n "${SANITIZE:-}" ] || in_three_tries asleep "$pid"
    # what is less than it may hold waits; a file that is rotated away gets its end meanwhile
    mv out old
    kill -HUP "$pid"
    eventually 2 test -e out
    whole zstd old
    echo more >&7
    eventually 5 at_rest "$pid"
    [ ! -s out ]
    exec 7>&-
    status_of "$pid"
    [ "$status" = 0 ]
    [ "$(zstd -dcq out)" = more ]
    adds_up
}

# about FILE FILE: the first one is at most 2 % larger
about() {
    echo "$(stat -c %s "$1") and $(stat -c %s "$2") bytes"
    [ "$(stat -c %s "$1")" -le $(($(stat -c %s "$2") * 102 / 100)) ]
}

@test "on a busy stream the ratio is that of the tools" {
    needs zstd zlib
    log_of 300000 >log
    zstd -q -3 <log >log.zst
    gzip -6 <log >log.gz
    # as fast as it goes, and some MB a second in little writes
    "$SLABCAT" --compress zstd <log >out
    about out log.zst
    "$SLABCAT" --compress gzip:6 <log >out
    about out log.gz
    "$SLABCAT" -L 10M log | "$SLABCAT" --compress zstd >out
    about out log.zst
    "$SLABCAT" -L 10M log | "$SLABCAT" --compress gzip:6 -f 200ms >out
    about out log.gz
}

@test "of several outputs standard output stays readable; alone it is compressed" {
    needs zstd
    log_of 1000 >log
    "$SLABCAT" --compress zstd -o a.zst -o - -o b.zst <log >out
    cmp out log
    whole zstd a.zst
    zstd -dcq a.zst | cmp - log
    zstd -dcq b.zst | cmp - log # where a frame is cut depends on when the bytes came
    "$SLABCAT" --compress zstd -o fd:8 -o a.zst <log 8>out
    cmp out log
    zstd -dcq a.zst | cmp - log
    "$SLABCAT" --compress zstd -o fd:8 <log 8>out
    zstd -dcq out | cmp - log
    "$SLABCAT" --compress zstd -o - <log | zstd -dcq | cmp - log
}

@test "a terminal is not given compressed bytes" {
    needs zstd
    needs_terminal
    status=0
    echo text | rig pty "$SLABCAT" --compress zstd >out 2>&1 || status=$?
    [ "$status" = 1 ]
    grep -q 'stdout: is a terminal' out
}

@test "HUP: the old file ends with its frame, the new one begins with one" {
    needs zstd
    mkfifo in
    "$SLABCAT" --compress zstd -o out.zst --digest sha256 --digest-file sums <in &
    track; pid=$!
    exec 7>in
    echo one >&7
    eventually 1 decodes_to zstd out.zst one
    mv out.zst old.zst
    kill -HUP "$pid"
    eventually 2 test -e out.zst
    whole zstd old.zst
    echo two >&7
    eventually 1 decodes_to zstd out.zst two
    # in the middle of a line it waits
    printf 'thr' >&7
    eventually 1 decodes_to zstd out.zst $'two\nthr'
    mv out.zst old2.zst
    kill -HUP "$pid"
    printf 'ee\n' >&7
    eventually 2 test -e out.zst
    printf four >&7
    exec 7>&-
    status_of "$pid"
    [ "$status" = 0 ]
    [ "$(zstd -dcq old.zst old2.zst out.zst)" = $'one\ntwo\nthree\nfour' ]
    [ "$(zstd -dcq old2.zst)" = $'two\nthree' ]
    # each of them has its line; what the moved ones are called nobody has told slabcat
    [ "$(awk '{ print $1 }' sums)" = "$(sha256sum old.zst old2.zst out.zst | awk '{ print $1 }')" ]
}

@test "TERM: the frame is finished, and all that was accepted is in it" {
    needs zstd
    mkfifo in
    "$SLABCAT" --compress zstd -o out --stats=json <in 2>err &
    track; pid=$!
    rig bytes 5000000 >in 2>/dev/null &
    exec 7>in
    eventually 5 test -s out
    kill -TERM "$pid"
    status_of "$pid"
    exec 7>&-
    [ "$status" = 0 ]
    whole zstd out
    zstd -dcq out >got
    rig check "$(stat -c %s got)" <got
    [ "$(figure in_bytes)" = "$(stat -c %s got)" ]
    adds_up
}

@test "a consumer that takes nothing: what has not arrived is told, never less" {
    needs zstd
    mkfifo in out
    exec 5<>out
    rig bytes 3000000 >file # of noise: it stays as long
    "$SLABCAT" -n 4 --drain-timeout 200ms --compress zstd --stats=json <in >out 2>err 5>&- &
    track; pid=$!
    exec 6<out 5>&- 7>in
    cat file >&7 6<&- 2>/dev/null &
    track
    exec 7>&-
    eventually 10 at_rest "$pid"
    kill -TERM "$pid"
    status_of "$pid"
    [ "$status" = 3 ]
    cat <&6 >got.zst
    zstd -dcq <got.zst >got 2>/dev/null || true
    cmp -n "$(stat -c %s got)" got file
    lost=$(undelivered err)
    echo "$lost lost, $(stat -c %s got) arrived, $(figure in_bytes) in"
    [ $(($(stat -c %s got) + lost)) -ge "$(figure in_bytes)" ]
    adds_up
}

@test "of several consumers one takes nothing: what is in its compressor has not arrived" {
    needs zstd
    mkfifo in stuck
    exec 5<>stuck 6<stuck
    rig bytes 100000 >file # more than the pipe takes, less than the ring and the compressor do
    "$SLABCAT" --drain-timeout 200ms --compress zstd -o stuck -o other --stats=json <in 2>err 5>&- 6<&- &
    track; pid=$!
    exec 5>&- 7>in
    cat file >&7
    decodes_all() { (zstd -dcq <other 2>/dev/null || true) | cmp - file; }
    eventually 5 decodes_all
    kill -TERM "$pid"
    exec 7>&-
    status_of "$pid"
    [ "$status" = 3 ]
    zstd -dcq other | cmp - file
    cat <&6 | zstd -dcq 2>/dev/null >got || true
    cmp -n "$(stat -c %s got)" got file
    lost=$(undelivered err)
    echo "$lost lost, $(stat -c %s got) arrived"
    [ $(($(stat -c %s got) + lost)) -ge 100000 ]
    adds_up
}

@test "a full disk, and a consumer that goes away: as without compression" {
    needs zstd
    status=0
    rig bytes 3000000 | "$SLABCAT" --compress zstd --stats=json -o /dev/full 2>err || status=$?
    [ "$status" = 1 ]
    grep -q '^slabcat: /dev/full: write at byte 0: No space left on device$' err
    adds_up
    [ "$(figure out_bytes)" = 0 ]
    run bash -c 'yes | "$SLABCAT" --compress zstd | head -c 10 >/dev/null; echo "${PIPESTATUS[1]}"'
    [ "$output" = 141 ]
}

@test "a connection gets a whole frame, and the rate limit is that of what leaves" {
    needs zstd
    log_of 20000 >log
    peer -o got port r >said 2>peer-err &
    track; peer=$!
    eventually 10 test -e port
    "$SLABCAT" --compress zstd -o "tcp://127.0.0.1:$(cat port)" <log
    status_of "$peer"
    zstd -dcq got.1 | cmp - log
    # 400,000 bytes of noise at 1 MB/s, and 2,000,000 of nothing
    { rig bytes 400000; head -c 2000000 /dev/zero; } >file
    began=$EPOCHREALTIME
    "$SLABCAT" -L 1MB/s --compress zstd -o out <file
    elapsed_ms "$began"
    echo "$elapsed_ms ms"
    zstd -dcq out | cmp - file
    [ "$elapsed_ms" -ge 350 ]
    [ "$elapsed_ms" -lt $((500 + 1000 * SLOW)) ] # 2.4 s at that rate
}

@test "the sums are those of the files: for sha256sum -c, on stderr, and in the statistics" {
    needs zstd libcrypto
    log_of 20000 >log
    "$SLABCAT" --digest-file sums -o plain -o 'with space' -o $'new\nline\\' <log
    sha256sum -c --quiet --strict sums
    [ "$(wc -l <sums)" = 3 ]
    # what is no file cannot be checked; but if there is nothing else, it is told
    "$SLABCAT" --digest-file sums -o - -o plain <log >out
    [ "$(cat sums)" = "$(sha256sum plain)" ]
    "$SLABCAT" --digest sha512 --digest-file sums --compress zstd -o packed <log
    sha512sum -c --quiet --strict sums
    "$SLABCAT" --digest sha256 -o - -o other <log 2>err >out
    # in the order in which they were complete
    [ "$(sort err)" = "slabcat: sha256 $(sha256sum <log | cut -d' ' -f1) of other
slabcat: sha256 $(sha256sum <log | cut -d' ' -f1) of stdout" ]
    "$SLABCAT" --digest md5 --stats=json <log 2>err >out
    [ "$(grep '^{' err | grep -o '"digests":.*')" = \
        '"digests":[{"output":"stdout","algorithm":"md5","sum":"'"$(md5sum <log | cut -d' ' -f1)"'"}]}' ]
    "$SLABCAT" --digest md5 --stats=prometheus <log 2>&1 >out |
        grep -q '^slabcat_digest_info{output="stdout",algorithm="md5",sum="'"$(md5sum <log | cut -d' ' -f1)"'"} 1$'
    # of nothing too
    "$SLABCAT" --digest-file sums </dev/null >out
    [ "$(cat sums)" = "$(sha256sum </dev/null)" ]
}

@test "sums that cannot be written, or that would replace what is read or written, are refused before a byte is read" {
    needs libcrypto
    echo kept >file
    echo input >in
    for sums in none/sums file in .; do
        refused_late "^slabcat: .*$sums" -o file --digest-file "$sums" - in
        [ "$(cat file) $(cat in)" = "kept input" ]
    done
}

@test "the file of sums is renewed as soon as there is another one" {
    needs libcrypto
    mkfifo in
    "$SLABCAT" -o log --rotate-time 50ms --digest-file sums <in 2>err &
    track; pid=$!
    exec 7>in
    echo one >&7
    has_sums() { [ "$(wc -l <sums)" = "$1" ]; }
    eventually 5 has_sums 1
    sha256sum -c --quiet --strict sums
    echo two >&7
    eventually 5 has_sums 2
    sha256sum -c --quiet --strict sums
    exec 7>&-
    status_of "$pid"
    [ "$status" = 0 ]
    sha256sum -c --quiet --strict sums
}

@test "what is written compressed is counted, to all outputs together" {
    needs zstd zlib
    log_of 20000 >log
    for kind in zstd gzip; do
        "$SLABCAT" --compress $kind -o a -o b -o - --stats=json <log 2>err >out
        [ "$(figure compressed_bytes)" = $(($(stat -c %s a) + $(stat -c %s b))) ]
        [ "$(figure out_bytes)" = "$(stat -c %s log)" ]
    done
}

@test "statistics and sums do not take turns in one file" {
    needs libcrypto
    refused '^slabcat: --stats-file and --digest-file: both are figures; give each a file of its own$' \
        --stats-file figures --digest-file figures
    [ ! -e figures ]
    # nor under another name, whether it is there already or not
    refused_late "^slabcat: ./figures: is the file of the statistics as well$" \
        --stats-file figures --digest-file ./figures
    [ ! -e figures ]
    echo old >figures
    ln -s figures link
    for other in ./figures link; do
        refused_late "^slabcat: $other: is the file of the statistics as well$" \
            --stats-file figures --digest-file "$other"
    done
    [ "$(cat figures)" = old ]
}

@test "a sum of what was written, not of what was lost" {
    needs libcrypto
    mkfifo out
    exec 5<>out
    rig bytes 2000000 >in # of a file slabs are full, so that the second one is written in part
    "$SLABCAT" -s 60000 -n 4 --drain-timeout 100ms --digest sha256 in >out 2>err 5>&- &
    track; pid=$!
    exec 6<out 5>&-
    eventually 10 at_rest "$pid"
    kill -TERM "$pid"
    status_of "$pid"
    [ "$status" = 3 ]
    grep -q "^slabcat: sha256 $(cat <&6 | sha256sum | cut -d' ' -f1) of stdout\$" err
}

@test "a file of statistics or of sums that cannot be written at the end is a failure, whatever else can" {
    needs libcrypto
    mkfifo in
    for options in "--stats-file d/file --digest sha256" "--digest-file d/file --stats"; do
        mkdir d
        # shellcheck disable=SC2086
        "$SLABCAT" $options <in 2>err >out &
        track; pid=$!
        exec 7>in
        eventually 5 test -e d/file
        rm -r d
        exec 7>&-
        status_of "$pid"
        [ "$status" = 1 ]
        grep -q '^slabcat: d/file: write: No such file or directory$' err
    done
}

@test "what is on its way to several files when there is no more time is in their sums" {
    needs libcrypto
    needs_trace
    mkfifo in
    # a disk that takes 0.1 s for each write, less than the 0.2 s that what is on its way has when the time is up
    strace -f -o trace -e trace=writev -e inject=writev:delay_exit=100000 \
        "$SLABCAT" -s 1000 -n 300 --digest-file sums -o a -o b --drain-timeout 300ms <in 2>err &
    track; tracer=$!
    exec 7>in
    rig bytes 3000000 >&7 2>/dev/null &
    track
    eventually 5 test -s a
    pid=$(tr -d ' ' <"/proc/$tracer/task/$tracer/children")
    kill -TERM "$pid"
    exec 7>&-
    status_of "$tracer"
    [ "$status" = 3 ]
    sha256sum -c --quiet --strict sums
}
