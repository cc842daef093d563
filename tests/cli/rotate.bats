# --rotate-size, --rotate-time, --rotate-keep: files get other names between lines, and nothing is lost, doubled,
# cut or overwritten, whatever happens in between.
# The names that rotated files have contain nothing that a shell would split.
# shellcheck disable=SC2046,SC2010

load helper

# lines COUNT: of different lengths
lines() { awk -v n="$1" 'BEGIN { for (i = 0; i < n; i++) { printf "%d ", i; for (k = i * 7 % 90; k > 0; k--) printf "x"; print "" } }'; }

# rotated PATTERN: the files that have got another name, in the order of their names; and how many
rotated() { LC_ALL=C ls -d "$@" 2>/dev/null | grep -E '\.[0-9]{8}T[0-9]{6}\.[0-9]{6}Z(\.zst|\.gz)?$' || true; }
count_rotated() { rotated "$@" | wc -l; }
has_rotated() { [ "$(count_rotated log log.*)" = "$1" ]; }

# between_lines FILE...: each of them ends where a line does, and is not empty
between_lines() {
    local file
    for file; do
        [ "$(tail -c 1 "$file" | od -An -tx1)" = " 0a" ] || { echo "$file ends in the middle"; return 1; }
    done
}

# no_larger BYTES FILE...
no_larger() {
    local most=$1 file
    shift
    for file; do
        [ "$(stat -c %s "$file")" -le "$most" ] || { echo "$file has $(stat -c %s "$file") bytes"; return 1; }
    done
}

# together: all that has been written, in order
together() {
    local names
    names=$(rotated log.*)
    # shellcheck disable=SC2086
    cat $names log
}

@test "by size: full files that end with lines, and together they are the stream" {
    lines 30000 >in
    for mode in "" "-s 1000 -n 2" "-s 1M -n 1" "-s 7 -n 3" "-L 20M" "--on-full=spill" "--on-full=drop-oldest"; do
        rm -f log log.*
        head -n $([ "$mode" = "-s 7 -n 3" ] && echo 3000 || echo 30000) in >part
        # shellcheck disable=SC2086
        "$SLABCAT" $mode -o log --rotate-size 50K part
        together | cmp - part
        [ "$(count_rotated log.*)" -ge 1 ]
        between_lines $(rotated log.*) log
        # but for the rest of a line that has begun
        no_larger $((51200 + 100)) $(rotated log.*) log
        # as full as they can be
        [ "$(stat -c %s $(rotated log.*) | sort -n | head -n 1)" -gt $((51200 - 100)) ]
    done
    # of what comes in whole lines not a byte is too many
    rm -f log log.*
    "$SLABCAT" -s 4M -o log --rotate-size 50K in
    together | cmp - in
    no_larger 51200 $(rotated log.*) log
    rm -f log log.*
    printf '12345\n%.0s' 1 2 3 4 >part
    "$SLABCAT" -o log --rotate-size 11 part
    together | cmp - part
    no_larger 11 $(rotated log.*) log
}

@test "a last line without an end is in the last file, as it is" {
    { lines 2000; printf 'no end'; } >in
    "$SLABCAT" -o log --rotate-size 10K in
    together | cmp - in
    [ "$(tail -n 1 log)" = "no end" ]
}

@test "a line that is longer than a file may be has a file for itself; one without end is cut" {
    { echo one; rig bytes 5000 | tr '\n' x; echo; echo three; } >in
    "$SLABCAT" -o log --rotate-size 1K in
    together | cmp - in
    [ "$(count_rotated log.*)" = 2 ]
    between_lines $(rotated log.*) log
    rm log log.*
    head -c 1000000 /dev/zero >in
    "$SLABCAT" -o log --rotate-size 1K in
    together | cmp - in
    [ "$(count_rotated log.*)" -gt 3 ]
}

@test "nothing is made that is not needed: a file as large as the limit is the last one" {
    printf '%s\n' 123456789 123456789 >in
    "$SLABCAT" -o log --rotate-size 20 in
    [ "$(count_rotated log.*)" = 0 ]
    "$SLABCAT" -o log --rotate-size 20 </dev/null # what an earlier run has left is full
    [ "$(count_rotated log.*)" = 1 ]
    "$SLABCAT" -o log --rotate-size 20 </dev/null # what is empty stays
    [ "$(count_rotated log.*)" = 1 ]
    [ ! -s log ]
}

