# What is claimed of a ring that stands before a consumer that stalls, in numbers: sourced by the bench and by
# tests/cli/proof.bats, which let bench/stall find out.
#
#     workload RATE MESSAGE SLAB COUNT FLUSH_MS    bytes a second, in messages of so many bytes, through COUNT slabs of
#                                                  SLAB bytes; a flush interval, or 0 for auto
#
# sets these, the longest stall that COUNT absorbs by the formula and a place where it begins among them:
#
#     stall    (COUNT - 1) x SLAB / RATE, in ms
#     pipe     what each of the pipes at both sides holds, and they must not grow: enough for 2.5 ms, because nobody
#              is woken in no time, but half of a slab at most, so that it cannot stand in for one that is missing
#     held     what waits in the ring for its flush interval, at most: a slab goes when it is full
#     at       the consumer has read so many bytes when it stalls

# set_up NAME: the workload of one of the four everyday set-ups
set_ups="file network sidecar pipeline"
set_up() {
    case $1 in
    file) workload 2560000 256 65536 8 0 ;;
    network) workload 12800000 256 65536 16 100 ;;
    sidecar) workload 256000 256 16384 4 50 ;;
    pipeline) workload 20000000 200 262144 8 0 ;;
    esac
}

workload() {
    rate=$1 message=$2 slab=$3 count=$4 flush=$5
    stall=$(((count - 1) * slab * 1000 / rate))
    pipe=4096
    while ((pipe < rate / 400 && pipe * 4 <= slab)); do pipe=$((pipe * 2)); done
    held=$((rate * flush / 1000))
    # 0.1 s after the start; or, since what was held goes in one go, with most of that still to come: the front of
    # its slab has gone then, and gives no room until the rest has
    at=$((rate / 10))
    if ((held >= slab)); then
        held=$slab at=$(((rate / 10 / slab + 1) * slab + 1000))
    elif ((held > 0)); then
        at=1000
    fi
}

# predicted_ns COUNT: how long the producer is held up when the ring has COUNT slabs. A slab that has been drained
# starts again at its beginning, so with nothing held there is room in all of them, and in both pipes. What was
# held has taken its room before the stall, and fills the pipe behind it.
predicted_ns() {
    local room=$(($1 * slab + 2 * pipe)) ns
    [ "$held" = 0 ] || room=$(($1 * slab - held + pipe))
    ns=$((stall * 1000000 - room * 1000000000 / rate))
    echo $((ns > 0 ? ns : 0))
}

# stall_through COUNT PROGRAM: sets the array through, the command line that finds out; more options may follow
stall_through() {
    # the producer goes on for 50 ms after the stall
    through=(stall "$rate" "$message" "$at" "$stall" $((at + rate * (stall + 50) / 1000)) "$pipe"
        "$2" --pipe-size=keep -s "$slab" -n "$1")
    [ "$flush" = 0 ] || through+=(-f "${flush}ms")
}
