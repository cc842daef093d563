# What the user says, and what slabcat answers: options, values, help, version.

load helper

@test "sizes that are none are refused, with the value and the range" {
    for value in 0 -1 abc 64X 8Mfoo 1e30 18446744073709551617 "" 2G 64Ki " 64K"; do
        refused "^slabcat: --slab-size '$value': not a size from 1 to 1G" -s "$value"
        refused "^slabcat: --slab-size '$value': not a size from 1 to 1G" --slab-size="$value"
        [ "$value" = 2G ] || refused "^slabcat: --memory '$value': not a size from 1 to " -m "$value"
        [ "$value" = 2G ] || refused "^slabcat: --pipe-size '$value': not auto, keep or a size from 1 to 1G" --pipe-size "$value"
    done
}

@test "counts that are none are refused" {
    for value in -1 abc 8X 1e3 18446744073709551617 "" 65537 1M 1.5 0.5; do
        refused "^slabcat: --slab-count '$value': not a count from 0 to 65536" -n "$value"
    done
}

@test "times that are none are refused" {
    for value in -1 abc 5 10X 1e3s "" 25h 18446744073709551617s; do
        refused "^slabcat: --flush-interval '$value': not auto or a time from 0 to 24h" -f "$value"
        refused "^slabcat: --drain-timeout '$value': not a time from 0 to 24h" --drain-timeout "$value"
    done
}

@test "a ring larger than the memory is refused" {
    refused "^slabcat: 65536 slabs of 1G: 64T is more than the memory there is, " -s 1G -n 65536
    refused "^slabcat: --memory '8192T': not a size from 1 to " -m 8192T
}

@test "a ring larger than this process may have is refused" {
    [ -z "$SANITIZE" ] || skip "a sanitizer needs more than any limit leaves it"
    run bash -c 'ulimit -v 1000000; "$SLABCAT" -s 1M -n 1000 </dev/null'
    [ "$status" = 2 ]
    [[ $output == "slabcat: 1000 slabs of 1M: 1000M is more than the memory there is, 1000000K" ]]
}

@test "options that contradict each other are refused" {
    refused "^slabcat: --memory and --slab-count: give one of them" -m 1M -n 8
    refused "^slabcat: --memory 1K: less than one slab of 64K" -m 1K
    refused "^slabcat: --memory 2M: more than 65536 slabs of 1; " -m 2M -s 1
}

@test "rates that are none are refused" {
    for value in 0 -1 abc 10M/h 10ms 2TB/s 1e6 "" /s; do
        refused "^slabcat: --rate-limit '$value': not a rate from 1 to 1TB/s, such as 10M or 2.5MB/s$" -L "$value"
    done
    for value in 0 -1 abc 2G ""; do
        refused "^slabcat: --burst '$value': not a size from 1 to 1G" -L 1M --burst "$value"
    done
}

@test "percentages outside 1..100 are refused" {
    for value in 0 0% 101 101% -1 1K 33.3% % "" half; do
        refused "^slabcat: --start-fill '$value': not a whole percentage from 1 to 100, " --start-fill "$value"
    done
}

@test "amounts on the disk and of input are refused where there are none such" {
    for value in 0 -1 abc 2048T ""; do
        refused "^slabcat: --stop-at '$value': not a size from 1 to 1024T" -S "$value"
        refused "^slabcat: --spill-limit '$value': not a size from 1 to 1024T" --on-full spill --spill-limit "$value"
    done
}

@test "policies that are none are refused" {
    for value in drop newest spill: spilled BLOCK "" block,spill; do
        refused "^slabcat: --on-full '$value': not block, drop-newest, drop-oldest, spill or spill:DIR$" --on-full "$value"
    done
    for value in again "" Skip; do
        refused "^slabcat: --on-reconnect '$value': not resend or skip$" -o tcp://localhost:1 --reconnect --on-reconnect "$value"
    done
}

@test "destinations that are none are refused, with the reason" {
    for value in udp://localhost:1 http://localhost/ tcp://localhost tcp://localhost: tcp://localhost:0 \
        tcp://localhost:70000 tcp://:1 "tcp://[::1" fd: fd:abc fd:-1 unix: "unix:$(printf 'x%.0s' {1..200})" ""; do
        refused "^slabcat: --output '[^']*': [a-z]" -o "$value"
        refused "^slabcat: --output '[^']*': [a-z]" -o - --output="$value"
    done
}

