# What --run and the transforms are for: a real build, slabcat's own, captured in one go with its exit status.

load helper

# A copy of the sources; their compiler is told a secret, prints it, and has colours.
sources() {
    mkdir tree
    cp -r "$BATS_TEST_DIRNAME/../../src" "$BATS_TEST_DIRNAME/../../Makefile" tree
    TOKEN=t0ken-$RANDOM$RANDOM-of-the-build
    export TOKEN
}

# capture ARGUMENT...: the build under slabcat, whose id goes into $pid; $status in the end
capture() {
    "$SLABCAT" --redact-env TOKEN --strip-ansi --timestamp=iso-us --compress zstd --rotate-size 2K --digest-file sums \
        --stats-file stats --stats=json --on-full=spill:. -o build.log.zst "$@" \
        --run sh -c 'CFLAGS="-O0 -DTOKEN=$TOKEN -fdiagnostics-color=always" \
            exec make -C tree V=1 BUILD=b WITHOUT="zstd zlib crypto" b/slabcat' 2>err >out &
    track; pid=$!
}

# the whole log, as the man page says: digits are sorted before the z of the file that is written last
log() { zstdcat build.log.*zst; }

needs_all() {
    command -v make >/dev/null && command -v gcc >/dev/null || skip "no compiler"
    "$SLABCAT" --version | found '^with zstd.*libcrypto' || skip "built without zstd or libcrypto"
    unset MAKEFLAGS MAKELEVEL MFLAGS
}

@test "a build that succeeds: its log is whole, readable, rotated, without the secret; the status is 0" {
    needs_all
    sources
    capture -o -
    eventually 20 test -s out
    not grep -a "$TOKEN" "/proc/$pid/cmdline" "/proc/$pid/environ"
    status_of "$pid" 120
    cat err
    [ "$status" = 0 ]
    [ -x tree/b/slabcat ]
    # each file by itself is whole, and they are what their sums say
    [ "$(ls build.log.*Z.zst | wc -l)" -ge 2 ]
    zstd -tq build.log*.zst
    sha256sum -c --quiet --strict sums
    # the terminal has had the same, as it came
    log | cmp - out
    grep -q "\"output\":\"stdout\",\"algorithm\":\"sha256\",\"sum\":\"$(sha256sum <out | cut -d' ' -f1)\"" stats
    # every command is there, in its place in time
    log | found -- '-c -o b/src/main.o src/main.c'
    not grep -qvE '^20[0-9-]{8}T[0-9:]{8}\.[0-9]{6}Z ' out
    cut -d' ' -f1 out | LC_ALL=C sort -c
    log | found -- '-DTOKEN=\*\*\* '
    # and nothing else
    not grep -q $'\033' out
    not grep -aq "$TOKEN" out err stats sums build.log*.zst
    log | not grep "$TOKEN"
    adds_up stats
}

@test "a build that fails: the status is make's, and the log says why" {
    needs_all
    sources
    echo 'this is no C;' >>tree/src/main.c
    capture
    status_of "$pid" 120
    [ "$status" = 2 ]
    log | found 'src/main.c:[0-9]*:[0-9]*: error: '
    log | found 'b/src/main.o\] Error 1$'
    log | not grep $'\033'
    log | not grep "$TOKEN"
    # it can be seen on a terminal that gcc would have coloured it
    zstd -tq build.log*.zst
}

@test "a build that is told to end: the log is whole up to there, and the status says so" {
    needs_all
    sources
    capture
    eventually 60 test -e tree/b/src/control/session.o
    kill -TERM "$pid"
    status_of "$pid" 60
    # make says 2 when it was told to end, or it has died of the signal
    [ "$status" = 2 ] || [ "$status" = 143 ]
    zstd -tq build.log*.zst
    log | found 'Terminated\|b/src/control/session.o'
    log | not grep "$TOKEN"
}
