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
    refused "^slabcat: option '--f' is ambiguous: --flush-interval or --fsync" --f
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
        "--drain-timeout 0" "--drain-timeout=24h" "--fsync" "-s 64KiB -n 10" "-s 64kB" "-s 1.5M" "--"; do
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
