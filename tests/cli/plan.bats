# --plan: every number it prints is recomputed here from the row it stands in, by other means than slabcat's.

load helper

# Numbers as they are printed, to and from awk's own, which are exact up to 2^53.
UNITS='
function number(text, letters) { match(text, /^[0-9.]+/); unit = substr(text, RLENGTH + 1); return substr(text, 1, RLENGTH) + 0 }
function size(text,  n) { n = number(text); return n * 1024 ^ int(index("BKMGT", substr(unit "B", 1, 1)) - 1) }
function count(text,  n) { n = number(text); return n * (unit == "K" ? 1000 : unit == "M" ? 1000000 : 1) }
function ns(text,  n) {
    n = number(text)
    return n * (unit == "ns" ? 1 : unit == "us" ? 1e3 : unit == "ms" ? 1e6 : unit == "s" ? 1e9 : unit == "m" ? 6e10 : 36e11)
}
function four(n) { return sprintf("%.4g", n) }
function about_size(n) { return n < 1024 ? n "B" : n < 1048576 ? four(n / 1024) "KiB" : n < 1073741824 ? four(n / 1048576) "MiB" : four(n / 1073741824) "GiB" }
function about_time(n) { n = int(n); return n < 1e3 ? n "ns" : n < 1e6 ? four(n / 1e3) "us" : n < 1e9 ? four(n / 1e6) "ms" : n < 6e10 ? four(n / 1e9) "s" : n < 36e11 ? four(n / 6e10) "m" : four(n / 36e11) "h" }
function above(a, b) { return int(a / b) + (a % b > 0) }
function power_of_two(n, least,  p) { for (p = least; p < n; p *= 2); return p }
function expect(what, got, wanted) { if (got "" != wanted "") { print $0 ": " what " is " got ", not " wanted; wrong = 1 } }
function same_sizing(at, rate,  s, n) {
    s = size($at); n = $(at + 1)
    expect("memory", $(NF - 2), about_size(s * n))
    expect("absorbs", $(NF - 1), about_time(s * n * 1e9 / rate))
    expect("for certain", $NF, about_time(s * (n - 1) * 1e9 / rate))
}
END { if (wrong) exit 1 }
'

plan() { "$SLABCAT" --plan "$@" </dev/null; }

# between HEADING: the rows below the table heading that matches, up to an empty line
below() { awk -v heading="$1" 'found && !NF { over = 1 } found && !over { print } $0 ~ heading { found = 1 }'; }

@test "alone it explains itself: what comes in during a write, and the slab for it" {
    plan | below 'come in +least' >rows
    cat rows
    [ "$(wc -l <rows)" = 5 ]
    awk "$UNITS"'{
        come_in = above(count($1) * size($2) * ns($3), 1e9)
        expect("come in", $4 " " $6, about_size(come_in) " " come_in "B")
        expect("least", size($7), power_of_two(come_in, 4096))
        expect("to use", size($8), power_of_two(come_in, 16384))
    }' rows
    grep -qE '10K +256B +1ms +2.5KiB = 2560B' rows
    grep -qE '10K +256B +10ms +25KiB = 25600B' rows
    grep -qE '100K +200B +10ms +195.3KiB = 200000B' rows
}

@test "alone it explains itself: the slabs that absorb a stall" {
    plan | below 'slabs \+ 1' >rows
    cat rows
    [ "$(wc -l <rows)" = 4 ]
    awk "$UNITS"'{
        needed = above(count($1) * size($2) * ns($3) / 1e9, size($4))
        expect("slabs", $5 $6 $7, needed "+1")
        expect("to use", $8, needed + 1)
    }' rows
    [ "$(awk '{ print $3, $5 }' rows | paste -sd ,)" = "50ms 2,200ms 8,100ms 20,100ms 8" ]
}

@test "alone it explains itself: what a ring absorbs" {
    plan | below 'ring +memory' >rows
    cat rows
    [ "$(wc -l <rows)" -ge 5 ]
    awk "$UNITS"'{
        n = $1; s = size($3)
        expect("memory", $4, about_size(n * s))
        for (k = 0; k < 2; k++) {
            rate = k ? 50000 * 256 : 10000 * 256
            expect("absorbs", $(5 + 2 * k), about_time(n * s * 1e9 / rate))
            expect("for certain", $(6 + 2 * k), about_time((n - 1) * s * 1e9 / rate))
        }
    }' rows
    grep -qE '8 x 64K +512KiB +204.8ms +179.2ms +40.96ms' rows
    for setup in "8 x 64K" "16 x 64K" "4 x 16K" "8 x 256K"; do
        grep -q " $setup " rows
    done
}

