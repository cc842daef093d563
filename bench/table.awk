# table.awk: one case of the bench's CSV as a table.
#
#     awk -v wanted=CASE -v main=METRIC -f stats.awk -f table.awk FILE.csv
#
# For each tool the least, the median and the most of METRIC; the median of the ratios, round by round, of
# its METRIC to slabcat's (above 1 slabcat was better); and the medians of the other metrics.

BEGIN { FS = "," }

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
    if (metric == main || !(metric in known)) return
    columns[++column_count] = metric
    headings[column_count] = heading
}

END {
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
    line = sprintf("  %-24s %8s %17s %5s", "", "median", "least to most", "ratio")
    for (c = 1; c <= column_count; c++) line = line sprintf(" %8s", headings[c])
    print line
    for (t = 1; t <= tool_count; t++) {
        tool = tools[t]
        middle = median(tool, main)
        n = collect(tool, main)
        r = ratio(tool, main, tools[1])
        line = sprintf("  %-24s %8s %17s %5s", tool, show(main, middle), show(main, sorted[1]) " - " show(main, sorted[n]),
            r == "" ? "-" : sprintf("%.2f", r))
        for (c = 1; c <= column_count; c++) line = line sprintf(" %8s", show(columns[c], median(tool, columns[c])))
        print line
        if (tool !~ /^(slabcat|no tool)/ && r != "" && (best == "" || r < best)) { best = r; best_tool = tool }
    }
    if (tools[1] !~ /^slabcat/) best = ""
    if (best != "") printf "  slabcat takes %.2f of the best of the others (%s)", ratio(tools[1], main, best_tool), best_tool
    if (best != "" && ("no tool" in seen)) printf ", %.2f of no tool at all", ratio(tools[1], main, "no tool")
    if (best != "") print ""
}
