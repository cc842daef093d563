# svg.awk: what the pictures have in common: reads the runs of the cases that are wanted from the bench's CSV, for
# chart.awk and predicted.awk, and puts text where it belongs.
#
#     wanted[1..case_count], title[case], machine         as they are called
#     tools[case, 1..tool_count[case]]                    as they came up
#     median(case, tool)                                  of the metric

BEGIN { FS = ","; case_count = split(cases, wanted, ","); for (i in wanted) is_wanted[wanted[i]] = 1 }

/^# Linux / { machine = substr($0, 3); sub(/, *[^,]*$/, "", machine) }
/^# case / {
    name = substr($0, 8)
    title[substr(name, 1, index(name, ":") - 1)] = substr(name, index(name, ":") + 2)
}
is_wanted[$1] && $3 > 0 && $4 == metric {
    if (!(($1, $2) in runs)) tools[$1, ++tool_count[$1]] = $2
    value[$1, $2, ++runs[$1, $2]] = $5 + 0
}

function median(name, tool,    i, j, n, v) {
    n = runs[name, tool]
    for (i = 1; i <= n; i++) {
        v = value[name, tool, i]
        for (j = i - 1; j >= 1 && sorted[j] > v; j--) sorted[j + 1] = sorted[j]
        sorted[j + 1] = v
    }
    return sorted[int((n + 1) / 2)]
}

function escape(text) {
    gsub(/&/, "\\&amp;", text); gsub(/</, "\\&lt;", text); gsub(/>/, "\\&gt;", text)
    return text
}

function text(x, y, style, words) {
    printf "<text x=\"%d\" y=\"%d\" %s>%s</text>\n", x, y, style, escape(words)
}
