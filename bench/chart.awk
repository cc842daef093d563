# chart.awk: cases of the bench's CSV as a picture: for each tool the median of a metric as a bar.
#
#     awk -v cases=CASE,CASE... -v metric=METRIC -v heading=TEXT -f stats.awk -f svg.awk -f chart.awk FILE.csv >FILE.svg
#
# The less the better, in all of them. In brackets behind a bar stands the ratio that the table of the case has. The machine
# is named below, from the CSV.

function show(v) {
    if (metric ~ /_s$/) return sprintf("%.2f s", v)
    return v < 10000 ? sprintf("%.0f ns", v) : v < 1e6 ? sprintf("%.0f us", v / 1000) : sprintf("%.1f ms", v / 1e6)
}

# the ratio to the first tool's, in brackets
function in_brackets(r) { return r == "" ? "" : sprintf(r < 100 ? "  (%.2f)" : "  (%.0f)", r) }

function draw_tool(name, tool, y, scale,    is_first, v, colour) {
    is_first = tool == tools[name, 1]
    v = median(name, tool, metric)
    colour = is_first ? "#2563eb" : tool ~ /^slabcat/ ? "#93b4f5" : tool == "no tool" ? "#6b7280" : "#cbd5e1"
    text(left - 10, y + 14, "text-anchor=\"end\"" (is_first ? " font-weight=\"600\"" : ""), tool)
    printf "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" rx=\"2\" fill=\"%s\"/>\n", left, y, v * scale, row - 6, colour
    text(left + v * scale + 8, y + 14, is_first ? "font-weight=\"600\"" : "",
        show(v) (is_first ? "" : in_brackets(ratio(name, tool, metric, tools[name, 1]))))
}

END {
    row = 24; left = 210; room = 400; width = 760
    height = 72
    for (c = 1; c <= case_count; c++) height += 40 + row * drawn_count[wanted[c]]
    head(width, height)
    y = 48
    for (c = 1; c <= case_count; c++) {
        name = wanted[c]
        text(20, y + 20, "fill=\"#4b5563\"", title[name])
        y += 32
        longest = 0
        for (t = 1; t <= drawn_count[name]; t++)
            if (median(name, drawn[name, t], metric) > longest) longest = median(name, drawn[name, t], metric)
        for (t = 1; t <= drawn_count[name]; t++) {
            draw_tool(name, drawn[name, t], y, longest ? room / longest : 0)
            y += row
        }
        y += 8
    }
    foot(height, "Medians; in brackets how many times slabcat's.")
}
