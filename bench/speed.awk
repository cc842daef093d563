# speed.awk: how many times as fast as other tools, as a picture: for each of them a bar from 1 to the inverse of its ratio
# to slabcat in a metric of which more is better, and a line where the bar should end at least.
#
#     awk -v cases=CASE,CASE... -v metric=METRIC -v targets=CASE=TIMES,CASE=TIMES... -v heading=TEXT \
#         -f stats.awk -f svg.awk -f speed.awk FILE.csv >FILE.svg
#
# The scale is logarithmic, and begins at a half. The first tool of a case is the one that the others are held against;
# those whose names begin as its name does are left out.

function x_of(times) { return left + log(times < 0.5 ? 1 : times * 2) / log(longest * 2) * room }

function box(x, y, width, height, colour) {
    printf "<rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\" rx=\"2\" fill=\"%s\"/>\n", x, y, width, height, colour
}

function line(times, from, to, style) {
    printf "<path d=\"M%.1f %dV%d\" stroke-width=\"2\" stroke=\"%s\"/>\n", x_of(times), from, to, style
}

function first_word(tool) { sub(/ .*/, "", tool); return tool }

# the rows: which case, which tool, how many times
function gather(    c, t, name, tool, times) {
    for (c = 1; c <= case_count; c++) {
        name = wanted[c]
        for (t = 1; t <= drawn_count[name]; t++) {
            tool = drawn[name, t]
            times = inverse(ratio(name, tool, metric, tools[name, 1]))
            if (first_word(tool) == first_word(tools[name, 1]) || times == "") continue
            row_case[++row_count] = name
            row_tool[row_count] = tool
            row_times[row_count] = times
            if (times > longest) longest = times
        }
    }
}

END {
    row = 24; left = 220; room = 440; width = 760; longest = 10
    for (n = split(targets, pairs, ","); n > 0; n--) {
        split(pairs[n], pair, "=")
        target[pair[1]] = pair[2]
        if (pair[2] > longest) longest = pair[2]
    }
    gather()
    height = 96 + row * row_count
    head(width, height)
    for (times = 1; times <= longest; times *= 10) {
        line(times, 56, 60 + row * row_count, "#e5e7eb")
        text(x_of(times), 52, "text-anchor=\"middle\" font-size=\"11\" fill=\"#6b7280\"", times)
    }
    for (r = 1; r <= row_count; r++) {
        y = 36 + row * r
        times = row_times[r]
        from = x_of(times < 1 ? times : 1)
        to = x_of(times < 1 ? 1 : times)
        text(left - 10, y + 14, "text-anchor=\"end\"", row_case[r] ": " row_tool[r])
        box(from, y, to - from, row - 6, times < 1 ? "#93b4f5" : "#2563eb")
        if (row_case[r] in target) {
            line(target[row_case[r]], y - 2, y + row - 4, "#b91c1c")
            if (x_of(target[row_case[r]]) > to) to = x_of(target[row_case[r]])
        }
        text(to + 8, y + 14, "font-weight=\"600\"", sprintf(times < 10 ? "%.2f" : "%.0f", times))
    }
    foot(height, "Medians; red: wanted at least.")
}
