# What a round of the soak is: everything that is left to chance, from its seed alone. Whoever repeats a seed gets the
# same round, and NAME=VALUE among the arguments of the round puts a value in place of the drawn one. A round is shorter
# for programs under a sanitizer, but not on a slow machine: a seed is the same round on each.
# shellcheck shell=bash

shorter=1
[ -z "${SANITIZE:-}" ] || shorter=8

declare -A given # what is not left to chance

# any BELOW: 0 to BELOW - 1, into $any. No subshell may draw: what it has drawn would be drawn again.
any() {
    chance=$(((chance * 6364136223846793005 + 1442695040888963407)))
    any=$((((chance >> 33) & 0x7fffffff) % $1))
}

# draw NAME VALUE...: one of the values, the likelier the more often it is named
draw() {
    local name=$1
    shift
    any $#
    shift "$any"
    printf -v "$name" %s "${given[$name]-$1}"
}

# between NAME LOW HIGH
between() {
    any $(($3 - $2 + 1))
    printf -v "$1" %s "${given[$1]-$(($2 + any))}"
}

most() { [ "${!1}" -le "$2" ] || printf -v "$1" %s "$2"; }
least() { [ "${!1}" -ge "$2" ] || printf -v "$1" %s "$2"; }
is_one_of() { [[ " ${*:2} " == *" $1 "* ]]; }

# draw_pace NAME BYTES: the options of flow that say how BYTES move, into NAME; no more than a second of pauses
draw_pace() {
    local most every pause total name=$1
    any 7; most=$((16 << (any * 2 + any / 2)))
    [ "$most" -le 1048576 ] || most=1048576
    any 5; pause=$((10 ** (any + 1) * 2))
    any 6; total=$((any * 200000))
    every=$(($2 * pause / (2 * total + 1) + 1))
    [ "$total" = 0 ] || total=$pause
    any 1000000
    printf -v "$name" %s "${given[$name]--d $any -w $most -e $every -p $total}"
}

draw_stream() {
    draw bytes 0 300 20000 200000 200000 2000000 2000000 10000000
    draw longest 0 20 100 100 400 400 3000 50000 250000
    draw ender newline newline newline nul
    draw colors no no no yes
    draw secrets no no no yes
    draw open no no yes
    bytes=$((bytes / shorter))
    lines=$((bytes / (13 + (longest < 150 ? longest / 2 : 75 + longest / 128)) + (bytes > 0)))
}

draw_ring() {
    draw slab_size 1 7 100 300 4096 4096 16384 65536 65536 262144 1048576
    draw slab_count 0 1 2 3 8 8 64 300
    draw policy block block block drop-newest drop-oldest spill
    draw marks no yes
    draw spill_limit none none 100K 10M
    draw zero_copy auto auto auto never always
    draw flush auto auto 0 1ms 20ms
    draw fill 0 0 0 0 50 100
    draw limited no no no no yes
    draw burst none 5000 100K
    draw pipe_size auto auto keep 4096 300000
    draw drain default default 0 50ms 300ms
    draw stop_at none
}

draw_transforms() {
    draw stamp none none none none none none unix
    draw prefix none none none none none none 'soak: '
    draw digest no no no no yes
    draw compress none none none none none zstd gzip
    draw fsync no no no yes
}

draw_ends() {
    draw input pipe pipe pipe pipe files redirect run run socket
    draw outputs pipe pipe pipe pipe redirect append file file file tcp unix several several several
    draw ending eof eof eof eof eof eof term term int twice gone stop
    draw disturbed no no yes yes yes
    draw rotate none none none size time
    draw appending no no no yes
    draw reconnect no no yes
    draw on_reconnect resend skip
    draw run_status 0 0 7
}

# the outputs, in $out_kinds, and what each peer does, in $plans
draw_outputs() {
    local i kind count plan
    between output_count 2 4
    count=1
    [ "$outputs" != several ] || count=$output_count
    out_kinds=() plans=()
    for ((i = 0; i < 4; i++)); do
        draw "kind$i" file file descriptor pipe tcp unix
        draw "plan$i" r r s100,r r5000,s200,r r1000,s20,r50000,s20,r r3000,x r20000
        draw "again$i" r r20000,r 'r100 r' 'r5000,x r' 'r70000,x r100,s30,x r' 's50,r300000 r50000,x r'
    done
    for ((i = 0; i < count; i++)); do
        kind=$outputs
        [ "$outputs" != several ] || { kind="kind$i" && kind=${!kind}; }
        # standard output is there but once
        [[ $kind != pipe || " ${out_kinds[*]} " != *' pipe '* ]] || kind='file'
        out_kinds+=("$kind")
        plan="plan$i"
        [ "$reconnect" = no ] || plan="again$i"
        plans+=("${!plan}")
    done
}

