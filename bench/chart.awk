# chart.awk: cases of the bench's CSV as a picture: for each tool the median of a metric as a bar.
#
#     awk -v cases=CASE,CASE... -v metric=METRIC -v heading=TEXT -f svg.awk -f chart.awk FILE.csv >FILE.svg
#
# The less the better, in all of them. The machine is named below, from the CSV.

function show(v) {
    if (metric ~ /_s$/) return sprintf("%.2f s", v)
    return v < 10000 ? sprintf("%.0f ns", v) : v < 1e6 ? sprintf("%.0f us", v / 1000) : sprintf("%.1f ms", v / 1e6)
}

END {
    row = 24; left = 210; room = 400; width = 760
    height = 72
    for (c = 1; c <= case_count; c++) height += 40 + row * tool_count[wanted[c]]
    printf "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" ", width, height, width, height
    print "font-family=\"system-ui, sans-serif\" font-size=\"13\" fill=\"#1f2937\">"
    printf "<rect width=\"%d\" height=\"%d\" rx=\"8\" fill=\"#ffffff\"/>\n", width, height
    text(20, 30, "font-size=\"17\" font-weight=\"600\"", heading)
    y = 48
    for (c = 1; c <= case_count; c++) {
        name = wanted[c]
        text(20, y + 20, "fill=\"#4b5563\"", title[name])
        y += 32
        most = 0
        for (t = 1; t <= tool_count[name]; t++) if (median(name, tools[name, t]) > most) most = median(name, tools[name, t])
        ours = median(name, tools[name, 1])
        for (t = 1; t <= tool_count[name]; t++) {
            tool = tools[name, t]
            v = median(name, tool)
            colour = t == 1 ? "#2563eb" : tool ~ /^slabcat/ ? "#93b4f5" : tool == "no tool" ? "#6b7280" : "#cbd5e1"
            text(left - 10, y + 14, "text-anchor=\"end\"" (t == 1 ? " font-weight=\"600\"" : ""), tool)
            printf "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" rx=\"2\" fill=\"%s\"/>\n", left, y, v / most * room, row - 6, colour
            text(left + v / most * room + 8, y + 14, t == 1 ? "font-weight=\"600\"" : "", show(v) (t == 1 ? "" : sprintf(v / ours < 100 ? "  (%.2f)" : "  (%.0f)", v / ours)))
            y += row
        }
        y += 8
    }
    text(20, height - 12, "font-size=\"11\" fill=\"#6b7280\"", "Medians; in brackets how many times slabcat's. " machine ". make bench draws this for yours.")
    print "</svg>"
}