# planned RATE L S WORD...: a full plan, whose rows are what the formulas say
planned() {
    local rate=$1 latency=$2 stall=$3
    shift 3
    plan L="$latency" S="$stall" "$@" >out
    below 'for certain' <out | sed 's/as given/as_given/; s/within B/within_B/' >rows
    cat out
    awk -v rate="$rate" -v latency="$latency" -v stall="$stall" "$UNITS"'
        BEGIN { write = above(rate * ns(latency), 1e9); held = above(rate * ns(stall), 1e9) }
        $1 == "minimum" { expect("-s", size($2), power_of_two(write, 4096)) }
        $1 == "recommended" { expect("-s", size($2), power_of_two(write, 16384)) }
        $1 == "minimum" || $1 == "recommended" || NF > 6 {
            expect("the formula", $4 $5 $6 $7, "=" above(held, size($2)) "+1")
            expect("-n", $3, above(held, size($2)) + 1)
        }
        { same_sizing(2, rate); rows++ }
        END { exit rows < 2 }
    ' rows
}

@test "a plan is what the formulas say, at many workloads" {
    planned 2560000 10ms 200ms R=10K M=256
    planned 2560000 1ms 200ms R=10K/s M=256
    planned 12800000 1ms 5s R=50K M=256
    planned 20000000 10ms 100ms R=100K M=200
    planned 2500000 3ms 1s R=2.5MB/s
    planned 524288 50us 1m R=512KiB/s
    planned 100 1h 24h R=100B/s
    planned 7 1ns 1ns R=7 M=1
    planned 65536000 1ms 8ms R=64K M=1024
    planned 1000000000000 1ms 1s R=1TB/s
}

@test "a plan names the workload in both units, what comes in, and the sizes" {
    run plan R=10K M=256 L=10ms S=200ms
    [ "${lines[0]}" = "10K messages/s of 256B are 2.56MB/s (2.441MiB/s)." ]
    [[ ${lines[1]} == *"10ms"*" 25KiB come in"* ]]
    [[ ${lines[2]} == *"200ms"*" 500KiB come in"* ]]
    [[ $output == *"32K    17 = 16 + 1 "*"544KiB   217.6ms      204.8ms"* ]]
    [[ $output == *"It keeps up: 32K every 10ms carry 3.277MB/s; a write may take 12.8ms."* ]]
    [[ $output == *"input pipe adds 25.6ms (64K), or 409.6ms (the 1M"* ]]
    [ "${lines[-1]}" = "    app | slabcat -s 32K -n 17 > out.log" ]
}

@test "sizes that are given are judged" {
    planned 2560000 10ms 200ms R=10K M=256 -s 4K -n 8
    grep -q "TOO SLOW: 4K every 10ms carry only 409.6kB/s of 2.56MB/s;" out
    grep -q "keeps up while a write takes 1.6ms at most" out
    grep -q "TOO SHORT: 200ms need 126 x 4K; 8 absorb 11.2ms for certain." out
    grep -q "app | slabcat -s 4K -n 8 > out.log" out
    planned 2560000 10ms 200ms R=10K M=256 -s 64K -n 9
    not grep -q TOO out
    planned 2560000 10ms 200ms R=10K M=256 -s 64K -n 8
    grep -q "TOO SHORT: 200ms need 9 x 64K; 8 absorb 179.2ms for certain." out
    plan R=10K M=256 -s 64K -n 8 >out
    grep -q "as given .* 64K *8 *512KiB *204.8ms *179.2ms" out
    grep -q "keeps up while a write of 64K takes 25.6ms at most" out
    # a single slab absorbs nothing for certain, a ring may be larger than this machine's memory
    plan R=10K M=256 S=200ms -s 64K -n 1 | found "200ms need 9 x 64K; 1 absorb 0ns for certain"
    plan R=1GB/s -s 1G -n 65536 | found 64TiB
}

