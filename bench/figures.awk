# figures.awk: the tables of README.md and bench/README.md, from the summary.csv of two kinds of machine.
#
#     awk -v section=NAME -f figures.awk machine=1 SUMMARY.csv... machine=2 [SUMMARY.csv...]
#
# The NAMEs are at the end. What was not measured on a machine is a dash; without any file of the second one there are
# no columns for it. A ratio says how much slabcat takes of the other: it is the inverse of the ratio in summary.csv. Of
# several files of a machine the last one that has a case counts.

BEGIN { FS = "," }

/^# a system call costs / && !(machine in call_ns) { split($0, words, " "); call_ns[machine] = words[6] }
/^# emulated: / { emulated[machine] = 1 }
/^#/ || $1 == "case" { next }
{
    if (!((machine, $1, $2) in listed)) tools[machine, $1, ++tool_count[machine, $1]] = $2
    listed[machine, $1, $2] = 1
    medians[machine, $1, $2, $3] = $5
    ratios[machine, $1, $2, $3] = $7
    machines = machine
}

# --- one cell ---

function number(x) { return x == "" ? "–" : sprintf(x < 0.095 ? "%.3f" : "%.2f", x) }

# for a cell of a table
function escape(text) { gsub(/\|/, "\\|", text); return text }

# the name that a program is known by: without its options
function short(tool) { sub(/ -.*/, "", tool); return tool }

function ns(v) {
    if (v < 1000) return sprintf("%.0f ns", v)
    if (v < 1e6) return sprintf(v < 1e5 ? "%.1f us" : "%.0f us", v / 1e3)
    return sprintf(v < 1e7 ? "%.1f ms" : "%.0f ms", v / 1e6)
}

function amount(m, name, tool, metric,    v) {
    if (!((m, name, tool, metric) in medians)) return "–"
    v = medians[m, name, tool, metric]
    if (metric ~ /_ns$/) return ns(v)
    if (metric ~ /_kib$/) return sprintf("%.1f MiB", v / 1024)
    return sprintf("%.0f", v)
}

# what the first tool of a case takes of another, "" without a ratio
function of_tool(m, name, tool, metric) {
    return ratios[m, name, tool, metric] > 0 ? 1 / ratios[m, name, tool, metric] : ""
}

# the tool other than slabcat that takes least, "" if there is none
function best_tool(m, name, metric,    t, tool, best) {
    for (t = 1; t <= tool_count[m, name]; t++) {
        tool = tools[m, name, t]
        if (tool ~ /^slabcat/ || tool == "no tool" || of_tool(m, name, tool, metric) == "") continue
        if (best == "" || of_tool(m, name, tool, metric) > of_tool(m, name, best, metric)) best = tool
    }
    return best
}

function of_best(m, name, metric,    tool) {
    tool = best_tool(m, name, metric)
    return tool == "" ? "–" : number(of_tool(m, name, tool, metric)) " (" short(tool) ")"
}

# "105 ns a call"
function heading(m) {
    return (m in call_ns ? ns(call_ns[m]) " a call" : "a call of unknown cost") (emulated[m] ? " (emulated)" : "")
}

# --- rows ---

function both_headings(before,    m, line) {
    line = "|"
    for (m = 1; m <= machines; m++) line = line " " before heading(m) " |"
    return line
}

function rule(columns,    line) {
    line = "|"
    while (columns-- > 0) line = line "---|"
    print line
}

function ratio_row(label, name, metric,    m, line) {
    line = "| " label " |"
    for (m = 1; m <= machines; m++) line = line " " number(of_tool(m, name, "no tool", metric)) " |"
    for (m = 1; m <= machines; m++) line = line " " of_best(m, name, metric) " |"
    print line
}

# TOOL's amount, and those of OTHERS, "name=shown as,..."
function amount_row(label, name, metric, tool, others,    m, i, n, list, pair, line) {
    line = "| " label " |"
    n = split(others, list, ",")
    for (m = 1; m <= machines; m++) {
        line = line " " amount(m, name, tool, metric)
        for (i = 1; i <= n; i++) {
            split(list[i], pair, "=")
            if ((m, name, pair[1], metric) in medians) line = line "; " pair[2] " " amount(m, name, pair[1], metric)
        }
        line = line " |"
    }
    print line
}

# what TOOL, which is slabcat too, takes of the case's first tool
function variant_row(label, name, metric, tool,    m, line) {
    line = "| " label " |"
    for (m = 1; m <= machines; m++) line = line " " number(ratios[m, name, tool, metric]) " |"
    print line
}

# --- sections of bench/README.md ---

