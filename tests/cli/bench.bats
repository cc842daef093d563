# The bench measures what it says: its arithmetic, and the tools that stand at the other ends.

load helper

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    started=()
    bench=$BATS_TEST_DIRNAME/../../bench
    cat >results.csv <<'END'
# Linux 1.2, 3 CPUs, Some Processor
case,tool,round,metric,value
chatty,slabcat,0,mean_ns,9999
chatty,slabcat,0,calls,12
chatty,slabcat,1,mean_ns,200
chatty,no tool,1,mean_ns,300
chatty,cat <&>,1,mean_ns,800
chatty,slabcat,2,mean_ns,100
chatty,no tool,2,mean_ns,400
chatty,cat <&>,2,mean_ns,300
chatty,slabcat,3,mean_ns,300
chatty,no tool,3,mean_ns,500
chatty,cat <&>,3,mean_ns,1500
other,slabcat,1,mean_ns,7777
# case chatty: messages & more
END
}

@test "the table has medians, ranges, and the medians of the ratios round by round" {
    awk -v cases=chatty -v main=mean_ns -f "$bench/stats.awk" -f "$bench/table.awk" results.csv >table
    cat table
    grep -qE '^  slabcat +200 ns +100 ns - 300 ns +1\.00 +12$' table
    grep -qE '^  no tool +400 ns +300 ns - 500 ns +1\.67 +-$' table
    grep -qE '^  cat <&> +800 ns +300 ns - 1500 ns +4\.00 +-$' table
    grep -qxF '  slabcat takes 0.25 of the best of the others (cat <&>), 0.60 of no tool at all' table
    not grep -q 7777 table
}

@test "the summary has the least, the median and the most of every metric" {
    awk -v cases=chatty -f "$bench/stats.awk" -f "$bench/summary.awk" results.csv >summary
    cat summary
    [ "$(wc -l <summary)" = 4 ]
    grep -qxF 'chatty,slabcat,mean_ns,100,200,300,1' summary
    grep -qxF 'chatty,cat <&>,mean_ns,300,800,1500,4' summary
    grep -qxF 'chatty,slabcat,calls,12,12,12,' summary
}

# planted ROUNDS: so many rounds of two cases into planted/results.csv. With an even number, the middle two of dd's ratios
# to slabcat lie on both sides of 1
planted() {
    mkdir -p planted
    {
        echo "# Linux 1.2, 3 CPUs, Some Processor"
        echo "case,tool,round,metric,value"
        # round, slabcat, dd, no tool
        printf '%s\n' "1 100 200 160" "2 300 150 600" "3 100 400 170" "4 200 160 260" | head -n "$1" |
            awk 'BEGIN { split("slabcat,dd,no tool", tools, ",") }
                { for (t = 1; t <= 3; t++) {
                    print "chatty," tools[t] "," $1 ",mean_ns," $(t + 1)
                    print "strip," tools[t] "," $1 ",wall_s," $(t + 1) / 1000
                    print "strip," tools[t] "," $1 ",rate_mbs," 48000 / $(t + 1) } }'
        echo "# case chatty: messages"
    } >planted/results.csv
    "$bench/draw" planted || return 1
    awk -v cases=chatty -v main=mean_ns -f "$bench/stats.awk" -f "$bench/table.awk" planted/results.csv >planted/table
    cat planted/table planted/summary.csv
}

# agree MEDIAN RATIO INVERSE BARE: the median of slabcat, the ratio of dd and the inverse of that, and what slabcat takes
# of no tool at all, wherever they are quoted
agree() {
    grep -qE "^  slabcat +$1 ns .* 1\.00$" planted/table || return 1
    grep -qE "^  dd .* $2$" planted/table || return 1
    grep -qxF "  slabcat takes $3 of the best of the others (dd), $4 of no tool at all" planted/table || return 1
    [ "$(awk -F, '/^chatty,slabcat,/ { print $5 }' planted/summary.csv)" = "$1" ] || return 1
    [ "$(awk -F, '/^chatty,dd,/ { printf "%.2f %.2f", $7, 1 / $7 }' planted/summary.csv)" = "$2 $3" ] || return 1
    [ "$(awk -F, '/^strip,dd,rate_mbs/ { printf "%.2f %.2f", 1 / $7, $7 }' planted/summary.csv)" = "$2 $3" ] || return 1
    grep -qF ">$1 ns</text>" planted/small-writes.svg || return 1
    grep -qE ">[0-9]+ ns  \($2\)</text>" planted/small-writes.svg || return 1
    grep -qF "font-weight=\"600\">$2</text>" planted/transforms.svg
}

