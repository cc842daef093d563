# predicted.awk: what was predicted and what was observed, as a picture: for each tool the median of a metric as a
# bar, and over it a line where the bar should end.
#
#     awk -v cases=CASE,CASE... -v metric=METRIC -v heading=TEXT -f stats.awk -f svg.awk -f predicted.awk FILE.csv >FILE.svg
#
# The line is the metric predicted_ns. Tools of a case that differ in the last word of their names alone stand close
# together, each last word in its colour.

is_wanted[$1] && $3 > 0 && $4 == "predicted_ns" { predicted[$1, $2] = $5 }
is_wanted[$1] && $3 > 0 && $4 == metric && !(kind($2) in colour_of) {
    kinds[++kind_count] = kind($2)
    colour_of[kind($2)] = kind_count
}

# "slabcat -n 4 kernel": the row is "slabcat -n 4", the kind of bar "kernel"
function kind(tool) { sub(/.* /, "", tool); return tool }
function row_of(tool) { sub(/ [^ ]*$/, "", tool); return tool }

function show(v) { return v == 0 ? "0" : v < 1e6 ? sprintf("%.2f ms", v / 1e6) : sprintf("%.1f ms", v / 1e6) }

function box(x, y, width, height, colour) {
    printf "<rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\" rx=\"2\" fill=\"%s\"/>\n", x, y, width, height, colour
}

# how high a row is, the space behind it included
function height_of(bars) { return bars * (bar + 2) + 8 }

# the tools of a case from FIRST on that share a row
function bars_from(name, first,    n) {
    n = 1
    while (first + n <= drawn_count[name] && row_of(drawn[name, first + n]) == row_of(drawn[name, first])) n++
    return n
}

function draw_row(name, first, bars, y,    i, v, words, end) {
    text(left - 10, y + height_of(bars) / 2, "text-anchor=\"end\"", row_of(drawn[name, first]))
    end = predicted[name, drawn[name, first]] / longest * room
    words = "predicted " show(predicted[name, drawn[name, first]]) ", was "
    for (i = 0; i < bars; i++) {
        v = median(name, drawn[name, first + i], metric)
        box(left, y + i * (bar + 2), v / longest * room, bar, colours[colour_of[kind(drawn[name, first + i])]])
        words = words (i == 0 ? "" : " and ") show(v)
    }
    # thin, so that it hides nothing, and white at both sides, so that it is seen on a bar as well
    printf "<path d=\"M%.1f %dv%d\" stroke=\"#ffffff\" stroke-width=\"4\"/>\n", left + end, y - 3, bars * (bar + 2) + 4
    printf "<path d=\"M%.1f %dv%d\" stroke=\"#b91c1c\" stroke-width=\"2\"/>\n", left + end, y - 3, bars * (bar + 2) + 4
    text(left + room + 16, y + height_of(bars) / 2, "font-size=\"12\" fill=\"#4b5563\"", words)
}

function draw_key(x, y,    i) {
    for (i = 1; i <= kind_count; i++) {
        box(x, y - 10, 12, 12, colours[i])
        text(x + 18, y, "font-size=\"12\"", kinds[i])
        x += 90
    }
    printf "<path d=\"M%d %dv14\" stroke=\"#b91c1c\" stroke-width=\"2\"/>\n", x + 6, y - 11
    text(x + 18, y, "font-size=\"12\"", "predicted")
}

END {
    bar = 10; left = 130; room = 310; width = 760
    colours[1] = "#2563eb"; colours[2] = "#93b4f5"; colours[3] = "#cbd5e1"
    height = 92
    for (c = 1; c <= case_count; c++) {
        height += 40
        for (t = 1; t <= drawn_count[wanted[c]]; t += n) { n = bars_from(wanted[c], t); height += height_of(n) }
    }
    head(width, height)
    draw_key(20, 56)
    y = 68
    for (c = 1; c <= case_count; c++) {
        name = wanted[c]
        text(20, y + 20, "fill=\"#4b5563\"", title[name])
        y += 32
        longest = 1
        for (t = 1; t <= drawn_count[name]; t++) {
            if (median(name, drawn[name, t], metric) > longest) longest = median(name, drawn[name, t], metric)
            if (predicted[name, drawn[name, t]] > longest) longest = predicted[name, drawn[name, t]]
        }
        for (t = 1; t <= drawn_count[name]; t += n) {
            n = bars_from(name, t)
            draw_row(name, t, n, y)
            y += height_of(n)
        }
        y += 8
    }
    foot(height, "Medians.")
}
