# summary.awk: one case of the bench's CSV, every metric of every tool, as a line of another CSV.
#
#     awk -v wanted=CASE -f stats.awk -f summary.awk FILE.csv
#
#     case,tool,metric,least,median,most,ratio    ratio: to the first tool's, the median of all rounds

BEGIN { FS = "," }

END {
    for (t = 1; t <= tool_count; t++)
        for (m = 1; m <= metric_count; m++) {
            n = collect(tools[t], metrics[m])
            if (!n) continue
            least = sorted[1]; most = sorted[n]
            r = ratio(tools[t], metrics[m], tools[1])
            print wanted "," tools[t] "," metrics[m] "," least "," median(tools[t], metrics[m]) "," most "," (r == "" ? "" : sprintf("%.3f", r))
        }
}
