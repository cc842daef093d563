# The cases of the bench, each a function. What the tools are told is in the commands: all that have a ring
# get slabcat's, 8 slabs of 64 KiB.

# chatty_tools INPUT OUTPUT: what may stand between a program that writes little and its output
chatty_tools() {
    local input=$1 output=$2
    tool "slabcat" "$input | @ slabcat $output"
    tool "no tool" "$input $output"
    peer "cat" "$input | @ cat $output"
    peer "pv -q" "$input | @ pv -q $output"
    peer "mbuffer -s 64k -m 512k" "$input | @ mbuffer -q -s 64k -m 512k $output"
    peer "buffer -s 64k -m 512k" "$input | @ buffer -s 64k -m 512k $output"
}

# a file that is there already, so that it is rewritten in place
existing() { chatter "$count" "${2:-256}" 2>/dev/null >"$1"; }

case_chatty() {
    begin chatty "messages of 256 bytes into a file in memory, producer's time for each write()"
    existing "$out/file"
    chatty_tools "chatter \$count 256" "1<>$out/file"
    tool "slabcat -n 0" "chatter \$count 256 | @ slabcat -n 0 1<>$out/file"
    tool "slabcat --stats" "chatter \$count 256 | @ slabcat --stats --stats-file /dev/null 1<>$out/file"
    peer "dd bs=64K" "chatter \$count 256 | @ dd bs=64K status=none 1<>$out/file"
    peer "socat -u -b 65536" "chatter \$count 256 | @ socat -u -b 65536 STDIN STDOUT 1<>$out/file"
    count_calls
    finish mean_ns
}

case_append() {
    begin append "the same, appending to a file on disk"
    chatty_tools "rm -f $disk/log; chatter \$count 256" ">>$disk/log"
    finish mean_ns
    rm -f "$disk/log"
}

case_overwrite() {
    begin overwrite "the same, into a file on disk that is there already"
    existing "$disk/log"
    chatty_tools "chatter \$count 256" "1<>$disk/log"
    finish mean_ns
    rm -f "$disk/log"
}

case_small_pipe() {
    begin small-pipe "messages of 256 bytes into a file in memory, with a pipe that does not grow beyond 64 KiB"
    local count=$((count / 2))
    export count
    existing "$out/file"
    tool "slabcat --pipe-size=keep" "chatter \$count 256 | @ slabcat --pipe-size=keep 1<>$out/file"
    peer "cat" "chatter \$count 256 | @ cat 1<>$out/file"
    peer "pv -q" "chatter \$count 256 | @ pv -q 1<>$out/file"
    peer "mbuffer -s 64k -m 512k" "chatter \$count 256 | @ mbuffer -q -s 64k -m 512k 1<>$out/file"
    peer "buffer -s 64k -m 512k" "chatter \$count 256 | @ buffer -s 64k -m 512k 1<>$out/file"
    finish mean_ns
}

# What a system call costs: the same bytes would be one write() of 64 KiB or 65,536 of one byte.
case_sizes() {
    local size count_of_small=$((count / 2))
    for size in 1 16 64 1024 4096 65536; do
        begin "size-$size" "messages of $size bytes into a file in memory"
        local count=$((count_of_small / (size < 65536 ? 1 : 20)))
        export count
        existing "$out/file" "$size"
        chatty_tools "chatter \$count $size" "1<>$out/file"
        finish mean_ns
    done
}

case_ring() {
    begin ring "a large ring costs nothing until it is needed: messages of 256 bytes into a file in memory"
    local count=$((count / 2))
    export count
    existing "$out/file"
    tool "slabcat -n 8" "chatter \$count 256 | @ slabcat -n 8 1<>$out/file"
    tool "slabcat -n 4096" "chatter \$count 256 | @ slabcat -n 4096 1<>$out/file"
    peer "mbuffer -m 256M" "chatter \$count 256 | @ mbuffer -q -s 64k -m 256M 1<>$out/file"
    finish wall_s
}

# latency_tools INPUT
latency_tools() {
    tool "slabcat" "$1 | @ slabcat | sink"
    tool "no tool" "$1 | sink"
    peer "cat" "$1 | @ cat | sink"
    peer "pv -q" "$1 | @ pv -q | sink"
    peer "mbuffer -s 64k -m 512k" "$1 | @ mbuffer -q -s 64k -m 512k | sink"
}

case_paced() {
    begin paced "10,000 messages a second, 256 bytes each: from write() to the consumer's read()"
    latency_tools "chatter $((count / 100)) 256 100"
    finish latency_p50_ns cold
}

case_trickle() {
    begin trickle "100 messages a second: from write() to the consumer's read()"
    latency_tools "chatter $((count > 500000 ? 50 : 20)) 256 10000"
    finish latency_p50_ns cold
}

