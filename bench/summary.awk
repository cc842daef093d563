# summary.awk: cases of the bench's CSV, every metric of every tool, as lines of another CSV.
#
#     awk -v cases=CASE,CASE... -f stats.awk -f summary.awk FILE.csv
#
#     case,tool,metric,least,median,most,ratio    ratio: to the first tool's, the median of all rounds

function print_tool(name, tool,    m, metric, r) {
    for (m = 1; m <= metric_count[name]; m++) {
        metric = metrics[name, m]
        if (!has(name, tool, metric)) continue
        r = ratio(name, tool, metric, tools[name, 1])
        print name "," tool "," metric "," least(name, tool, metric) "," median(name, tool, metric) "," \
            most(name, tool, metric) "," (r == "" ? "" : sprintf("%.6g", r))
    }
}

END {
    for (c = 1; c <= case_count; c++)
        for (t = 1; t <= tool_count[wanted[c]]; t++) print_tool(wanted[c], tools[wanted[c], t])
}
