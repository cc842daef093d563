# svg.awk: what the pictures have in common, for chart.awk, speed.awk and predicted.awk; stats.awk comes before it. It
# reads what machine the bench's CSV is from and what its cases are called, and puts text where it belongs.
#
#     awk -v cases=CASE,CASE... -v metric=METRIC -v heading=TEXT -f stats.awk -f svg.awk -f ...
#
#     title[case]                                          what the case measures
#     drawn[case, 1..drawn_count[case]]                    the tools that have METRIC
#     head(width, height), foot(height, words)             what a picture begins and ends with

/^# Linux / { machine = substr($0, 3); sub(/, *[^,]*$/, "", machine) }
/^# a system call costs / { call_cost = ", " substr($0, 3); sub(/ \(.*/, "", call_cost) }
/^# emulated: / { emulated = " (emulated)" }
/^# case / {
    name = substr($0, 8)
    title[substr(name, 1, index(name, ":") - 1)] = substr(name, index(name, ":") + 2)
}

END {
    for (c = 1; c <= case_count; c++)
        for (t = 1; t <= tool_count[wanted[c]]; t++)
            if (has(wanted[c], tools[wanted[c], t], metric)) drawn[wanted[c], ++drawn_count[wanted[c]]] = tools[wanted[c], t]
}

function escape(text) {
    gsub(/&/, "\\&amp;", text); gsub(/</, "\\&lt;", text); gsub(/>/, "\\&gt;", text)
    return text
}

function text(x, y, style, words) {
    printf "<text x=\"%d\" y=\"%d\" %s>%s</text>\n", x, y, style, escape(words)
}

function head(width, height) {
    printf "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" ", width, height, width, height
    print "font-family=\"system-ui, sans-serif\" font-size=\"13\" fill=\"#1f2937\">"
    printf "<rect width=\"%d\" height=\"%d\" rx=\"8\" fill=\"#ffffff\"/>\n", width, height
    text(20, 30, "font-size=\"17\" font-weight=\"600\"", heading)
}

function foot(height, words) {
    text(20, height - 12, "font-size=\"11\" fill=\"#6b7280\"", words " " machine call_cost emulated ".")
    print "</svg>"
}