has_kind() { is_one_of "$1" "${out_kinds[@]}"; }
has_connection() { has_kind tcp || has_kind unix; }
drops() { [[ $policy == drop-* ]]; }
sees_lines() { drops || [ "$stamp$prefix" != nonenone ] || [ "$rotate" != none ]; }
looks() { [ "$stamp$prefix$colors$secrets$digest$compress" != nonenonenonononone ]; }

# what does not go together gives way: the man page says what
settle() {
    has_kind file || rotate=none appending=no
    has_connection || reconnect=no
    # what is dropped and what comes twice cannot be told apart
    [ "$reconnect" = no ] || { compress=none digest=no; ! drops || policy=block; }
    if [ "$slab_count" = 0 ]; then
        if [ ${#out_kinds[@]} -gt 1 ] || looks || drops || [ "$reconnect$rotate$policy" != nononeblock ]; then
            slab_count=2
        else
            limited=no fill=0
        fi
    fi
    ! drops || [ "$slab_count" != 1 ] || slab_count=2
    drops || marks=no
    [ "$slab_size" -ge 256 ] || marks=no
    sees_lines || ender=newline
    # pages cannot be insisted on with most
    if looks || drops || [ "$reconnect" = yes ] || [ "$slab_count" -gt 16 ] || [ "$slab_size" -lt 4096 ] ||
        [ "$policy$rotate" != blocknone ] || ! is_one_of "$input" pipe || ! is_one_of "$outputs" pipe file; then
        [ "$zero_copy" != always ] || zero_copy=auto
    fi
    [ "$appending" = no ] || [ "$zero_copy" != always ] || zero_copy=auto
    # a ring of single bytes takes a call for each
    [ "$slab_size" -ge 4096 ] || most bytes $((slab_size * 20000 / shorter))
    while [ $((slab_size * slab_count)) -gt $((64 << 20)) ]; do slab_count=$((slab_count / 2)); done
    # a rotation for each few bytes is nothing but disk
    rotate_size=$((bytes / 7 + 100))
    [ "$compress" = none ] || [ "$appending" = no ] || appending=no
    # only a pipe has somebody who can go away, or be told to
    [ "$ending" != gone ] || has_kind pipe || has_kind descriptor || ending=eof
    [ "$input" != socket ] || { ending=eof && disturbed=no; }
    [ "$input" != socket ] || [ "$reconnect" = yes ] || plans=(r r r r)
    [ "$ending" != stop ] || stop_at=$((bytes * 2 / 3 + 1))
    [ "$input" != files ] || open=no
    limit=$((bytes * 2 + 1000))
}

# the signals of the round, in $signals: "MS:SIGNAL ...", each so long after the one before
draw_signals() {
    local i count drawn=() moment
    any 7
    count=$((any + 1))
    [ "$disturbed" = yes ] || count=0
    for ((i = 0; i < 8; i++)); do
        any 9; moment=$((any * any * 4))
        draw "signal$i" USR1 USR1 STOP HUP HUP MOVE MOVE
        local "which=signal$i"
        [ "$i" -lt "$count" ] || continue
        which=${!which}
        [[ $which != HUP && $which != MOVE ]] || has_kind file || which=USR1
        [[ $which != MOVE || $rotate = none ]] || which=HUP
        drawn+=("$moment:$which")
    done
    any 12; moment=$((any * any * 5))
    case $ending in
    term) drawn+=("$moment:TERM") ;;
    int) drawn+=("$moment:INT") ;;
    twice) drawn+=("$moment:TERM" "250:TERM") ;;
    esac
    signals=${given[signals]-${drawn[*]}}
}

# draw_round SEED [NAME=VALUE...]
draw_round() {
    local word i
    chance=$1
    for word in "${@:2}"; do
        [[ $word =~ ^[a-z_]+[0-9]?= ]] || { echo "soak: $word: not NAME=VALUE" >&2 && return 2; }
        given[${word%%=*}]=${word#*=}
    done
    # close seeds should not begin alike
    for i in 1 2 3 4 5 6 7 8; do any 2; done
    draw_stream
    draw_ring
    draw_transforms
    draw_ends
    draw_outputs
    settle
    lines=$((bytes / (13 + (longest < 150 ? longest / 2 : 75 + longest / 128)) + (bytes > 0)))
    draw_pace write_pace "$bytes"
    for ((i = 0; i < 4; i++)); do draw_pace "take_pace$i" "$bytes"; done
    any 100; quit_after=${given[quit_after]-$((bytes * any / 100))}
    draw_signals
}