@test "with any number of rounds a ratio and its inverse agree in table, line, summary and charts" {
    planted 2
    agree 200 1.00 1.00 0.56
    planted 3
    agree 100 2.00 0.50 0.59
    planted 4
    agree 150 1.26 0.79 0.61
}

@test "the chart has a bar for each tool, as long as its median, and nothing raw in it" {
    awk -v cases=chatty -v metric=mean_ns -v heading='What it costs' -f "$bench/stats.awk" -f "$bench/svg.awk" -f "$bench/chart.awk" results.csv >chart.svg
    [ "$(grep -c 'height="18"' chart.svg)" = 3 ]
    grep -q 'width="100.0" height="18" rx="2" fill="#2563eb"' chart.svg # 200 of 800, where 800 is 400 wide
    grep -q 'width="400.0"' chart.svg
    grep -qF 'cat &lt;&amp;&gt;</text>' chart.svg
    grep -qF 'messages &amp; more</text>' chart.svg
    grep -qF 'Linux 1.2, 3 CPUs.<' chart.svg
    [ "$(head -c 4 chart.svg)" = '<svg' ]
    [ "$(tail -n 1 chart.svg)" = '</svg>' ]
}

@test "charts and summary say what a system call costs, and that it is emulated" {
    mkdir folder
    { echo '# a system call costs 105 ns (getppid; more)'; cat results.csv; } >folder/results.csv
    "$bench/draw" folder
    grep -qF 'Linux 1.2, 3 CPUs, a system call costs 105 ns.<' folder/small-writes.svg
    grep -qF '# a system call costs 105 ns' folder/summary.csv
    sed -i '1s/$/\n# emulated: a filter/' folder/results.csv
    "$bench/draw" folder
    grep -qF 'Linux 1.2, 3 CPUs, a system call costs 105 ns (emulated).<' folder/small-writes.svg
    grep -qxF '# emulated: a filter' folder/summary.csv
}

# run_quickly RESULTS: one small case, measured once
run_quickly() { QUICK=1 ROUNDS=1 RESULTS=$PWD/$1 "$bench/run" ring >"said-$1"; }

# median_write RESULTS: what half of the producer's writes took at most, in ns
median_write() { sed -n 's/^ring,slabcat -n 8,1,p50_ns,//p' "$1/results.csv"; }

slower_by_half() {
    run_quickly plain || return 1
    SLOW_CALLS=1 run_quickly slow || return 1
    [ "$(median_write slow)" -gt $(($(median_write plain) + 500)) ]
}

@test "the bench tells what a call costs, and with SLOW_CALLS the producer's calls cost more as well" {
    rig slow-by 1 true || skip "no filters here"
    in_three_tries slower_by_half
    head -n 1 plain/results.csv | found -E '^# a system call costs [1-9][0-9]* ns '
    [ "$(head -n 1 said-plain)" = "$(head -n 1 plain/results.csv)" ]
    not grep -q emulated plain/results.csv
    head -n 1 slow/results.csv | found -E '^# a system call costs [1-9][0-9]* ns '
    grep -qxF '# emulated: a filter makes each system call 1000 ns slower' slow/results.csv
    tail -n 1 slow/results.csv | found -E '^# meanwhile other processes took [0-9]+ % of the CPUs'
    SLOW_CALLS=x run -2 "$bench/run" ring
}