@test "by time: also when nothing more comes, between lines, and nothing is rotated that is empty" {
    mkfifo in
    "$SLABCAT" -o log --rotate-time 300ms <in &
    track; pid=$!
    exec 7>in
    echo one >&7
    eventually 2 has_rotated 1
    [ "$(cat "$(rotated log.*)")" = one ]
    [ ! -s log ]
    pause 0.7
    has_rotated 1
    printf 'tw' >&7
    pause 0.7
    has_rotated 1
    printf 'o\nthr' >&7
    eventually 2 has_rotated 2
    printf 'ee\n' >&7
    eventually 2 has_rotated 3
    exec 7>&-
    status_of "$pid"
    [ "$status" = 0 ]
    [ "$(together)" = $'one\ntwo\nthree' ]
}

@test "nobody is woken while a file waits for its time" {
    [ -z "${SANITIZE:-}" ] || skip "the sanitizers wake up on their own"
    mkfifo in
    "$SLABCAT" -o log --rotate-time 1h <in &
    track; pid=$!
    exec 7>in
    echo one >&7
    eventually 2 has_size log 4
    in_three_tries asleep "$pid"
}

@test "of the old ones the newest stay, and other files are none of ours" {
    touch log.1 log.old log.20261121T183203.123456 log.20261121T183203.123456Z.gz logs.20201121T183203.123456Z
    mkdir log.20201121T183203.123456Z
    lines 20000 | "$SLABCAT" -o log --rotate-size 50K --rotate-keep 3
    [ "$(count_rotated log.202[6-9]*Z log.20[3-9]*Z)" = 3 ]
    lines 20000 | tail -c "$(cat $(rotated log.*Z | grep -v 2020) log | wc -c)" |
        cmp - <(cat $(rotated log.*Z | grep -v 2020) log)
    for other in log.1 log.old log.20261121T183203.123456 log.20261121T183203.123456Z.gz logs.20201121T183203.123456Z \
        log.20201121T183203.123456Z; do
        [ -e "$other" ]
    done
}

@test "of the old ones the newest stay also when no run is long enough for a rotation" {
    for run in 1 2 3 4 5 6; do
        echo "$run" | "$SLABCAT" -o log --rotate-size 1M --rotate-keep 2
    done
    [ "$(count_rotated log.*)" = 2 ]
    [ "$(together)" = $'4\n5\n6' ]
}

@test "compressed: a new file that gets nothing is whole, too" {
    "$SLABCAT" --version | found '^with .*zstd.*zlib' || skip "built without zstd or zlib"
    (rig bytes 60000 | base64 -w 70 || true) | head -n 1000 >in # its last bytes leave the compressor at the end
    for kind in zstd gzip; do
        "$SLABCAT" -o "log.$kind" --compress $kind --rotate-size 50K in
        [ "$(ls log.*.[0-9]* log.[0-9]* 2>/dev/null | wc -l)" -ge 1 ]
        # suffixes are not those of the tools' kinds: digits come first
        for file in log."$kind".[0-9]* "log.$kind"; do
            "$kind" -dc <"$file"
        done | cmp - in
        # by time, and by HUP
        mkfifo pipe
        "$SLABCAT" -o "by.$kind" --compress $kind --rotate-time 100ms <pipe &
        track; pid=$!
        exec 7>pipe
        echo one >&7
        has_two() { [ "$(ls by.* | wc -l)" = 2 ]; }
        eventually 3 has_two
        exec 7>&-
        status_of "$pid"
        [ "$status" = 0 ]
        [ "$("$kind" -dc <"by.$kind" | wc -c)" = 0 ]
        [ "$("$kind" -dc < <(cat by.*))" = one ]
        rm -f by.* log.* pipe
    done
}

# ended_or_rotated PID COUNT: it has ended, or made more than so many files
ended_or_rotated() { ended "$1" || [ "$(count_rotated log.*)" -gt "$2" ]; }

@test "compressed: a file with nothing of the stream is not rotated, however small the limit" {
    "$SLABCAT" --version | found '^with .*zstd.*zlib' || skip "built without zstd or zlib"
    seq 30 >lines
    : >nothing
    # an empty frame has more bytes than the limit, or takes longer than it to be written
    for kind in zstd gzip; do
        for mode in "--rotate-size 1" "--rotate-size 10" "--rotate-time 10ms -L 300 --burst 1"; do
            for input in lines nothing; do
                rm -f log log.*
                # shellcheck disable=SC2086
                "$SLABCAT" -o log --compress $kind $mode <$input &
                track; pid=$!
                eventually 10 ended_or_rotated "$pid" 100
                ended "$pid" || { echo "$kind $mode $input: endless"; return 1; }
                status_of "$pid"
                [ "$status" = 0 ]
                [ "$(count_rotated log.*)" -le "$(wc -l <$input)" ]
                for file in $(rotated log.*); do
                    "$kind" -dc <"$file" >plain
                    between_lines plain
                done
                for file in $(rotated log.*) log; do "$kind" -dc <"$file"; done | cmp - $input
            done
        done
        # lines that come one by one: each file has one at least
        rm -f log log.*
        mkfifo pipe
        "$SLABCAT" -o log --compress $kind --rotate-size 1 <pipe &
        track; pid=$!
        exec 7>pipe
        for line in 1 2 3; do
            echo $line >&7
            eventually 5 has_rotated $line
        done
        exec 7>&-
        status_of "$pid"
        [ "$status" = 0 ]
        has_rotated 3
        rm pipe
    done
}