function section_ratios() {
    print "| slabcat takes |" substr(both_headings("of writing straight, "), 2) substr(both_headings("of the best of the others, "), 2)
    rule(1 + 2 * machines)
    ratio_row("1M messages of 256 bytes, the producer's mean write(): into a file in memory", "chatty", "mean_ns")
    ratio_row("the same, appending to a file on disk", "append", "mean_ns")
    ratio_row("the same, into a file on disk that is there already", "overwrite", "mean_ns")
    ratio_row("the same, into a file in memory, the median write()", "chatty", "p50_ns")
    ratio_row("the same, into a file in memory, CPU of the whole pipeline", "chatty", "cpu_s")
    ratio_row("the same through a pipe of 64 KiB that does not grow", "small-pipe", "mean_ns")
    ratio_row("messages of 1 byte", "size-1", "mean_ns")
    ratio_row("of 16 bytes", "size-16", "mean_ns")
    ratio_row("of 64 bytes", "size-64", "mean_ns")
    ratio_row("of 1 KiB", "size-1024", "mean_ns")
    ratio_row("of 4 KiB", "size-4096", "mean_ns")
    ratio_row("of 64 KiB", "size-65536", "mean_ns")
    ratio_row("10,000 messages a second: CPU of the tool", "paced", "own_cpu_s")
    ratio_row("pages that are given away, pipe to pipe: time in all", "given-pipe", "wall_s")
    ratio_row("the same, pipe to TCP", "given-tcp", "wall_s")
    ratio_row("64 KiB writes, pipe to pipe", "writes-pipe", "wall_s")
    ratio_row("the same, into a file in memory", "writes-file", "wall_s")
    ratio_row("the same, pipe to TCP", "writes-tcp", "wall_s")
    ratio_row("a file in memory to TCP", "file-tcp", "wall_s")
    ratio_row("every byte to two files in memory", "two-files", "wall_s")
    ratio_row("pages to two pipes", "two-pipes", "wall_s")
    ratio_row("512 MiB through the spill while the consumer does nothing, then to it", "spill", "wall_s")
}

function section_amounts() {
    print "| |" substr(both_headings(""), 2)
    rule(1 + machines)
    amount_row("the producer's p99.9 for a write() of 256 bytes: into a file in memory", "chatty", "p999_ns", "slabcat", "no tool=straight")
    amount_row("the same, appending to a file on disk", "append", "p999_ns", "slabcat", "no tool=straight")
    amount_row("the same, into a file on disk that is there already", "overwrite", "p999_ns", "slabcat", "no tool=straight")
    amount_row("system calls for 1M messages of 256 bytes", "chatty", "calls", "slabcat", "cat=cat")
    amount_row("10,000 messages a second: how long half of them are on their way", "paced", "latency_p50_ns", "slabcat", "cat=cat")
    amount_row("the same, p99.9", "paced", "latency_p999_ns", "slabcat", "cat=cat")
    amount_row("100 messages a second: how long half of them are on their way", "trickle", "latency_p50_ns", "slabcat", "cat=cat")
    amount_row("a consumer that stalls for 100 ms: the longest write()", "stall", "max_ns", "slabcat -n 64", "no tool=straight,pv -B 4M=pv -B 4M")
    amount_row("from the start to the first byte", "start", "first_byte_ns", "slabcat", "cat=cat")
    amount_row("an empty run", "start", "empty_run_ns", "slabcat", "cat=cat")
    amount_row("nothing to do for 10 s: CPU", "still", "idle_cpu_ns", "slabcat", "")
    amount_row("the same: how often it wakes", "still", "idle_wakeups", "slabcat", "")
    variant_row("`--stats`: time of a write(), of that without", "chatty", "mean_ns", "slabcat --stats")
    variant_row("`--stats`: CPU, of that without", "chatty", "own_cpu_s", "slabcat --stats")
    variant_row("a ring of 4096 slabs: time, of that with 8", "ring", "wall_s", "slabcat -n 4096")
    amount_row("a ring of 4096 slabs: memory", "ring", "rss_kib", "slabcat -n 4096", "slabcat -n 8=of 8")
    variant_row("a producer whose newest bytes are dropped: p99.9, of that without a stall", "drop", "p999_ns", "slabcat drop-newest")
    variant_row("the same, whose oldest are", "drop", "p999_ns", "slabcat drop-oldest")
}

function speeds(m, name,    t, n, tool, times, line) {
    line = " " amount(m, name, tools[m, name, 1], "rate_mbs") " |"
    for (t = 2; t <= tool_count[m, name]; t++) {
        tool = tools[m, name, t]
        if (tool ~ /^slabcat/ || !ratios[m, name, tool, "rate_mbs"]) continue
        times = 1 / ratios[m, name, tool, "rate_mbs"]
        line = line (n++ ? "," : "") sprintf(times < 10 ? " %.2f x %s" : " %.0f x %s", times, escape(tool))
    }
    return line (n ? "" : " –") " |"
}

function speed_row(label, name,    m, line) {
    line = "| " label " |"
    for (m = 1; m <= machines; m++) line = line speeds(m, name)
    print line
}

# by how much more slabcat's result is larger than the tool's
function packed_row(label, name,    m, line, r) {
    line = "| " label " |"
    for (m = 1; m <= machines; m++) {
        r = of_tool(m, name, best_tool(m, name, "packed_bytes"), "packed_bytes")
        line = line " | " (r == "" ? "–" : sprintf("%.1f %% larger", (r - 1) * 100)) " |"
    }
    print line
}