@test "a destination is named once, and there are 16 at most" {
    refused "^slabcat: --output 'x.log': is there already, as 'x.log'$" -o x.log -o y.log -o x.log
    refused "^slabcat: --output '-': is there already, as '-'$" -o - -o -
    refused "^slabcat: --output 'fd:1': is there already, as '-'$" -o - -o fd:1
    refused "^slabcat: --output '-': is there already, as 'fd:1'$" -o fd:1 -o -
    refused "^slabcat: --output 'fd:2': is there already, as 'fd:2'$" -o fd:2 -o fd:1 -o fd:2
    # a path that stands for a descriptor is that descriptor
    refused "^slabcat: --output '-': is there already, as '/dev/stdout'$" -o /dev/stdout -o -
    refused "^slabcat: --output '/proc/self/fd/1': is there already, as 'fd:1'$" -o fd:1 -o /proc/self/fd/1
    refused "^slabcat: --output '/dev/fd/1': is there already, as '/dev/stdout'$" -o /dev/stdout -o /dev/fd/1
    refused "^slabcat: --output 'fd:2': is there already, as '/dev/stderr'$" -o /dev/stderr -o fd:2
    refused "is there already" -o tcp://localhost:1 -o tcp://LOCALHOST:1
    refused "is there already" -o unix:x.log -o x.log -o unix:x.log
    words=()
    for i in {1..17}; do words+=(-o "$i.log"); done
    refused "^slabcat: --output '17.log': one too many; from 1 to 16 outputs$" "${words[@]}"
    [ "$(find . -name '*.log')" = "" ]
}

@test "options that mean nothing without another one are refused" {
    refused "^slabcat: --on-reconnect goes with --reconnect only$" -o tcp://localhost:1 --on-reconnect skip
    for outputs in "" "-o x.log" "-o - -o x.log" "-o fd:1"; do
        # shellcheck disable=SC2086
        refused "^slabcat: --reconnect goes with --output tcp://HOST:PORT or unix:PATH only$" $outputs --reconnect
    done
    for outputs in "" "-o -" "-o fd:1" "-o - -o tcp://localhost:1"; do
        # shellcheck disable=SC2086
        refused "^slabcat: --append goes with --output FILE only; standard output is appended to by >>$" $outputs -a
    done
    refused "^slabcat: --burst goes with --rate-limit only$" --burst 1M
    for policy in "" "--on-full block" "--on-full spill" "--on-full drop-newest --on-full block"; do
        # shellcheck disable=SC2086
        refused "^slabcat: --mark-gaps goes with --on-full drop-newest or drop-oldest only$" $policy --mark-gaps
        # shellcheck disable=SC2086
        refused "^slabcat: --null goes with --on-full drop-newest or drop-oldest, --timestamp, --prefix, --append, --rotate-size or --rotate-time only$" $policy -0
    done
    for policy in "" "--on-full block" "--on-full drop-oldest" "--on-full spill:. --on-full block"; do
        # shellcheck disable=SC2086
        refused "^slabcat: --spill-limit goes with --on-full spill only$" $policy --spill-limit 1G
    done
    [ "$(find . -name '*.log')" = "" ]
}

@test "what is to be done to the bytes: values" {
    for value in "" now ISO %H%Q %H% "$(printf %300s %H)"; do
        [ -n "$value" ] || continue
        refused "^slabcat: --timestamp '.*: not iso, iso-us, unix, elapsed, delta or a format of strftime of at most 256 bytes, such as %H:%M:%.S$" \
            "--timestamp=$value"
    done
    for value in "" $'a\nb' $'\033[1m' "$(printf %257s x)"; do
        refused "^slabcat: --prefix '.*: not a printable text of at most 256 bytes$" --prefix "$value"
    done
    refused "^slabcat: --redact-env: not the name of a variable$" --redact-env ''
    refused "^slabcat: --redact-env: not the name of a variable$" --redact-env A=b
    refused "^slabcat: --redact-file: not the name of a file$" --redact-file ''
    words=()
    for i in {1..65}; do words+=(--redact-file "$i"); done
    refused "^slabcat: --redact-file: one too many; from 1 to 64 variables and files$" "${words[@]}"
    for value in 0 "" ten -1; do
        refused "^slabcat: --rotate-size '$value': not a size from 1 to " -o x --rotate-size "$value"
        refused "^slabcat: --rotate-keep '$value': " -o x --rotate-size 1M --rotate-keep "$value"
        refused "^slabcat: --rotate-time '$value': not a time from 10ms to 24h" -o x --rotate-time "$value"
    done
    refused "^slabcat: --linger '-1s': not a time from 0 to 24h" --linger -1s --run true
    [ ! -e x ]
}

