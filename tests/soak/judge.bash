# What has to be true of a round that has ended. Says what is not, by wrong.
# shellcheck shell=bash

# field NUMBER FILE: a word of its first line
field() { awk -v field="$1" 'NR == 1 { print $field; exit } END { if (!NR) print 0 }' "$2" 2>/dev/null || echo 0; }

# figure NAME REPORT: a number from statistics as JSON, into $figure
figure() {
    [[ $2 =~ \"$1\":([0-9]+) ]] && figure=${BASH_REMATCH[1]} && return
    figure=0
    wrong "no $1 in the statistics"
}

# add_up REPORT: the man page's identity
add_up() {
    local name left=0 right=0
    for name in in added marked; do figure "${name}_bytes" "$1"; left=$((left + figure)); done
    for name in out removed dropped undelivered held; do figure "${name}_bytes" "$1"; right=$((right + figure)); done
    [ "$left" = "$right" ] || wrong "$left bytes in, $right accounted for: $1"
}

# the last statistics, in $total_NAME
read_statistics() {
    local reports report name
    mapfile -t reports < <(grep '^{' said)
    [ ${#reports[@]} != 0 ] || { wrong "no statistics"; return 1; }
    for report in "${reports[@]}"; do add_up "$report"; done
    for name in in out dropped marked undelivered held resent at_risk; do
        figure "${name}_bytes" "$report"
        printf -v "total_$name" %s "$figure"
    done
    figure dropped_lines "$report"; total_dropped_lines=$figure
    figure reconnects "$report"; total_reconnects=$figure
    last_report=$report
    [ "$total_held" = 0 ] || wrong "$total_held bytes are held at the end"
    [[ $report == *'"ended":true'* ]] || wrong "the last statistics are not of the end"
}

# what the producer could write has come in
judge_input() {
    local expected=$accepted
    [ "$stop_at" = none ] || [ "$stop_at" -ge "$accepted" ] || expected=$stop_at
    case $input:$ending in
    # who is told to end does not read files to theirs
    files:term | files:int | files:twice | redirect:term | redirect:int | redirect:twice) ;;
    *:*) [ "$total_in" = "$expected" ] || is_cut_short || wrong "$total_in bytes in, $expected accepted" ;;
    esac
    [ "$total_in" -le "$expected" ] || wrong "$total_in bytes in, but only $expected accepted"
    [ ! -e rest ] || [ $(($(stat -c %s rest) + total_in)) = "$accepted" ] ||
        wrong "$(stat -c %s rest) bytes are left behind $total_in of $accepted"
}

# an input that cannot be stopped (others hold it and read on), or is no producer's, is left where it is when the output
# fails
is_cut_short() { [ "$is_broken" = yes ] && { [ -e rest ] || { [ "$input" != pipe ] && [ "$input" != run ]; }; }; }

# what may have failed
may_break() {
    local i
    [ "$ending" != gone ] || return 0
    for i in "${!plans[@]}"; do
        is_one_of "${out_kinds[i]}" tcp unix || continue
        [[ $reconnect = no && ${plans[i]} != *r ]] && return 0
        # that it will not close in time
        [ "$drain" = default ] || return 0
    done
    [[ $ending = t* || $ending = int ]]
}

# every line on stderr is known, and says the same as the statistics
judge_words() {
    local line
    is_broken=no
    while IFS= read -r line; do
        case $line in
        '{'*) ;;
        'slabcat: '*' not delivered'*)
            [[ $line =~ ([0-9]+)\ bytes?\ w ]]
            [ "${BASH_REMATCH[1]:-}" = "$total_undelivered" ] || wrong "$total_undelivered are undelivered, but: $line"
            ;;
        'slabcat: dropped '*)
            [[ $line == "slabcat: dropped $total_dropped_lines line"*"($total_dropped byte"* ]] ||
                wrong "$total_dropped_lines lines ($total_dropped bytes) are dropped, but: $line"
            ;;
        'slabcat: '*' at risk: '*)
            [[ $line == *": $total_at_risk byte"* ]] || wrong "$total_at_risk at risk, but: $line"
            ;;
        'slabcat: flow: ended with '* | 'slabcat: flow: ended by '*) [ "$input" = run ] || wrong "said: $line" ;;
        'slabcat: '*'; connecting again' | 'slabcat: '*': connected after '*)
            [ "$reconnect" = yes ] || wrong "said: $line"
            ;;
        'slabcat: sha256 '*' of '*) [ "$digest" = yes ] || wrong "said: $line" ;;
        'slabcat: '*': '*)
            is_broken=yes
            may_break || wrong "said: $line"
            ;;
        *) wrong "said: $line" ;;
        esac
    done <said
    [ "$total_undelivered" = 0 ] || [ "$status" = 141 ] || grep -q 'not delivered' said ||
        wrong "$total_undelivered bytes are undelivered in silence"
    [ "$total_dropped" = 0 ] || grep -q '^slabcat: dropped ' said || wrong "dropped in silence"
}