@test "where one size is given the other follows" {
    planned 2560000 10ms 200ms R=10K M=256 -s 8K
    grep -q "as given .* 8K *64 = 63 + 1" out
    planned 2560000 10ms 200ms R=10K M=256 -n 4
    grep -q "as given .* 256K *4 " out
    not grep -q TOO out
    planned 2560000 10ms 200ms R=10K M=256 -n 1
    grep -q "as given .* 32K *1 " out
    grep -q "TOO SHORT: 200ms need 17 x 32K; 1 absorb 0ns" out
}

@test "a budget is kept, the slab size gives way first, and what no longer holds is said" {
    planned 2560000 10ms 200ms R=10K M=256 B=1M
    grep -q "within B .* 32K *17 " out
    not grep -q TOO out
    planned 2560000 10ms 200ms R=10K M=256 B=520K
    grep -q "within B .* 8K *64 .* 512KiB" out
    grep -q "TOO SLOW: 8K every 10ms carry only 819.2kB/s" out
    not grep -q "TOO SHORT" out
    planned 2560000 10ms 200ms R=10K M=256 B=256K
    grep -q "within B .* 32K *8 .* 256KiB" out
    grep -q "TOO SHORT: 200ms need 17 x 32K; 8 absorb 89.6ms for certain." out
    planned 2560000 10ms 200ms R=10K M=256 B=100K -s 16K
    grep -q "within B .* 16K *6 .* 96KiB" out
    grep -q "app | slabcat -s 16K -n 6 > out.log" out
}

@test "without a stall, or without a latency, typical ones are looked at" {
    plan R=10K M=256 L=10ms >out
    cat out
    below 'for certain' <out >rows
    [ "$(awk '{ print $1 }' rows | paste -sd ' ')" = "50ms 100ms 200ms 500ms 1s 2s 5s" ]
    awk "$UNITS"'{
        expect("-s", $2, "32K")
        expect("-n", $3 $5, above(2560000 * ns($1) / 1e9, 32768) + 1 "" above(2560000 * ns($1) / 1e9, 32768))
        same_sizing(2, 2560000)
    }' rows
    tail -n 1 out | found "slabcat -s 32K -n 17 >"
    plan R=10K M=256 S=200ms >out
    cat out
    below 'for certain' <out >rows
    [ "$(awk '{ print $1 }' rows | paste -sd ' ')" = "100us 1ms 10ms 100ms" ]
    awk "$UNITS"'{
        expect("-s", size($2), power_of_two(2560000 * ns($1) / 1e9, 16384))
        expect("-n", $3 $5, above(512000, size($2)) + 1 "" above(512000, size($2)))
        same_sizing(2, 2560000)
    }' rows
    tail -n 1 out | found "slabcat -s 16K -n 33 >"
    plan R=10K M=256 S=200ms -s 16K | grep -c ' slow$' | found -x 2
    plan R=10K M=256 L=1ms B=256K | grep -c ' short$' | found -x 5
    plan R=10K M=256 L=1ms B=256K | found "TOO SHORT: 200ms need 126 x 4K; 64 absorb 100.8ms for certain"
    plan R=10K M=256 L=10ms -s 4K | found "TOO SLOW: 4K every 10ms"
    plan R=1TB/s S=200ms | grep -c 'no ring is that large' | found -x 2
}

@test "without both, each stall meets each latency" {
    plan R=50K M=256 >out
    cat out
    below '^  stall' <out >rows
    [ "$(wc -l <rows)" = 7 ]
    awk "$UNITS"'{
        split("100us 1ms 10ms 100ms", latency, " ")
        for (k = 1; k <= 4; k++) {
            s = power_of_two(12800000 * ns(latency[k]) / 1e9, 16384)
            expect("-s", size($(3 * k - 1)), s)
            expect("-n", $(3 * k + 1), above(12800000 * ns($1) / 1e9, s) + 1)
        }
    }' rows
    tail -n 1 out | found "slabcat -s 16K -n 158 >"
    plan R=50K M=256 -s 16K | below '^  stall' | grep -o '!' | wc -l | found -x 14
    plan R=1TB/s | below '^  stall' | grep -o ' -' | wc -l | found -x 14
}

