# The cases for what looks at the bytes: slabcat's transforms against the tools that people put there otherwise, over
# the log of a build (buildlog.c), $text of it, in MiB. It comes through a pipe, and goes to /dev/null where nobody
# asks for the result. Sourced by bench/run.

# the_log MIB COLOURED: in memory. Sets feed, the command that puts it into a pipe, and moved, for MB/s
the_log() {
    buildlog log "$1" "$2" >"$out/log"
    feed="cat $out/log" moved=$(stat -c %s "$out/log")
}

# the_secrets COUNT: one a line, and for sed as a script
the_secrets() {
    buildlog secrets "$1" >"$out/secrets"
    sed 's/.*/s|&|***|g/' "$out/secrets" >"$out/secrets.sed"
}

# can OPTION...: has it been built in? Says so if not.
can() {
    slabcat "$@" </dev/null >/dev/null 2>&1 && return
    echo
    echo "$case_name: this slabcat has no $*"
    return 1
}

colours='s/\x1b\[[0-9;]*[A-Za-z]//g'

case_timestamp() {
    local feed moved size=$((text / 8))
    begin timestamp "the time in front of each line, $size MiB"
    the_log $size 20
    tool "slabcat --timestamp" "$feed | @ slabcat --timestamp >/dev/null"
    peer "ts" "$feed | @ ts >/dev/null"
    finish wall_s
}

# strip_case NAME COLOURED
strip_case() {
    local feed moved
    begin "$1" "colours taken out where one line in $2 has some, $text MiB"
    the_log "$text" "$2"
    tool "slabcat --strip-ansi" "$feed | @ slabcat --strip-ansi >/dev/null"
    peer "sed in C" "$feed | LC_ALL=C @ sed '$colours' >/dev/null"
    peer "sed in UTF-8" "$feed | LC_ALL=C.UTF-8 @ sed '$colours' >/dev/null"
    tool "slabcat as it is" "$feed | @ slabcat --zero-copy=never >/dev/null"
    finish wall_s
}

case_strip() {
    strip_case strip 20
    strip_case strip-few 1000
    strip_case strip-all 1
}

case_redact() {
    local feed moved size=$((text / 16))
    begin redact "100 secrets masked, $size MiB"
    the_log $size 20
    the_secrets 100
    tool "slabcat --redact-file" "$feed | @ slabcat --redact-file $out/secrets >/dev/null"
    peer "sed -f in C" "$feed | LC_ALL=C @ sed -f $out/secrets.sed >/dev/null"
    finish wall_s
}

# packed INPUT TOOL: what comes out is counted
packed() { echo "$1 | @ $2 >$out/packed && stat -c 'packed_bytes %s' $out/packed"; }

# compress_case NAME MIB FORMAT PEER
compress_case() {
    local feed moved
    begin "$1" "compressed by $3 at the tool's own level, $2 MiB"
    can --compress "$3" || return 0
    the_log "$2" 20
    tool "slabcat --compress $3" "$(packed "$feed" "slabcat --compress $3")"
    peer "$4" "$(packed "$feed" "$4")"
    finish wall_s
    also packed_bytes
}

case_compress() {
    local input="buildlog log $((text / 8)) 20 20000000"
    compress_case zstd "$text" zstd "zstd -q -3"
    compress_case gzip $((text / 8)) gzip "gzip -6"

    # flushed again and again, which costs some of the ratio; zstd alone waits until it has a block
    begin zstd-paced "20 MB a second in lines, one write() each, compressed by zstd: the size, $((text / 8)) MiB"
    can --compress zstd || return 0
    tool "slabcat --compress zstd" "$(packed "$input" "slabcat --compress zstd")"
    peer "zstd -q -3" "$(packed "$input" "zstd -q -3")"
    finish packed_bytes
}

case_digest() {
    local feed moved
    begin digest "SHA-256 of $text MiB"
    can --digest sha256 || return 0
    the_log "$text" 20
    tool "slabcat --digest sha256" "$feed | @ slabcat --digest sha256 >/dev/null"
    peer "sha256sum" "$feed | @ sha256sum >/dev/null"
    finish wall_s
}

# What a CI job does to the output of a build: 10 secrets masked, colours taken out, times put in front; to the
# terminal, and compressed into a file.
case_capture() {
    local feed moved size=$((text / 8)) tools
    begin capture "masked, stripped, stamped, and a zstd file of it beside, $size MiB"
    can --compress zstd || return 0
    the_log $size 20
    the_secrets 10
    tool "slabcat all in one" "rm -f $out/kept*; $feed | @ slabcat --redact-file $out/secrets --strip-ansi --timestamp \
        --compress zstd --rotate-size 4M -o $out/kept.zst -o - >/dev/null"
    # nobody but the shell that has started it can wait for a zstd in >(...)
    tools="sed '$colours' | sed -f $out/secrets.sed | ts | tee $out/fifo >/dev/null"
    mkfifo "$out/fifo"
    if has ts && has zstd; then
        tool "sed | sed | ts | tee" "rm -f $out/kept*; export LC_ALL=C; zstd -q <$out/fifo >$out/kept.zst & $feed | $tools && wait \$!"
    fi
    finish wall_s
    rm -f "$out/fifo" "$out"/kept*
}