is_lost() { [ $((total_undelivered + total_dropped + total_at_risk)) != 0 ]; }

judge_status() {
    local good=0 lost=3 broken=1
    if [ "$input" = run ]; then
        lost=125 broken=125
        case $(field 2 written) in
        ended) good=$run_status ;;
        told) good=43 ;;
        refused) good=44 ;;
        esac
    fi
    if [ "$status" = 141 ] && [ "$ending" = gone ] && [ ${#out_kinds[@]} = 1 ]; then
        is_broken=yes
        return
    fi
    if [ "$is_broken" = yes ]; then
        [ "$status" = "$broken" ] || wrong "status $status where something failed"
    elif is_lost; then
        [ "$status" = "$lost" ] || wrong "status $status where bytes are lost"
    else
        [ "$status" = "$good" ] || wrong "status $status where all went well"
    fi
}

# the files that output NUMBER has become, in order, in $files
files_of() {
    local i=$1
    shopt -s nullglob
    case ${out_kinds[i]} in
    tcp | unix) mapfile -t files < <(printf '%s\n' "got.$i".* | sort -t . -k 3n) ;;
    *) files=("out.$i".moved.* "out.$i".2* "out.$i") ;;
    esac
    shopt -u nullglob
    [ -e "${files[-1]:-none}" ] || unset 'files[-1]'
}

