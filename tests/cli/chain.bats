# The reader's side of the transforms: what is counted, dropped and handed on while bytes are changed.

load helper

# stalled ARGUMENT...: slabcat $pid from the FIFO in to the FIFO out, which nobody reads, and a hot producer
stalled() {
    rm -f in out err
    mkfifo in out
    exec 5<>out
    "$SLABCAT" --drain-timeout 0 --stats=json "$@" <in >out 2>err 5>&- &
    track; pid=$!
    chatter 200000 256 >in 2>/dev/null 5>&- &
    track
}

# is_full: the ring is, and has been for a moment
is_full() {
    kill -USR1 "$pid"
    pause 0.2
    [ "$(figure ring_full_longest_ns)" -gt 300000000 ]
}

# prefixes_in BYTES: how many of the first BYTES of lines of 284 belong to the 28 that each begins with
prefixes_in() { echo $(($1 / 284 * 28 + ($1 % 284 < 28 ? $1 % 284 : 28))); }

@test "what is on the way to the transforms is no byte that they have removed" {
    needs_copying
    stalled -s 4K -n 64 --prefix "28 bytes, of which none goes"
    eventually 10 is_pouring "$pid"
    eventually 10 is_full
    kill -TERM "$pid"
    status_of "$pid"
    exec 5>&-
    [ "$status" = 3 ]
    adds_up
    # The prefix of each line that has begun in what the pipe and the ring have taken, and nothing else. The ring is
    # full, but the slab that the writer has begun to drain may hold less than a slab.
    slab=$(figure slab_size_bytes)
    full=$(($(figure out_bytes) + slab * $(figure slab_count)))
    added=$(figure added_bytes)
    echo "$added bytes added, full at $full"
    [ "$added" -le "$(prefixes_in "$full")" ]
    [ "$added" -ge "$(prefixes_in $((full - slab)))" ]
    held=$(figure high_water_bytes)
    [ "$held" -le $((slab * $(figure slab_count))) ]
    [ "$held" -gt $((slab * ($(figure slab_count) - 1))) ]
}

@test "the ring never held more than it can hold, whatever waits in front of it" {
    needs_copying
    for policy in "block -s 7 -n 2" "spill -s 16 -n 3" "drop-newest" "drop-oldest -s 4096 -n 4"; do
        # shellcheck disable=SC2086
        stalled --prefix "begins: " --on-full $policy
        eventually 10 is_pouring "$pid"
        pause 0.3
        kill -TERM "$pid"
        status_of "$pid"
        exec 5>&-
        adds_up
        [ "$(figure high_water_bytes)" -gt 0 ]
        [ "$(figure high_water_bytes)" -le $(($(figure slab_size_bytes) * $(figure slab_count))) ]
    done
}

# flood: a line, and an escape that never ends, faster than anybody reads, until nobody does
flood() {
    printf 'the line before\n\033]52;'
    cat /dev/zero
}

@test "what came before an endless escape does not wait for its end" {
    for options in "" "--on-full drop-newest"; do
        rm -f in out
        mkfifo in
        # shellcheck disable=SC2086
        "$SLABCAT" --strip-ansi --flush-interval 1m $options <in >out 2>err &
        track; pid=$!
        flood >in 2>/dev/null &
        track; flooding=$!
        eventually 10 test -s out
        [ "$(cat out)" = "the line before" ]
        not ended "$flooding"
        kill -KILL "$pid"
        status_of "$flooding"
    done
}

@test "the last line of a file is not dropped because an end of it was held" {
    # the end is the beginning of a secret, and with its prefix too long for the slab that is open
    { seq -f %04g 500; printf abc; } >file
    KEY=abcdefgh "$SLABCAT" --redact-env KEY --prefix "$(printf 'p%.0s' {1..100})" -s 64 -n 6 \
        --on-full drop-newest --rate-limit 100k --burst 1k --stats=json file >out 2>err
    [ "$(tail -c 4 out)" = 'p***' ]
    [ "$(wc -l <out)" = 500 ]
    [ "$(figure dropped_bytes)" = 0 ]
    adds_up
}

@test "a secret that is given in place of a name is not repeated" {
    for name in hunter2=secret KEY=hunter2 =hunter2; do
        refused 'redact-env: not the name of a variable' --redact-env "$name"
        not grep hunter2 err
    done
    mapfile -t many < <(seq -f 'HUNTER2_%g' 65)
    refused 'redact-env: one too many' "${many[@]/#/--redact-env=}"
    not grep HUNTER2 err
}
