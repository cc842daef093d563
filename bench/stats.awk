# stats.awk: reads the runs of one case, "wanted", from the bench's CSV, for table.awk and summary.awk.
#
#     tools[1..tool_count], metrics[1..metric_count]    as they came up
#     median(tool, metric), collect(tool, metric)       collect leaves all values in sorted[1..], and says how many
#     ratio(tool, metric, other)                        the median of tool's over other's, round by round

$1 != wanted || /^#/ { next }
!($2 in seen) { seen[$2] = 1; tools[++tool_count] = $2 }
$3 > 0 || $4 == "calls" {
    value[$2, $4, ++runs[$2, $4]] = $5
    by_round[$2, $4, $3] = $5
    if ($3 > rounds) rounds = $3
    if (!($4 in known)) metrics[++metric_count] = $4
    known[$4] = 1
}

# the values of list[1..n], in order
function sort(list, n,    i, j, v) {
    for (i = 2; i <= n; i++) {
        v = list[i]
        for (j = i - 1; j >= 1 && list[j] > v; j--) list[j + 1] = list[j]
        list[j + 1] = v
    }
}

function collect(tool, metric,    i) {
    for (i = 1; i <= runs[tool, metric]; i++) sorted[i] = value[tool, metric, i] + 0
    sort(sorted, runs[tool, metric])
    return runs[tool, metric]
}

function median(tool, metric,    n) {
    n = collect(tool, metric)
    return n ? sorted[int((n + 1) / 2)] : ""
}

function ratio(tool, metric, other,    i, n) {
    for (i = 1; i <= rounds; i++)
        if (by_round[other, metric, i] > 0 && by_round[tool, metric, i] != "")
            ratios[++n] = by_round[tool, metric, i] / by_round[other, metric, i]
    sort(ratios, n)
    return n ? ratios[int((n + 1) / 2)] : ""
}