@test "what is to be done to the bytes: libraries, levels and names" {
    if "$SLABCAT" --version | found '^with .*zstd'; then
        for value in "" lz4 zstandard zst zstdd; do
            refused "^slabcat: --compress '$value': not zstd, gzip, or one of them with :LEVEL$" --compress "$value"
        done
        for level in "" 0 x -1 1x 23 99999999999999999999; do
            refused "^slabcat: --compress 'zstd:$level': not a level from 1 to [0-9]*, such as zstd:9$" --compress "zstd:$level"
        done
    else
        refused "^slabcat: --compress 'zstd': slabcat was built without libzstd; " --compress zstd
    fi
    if "$SLABCAT" --version | found '^with .*libcrypto'; then
        for value in "" sha257 shake128 null 'sha 256'; do
            refused "^slabcat: --digest '$value': not a checksum that libcrypto knows, such as " --digest "$value"
        done
    else
        refused "^slabcat: --digest 'sha256': slabcat was built without libcrypto; " --digest sha256
        refused "^slabcat: --digest-file 'x': slabcat was built without libcrypto; " --digest-file x
    fi
    refused "^slabcat: --digest-file '-': not the name of a file$" --digest-file -
}

@test "what is to be done to the bytes: words that go wrong together" {
    export A=secret
    local looks=("--redact-env A" --strip-ansi --timestamp "--prefix x")
    ! "$SLABCAT" --version | found '^with .*zstd.*libcrypto' || looks+=("--digest sha256" "--compress zstd")
    for look in "${looks[@]}"; do
        # shellcheck disable=SC2086
        refused "^slabcat: --slab-count 0 and ${look% *}: it needs a ring, " -n 0 $look
        # shellcheck disable=SC2086
        refused "^slabcat: ${look% *} and --zero-copy always: give one of them, pages are not looked at$" $look --zero-copy always
    done
    ! "$SLABCAT" --version | found '^with .*zstd.*libcrypto' || {
        refused "^slabcat: --compress and --reconnect: " -o tcp://localhost:1 --reconnect --compress zstd
        refused "^slabcat: --digest and --reconnect: " -o tcp://localhost:1 --reconnect --digest sha256
        refused "^slabcat: --append and --digest-file: " -a -o x --digest-file y
    }
    for kind in unix elapsed delta; do
        refused "^slabcat: --localtime goes with --timestamp iso, iso-us or a format only$" --localtime --timestamp=$kind
    done
    refused "^slabcat: --localtime goes with --timestamp " --localtime --prefix x
    refused "^slabcat: --rotate-size goes with --output FILE only$" --rotate-size 1M
    refused "^slabcat: --rotate-time goes with --output FILE only$" --rotate-time 1h -o -
    refused "^slabcat: --rotate-keep goes with --rotate-size or --rotate-time only$" -o x --rotate-keep 3
    refused "^slabcat: --slab-count 0 and --rotate-size: " -n 0 -o x --rotate-size 1M
    refused "^slabcat: --linger goes with --run or --run-stdout only$" --linger 1s
    refused "^slabcat: --run and file: give one of them, " file --run true
    refused "^slabcat: option --run needs a value: COMMAND$" --run
    refused "^slabcat: option --run needs a value: COMMAND$" --run=
    refused "^slabcat: option --run-stdout needs a value: COMMAND$" --run-stdout --run
    [ ! -e x ]
}

@test "what needs a ring is refused without one" {
    needs_ring() { refused "^slabcat: --slab-count 0 and $1: it needs a ring, from 1 to 65536 slabs$" -n 0 "${@:2}"; }
    needs_ring "several outputs" -o x.log -o -
    for policy in drop-newest drop-oldest spill spill:.; do
        needs_ring --on-full --on-full "$policy"
    done
    needs_ring --reconnect -o tcp://localhost:1 --reconnect
    needs_ring --rate-limit -L 1M
    needs_ring --start-fill --start-fill 50
    [ "$(find . -name '*.log')" = "" ]
}

@test "what may be dropped has to be seen, in two slabs at least, with room for the mark" {
    for policy in drop-newest drop-oldest; do
        refused "^slabcat: --on-full $policy and --zero-copy always: " --on-full "$policy" --zero-copy always
        refused "^slabcat: --on-full $policy: a ring of 1 slab; from 2 to 65536$" --on-full "$policy" -n 1
        refused "^slabcat: --on-full $policy: a ring of 1 slab; from 2 to 65536$" --on-full "$policy" -m 100K
        refused "^slabcat: --mark-gaps: a slab of 255 has no room for the mark; from 256 to 1G$" --on-full "$policy" --mark-gaps -s 255
    done
}

@test "what is sent again has to be kept" {
    for words in "" "--on-reconnect resend"; do
        # shellcheck disable=SC2086
        refused "^slabcat: --reconnect and --zero-copy always: " -o unix:x --reconnect $words --zero-copy always
    done
}