@test "compressed: each file is whole by itself, and the names keep their suffix" {
    "$SLABCAT" --version | found '^with .*zstd' || skip "built without zstd"
    rig bytes 3000000 | tr '\0-\11\13-\37' '\40-\51\53-\77' >in # a line end every 256 bytes or so
    "$SLABCAT" -o log.zst --compress zstd --rotate-size 500K --digest-file sums in
    [ "$(count_rotated log.*)" -ge 3 ]
    zstd -tq $(rotated log.*.zst) log.zst
    zstd -dcq $(rotated log.*.zst) log.zst | cmp - in
    for file in $(rotated log.*.zst); do
        zstd -dcq "$file" >plain
        between_lines plain
    done
    # they may be larger by what the compressor holds
    no_larger 800000 $(rotated log.*.zst) log.zst
    sha256sum -c --quiet --strict sums
    [ "$(wc -l <sums)" = $(($(count_rotated log.*) + 1)) ]
}

@test "a restart overwrites nothing: what is there gets another name, or with -a is gone on with" {
    printf 'of an earlier run' >log
    echo new | "$SLABCAT" -o log --rotate-size 1M
    [ "$(cat log)" = new ]
    [ "$(cat "$(rotated log.*)")" = "of an earlier run" ]
    echo more | "$SLABCAT" -a -o log --rotate-size 1M
    [ "$(cat log)" = $'new\nmore' ]
    [ "$(count_rotated log.*)" = 1 ]
    # what is there counts
    lines 10 | "$SLABCAT" -a -o log --rotate-size 10
    [ "$(cat "$(rotated log.* | sed -n 2p)")" = $'new\nmore' ]
}

@test "kill -9 and a restart, again and again: each run's bytes are there from its beginning on" {
    lines 100000 >in
    for run in 1 2 3 4 5 6; do
        "$SLABCAT" -L 20M -o log --rotate-size 100K <in &
        track; pid=$!
        [ "$run" != 1 ] || eventually 5 test -s log # where starting takes longer, nothing would be there yet
        pause "0.0$((RANDOM % 9))"
        kill -KILL "$pid"
        wait "$pid" || true
    done 2>/dev/null
    "$SLABCAT" -o log --rotate-size 100K in
    # each file goes on where the one before ended, or begins a new run: so it is a piece of the stream, whole
    at=0 runs=0
    for file in $(rotated log.*) log; do
        size=$(stat -c %s "$file")
        if [ "$at" = 0 ] || ! cmp -s -n "$size" "$file" in 0 "$at"; then
            at=0
            runs=$((runs + 1))
            cmp -n "$size" "$file" in
        fi
        at=$((at + size))
    done
    echo "$runs runs"
    [ "$runs" -ge 2 ]
    tail -c "$(stat -c %s in)" <(together) | cmp - in
}

@test "a file that only its owner may read has successors like it" {
    lines 5000 >in
    (umask 077 && : >log)
    "$SLABCAT" -o log --rotate-size 50K in
    [ "$(count_rotated log.*)" -ge 1 ]
    [ "$(stat -c %a $(rotated log.*) log | sort -u)" = 600 ]
}

@test "without such a file the umask says who may read the next one" {
    lines 5000 >in
    (umask 027 && "$SLABCAT" -o log --rotate-size 50K in)
    [ "$(count_rotated log.*)" -ge 1 ]
    [ "$(stat -c %a $(rotated log.*) log | sort -u)" = 640 ]
}

@test "HUP between rotations opens the file again and goes on counting" {
    mkfifo in
    "$SLABCAT" -o log --rotate-size 1K <in &
    track; pid=$!
    exec 7>in
    lines 10 >&7
    eventually 2 has_size log "$(lines 10 | wc -c)"
    mv log away
    kill -HUP "$pid"
    eventually 2 test -e log
    lines 40 >&7
    exec 7>&-
    status_of "$pid"
    [ "$status" = 0 ]
    cmp away <(lines 10)
    together | cmp - <(lines 40)
    [ "$(count_rotated log.*)" -ge 1 ]
    # from 0: the first one is full
    [ "$(stat -c %s $(rotated log.*) | head -n 1)" -gt $((1024 - 100)) ]
}