function section_bytes(    m, line) {
    line = "| |"
    for (m = 1; m <= machines; m++) line = line " MB/s, " heading(m) " | as fast as |"
    print line
    rule(1 + 2 * machines)
    speed_row("timestamp", "timestamp")
    speed_row("strip: colours in 1 line of 20", "strip")
    speed_row("strip-few: in 1 of 1000", "strip-few")
    speed_row("strip-all: in each", "strip-all")
    speed_row("redact: 100 secrets", "redact")
    speed_row("zstd", "zstd")
    packed_row("zstd: the result", "zstd")
    packed_row("zstd-paced, 20 MB/s in lines: the result", "zstd-paced")
    speed_row("gzip", "gzip")
    speed_row("digest: sha256", "digest")
    speed_row("capture: all of it, and zstd beside", "capture")
}

function section_sizes(    m, i, n, sizes, straight, through) {
    print "| bytes in a write() | 1 | 16 | 256 | 4096 | 65536 |"
    rule(6)
    n = split("size-1,size-16,chatty,size-4096,size-65536", sizes, ",")
    for (m = 1; m <= machines; m++) {
        straight = "| straight, " heading(m) " |"
        through = "| `\\| slabcat`, " heading(m) " |"
        for (i = 1; i <= n; i++) {
            straight = straight " " amount(m, sizes[i], "no tool", "mean_ns") " |"
            through = through " " amount(m, sizes[i], "slabcat", "mean_ns") " |"
        }
        print straight
        print through
    }
}

function channel_row(label, variant, published,    m, line) {
    line = "| " label " |"
    for (m = 1; m <= machines; m++) line = line " " amount(m, "channel", variant, "message_ns") " |"
    print line " " published " |"
}

function section_channel() {
    print "| |" substr(both_headings("2 CPUs, "), 2) " a Go logger, 10 cores, as published |"
    rule(2 + machines)
    channel_row("slabs, 8 x 64 KiB", "slab:8x64K", "107 ns")
    channel_row("slabs, 2 x 32 KiB", "slab:2x32K", "132 ns")
    channel_row("queue of 20, 64 KiB buffer behind it", "queue:20+64K", "289 ns")
    channel_row("queue of 1000, 64 KiB buffer behind it", "queue:1000+64K", "265 ns")
    channel_row("queue of 20, nothing behind it", "queue:20", "")
    channel_row("queue of 1000, nothing behind it", "queue:1000", "")
    channel_row("queue of 1000 in front of slabs", "queue:1000+slab:8x64K", "300 ns")
}

# --- sections of README.md ---

# "0.38 of the time with `app | cat > log` and 0.69 of the time with `app > log`, where a system call costs 105 ns"
function claimed(m,    of_cat, of_straight) {
    of_cat = number(of_tool(m, "chatty", "cat", "mean_ns"))
    of_straight = number(of_tool(m, "chatty", "no tool", "mean_ns"))
    return (m == 1 ? of_cat " of the time with `app | cat > log` and " of_straight " of the time with `app > log`" : \
        of_cat " and " of_straight) (m in call_ns ? ", where a system call costs " ns(call_ns[m]) : "")
}

# The claim has to be true of each machine, or another sentence is needed.
function check_claim(m, tool, limit,    r) {
    r = of_tool(m, "chatty", tool, "mean_ns")
    if (r == "" || r < limit) return
    printf "figures: the claim is not true: slabcat takes %.2f of %s; %s\n", r, tool, heading(m) >"/dev/stderr"
    refuted = 1
}

function section_claim(    m) {
    for (m = 1; m <= machines; m++) {
        check_claim(m, "no tool", 1.005)
        check_claim(m, "cat", 1)
        check_claim(m, "pv -q", 1)
        check_claim(m, "mbuffer -s 64k -m 512k", 1)
    }
    print "**A chatty program runs faster through slabcat than through cat, pv or mbuffer, and no slower than straight into its"
    print "log file**: with `app | slabcat > log` each write() takes"
    print claimed(1) (machines == 1 ? "." : ";")
    if (machines == 2) print claimed(2) "."
}

function write_row(label, tool,    m, line) {
    line = "| " label " |"
    for (m = 1; m <= machines; m++) line = line " " number(of_tool(m, "chatty", tool, "mean_ns")) " |"
    print line
}

function section_writes() {
    print "| a write() of 256 bytes with `app \\| slabcat > log` takes |" substr(both_headings(""), 2)
    rule(1 + machines)
    write_row("of one with `app > log`, straight into the file", "no tool")
    write_row("of one with `app \\| cat > log`", "cat")
    write_row("of one with `app \\| pv -q > log`", "pv -q")
    write_row("of one with `app \\| mbuffer -q -s 64k -m 512k > log`, which has the same ring", "mbuffer -s 64k -m 512k")
}

END {
    if (section == "claim") section_claim()
    else if (section == "writes") section_writes()
    else if (section == "ratios") section_ratios()
    else if (section == "amounts") section_amounts()
    else if (section == "bytes") section_bytes()
    else if (section == "sizes") section_sizes()
    else if (section == "channel") section_channel()
    else { print "figures: there is no section " section >"/dev/stderr"; exit 2 }
    exit refuted
}