# two_machines NS: fast.csv, and slow.csv, where a write() through slabcat takes NS
two_machines() {
    cat >fast.csv <<'END'
# a system call costs 105 ns (getppid; more)
case,tool,metric,least,median,most,ratio
chatty,slabcat,mean_ns,190,200,210,1
chatty,no tool,mean_ns,390,400,410,2
chatty,cat,mean_ns,490,500,510,2.5
chatty,socat -u,mean_ns,310,320,330,1.6
strip,slabcat --strip-ansi,rate_mbs,1900,2000,2100,1
strip,sed | sed,rate_mbs,480,500,520,0.25
END
    awk -v ns="$1" >slow.csv 'BEGIN {
        print "# a system call costs 1090 ns (getppid; more)"
        print "# emulated: a filter"
        print "case,tool,metric,least,median,most,ratio"
        print "chatty,slabcat,mean_ns," ns "," ns "," ns ",1"
        print "chatty,no tool,mean_ns,1250,1250,1250," 1250 / ns
        print "chatty,cat,mean_ns,4000,4000,4000," 4000 / ns }'
}

@test "the figures of two machines stand side by side" {
    two_machines 1000
    "$bench/figures" fast.csv -- slow.csv >said
    cat said
    grep -qxF '0.40 of the time with `app | cat > log` and 0.50 of the time with `app > log`, where a system call costs 105 ns;' said
    grep -qxF '0.25 and 0.80, where a system call costs 1.1 us.' said
    grep -qxF '| of one with `app \| cat > log` | 0.40 | 0.25 |' said
    grep -qF '| of writing straight, 105 ns a call | of writing straight, 1.1 us a call (emulated) |' said
    grep -qE '^\| 1M messages .* \| 0\.50 \| 0\.80 \| 0\.62 \(socat\) \| 0\.25 \(cat\) \|$' said
    grep -qxF '| strip: colours in 1 line of 20 | 2000 | 4.00 x sed \| sed | – | – |' said
    # a machine alone has no columns for the other one
    "$bench/figures" fast.csv >said
    grep -qxF '| of one with `app \| cat > log` | 0.40 |' said
}

@test "figures does not let a claim stand that is not true of both machines" {
    two_machines 1300
    run -1 "$bench/figures" fast.csv -- slow.csv
    [[ $output == *"the claim is not true: slabcat takes 1.04 of no tool; 1.1 us a call (emulated)"* ]]
}

@test "figures writes into a text, between its marks, and again the same" {
    two_machines 1000
    printf '%s\n' before '<!-- figures writes -->' old '<!-- end of figures -->' after >text
    "$bench/figures" --renew text fast.csv -- slow.csv
    cat text
    [ "$(head -n 2 text)" = $'before\n<!-- figures writes -->' ]
    [ "$(tail -n 2 text)" = $'<!-- end of figures -->\nafter' ]
    grep -qxF '| of one with `app \| cat > log` | 0.40 | 0.25 |' text
    not grep -q old text
    cp text once
    "$bench/figures" --renew text fast.csv -- slow.csv
    cmp once text
    # a mark without its end would swallow the rest
    printf '%s\n' before '<!-- figures writes -->' old >text
    run -1 "$bench/figures" --renew text fast.csv -- slow.csv
    [ "$(tail -n 1 text)" = old ]
}

@test "the READMEs have the figures of the results" {
    for text in README.md bench/README.md; do
        cp "$bench/../$text" text
        "$bench/figures" --renew text
        cmp "$bench/../$text" text
    done
}