case_stall() {
    begin stall "a consumer that stalls three times for 100 ms: the producer's longest write(), 25 MB/s"
    # 100 ms are 2.5 MB: each gets a ring of 4 MiB
    local input="chatter 15000 1024 40" consumer="sink 4000000 100 3"
    tool "slabcat -n 64" "$input | @ slabcat -n 64 | $consumer"
    tool "no tool" "$input | $consumer"
    peer "cat" "$input | @ cat | $consumer"
    peer "pv -B 4M" "$input | @ pv -q -B 4M | $consumer"
    peer "mbuffer -s 64k -m 4M" "$input | @ mbuffer -q -s 64k -m 4M | $consumer"
    peer "buffer -s 64k -m 4m" "$input | @ buffer -s 64k -m 4m | $consumer"
    finish max_ns cold
}

# The plan: with so many slabs the producer is held up for so long. How long is it?
case_proof() {
    local name share n material parts="1 2 3 4" ROUNDS=$((ROUNDS < 3 ? ROUNDS : 3))
    local rate message slab count flush stall pipe held at through # set by set_up and stall_through
    [ -z "$QUICK" ] || parts="2 4"
    for name in $set_ups; do
        set_up "$name"
        begin "proof-$name" "a stall of $stall ms in the set-up $name, for which $count slabs of $((slab / 1024)) KiB are recommended"
        for share in $parts; do
            n=$((count * share / 4))
            for material in auto never; do
                stall_through $n slabcat
                tool "slabcat -n $n $([ $material = auto ] && echo kernel || echo memory)" \
                    "${through[*]} --zero-copy=$material && echo predicted_ns $(predicted_ns $n)"
            done
        done
        finish longest_write_ns cold
    done
}

# Large writes and pages that are given away: $mib of them, in MiB.
case_pages() {
    begin given-pipe "pages given to the pipe, pipe to pipe, $((mib * 4)) MiB"
    tool "slabcat" "gift pages $((mib * 4)) | @ slabcat | take pages"
    tool "no tool" "gift pages $((mib * 4)) | take pages"
    tool "slabcat -s 512K" "gift pages $((mib * 4)) | @ slabcat -s 512K | take pages"
    peer "cat" "gift pages $((mib * 4)) | @ cat | take pages"
    peer "pv -q" "gift pages $((mib * 4)) | @ pv -q | take pages"
    finish wall_s

    begin given-tcp "pages given to the pipe, pipe to TCP over loopback, $((mib * 2)) MiB"
    tool "slabcat" "gift pages $((mib * 2)) | join tcp @ slabcat -- take socket"
    peer "cat" "gift pages $((mib * 2)) | join tcp @ cat -- take socket"
    peer "pv -q" "gift pages $((mib * 2)) | join tcp @ pv -q -- take socket"
    peer "mbuffer -s 64k -m 512k" "gift pages $((mib * 2)) | join tcp @ mbuffer -q -s 64k -m 512k -- take socket"
    peer "mbuffer -s 1M -m 8M" "gift pages $((mib * 2)) | join tcp @ mbuffer -q -s 1M -m 8M -- take socket"
    tool "slabcat -s 1M" "gift pages $((mib * 2)) | join tcp @ slabcat -s 1M -- take socket"
    finish wall_s
}

case_writes() {
    begin writes-pipe "64 KiB writes, pipe to pipe, $((mib * 2)) MiB"
    tool "slabcat" "gift writes $((mib * 2)) | @ slabcat | take bytes"
    tool "no tool" "gift writes $((mib * 2)) | take bytes"
    peer "cat" "gift writes $((mib * 2)) | @ cat | take bytes"
    peer "pv -q" "gift writes $((mib * 2)) | @ pv -q | take bytes"
    peer "mbuffer -s 64k -m 512k" "gift writes $((mib * 2)) | @ mbuffer -q -s 64k -m 512k | take bytes"
    finish wall_s

    begin writes-file "64 KiB writes, pipe to a file in memory, $mib MiB"
    gift writes "$mib" >"$out/file"
    tool "slabcat" "gift writes $mib | @ slabcat 1<>$out/file"
    tool "no tool" "gift writes $mib 1<>$out/file"
    peer "cat" "gift writes $mib | @ cat 1<>$out/file"
    peer "pv -q" "gift writes $mib | @ pv -q 1<>$out/file"
    peer "mbuffer -s 64k -m 512k" "gift writes $mib | @ mbuffer -q -s 64k -m 512k 1<>$out/file"
    peer "buffer -s 64k -m 512k" "gift writes $mib | @ buffer -s 64k -m 512k 1<>$out/file"
    finish wall_s

    begin writes-tcp "64 KiB writes, pipe to TCP over loopback, $mib MiB"
    tool "slabcat" "gift writes $mib | join tcp @ slabcat -- take socket"
    peer "cat" "gift writes $mib | join tcp @ cat -- take socket"
    peer "pv -q" "gift writes $mib | join tcp @ pv -q -- take socket"
    peer "mbuffer -s 64k -m 512k" "gift writes $mib | join tcp @ mbuffer -q -s 64k -m 512k -- take socket"
    finish wall_s

    begin file-tcp "a file in memory to TCP over loopback, $mib MiB"
    tool "slabcat" "join tcp @ slabcat $out/file -- take socket"
    tool "no tool" "join tcp gift file $mib -- take socket <$out/file"
    peer "cat" "join tcp @ cat $out/file -- take socket"
    peer "pv -q" "join tcp @ pv -q $out/file -- take socket"
    finish wall_s
}