# set_up NAME RATE SIZE COUNT OPTIONS: its row, what it absorbs, and the command line
set_up() {
    plan "$1" >out
    cat out
    below 'for certain' <out | awk -v rate="$2" "$UNITS"'{ same_sizing(2, rate); rows++ } END { exit rows != 1 }'
    grep -qE "^  $1 +$3 +$4 " out
    grep -q "takes $6 at most" out
    tail -n 1 out | found -E "app \| slabcat $5 [>|] "
}

@test "the everyday set-ups" {
    set_up file 2560000 64K 8 "-s 64K -n 8" 25.6ms
    set_up network 12800000 64K 16 "-s 64K -n 16 -f 100ms" 5.12ms
    grep -q "No byte waits longer than 100ms for others; a slab is full in 5.12ms here." out
    set_up sidecar 256000 16K 4 "-s 16K -n 4 -f 50ms" 64ms
    grep -q "No byte waits longer than 50ms for others; a write carries 12.5KiB then." out
    set_up pipeline 20000000 256K 8 "-s 256K -n 8" 13.11ms
    plan network | found "81.92ms *76.8ms"
}

@test "what is given besides takes the place of the set-up's own" {
    plan network R=20K | found "^20K messages/s of 256B are 5.12MB/s"
    plan M=100 network | found "^50K messages/s of 100B are 5MB/s"
    plan network R=2MB/s | found "^2MB/s"
    plan network -s 32K -n 4 | tail -n 1 | found "slabcat -s 32K -n 4 -f 100ms |"
    plan network -f 20ms | tail -n 1 | found -- "-f 20ms |"
    plan network -f 0 | found "No byte waits for others"
    plan network S=100ms | found "TOO SHORT: 100ms need 21 x 64K; 16 absorb 76.8ms for certain."
}

@test "the last line is a command line that runs" {
    mkdir bin
    ln -s "$SLABCAT" bin/slabcat
    printf '#!/bin/sh\necho hello\n' >bin/app
    printf '#!/bin/sh\ncat >out.log\n' >bin/consumer
    chmod +x bin/app bin/consumer
    for words in "R=10K M=256 L=1ms S=200ms" "R=10K M=256" network file; do
        # shellcheck disable=SC2086
        plan $words | tail -n 1 >line
        rm -f out.log
        PATH=$PWD/bin:$PATH bash -o pipefail ./line
        [ "$(cat out.log)" = hello ]
    done
}

@test "a plan fits a screen" {
    for words in "R=10K M=256 L=10ms S=200ms -s 4K -n 8" "sidecar L=100ms S=20s" "R=10K M=256" "R=10K M=256 B=64K L=1ms" \
        "R=10K M=256 B=64K L=100ms" "R=50K M=256 B=8K" \
        "R=999999 M=999 L=99999us S=54321ms B=12345K"; do
        # shellcheck disable=SC2086
        plan $words >out
        [ "$(wc -l <out)" -le 24 ] || { cat out; return 1; }
        [ "$(wc -L <out)" -lt 80 ] || { cat out; return 1; }
    done
    plan >out
    [ "$(wc -L <out)" -lt 80 ]
}

@test "rates that are none are refused" {
    for value in 0 -1 abc 1e3 "" 0B/s 2TB/s 2000G 10K/m 2MB/s/s 18446744073709551617 99999999999999TB/s; do
        refused "^slabcat: --plan R='$value': not a rate from 1 to 1000G messages/s or 1TB/s, such as " --plan R="$value" M=1
    done
    refused "^slabcat: --plan: 1G messages/s of 1001: more than 1TB/s" --plan R=1G M=1001
    plan R=1G M=1000 -s 1G -n 2 | found 1TB/s
}