@test "the chart of predictions has a line where each bar should end" {
    cat >proof.csv <<'END'
# Linux 1.2, 3 CPUs, Some Processor
proof-a,slabcat -n 2 kernel,1,longest_write_ns,40000000
proof-a,slabcat -n 2 kernel,1,predicted_ns,20000000
proof-a,slabcat -n 2 memory,1,longest_write_ns,10000000
proof-a,slabcat -n 2 memory,1,predicted_ns,20000000
proof-a,slabcat -n 4 kernel,1,longest_write_ns,1000000
proof-a,slabcat -n 4 kernel,1,predicted_ns,0
# case proof-a: a stall
END
    awk -v cases=proof-a -v metric=longest_write_ns -v heading='How long' -f "$bench/stats.awk" -f "$bench/svg.awk" -f "$bench/predicted.awk" proof.csv >chart.svg
    cat chart.svg
    [ "$(grep -c '#b91c1c' chart.svg)" = 3 ] # two rows, and the key
    # of 310 for 40 ms: both bars of the first row, and the line of both, counted from 130
    grep -qF 'width="310.0" height="10" rx="2" fill="#2563eb"' chart.svg
    grep -qF 'width="77.5" height="10" rx="2" fill="#93b4f5"' chart.svg
    grep -q 'M285.0 .*#b91c1c' chart.svg
    grep -qF 'predicted 20.0 ms, was 40.0 ms and 10.0 ms</text>' chart.svg
    grep -qF 'predicted 0, was 1.0 ms</text>' chart.svg
    [ "$(tail -n 1 chart.svg)" = '</svg>' ]
}

@test "the table has sizes and speeds, and the chart of speeds how many times as fast, and what was wanted" {
    cat >speeds.csv <<'END'
# Linux 1.2, 3 CPUs, Some Processor
strip,slabcat --strip,1,rate_mbs,1000
strip,slabcat --strip,1,packed_bytes,2097152
strip,sed <&>,1,rate_mbs,10
strip,sed <&>,1,packed_bytes,20971520
strip,slabcat as it is,1,rate_mbs,3000
zstd,slabcat,1,rate_mbs,50
zstd,zstd,1,rate_mbs,100
# case strip: colours
END
    awk -v cases=strip -v main=packed_bytes -f "$bench/stats.awk" -f "$bench/table.awk" speeds.csv >table
    cat table
    grep -qE '^  slabcat --strip +2\.00 MiB +2\.00 MiB - 2\.00 MiB +1\.00 +1000$' table
    grep -qE '^  sed <&> +20\.0 MiB +20\.0 MiB - 20\.0 MiB +10\.00 +10$' table
    awk -v cases=strip,zstd -v metric=rate_mbs -v targets=strip=5,zstd=1 -v heading=Speed -f "$bench/stats.awk" -f "$bench/svg.awk" -f "$bench/speed.awk" speeds.csv >chart.svg
    cat chart.svg
    [ "$(grep -c '#b91c1c' chart.svg)" = 2 ]
    # from a half to 100 times 440 are log(200): 1 is at 220 + 57.6, and what is half as fast ends there
    grep -qF '<rect x="277.6" y="60" width="382.4" height="18" rx="2" fill="#2563eb"/>' chart.svg
    grep -qF '<rect x="220.0" y="84" width="57.6" height="18" rx="2" fill="#93b4f5"/>' chart.svg
    grep -qF 'M411.2 58V80' chart.svg # five times: log(10)
    grep -qF 'font-weight="600">100</text>' chart.svg
    grep -qF 'font-weight="600">0.50</text>' chart.svg
    grep -qF 'strip: sed &lt;&amp;&gt;</text>' chart.svg
    not grep -q 'as it is' chart.svg
    [ "$(tail -n 1 chart.svg)" = '</svg>' ]
}

@test "a build's log has the lines, colours and secrets that it is said to have, and is always the same" {
    export LC_ALL=C
    buildlog log 1 20 >log
    buildlog log 1 20 | cmp - log
    awk '{ n = length($0) + 1; if (n < 20 || n > 200) bad++ } /\033/ { coloured++ }
        END { exit !(!bad && NR > 9000 && coloured > NR / 25 && coloured < NR / 15) }' log
    iconv -f utf-8 -t utf-8 log >/dev/null
    size=$(wc -c <log)
    [ "$size" -ge 1048576 ]
    [ "$size" -lt 1048776 ]
    # the scripts that sed is given find them all
    sed 's/\x1b\[[0-9;]*[A-Za-z]//g' log >plain
    not grep -q $'\x1b' plain
    not cmp -s log plain
    buildlog secrets 100 >secrets
    [ "$(sort -u secrets | wc -l)" = 100 ]
    not grep -qv '^[-_A-Za-z0-9]*$' secrets
    awk 'length($0) < 16' secrets >short
    [ ! -s short ]
    grep -cFf secrets log >leaks
    awk -v lines="$(wc -l <log)" '{ exit !($1 > lines / 70 && $1 < lines / 35) }' leaks
    buildlog log 1 0 >bare
    not grep -q $'\x1b' bare
}