# What slabs save over a queue in front of a writer, inside a program: 10 threads that log.
case_channel() {
    local variant
    begin channel "10 threads hand messages of 256 bytes to one that writes to /dev/null, ns for each message"
    for variant in slab:8x64K slab:2x32K queue:20+64K queue:1000+64K queue:20 queue:1000 queue:1000+slab:8x64K; do
        tool "$variant" "channel $variant 10 $((count / 4)) 256"
    done
    finish message_ns
    echo "  A Go logger on 10 cores, as published: slab 8x64K 107 ns, 2x32K 132; queue of 20 with a 64K buffer 289,"
    echo "  of 1000 265, queue in front of a slab 300."
}

case_ringcost() {
    begin ringcost "the ring itself: claim, publish, take and release a slab, within one thread"
    tool "ring" "ringcost $((count / 2))"
    finish one_thread_ns
}

case_still() {
    begin still "nothing to do: CPU time while the producer is silent"
    local seconds=$((count > 500000 ? 10 : 1)) ROUNDS=1
    tool "slabcat" "still $seconds slabcat"
    peer "cat" "still $seconds cat"
    peer "pv -q" "still $seconds pv -q"
    peer "mbuffer -s 64k -m 512k" "still $seconds mbuffer -q -s 64k -m 512k"
    finish idle_cpu_ns
}

case_start() {
    begin start "from the start of the tool to the first byte"
    local times=$((count > 500000 ? 100 : 30))
    tool "slabcat" "first $times slabcat"
    peer "cat" "first $times cat"
    peer "pv -q" "first $times pv -q"
    # mbuffer, told to use such blocks, keeps the first byte until the last has come
    finish first_byte_ns
}

# Every byte to two outputs: slabcat's own way against tee's, which copies.
case_outputs() {
    begin two-files "64 KiB writes, to two files in memory, $mib MiB"
    tool "slabcat -o -o" "gift writes $mib | @ slabcat -o $out/one -o $out/two"
    tool "tee" "gift writes $mib | @ tee $out/one >$out/two"
    finish wall_s
    rm -f "$out/one" "$out/two"

    # one taker is at a FIFO, the other at the end of the pipeline
    local input="take pages <$out/fifo & gift pages $((mib * 2))" output="| take pages && wait \$!"
    mkfifo "$out/fifo"
    begin two-pipes "pages given to the pipe, to two pipes, $((mib * 2)) MiB"
    tool "slabcat -o -o" "$input | @ slabcat -o - -o fd:5 5>$out/fifo $output"
    tool "tee" "$input | @ tee $out/fifo $output"
    finish wall_s
    rm "$out/fifo"
}

# while_away INPUT TOOL: a pipeline whose consumer does nothing until INPUT has got rid of everything
while_away() {
    echo "rm -f $out/over; { $1; : >$out/over; } | $2 | { until [ -e $out/over ]; do sleep 0.01; done; exec take bytes; }"
}

# A producer that must not wait, whoever else does: what a write() costs it while all that it writes is dropped.
case_drop() {
    local policy n=$((count / 10 > 20000 ? count / 10 : 20000))
    local input="chatter $n 256 20"
    begin drop "50,000 messages of 256 bytes a second, and a consumer that does nothing: the producer's p99.9"
    tool "slabcat without a stall" "$input | @ slabcat --pipe-size=keep | take bytes"
    for policy in drop-newest drop-oldest; do
        # 3: something was dropped, as it has to be
        tool "slabcat $policy" "$(while_away "$input" "{ @ slabcat --pipe-size=keep --on-full=$policy; [ \$? = 3 ]; }")"
    done
    finish p999_ns cold
}

# To the disk and back: what a spill costs of what the disk gives a plain copy.
case_spill() {
    local input="gift writes $mib"
    begin spill "64 KiB writes while the consumer does nothing, then it takes all: $mib MiB by way of the disk"
    tool "slabcat spill" "$(while_away "$input" "@ slabcat --on-full=spill:$disk")"
    tool "a plain copy" "$input >$disk/copy && cat $disk/copy | take bytes; rm $disk/copy"
    finish wall_s
}