@test "sizes and times that are none are refused" {
    for value in 0 -1 abc 2G 1e3 "" 64X; do
        refused "^slabcat: --plan M='$value': not a size from 1 to 1G, such as 256 or 4K" --plan R=1 M="$value"
    done
    for value in 0 -1 8191 65T abc ""; do
        refused "^slabcat: --plan B='$value': not a size from 8K to 64T, such as 512K" --plan R=1 M=1 B="$value"
    done
    for value in 0 -3ms 25h 5 abc "" 0.5ns; do
        refused "^slabcat: --plan L='$value': not a time from 1ns to 24h, such as 10ms" --plan R=1 M=1 L="$value"
        refused "^slabcat: --plan S='$value': not a time from 1ns to 24h, such as 200ms" --plan R=1 M=1 S="$value"
    done
    refused "^slabcat: --slab-size '2G': not a size from 1 to 1G" --plan R=1 M=1 -s 2G
    refused "^slabcat: --slab-count '65537': not a count from 0 to 65536" --plan R=1 M=1 -n 65537
}

@test "what is missing is named" {
    for words in M=256 L=1ms "-s 4K" "-n 4" "S=1s B=1M"; do
        # shellcheck disable=SC2086
        refused "^slabcat: --plan: R is missing: .* R=10K M=256, or R=2.5MB/s" --plan $words
    done
    refused "^slabcat: --plan R='10K': how large are the messages\?" --plan R=10K L=1ms
}

@test "what contradicts itself is refused" {
    refused "^slabcat: --plan M='3': R='2MB/s' counts bytes" --plan R=2MB/s M=3
    refused "^slabcat: --plan M='3': R='2MB/s' counts bytes" --plan network R=2MB/s M=3
    refused "^slabcat: --plan L='2ms': L is there already, as '1ms'" --plan R=1 M=1 L=1ms L=2ms
    refused "^slabcat: --plan: network and file: give one of them" --plan network file
    refused "^slabcat: --plan B='1M': network has its sizes; change them with -s and -n" --plan network B=1M
    refused "^slabcat: --plan B='1M' and --slab-count: give one of them" --plan R=1 M=1 B=1M -n 4
    refused "^slabcat: --plan B='8K': less than one slab of 16K; make --slab-size smaller" --plan R=1 M=1 B=8K -s 16K
    refused "^slabcat: --plan and --memory: give the memory as B=1M" --plan R=1 M=1 -m 1M
    refused "^slabcat: --plan --slab-count 0: without a ring there is nothing to plan; from 1 to 65536" --plan R=1 M=1 -n 0
    refused "^slabcat: --json goes with --plan only" --json
}

@test "a word that is none lists those that are" {
    for word in foo r=10K X=1 RR=1 = "" - Network; do
        refused "^slabcat: --plan '$word': not R=, M=, L=, S= or B=, nor file, network, sidecar or pipeline" --plan "$word"
    done
    run "$SLABCAT" --plan $'L=\e[2J'
    [ "$output" = "slabcat: --plan L='\\x1b[2J': not a time from 1ns to 24h, such as 10ms" ]
}

@test "what no ring can do is refused; more slabs than there can be become larger ones" {
    refused "^slabcat: --plan L=2ms: 1.863GiB come in, more than the largest slab, 1G" --plan R=1TB/s L=2ms S=1s
    refused "^slabcat: --plan S=86400s: 78580TiB come in, more than 65536 slabs of 1G absorb" --plan R=1TB/s S=24h
    refused "^slabcat: --plan S=10s: 2441408 slabs of 4K are needed, more than 65536; make --slab-size larger" \
        --plan R=1GB/s L=1us S=10s -s 4K
    # 100 s at 1 GB/s are 47684 slabs of 2M; of 1M they would be 95368
    plan R=1GB/s L=1us S=100s | found "minimum *2M 47685 = 47684 + 1"
    plan R=1GB/s L=1us S=100s -s 4K B=64T | found "within B .* 4K 65536"
}

@test "the plan goes to stdout, or fails" {
    for words in "" "R=10K M=256" "R=10K M=256 --json"; do
        run bash -c '"$SLABCAT" --plan '"$words"' >/dev/full'
        [ "$status" = 1 ]
        [ "$output" = "slabcat: stdout: No space left on device" ]
        run bash -c '"$SLABCAT" --plan '"$words"' >&-'
        [ "$status" = 1 ]
        [ "$output" = "slabcat: stdout: Bad file descriptor" ]
    done
    left=$({ "$SLABCAT" --plan file >out 2>err; cat; } <<<"unread")
    [ "$left" = unread ]
    [ ! -s err ]
}

