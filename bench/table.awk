# table.awk: one case of the bench's CSV as a table.
#
#     awk -v cases=CASE -v main=METRIC -f stats.awk -f table.awk FILE.csv
#
# For each tool the least, the median and the most of METRIC; the median of the ratios, round by round, of
# its METRIC to slabcat's (above 1 slabcat was better); and the medians of the other metrics. The line below the table
# turns these ratios round: what slabcat takes of the others.

# a value in the unit that suits its metric
function show(metric, v) {
    if (v == "") return "-"
    if (metric ~ /^(mean|p50)_ns$/) return sprintf("%.0f ns", v)
    if (metric ~ /^(calls|.*_wakeups)$/) return sprintf("%d", v)
    if (metric ~ /_ns$/) return v < 1000 ? sprintf("%.0f ns", v) : v < 1e6 ? sprintf("%.1f us", v / 1000) : sprintf("%.1f ms", v / 1e6)
    if (metric ~ /_s$/) return sprintf("%.3f s", v)
    if (metric ~ /_bytes$/) return sprintf(v < 10 * 1048576 ? "%.2f MiB" : "%.1f MiB", v / 1048576)
    if (metric ~ /_mbs$/) return sprintf("%.0f", v)
    if (metric ~ /_kib$/) return sprintf("%.1f MiB", v / 1024)
    return sprintf("%.3f", v)
}

function column(metric, heading) {
    if (metric == main || !((cases, metric) in known)) return
    columns[++column_count] = metric
    headings[column_count] = heading
}

function two_digits(r) { return r == "" ? "-" : sprintf("%.2f", r) }

function choose_columns() {
    if (main ~ /^latency/) {
        column("latency_p99_ns", "p99"); column("latency_p999_ns", "p99.9"); column("latency_max_ns", "longest")
        column("mean_ns", "a write")
    } else {
        column("mean_ns", "mean"); column("p50_ns", "p50"); column("p99_ns", "p99"); column("p999_ns", "p99.9"); column("max_ns", "longest")
    }
    column("predicted_ns", "expected"); column("empty_run_ns", "empty run"); column("stalled_cpu_ns", "stalled")
    column("idle_wakeups", "wake-ups"); column("stalled_wakeups", "stalled"); column("two_threads_ns", "2 threads")
    column("rate_mbs", "MB/s"); column("packed_bytes", "packed")
    column("wall_s", "wall"); column("cpu_s", "CPU all"); column("own_cpu_s", "CPU own"); column("rss_kib", "memory")
    column("calls", "calls")
}

END {
    choose_columns()
    line = sprintf("  %-24s %8s %17s %5s", "", "median", "least to most", "ratio")
    for (c = 1; c <= column_count; c++) line = line sprintf(" %8s", headings[c])
    print line
    ours = tools[cases, 1]
    for (t = 1; t <= tool_count[cases]; t++) {
        tool = tools[cases, t]
        r = ratio(cases, tool, main, ours)
        line = sprintf("  %-24s %8s %17s %5s", tool, show(main, median(cases, tool, main)),
            show(main, least(cases, tool, main)) " - " show(main, most(cases, tool, main)), two_digits(r))
        for (c = 1; c <= column_count; c++) line = line sprintf(" %8s", show(columns[c], median(cases, tool, columns[c])))
        print line
        if (tool == "no tool") bare = r
        else if (tool !~ /^slabcat/ && r != "" && (best == "" || r < best)) { best = r; best_tool = tool }
    }
    if (ours !~ /^slabcat/ || best == "") exit
    printf "  slabcat takes %s of the best of the others (%s)", two_digits(inverse(best)), best_tool
    if (bare != "") printf ", %s of no tool at all", two_digits(inverse(bare))
    print ""
}