@test "somebody else takes the file away: it is made again, and nothing is lost" {
    mkfifo in
    "$SLABCAT" -o log --rotate-size 1K <in &
    track; pid=$!
    exec 7>in
    lines 10 >&7
    eventually 2 has_size log "$(lines 10 | wc -c)"
    mv log away
    lines 100 >&7
    exec 7>&-
    status_of "$pid"
    [ "$status" = 0 ]
    cmp <(cat away $(rotated log.*) log) <(lines 10; lines 100)
}

@test "several files, each by itself, and what is no file stays one stream" {
    lines 20000 >in
    "$SLABCAT" -o log --rotate-size 100K -o other -o - <in >out
    together | cmp - in
    cat $(rotated other.*) other | cmp - in
    cmp out in
    [ "$(count_rotated log.*)" = "$(count_rotated other.*)" ]
}

@test "on disk before it gets its name, and its name before anything else" {
    needs_trace
    lines 3000 >in
    strace -f -o trace -e trace=fsync,renameat2,openat,link,unlink "$SLABCAT" -o log --rotate-size 50K in
    # of the writer's: fsync of the file, rename, fsync of the directory, the new file, fsync of the directory
    grep -oE '(fsync\(|renameat2\(|openat\(AT_FDCWD, "log")' trace | tr -d '(' | sed 's/AT_FDCWD.*//' >calls
    grep -A4 -m1 fsync calls | tr '\n' ' ' | tee order
    grep -q '^fsync renameat2 fsync openat fsync ' order
}

@test "a rotation that fails is trouble, and no loss" {
    needs_trace
    lines 5000 >in
    status=0
    strace -f -o /dev/null -e inject=renameat2:error=EACCES "$SLABCAT" -o log --rotate-size 50K in 2>err || status=$?
    [ "$status" = 1 ]
    together | cmp - in
    [ "$(count_rotated log.*)" = 0 ]
    # where the first file should have ended: behind a whole line, with no room for another
    at=$(sed -n 's/^slabcat: log: rename at byte \([0-9]*\): Permission denied$/\1/p' err | head -n 1)
    [ "$at" -le 51200 ]
    [ "$at" -gt $((51200 - 100)) ]
    [ "$(head -c "$at" in | tail -c 1 | od -An -tx1)" = " 0a" ]
    rm -f log log.*
    status=0
    strace -f -o /dev/null -e inject=fsync:error=EIO:when=1 "$SLABCAT" -o log --rotate-size 50K in 2>err || status=$?
    [ "$status" = 1 ]
    together | cmp - in
    grep -q '^slabcat: log: sync at byte [0-9]*: Input/output error$' err
    # it is tried again after as many bytes, and said once
    [ "$(wc -l <err)" = 1 ]
    [ "$(count_rotated log.*)" -ge 1 ]
    no_larger $((2 * 51200 + 100)) $(rotated log.*) log
}

@test "a rotation that fails halfway: the next file is begun when it can be, and the sums have the right names" {
    needs_trace
    "$SLABCAT" --version | found '^with .*libcrypto' || skip "built without libcrypto"
    lines 10000 >in
    # the directory is not synced; the new file cannot be opened, of those that are opened by that name (a sandbox
    # opens it, too); at the start, which counts for itself, there are three
    for fault in "fsync:error=EIO:when=2" "openat:error=EMFILE:when=4"; do
        rm -f log log.*
        status=0
        only=()
        [ "${fault%%:*}" = fsync ] || only=(-P log)
        strace -f -o /dev/null "${only[@]}" -e inject="$fault" \
            "$SLABCAT" --no-sandbox -o log --rotate-size 50K --digest-file sums in 2>err || status=$?
        cat err
        [ "$status" = 1 ]
        together | cmp - in
        sha256sum -c --quiet --strict sums
        [ "$(wc -l <sums)" = $(($(count_rotated log.*) + 1)) ]
    done
}

@test "lines that end with NUL" {
    for i in $(seq 1000); do printf 'a\n%d\0' "$i"; done >in
    "$SLABCAT" -0 -o log --rotate-size 1K in
    together | cmp - in
    for file in $(rotated log.*); do
        [ "$(tail -c 1 "$file" | od -An -tx1)" = " 00" ]
    done
}

@test "what cannot get another name is refused before a byte is read" {
    mkfifo pipe
    ln -s nowhere link
    for path in pipe link /dev/null; do
        status=0
        exec 5<>pipe
        left=$({ "$SLABCAT" -o "$path" --rotate-size 1K >out 2>err || echo "$?" >status; cat; } <<<unread)
        exec 5>&-
        [ "$left" = unread ]
        [ "$(cat status)" = 1 ]
        [ "$(grep -c "^slabcat: $path: cannot be rotated" err)" = 1 ]
    done
    # and nothing has been made by that
    [ ! -e nowhere ]
}