@test "a plan asks for nothing of that" {
    run "$SLABCAT" --plan R=10K M=256 --burst 1M -n 2 -a --reconnect
    [ "$status" = 0 ]
    refused "^slabcat: --output 'tcp://localhost:0': " --plan R=10K M=256 -o tcp://localhost:0
}

@test "an unknown option is named, and help is pointed at" {
    refused "^slabcat: unknown option '--foo'" --foo
    refused "^slabcat: unknown option '-x'" -x
    refused "^slabcat: unknown option '-x'" -hx
    refused "^slabcat: unknown option '--foo=3'" --foo=3
    run "$SLABCAT" --foo
    [ "${lines[1]}" = "Try 'slabcat --help'." ]
}

@test "an option without its value, or with one too many, is refused" {
    refused "^slabcat: option --slab-size needs a value: SIZE" --slab-size
    refused "^slabcat: option -s needs a value: SIZE" -s
    refused "^slabcat: option --fsync takes no value" --fsync=yes
    refused "^slabcat: option '--f' is ambiguous: --fsync or --flush-interval" --f
}

@test "nothing from outside reaches the terminal raw" {
    run "$SLABCAT" -s $'\e[31mred\n' </dev/null
    [ "$status" = 2 ]
    [ "${lines[0]}" = "slabcat: --slab-size '\\x1b[31mred\\x0a': not a size from 1 to 1G, such as 64K, 1.5M or 64kB" ]
    run "$SLABCAT" $'--\e[2J'
    [[ $output != *$'\e'* ]]
    run "$SLABCAT" $'no\e[2Jfile'
    [ "$status" = 1 ]
    [ "$output" = "slabcat: 'no\\x1b[2Jfile': open: No such file or directory" ]
}

@test "every way to write an option works" {
    for words in "-s3" "-s 3" "--slab-size 3" "--slab-size=3" "--slab-s=3" "-n2 -s3" "-n 0" "-m 1M" \
        "-f auto" "-f 0" "-f 50us" "-f 1.5ms" "--pipe-size keep" "--pipe-size auto" "--pipe-size 128K" \
        "--drain-timeout 0" "--drain-timeout=24h" "--fsync" "-s 64KiB -n 10" "-s 64kB" "-s 1.5M" "--" \
        "-o -" "--output=-" "-ofd:1" "-o fd:1 -n 0" "-L 1M" "-L1TB/s" "--rate-limit=2.5MB/s --burst 64K" "-L 100K/s -L 10M" \
        "--start-fill 1" "--start-fill=100%" "-S 100" "-S1T" "--stop-at 18" "-S 1 -S 18" "--on-full block" "--on-full=block -n 0" \
        "--on-full drop-newest" "--on-full=drop-oldest" "--on-full drop-oldest -f 0" "--on-full=drop-newest --mark-gaps -s 256" \
        "--on-full drop-newest -0" "--on-full drop-oldest --null" "--on-full spill" "--on-full=spill:." \
        "--on-full spill --spill-limit 1M" "--on-full drop-newest --on-full spill --spill-limit 1" "-n 0 -n 8 -L 1M"; do
        # shellcheck disable=SC2086
        run bash -c 'printf "a stream of words" | "$SLABCAT" '"$words"
        [ "$status" = 0 ] || { echo "$words: $output"; return 1; }
        [ "$output" = "a stream of words" ]
    done
}

@test "options may follow files, and -- ends them" {
    echo one >one
    echo dash >-s
    run "$SLABCAT" one -s 3 -- -s
    [ "$status" = 0 ]
    [ "$output" = $'one\ndash' ]
}

@test "help goes to stdout, fits a screen and names every option but the details" {
    for words in -h --help "-s 3 -h"; do
        # shellcheck disable=SC2086
        "$SLABCAT" $words >out 2>err
        [ ! -s err ]
    done
    [ "$(wc -l <out)" -le 24 ]
    [ "$(wc -L <out)" -le 80 ]
    for name in $(sed -n 's/^OPTION([^"]*"\([a-z-]*\)".*/\1/p' "$BATS_TEST_DIRNAME/../../src/cli/options.def"); do
        grep -q -- "--$name" out
        count=$((${count:-0} + 1))
    done
    [ "$count" -ge 8 ]
}

@test "the version goes to stdout" {
    for words in -V --version; do
        "$SLABCAT" "$words" >out 2>err
        [ ! -s err ]
        grep -qxE 'slabcat [0-9]+\.[0-9]+\.[0-9]+' out
    done
}

@test "help into a full disk is a failure" {
    run bash -c '"$SLABCAT" --help >/dev/full'
    [ "$status" = 1 ]
    [ "$output" = "slabcat: stdout: No space left on device" ]
}
