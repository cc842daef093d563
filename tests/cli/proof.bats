# A real producer, a real stall: the ring that the formula recommends absorbs it, and half of that ring holds the
# producer up for as long as the formula says.

load helper
. "$BATS_TEST_DIRNAME/../../bench/setups.bash"

# what the write() that the end of the stall finds may take at most when the stall is absorbed. No other counts: a busy
# machine keeps anybody waiting for as long as it likes.
# On a slow machine all times are SLOW times as long (see slow_down), this one too.
felt_ns() { echo $((5000000 * SLOW)); }

# slow_down: the workload that has been set, SLOW times as slow: the rate, the flush interval, the stall. The ring, and so
# what is proved of it, is the same. The pipes stay as they are: what they are there for takes longer as well.
slow_down() {
    local as_it_was=$pipe
    workload $((rate / SLOW)) "$message" "$slab" "$count" $((flush * SLOW))
    pipe=$as_it_was
}

# figure NAME FILE: a number of the line that bench/stall prints
figure() { sed -n "s/.*\b$1 \([0-9]*\).*/\1/p" "$2"; }

# stalls COUNT MATERIAL: the workload through COUNT slabs; what happened is in said and explained
stalls() {
    stall_through "$1" "$SLABCAT"
    "${through[@]}" --zero-copy="$2" --explain >said 2>explained || { cat said explained; return 2; }
    echo "$1 x $slab, $2, $stall ms: predicted $(predicted_ns "$1"), $(cat said)"
    # pages were moved, or none
    grep -qE '^slabcat: in: [1-9][0-9]* bytes as pages' explained || [ "$2" = never ]
}

absorbs() {
    stalls "$@" || return
    [ "$(figure stalled_ns said)" -lt "$(felt_ns)" ]
}

# within 20 % of what is predicted
is_held_up() {
    local predicted stalled
    stalls "$@" || return
    predicted=$(predicted_ns "$1") stalled=$(figure stalled_ns said)
    [ "$stalled" -ge $((predicted * 8 / 10)) ] || return 1
    [ "$stalled" -le $((predicted * 12 / 10)) ]
}

timing_counts() {
    [ -z "$SANITIZE" ] || skip "a sanitizer takes the time that is measured"
    [ "$ZERO_COPY" = auto ] || skip "these say themselves which material to use"
}

# a busy machine may keep that write() waiting for as long too; not six times in a row
in_six_tries() {
    local verdict=0
    in_three_tries "$@" || verdict=$?
    [ "$verdict" = 1 ] || return "$verdict"
    in_three_tries "$@"
}

# slabs of kernel pages (as far as a slab's pipe has room for the pages of small messages) and slabs of memory
proves() {
    timing_counts
    slow_down
    for material in auto never; do
        in_six_tries absorbs "$count" "$material"
        in_six_tries is_held_up $((count / 2)) "$material"
    done
}

# member NAME: a number of the plan in out, not of one of those it lists
member() { sed -n "s/^  \"$1\": \([0-9]*\),*$/\1/p" out; }

@test "the set-ups are those of --plan, and their counts what it works out" {
    for name in $set_ups; do
        set_up "$name"
        "$SLABCAT" --plan "$name" --json >out
        [ "$(member rate_bytes_per_s)" = "$rate" ]
        [ "$(member slab_size_bytes)" = "$slab" ]
        [ "$(member slab_count)" = "$count" ]
        [ $((($(member flush_interval_ns) + 0) / 1000000)) = "$flush" ] # null is 0
        "$SLABCAT" --plan R=$((rate / message)) M="$message" S="${stall}ms" L=1ms -s "$slab" --json >out
        [ "$(member slab_count)" = "$count" ]
        "$SLABCAT" --plan R=$((rate / message)) M="$message" S="$((stall + 2))ms" L=1ms -s "$slab" --json >out
        [ "$(member slab_count)" = $((count + 1)) ]
    done
}

@test "file: 8 x 64K, 10,000 messages of 256 bytes a second" {
    set_up file
    [ "$stall" = 179 ]
    proves
}

@test "network: 16 x 64K, 50,000 messages of 256 bytes a second, -f 100ms" {
    set_up network
    [ "$stall" = 76 ]
    proves
}

@test "sidecar: 4 x 16K, 1,000 messages of 256 bytes a second, -f 50ms" {
    set_up sidecar
    [ "$stall" = 192 ]
    proves
}

@test "pipeline: 8 x 256K, 100,000 messages of 200 bytes a second" {
    set_up pipeline
    [ "$stall" = 91 ]
    proves
}

@test "the smallest slabs: 64 x 4K, 2,500 messages of 1 KiB a second" {
    workload 2560000 1024 4096 64 0
    proves
}

@test "50 MB/s: 64 x 64K, messages of 4 KiB" {
    workload 50000000 4096 65536 64 0
    proves
}

@test "the worst that can be: the slab in the writer's hand is no use to anybody" {
    # only full slabs go, and when the stall begins the front of one has gone: there is room in all others
    workload 2560000 256 65536 8 1000
    [ "$held" = "$slab" ]
    proves
}

@test "a flush interval costs no more than that slab, wherever in it the stall begins" {
    timing_counts
    set_up network
    slow_down
    for place in 1 16384 61439 65535 65536; do
        at=$((20 * slab + place))
        in_six_tries absorbs "$count" never
    done
    set_up sidecar
    slow_down
    for at in 1 6000 12500; do
        in_six_tries absorbs "$count" never
    done
}

@test "nothing is lost when the ring is too small for the stall" {
    # the one part of this that a sanitizer leaves as it is; bench/stall compares every byte
    set_up file
    for material in auto never; do
        stalls 2 "$material"
        [ "$(figure lines said)" = $(((at + rate * (stall + 50) / 1000) / message)) ]
    done
}

# pipes as they are, and slabcat free to enlarge them: that only adds room
plain() {
    pipe=0
    stall_through "$count" "$SLABCAT"
    "${through[@]}" --pipe-size=auto >said || return 2
    cat said
    [ "$(figure stalled_ns said)" -lt "$(felt_ns)" ]
}

@test "between ordinary pipes it holds all the more" {
    timing_counts
    for name in $set_ups; do
        set_up "$name"
        slow_down
        in_six_tries plain
    done
}
