# What the cases of the bench are written in. Sourced by bench/run, which sets ROUNDS and CSV.
#
#     begin NAME TITLE        a new case
#     tool NAME COMMAND       a pipeline to measure. In COMMAND "@" stands before the tool itself, whose own
#                             CPU time and memory are taken apart from the others'
#     peer NAME COMMAND       the same, if the first word of NAME is installed
#     finish METRIC [cold]    run them all in turn, ROUNDS times, and show a table that compares METRIC; cold:
#                             without a run of each before
#     also METRIC             behind finish: the same runs once more, compared by another one
#     count_calls             before finish: count the system calls of each "@", in a run of its own
#     start_watching          from now on watch what else the machine does
#     others_share            prints how much of the CPUs other processes, and other machines on the same host, have taken
#                             since then
#
# Whatever a command prints as "name_ns 123" or "name_bytes 123" is a metric too, and so are wall_s, cpu_s (of the
# whole pipeline), own_cpu_s, rss_kib, and rate_mbs where a case sets moved, the bytes that go through. Each run is a line of CSV: case,tool,round,metric,value. In round 0 calls
# are counted; what else is measured there does not count.

has() { command -v "$1" >/dev/null 2>&1; }

begin() {
    case_name=$1 title=$2
    names=() commands=() wants_calls=
}

tool() {
    names+=("$1")
    commands+=("$2")
}

peer() { if has "${1%% *}"; then tool "$@"; fi; }

# record TOOL ROUND: every pair "name number" of stdin as a line of the CSV
record() {
    awk -v start="$case_name,$1,$2" '{ for (i = 1; i < NF; i++) if ($i ~ /_(ns|s|kib|bytes|mbs|wakeups)$|^calls$/ && $(i + 1) ~ /^[0-9.]+$/)
        print start "," $i "," $(i + 1) }' >>"$CSV"
}

# run_once COMMAND TOOL ROUND: run and record it
run_once() {
    local TIMEFORMAT='wall_s %R user %U system %S'
    rm -f "$out/own"
    # stdin is the terminal's or nothing, and not a tool's to take
    if ! { time bash -o pipefail -c "${1//@/"cost $out/own"}" >"$out/said" 2>&1 </dev/null; } 2>"$out/time"; then
        echo "bench: $2 failed in $case_name:" >&2
        tail -n 3 "$out/said" >&2
        failures=$((failures + 1))
        return
    fi
    {
        awk -v moved="${moved:-0}" '{ print $1, $2, "cpu_s", $4 + $6, moved && $2 ? "rate_mbs " moved / $2 / 1e6 : "" }' "$out/time"
        grep -hE '_(ns|bytes) ' "$out/said"
        [ ! -e "$out/own" ] || cat "$out/own"
    } | record "$2" "$3"
}

count_calls() { wants_calls=yes; }

# perf counts without getting in the way; strace slows the tool down, which then finds more at a time.
trace_once() {
    [[ $1 == *@* ]] || return 0
    if perf stat -e raw_syscalls:sys_enter true >/dev/null 2>&1; then
        bash -c "${1//@/perf stat -x, -e raw_syscalls:sys_enter -o $out/trace}" >/dev/null 2>&1 </dev/null
        awk -F, '/raw_syscalls/ { print "calls", $1 }' "$out/trace"
    elif has strace; then
        bash -c "${1//@/strace -f -qq -c -U calls,name -o $out/trace}" >/dev/null 2>&1 </dev/null
        awk '$NF == "total" { print "calls", $1 }' "$out/trace"
    fi | record "$2" 0
}

finish() {
    local round i
    for i in "${!names[@]}"; do
        # what is warm afterwards is warm for all
        [ "$ROUNDS" = 1 ] || [ "${2:-}" = cold ] || run_once "${commands[i]}" "${names[i]}" 0
        if [ -n "$wants_calls" ]; then trace_once "${commands[i]}" "${names[i]}"; fi
    done
    for ((round = 1; round <= ROUNDS; round++)); do
        for i in "${!names[@]}"; do run_once "${commands[i]}" "${names[i]}" "$round"; done
    done
    echo
    echo "$case_name: $title"
    echo "# case $case_name: $title" >>"$CSV"
    also "$1"
}

also() { awk -v cases="$case_name" -v main="$1" -f "$here/stats.awk" -f "$here/table.awk" "$CSV"; }

# prints CPU times in ticks, all since the boot: what was used, what the host stole, what passed on all CPUs, and what
# this shell and all that it has waited for used
cpu_ticks() {
    awk '/^cpu / { for (i = 2; i <= 9; i++) all += $i; print $2 + $3 + $4 + $7 + $8, $9, all }' /proc/stat
    awk '{ sub(/.*\) /, ""); print $12 + $13 + $14 + $15 }' "/proc/$$/stat"
}

start_watching() { watched_from=$(cpu_ticks); }

others_share() {
    printf '%s\n' "$watched_from" "$(cpu_ticks)" | tr '\n' ' ' | awk '{
        all = $7 - $3
        others = ($5 - $1) - ($8 - $4)
        printf "# meanwhile other processes took %d %% of the CPUs, the host %d %%\n",
            (others > 0 && all > 0 ? others / all * 100 : 0) + 0.5, (all > 0 ? ($6 - $2) / all * 100 : 0) + 0.5 }'
}