# what was in the file before is there, and not part of the stream
uncover() {
    [ "${out_kinds[$1]}" = append ] || { [ "${out_kinds[$1]}" = file ] && [ "$appending" = yes ]; } || return 0
    local old='what was there'
    [ "$(head -n 1 "${files[0]}" | tr -d '\0')" = "$old" ] || wrong "${files[0]}: what was there is gone"
    tail -c +$((${#old} + 2)) "${files[0]}" >uncovered
    files[0]=uncovered
}

# with several outputs the standard ones are left as they are
is_compressed() {
    [ "$compress" != none ] || return 1
    [ ${#out_kinds[@]} = 1 ] || ! is_one_of "${out_kinds[$1]}" pipe descriptor
}

# each file complete by itself, and all of them together in one
decompress() {
    local file
    is_compressed "$1" || return 0
    : >"plain.$1"
    for file in "${files[@]}"; do
        [ -s "$file" ] || continue
        "$compress" -dcq <"$file" 2>/dev/null >>"plain.$1" || [ "$is_broken" = yes ] ||
            [ "$total_undelivered" != 0 ] || has_failed "$1" || wrong "$file: not $compress"
    done
    files=("plain.$1")
}

# a stream with longer lines has none for a rotation, which then cuts them
join_files() {
    [ "$longest" -gt 60000 ] && [ ${#files[@]} -gt 1 ] && is_one_of "${out_kinds[$1]}" file || return 0
    cat "${files[@]}" >"plain.$1"
    files=("plain.$1")
}

# output NUMBER could not be written to its end
has_failed() {
    case ${out_kinds[$1]} in
    pipe | descriptor) [ "$has_quit" = "$1" ] ;;
    tcp | unix) [ "$is_broken" = yes ] ;;
    *) false ;;
    esac
}

judge_output() {
    local i=$1 files=() options=("${stream[@]}") found whole=no name bytes next missing_lines missing_bytes \
        markers marked_bytes cut twice lost unplaced
    files_of "$i"
    [ ${#files[@]} != 0 ] || { has_failed "$i" || [ "$total_out" = 0 ] || wrong "output $i is not there"; return; }
    uncover "$i"
    judge_digest "$i"
    decompress "$i"
    join_files "$i"
    [ "$prefix" = none ] || options+=(-P "$prefix")
    [ "$stamp" = none ] || options+=(-t 18)
    ! drops || options+=(-g)
    [ "$marks" = no ] || options+=(-m)
    [ "$reconnect" = no ] || options+=(-k)
    [ "$how:$total_undelivered:$total_in" != "ended:0:$accepted" ] || [ "$lines" = 0 ] || has_failed "$i" ||
        ends_early "$i" || whole=yes
    [ "$whole" = no ] || options+=(-a)
    found=$(flow check "${options[@]}" "${files[@]}" 2>&1) || { wrong "output $i: $found"; return; }
    read -r name bytes name _ name next name missing_lines name missing_bytes name markers name marked_bytes \
        name cut name twice name lost name unplaced <<<"$found"
    if [ "$reconnect" = yes ]; then
        judge_pieces
    elif has_failed "$i"; then
        # of several, one that fails is behind what the others take; and a connection's peer may have read what its
        # kernel had no time to acknowledge
        [ ${#out_kinds[@]} -gt 1 ] || is_one_of "${out_kinds[i]}" tcp unix || [ "$bytes" -le "$total_out" ] ||
            wrong "output $i: $bytes bytes, $total_out out"
    elif [ "$total_undelivered" = 0 ]; then
        [ "$bytes" = "$total_out" ] || wrong "output $i: $bytes bytes, $total_out out"
    elif [ ${#out_kinds[@]} = 1 ]; then
        [ "$bytes" = "$total_out" ] || is_compressed "$i" || wrong "output $i: $bytes bytes, $total_out out"
    else
        [ "$bytes" -ge "$total_out" ] || is_compressed "$i" || wrong "output $i: $bytes bytes, $total_out out"
    fi
    if [ "$whole" = yes ] && drops; then
        [ "$missing_lines:$missing_bytes" = "$total_dropped_lines:$total_dropped" ] ||
            wrong "output $i: $found, but $total_dropped_lines lines ($total_dropped bytes) are dropped"
        [ "$marked_bytes" = "$total_marked" ] || wrong "output $i: $found, but $total_marked are marked"
    fi
}

# what was on its way when the last connection broke need not be sent again
ends_early() {
    local got how
    [ "$reconnect" = yes ] && is_one_of "${out_kinds[$1]}" tcp unix || return
    read -r _ got how < <(tail -n 1 "visits.$1")
    [ "$got" = 0 ] || [ "$how" != ended ]
}

# over connections that break something may come twice, or be lost that the peer never read
judge_pieces() {
    local acknowledged=$((total_reconnects * 600000))
    [ "$twice" -le "$total_resent" ] || wrong "output $i: $found, but $total_resent are resent"
    [ "$on_reconnect" = resend ] || [ "$twice" = 0 ] || wrong "output $i: $found, but nothing is to come twice"
    [ "$on_reconnect" = resend ] || acknowledged=$((acknowledged + total_at_risk))
    # behind a unix socket there is nothing but the program
    [ "${out_kinds[i]}:$on_reconnect" != unix:resend ] || acknowledged=0
    acknowledged=$((acknowledged + unplaced))
    [ "$lost" -le "$acknowledged" ] || wrong "output $i: $found, where $acknowledged may be"
}

# the checksum of each output, or of each file it has become, is the one that is said
judge_digest() {
    [ "$digest" = yes ] && ! has_failed "$1" && [ "$total_undelivered" = 0 ] || return 0
    [ "${out_kinds[$1]}" != append ] && [ "$appending" = no ] || return 0
    local file sum
    for file in "${files[@]}"; do
        sum=$(sha256sum <"$file")
        # nobody says what nothing was written to
        [ ! -s "$file" ] || [[ $last_report == *"\"${sum%% *}\""* ]] || wrong "$file: its checksum is not said"
    done
}

judge() {
    local i
    [ "$(field 2 written)" != '' ] || echo "0 none" >written
    accepted=$(field 1 written) how=$(field 2 written)
    read_statistics || { sed 's/^/  /' said; return; }
    judge_words
    judge_status
    judge_input
    for i in "${!out_kinds[@]}"; do judge_output "$i"; done
    [ ! -s others ] || wrong "the other ends say: $(head -n 3 others)"
}

# no file, no process
nothing_is_left() {
    local left process ours='commandline|drawn|go|in|others|rest|said|secrets|uncovered|whole|written'
    left=$(find . -mindepth 1 ! -path ./spill -printf '%P\n' |
        grep -vxE "(out|fifo|got|where|visits|take|socket|plain|part)\.[0-9].*|$ours")
    [ -z "$left" ] || wrong "left behind: $left"
    for process in /proc/[0-9]*; do
        [ "$process" = "/proc/$$" ] || [ "$(readlink "$process/cwd")" != "$PWD" ] ||
            wrong "left running: $(tr '\0' ' ' <"$process/cmdline")"
    done 2>/dev/null
}