@test "a paced log is the same log, and keeps to its rate" {
    began=$EPOCHREALTIME
    buildlog log 1 20 4000000 >paced
    elapsed_ms "$began"
    buildlog log 1 20 | cmp - paced
    [ "$elapsed_ms" -ge 250 ]
    run -2 buildlog log 1
    run -2 buildlog secrets 101
}

# held_up: 256 bytes each 0.1 ms into two pipes of 4 KiB, and nobody reads for 100 ms
held_up() {
    stall 2560000 256 25600 100 512000 4096 cat >said || return 2
    cat said
    # the pipes are full after 3 ms, and cat holds no more than one read
    awk -v slow="$SLOW" '{ exit !($2 > 50000000 && $2 < 100000000 * slow && $4 >= $2 && $6 > $2 / 2) }' said
}

@test "stall says how long the producer was held up, and what came" {
    in_three_tries held_up
    grep -qE 'lines 2000 missing 0 damaged 0 status 0 pipes 4096 4096$' said
    run -1 stall 2560000 256 0 0 512000 4096 sed -u s/^0000000007/0000000008/
    [[ $output == *"lines 2000 missing 0 damaged 1 status 0 "* ]]
    run -1 stall 2560000 256 0 0 512000 4096 sed -u 7,9d
    [[ $output == *"lines 1997 missing 3 damaged 199"[0-9]" status 0 "* ]] # nothing is where it should be any more
    run -1 stall 2560000 256 0 0 512000 4096 bash -c 'cat; exit 7'
    [[ $output == *"lines 2000 missing 0 damaged 0 status 7 "* ]]
    run -1 stall 2560000 256 0 0 512000 4096 false
    [[ $output == *"lines 0 missing 2000 damaged 0 status 1 "* ]]
    run -2 stall 0 256 0 0 512000 4096 cat
}

@test "sink tells how long chatter's messages were on their way, and which are missing" {
    # as long as sink is there for more than half of them, the median is of those that need not wait for it
    chatter 600 64 1000 2>/dev/null | (sleep 0.1; sink) >all
    grep -qx 'lines 600 missing 0 damaged 0' all
    awk '/^latency/ { exit !($2 < 50000000 && $8 > 50000000 && $8 < 2000000000) }' all
    run bash -c 'chatter 200 64 2>/dev/null | sed 5,7d | sink'
    [ "$status" = 1 ]
    [ "${lines[0]}" = 'lines 197 missing 3 damaged 0' ]
    [ "${#lines[@]}" = 1 ] # no time of writing without a gap
    run bash -c 'chatter 200 64 2>/dev/null | sed s/^00/xx/ | sink'
    [ "${lines[0]}" = 'lines 200 missing 0 damaged 200' ]
}

@test "sink stalls on schedule" {
    began=$EPOCHREALTIME
    chatter 100 100 2>/dev/null | (sleep 0.1; sink 3000 100 2) >out
    elapsed_ms "$began"
    grep -qx 'lines 100 missing 0 damaged 0' out
    [ "$elapsed_ms" -ge 200 ]
}

@test "chatter's percentiles are those of what it measured" {
    # nothing is read for 0.3 s while the pipe is full: the longest is that, and few others are long
    chatter 10000 64 2>figures | (sleep 0.3; cat >/dev/null)
    awk '{ exit !($8 <= $10 && $10 <= $12 && $12 <= $14 && $14 > 200000000 && $8 < 1000000 && $6 > $14 / 10000) }' figures
}