# every kind of plan there is
kinds=("" "R=10K M=256 L=10ms S=200ms" "R=10K M=256 L=10ms S=200ms -s 4K -n 8" "R=2.5MB/s L=10ms S=200ms B=512K"
    "R=10K M=256 L=10ms" "R=10K M=256 S=1s" "R=10K M=256" "R=1TB/s" network "R=1B/s -s 1G -n 65536")

@test "JSON is JSON, whatever the plan" {
    if command -v jq >/dev/null; then
        check=(jq -e .)
    elif command -v python3 >/dev/null; then
        check=(python3 -m json.tool)
    else
        skip "nothing here reads JSON"
    fi
    for words in "${kinds[@]}"; do
        # shellcheck disable=SC2086
        plan --json $words >out
        "${check[@]}" <out >/dev/null || { cat out; return 1; }
    done
}

# json_lines NAME: the values that go with a name, in order
json_lines() { sed -n "s/^ *\"$1\": \(.*[^,]\),*\$/\1/p" out | paste -sd ' '; }

@test "JSON has the numbers of the formulas" {
    plan --json R=10K M=256 L=10ms S=200ms -s 4K -n 8 >out
    cat out
    [ "$(json_lines rate_bytes_per_s)" = $((10000 * 256)) ]
    [ "$(json_lines pipe_tolerance_ns)" = $((65536 * 1000000000 / 2560000)) ]
    [ "$(json_lines grown_pipe_tolerance_ns)" = $((1048576 * 1000000000 / 2560000)) ]
    [ "$(json_lines name)" = '"minimum" "recommended" "given"' ]
    # of the three plans, and of what to use
    [ "$(json_lines slab_size_bytes)" = "32768 32768 4096 4096" ]
    [ "$(json_lines slab_count)" = "17 17 8 8" ]
    [ "$(json_lines slab_count_needed)" = "17 17 126" ]
    [ "$(json_lines memory_bytes)" = "557056 557056 32768" ]
    [ "$(json_lines tolerance_ns)" = "217600000 217600000 12800000" ]
    [ "$(json_lines guaranteed_ns)" = "204800000 204800000 11200000" ]
    [ "$(json_lines write_latency_max_ns)" = "12800000 12800000 1600000" ]
    [ "$(json_lines sustained_bytes_per_s)" = "3276800 3276800 409600" ]
    [ "$(json_lines keeps_up)" = "true true false" ]
    [ "$(json_lines absorbs_stall)" = "true true false" ]
    [ "$(json_lines command)" = '"slabcat -s 4K -n 8"' ]
    plan --json network >out
    [ "$(json_lines setup)" = '"network"' ]
    [ "$(json_lines flush_interval_ns)" = 100000000 ]
    [ "$(json_lines absorbs_stall)" = null ]
    plan --json R=2.5MB/s L=10ms S=200ms B=512K >out
    [ "$(json_lines messages_per_s)" = null ]
    [ "$(json_lines budget_bytes)" = 524288 ]
    [ "$(json_lines name)" = '"minimum" "recommended" "within_budget"' ]
    plan --json R=10K M=256 >out
    [ "$(json_lines name | wc -w)" = 28 ]
    plan --json R=1TB/s >out
    [ "$(json_lines name | wc -w)" = 14 ]
}

@test "the man page names everything that JSON names" {
    for words in "${kinds[@]}"; do
        # shellcheck disable=SC2086
        plan --json $words | grep -oE '"[a-z_]+":' | tr -d '":' >>names
    done
    sed -n '/^\.Sh PLANNING/,/^\.Sh SIGNALS/p' "$BATS_TEST_DIRNAME/../../man/slabcat.1" >section
    for name in $(sort -u names); do
        grep -qw -- "$name" section || { echo "the man page does not name $name"; return 1; }
        count=$((${count:-0} + 1))
    done
    [ "$count" -ge 20 ]
}

@test "README shows what is printed" {
    sed -n '/^```console$/,/^```$/p' "$BATS_TEST_DIRNAME/../../README.md" | grep -A 99 '^\$ slabcat --plan' | sed '$d' >readme
    read -r _ _ words < <(head -n 1 readme)
    [ "${words%% *}" = --plan ]
    # shellcheck disable=SC2086
    diff <(sed 1d readme) <("$SLABCAT" $words)
}
