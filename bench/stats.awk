# stats.awk: reads the runs of some cases from the bench's CSV and computes every figure that is shown, for table.awk,
# summary.awk and, by way of svg.awk, the charts.
#
#     awk -v cases=CASE,CASE... -f stats.awk -f ...
#
#     wanted[1..case_count]                               the cases
#     tools[case, 1..tool_count[case]]                    in the order in which they were measured
#     metrics[case, 1..metric_count[case]]                likewise
#     has(case, tool, metric)                             whether there is any value
#     least(case, tool, metric), median(...), most(...)   of all rounds, "" without a value
#     ratio(case, tool, metric, other)                    the median of tool's value over other's, round by round, "" if
#                                                         no round has both
#     inverse(ratio)                                      1 / ratio, "" if that cannot be computed
#
# The middle of an even number of values lies between the middle two: at their arithmetic mean for values, at their
# geometric mean for ratios. With the geometric mean ratio(a, b) is 1 / ratio(b, a) for any number of rounds, so a table
# may quote either of the two.

BEGIN {
    FS = ","
    CONVFMT = OFMT = "%.12g"
    case_count = split(cases, wanted, ",")
    for (i in wanted) is_wanted[wanted[i]] = 1
}

is_wanted[$1] && !(($1, $2) in seen) { seen[$1, $2] = 1; tools[$1, ++tool_count[$1]] = $2 }
is_wanted[$1] && ($3 > 0 || $4 == "calls") {
    value[$1, $2, $4, ++runs[$1, $2, $4]] = $5 + 0
    by_round[$1, $2, $4, $3] = $5 + 0
    if ($3 > rounds) rounds = $3
    if (!(($1, $4) in known)) metrics[$1, ++metric_count[$1]] = $4
    known[$1, $4] = 1
}

function sort(list, n,    i, j, v) {
    for (i = 2; i <= n; i++) {
        v = list[i]
        for (j = i - 1; j >= 1 && list[j] > v; j--) list[j + 1] = list[j]
        list[j + 1] = v
    }
}

# the median of list[1..n], which it sorts; of an even number: with "geometric" the geometric mean of the middle two,
# without it the arithmetic one
function middle(list, n, geometric,    low, high) {
    if (!n) return ""
    sort(list, n)
    low = list[int((n + 1) / 2)]
    high = list[int(n / 2) + 1]
    if (low == high) return low
    return geometric ? sqrt(low * high) : (low + high) / 2
}

function has(name, tool, metric) { return runs[name, tool, metric] > 0 }

# the values of all rounds into sorted[1..], in order; returns their number
function collect(name, tool, metric,    i, n) {
    n = runs[name, tool, metric]
    for (i = 1; i <= n; i++) sorted[i] = value[name, tool, metric, i]
    sort(sorted, n)
    return n
}

function least(name, tool, metric) { return collect(name, tool, metric) ? sorted[1] : "" }

function most(name, tool, metric,    n) {
    n = collect(name, tool, metric)
    return n ? sorted[n] : ""
}

function median(name, tool, metric,    n) {
    n = collect(name, tool, metric)
    return middle(sorted, n)
}

function ratio(name, tool, metric, other,    i, n) {
    for (i = 1; i <= rounds; i++)
        if (by_round[name, other, metric, i] > 0 && (name, tool, metric, i) in by_round)
            ratios[++n] = by_round[name, tool, metric, i] / by_round[name, other, metric, i]
    return middle(ratios, n, "geometric")
}

function inverse(r) { return r > 0 ? 1 / r : "" }
