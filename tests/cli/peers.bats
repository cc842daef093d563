# Real peers: what rsyslogd, socat, nc and logrotate make of slabcat's outputs. They run on the loopback, in the
# foreground, in the test's folder, and are stopped by process id.

load helper

PATH=$PATH:/usr/sbin:/sbin

# needs PROGRAM...: skip unless they are installed
needs() {
    local program
    for program; do command -v "$program" >/dev/null || skip "$program is not installed"; done
}

setup_file() { [ "$ZERO_COPY" = auto ] || skip "once is enough"; }

size=$((50 << 20))

# ---- receivers: each sets $dest, what to give to -o, and $receiver, its process; what it takes comes to FILE ----

# told FILE PATTERN: what the first group of PATTERN is in FILE, once there is a line like that; goes into $told
told() {
    eventually 10 grep -qE "$2" "$1" || { cat "$1"; return 1; }
    told=$(sed -nE "s/.*$2.*/\1/p" "$1" | head -n 1)
}

# what an earlier one has left is not to be taken for this one's
fresh() { rm -f "$1" "$1.log" "$1.socket"; }

# listens PATH: the socket there is there for some time before anybody listens; the flag says so
listens() { grep -q " 00010000 .* $1$" /proc/net/unix; }

# a port that the kernel has picked
by_socat_tcp() {
    fresh "$1"
    socat -u -dd TCP-LISTEN:0,bind=127.0.0.1 STDOUT >"$1" 2>"$1.log" 3>&- &
    track; receiver=$!
    told "$1.log" 'listening on AF=2 127.0.0.1:([0-9]+)'
    dest=tcp://127.0.0.1:$told
}

by_nc_tcp() {
    fresh "$1"
    nc.openbsd -d -v -l 127.0.0.1 0 >"$1" 2>"$1.log" 3>&- &
    track; receiver=$!
    told "$1.log" 'Listening on [^ ]+ ([0-9]+)'
    dest=tcp://127.0.0.1:$told
}

by_socat_unix() {
    fresh "$1"
    socat -u UNIX-LISTEN:"$PWD/$1.socket" STDOUT >"$1" 3>&- &
    track; receiver=$!
    eventually 10 listens "$PWD/$1.socket"
    dest=unix:$PWD/$1.socket
}

by_nc_unix() {
    fresh "$1"
    nc.openbsd -d -l -U "$PWD/$1.socket" >"$1" 3>&- &
    track; receiver=$!
    eventually 10 listens "$PWD/$1.socket"
    dest=unix:$PWD/$1.socket
}

# by_chatty TCP-LISTEN:...|UNIX-LISTEN:... FILE: one that says much that nobody wants to hear: at once, and when all
# has come. It begins to read late, so that the last bytes are still under way when slabcat has written them.
by_chatty() {
    cat >chatty <<'SCRIPT'
head -c 50000 /dev/zero
sleep 0.5
cat >"$1"
head -c 50000 /dev/zero
SCRIPT
    fresh "$2"
    # -t: how long socat stays when slabcat has nothing more to send
    socat -t 60 -dd "$1" SYSTEM:"bash chatty '$2'" 2>"$2.log" 3>&- &
    track; receiver=$!
    case $1 in
    TCP*) told "$2.log" 'listening on AF=2 127.0.0.1:([0-9]+)'; dest=tcp://127.0.0.1:$told ;;
    UNIX*) eventually 10 listens "$PWD/$2.socket"; dest=unix:$PWD/$2.socket ;;
    esac
}

receivers="socat_tcp nc_tcp socat_unix nc_unix"

# gone_to RECEIVER ARGUMENT...: the stream arrives there whole, and both sides end well
gone_to() {
    local by=$1
    shift
    "by_$by" got
    status=0
    rig bytes "$size" | "$SLABCAT" "$@" -o "$dest" >out 2>err || status=$?
    echo "$by, $*: status $status, $(stat -c %s got) bytes arrived; $(cat err)"
    [ "$status" = 0 ] || return 1
    status_of "$receiver" || return 1
    [ "$status" = 0 ] || { echo "the receiver ended with $status"; return 1; }
    [ ! -s err ] && [ ! -s out ] || return 1
    rig check "$size" <got
}

@test "socat and nc, over TCP and unix sockets: 50 MiB arrive" {
    needs socat nc.openbsd
    for by in $receivers; do
        for mode in "" "--zero-copy=never" "-n 0"; do
            # shellcheck disable=SC2086
            gone_to $by $mode
        done
    done
}

@test "a file goes there as well, and by the names of the host" {
    needs socat
    rig bytes "$size" >file
    by_socat_tcp got
    "$SLABCAT" -o "$dest" file
    status_of "$receiver"
    rig check "$size" <got
    by_socat_tcp got
    echo text | "$SLABCAT" -o "tcp://localhost:${dest##*:}" # ::1 as well where that is, which refuses
    status_of "$receiver"
    [ "$(cat got)" = text ]
}

@test "a receiver that sends back what nobody reads does not cost a byte" {
    needs socat
    for listen in TCP-LISTEN:0,bind=127.0.0.1 UNIX-LISTEN:"$PWD/got.socket"; do
        # less than the sockets hold is written long before it is read
        for size in 1000 2000000 20000000; do
            by_chatty "$listen" got
            status=0
            rig bytes "$size" | "$SLABCAT" --drain-timeout 60s -o "$dest" 2>err || status=$?
            echo "$listen, $size: status $status, $(stat -c %s got) bytes arrived; $(cat err)"
            [ "$status" = 0 ]
            # slabcat has waited for the receiver's end, so there is nothing to wait for here
            rig check "$size" <got
            status_of "$receiver"
        done
    done
}

@test "a receiver that never ends is not waited for longer than the drain timeout, and that is no success" {
    needs socat
    by_socat_tcp got
    echo text | "$SLABCAT" -o "$dest" # so much for the connection
    status_of "$receiver"
    by_socat_tcp got
    kill -STOP "$receiver"
    echo text | "$SLABCAT" --drain-timeout 200ms -o "$dest" 2>err &
    track; pid=$!
    status_of "$pid"
    cat err
    [ "$status" = 1 ]
    [ "$(cat err)" = "slabcat: $dest: wait for the peer to close: Connection timed out" ]
    kill -KILL "$receiver"
}

@test "a receiver that is killed in the middle: exit 1, and one line says where" {
    needs socat nc.openbsd
    for by in $receivers; do
        "by_$by" got
        (rig bytes 4000000000 2>/dev/null || true) | "$SLABCAT" -o "$dest" 2>err &
        track; pid=$!
        has_some() { [ "$(stat -c %s got)" -gt 1000000 ]; }
        eventually 10 has_some
        kill -KILL "$receiver"
        status_of "$pid"
        echo "$by: status $status, $(stat -c %s got) bytes arrived; $(cat err)"
        [ "$status" = 1 ]
        [ "$(grep -cE "^slabcat: $dest: write at byte [0-9]+: (Connection reset by peer|Broken pipe)$" err)" = 1 ]
        # what had arrived is a clean beginning, and hardly further than slabcat says to have come: a confirmation can
        # be late; over a unix socket nobody confirms
        rig check "$(stat -c %s got)" <got
        at=$(sed -nE 's/.* at byte ([0-9]+):.*/\1/p' err)
        case $by in
        *_unix) [ "$at" -le $(($(stat -c %s got) + 100000)) ] ;; # what it had read, and not put down yet
        *) [ "$at" -ge $(($(stat -c %s got) - 300000)) ] ;;
        esac
    done
}

# unheard PATTERN DEST: exit 1, one line that matches, and no byte is read
unheard() {
    local left
    left=$({ "$SLABCAT" -o "$2" >out 2>err; echo "$?" >status; cat; } <<<unread)
    echo "$2: status $(cat status), $(cat err)"
    [ "$(cat status)" = 1 ] || return 1
    [ "$left" = unread ] || { echo "a byte was read"; return 1; }
    [ "$(grep -c . err)" = 1 ] || return 1
    grep -qE "^slabcat: $1$" err
}

@test "nobody listening: exit 1 before a byte is read" {
    needs socat
    by_socat_tcp got
    kill -KILL "$receiver"
    status_of "$receiver"
    unheard "$dest: connect: Connection refused" "$dest"
    by_socat_unix got
    kill -KILL "$receiver"
    status_of "$receiver"
    unheard "$dest: connect: Connection refused" "$dest"
    unheard "unix:none: connect: No such file or directory" unix:none
}

# ---- rsyslogd ----
#
# When rsyslogd is told to stop it handles what its last recv() has brought, up to the last whole line, reads no more,
# and exits: the kernel closes the connection, with a FIN when nothing was left unread, otherwise with a RST. What its
# kernel had acknowledged and rsyslogd not read is lost then, and no sender can know of it: TCP acknowledges to have
# received, not to have read. So "received + reported = sent" is exact when rsyslogd has read all that was sent when it
# stops, and the producer has ended its last line; then what is written into the dead connection is answered by a RST,
# never acknowledged, and slabcat knows all of it. That is how the producer goes about it here: it rests while rsyslogd
# stops, not while it is away. Under load, at least nothing must be doubled with skip, or out of order.
#
# The lines are all of 16 bytes, so that the edges of slabs and pages are ends of lines, and do not begin with a
# number, which would be a frame's length.

lines() { seq -f 'line %010.0f' "$1" "$2"; }

# syslogd_starts: where it listened before, or at a port that the kernel picks. On an address of the test's own, where
# nobody else asks for ports, so that it finds its port free again.
syslogd_starts() {
    address=127.$((BASHPID >> 14 & 127 | 64)).$((BASHPID >> 7 & 127)).$((BASHPID & 127))
    cat >conf <<CONF
global(workDirectory="$PWD" net.enableDNS="off")
module(load="imtcp")
template(name="raw" type="string" string="%rawmsg%\n")
ruleset(name="all" queue.type="Direct") { action(type="omfile" file="$PWD/received" template="raw") }
input(type="imtcp" ruleset="all" address="$address" port="$(cat port 2>/dev/null || echo 0)"
      listenPortFileName="$PWD/port" SupportOctetCountedFraming="off")
CONF
    rsyslogd -n -f conf -i "$PWD/pid" >syslogd.log 2>&1 3>&- 4>&- &
    track; syslogd=$!
    # it says which port it was given; a port that it was told is not worth a word to it
    eventually 20 test -s port || { cat syslogd.log; return 1; }
}

syslogd_stops() {
    kill -TERM "$syslogd"
    status_of "$syslogd" 20
}

has_received() { [ "$(grep -c . received)" -ge "$1" ]; }

# at_risk FILE: how many bytes slabcat says that broken connections may have swallowed
at_risk() { sed -nE 's/.*: ([0-9]+) bytes? .*at risk.*/\1/p' "$1" | awk '{ n += $1 } END { print n + 0 }'; }

# examine: $lost and $doubled, in lines, of what was sent, and whether the first of each came in order
examine() {
    if grep -vxE 'line [0-9]{10}' received; then
        echo "was cut"
        return 1
    fi
    awk 'seen[$0]++ == 0' received >once
    sort -c once || return 1
    lost=$((sent - $(grep -c . once)))
    doubled=$(($(grep -c . received) - $(grep -c . once)))
    echo "sent $sent, lost $lost, doubled $doubled, reported $(at_risk err) bytes; $(cat err)"
}

# to_syslogd MODE: slabcat between the FIFO in and rsyslogd
to_syslogd() {
    rm -f in received port err
    mkfifo in
    : >received
    syslogd_starts
    "$SLABCAT" --reconnect --on-reconnect="$1" -o "tcp://$address:$(cat port)" <in >out 2>err 3>&- &
    track; pid=$!
    exec 4>in
}

# stopped_and_restarted MODE: in the middle of 100,000 lines, while the producer rests
stopped_and_restarted() {
    to_syslogd "$1"
    sent=100000
    lines 1 50000 >&4
    eventually 20 has_received 50000
    syslogd_stops
    lines 50001 60000 >&4 # into the ring, and the dead connection
    pause 0.3             # it finds nobody there, more than once
    not ended "$pid" || { cat err; return 1; }
    syslogd_starts
    lines 60001 100000 >&4
    exec 4>&-
    status_of "$pid" 60
    echo "$1: status $status"
    examine
}

@test "rsyslogd, stopped and restarted, resend: whatever is missing was reported" {
    needs rsyslogd
    stopped_and_restarted resend
    [ "$status" = 0 ] || [ "$lost" -gt 0 ]
    [ $((lost * 16)) = "$(at_risk err)" ]
    # it may send again what was sent since the last lines arrived, and nothing older
    [ "$doubled" -le 10000 ]
}

@test "rsyslogd, stopped and restarted, skip: received + reported = sent, and nothing twice" {
    needs rsyslogd
    stopped_and_restarted skip
    [ "$doubled" = 0 ]
    [ $((lost * 16)) = "$(at_risk err)" ]
}

@test "rsyslogd restarted under load: the order is kept, and skip doubles nothing" {
    needs rsyslogd
    for mode in resend skip; do
        to_syslogd $mode
        sent=30000
        (for i in {0..149}; do lines $((i * 200 + 1)) $((i * 200 + 200)); pause 0.01; done) >&4 4>&- &
        track; producer=$!
        exec 4>&-
        eventually 20 has_received 5000
        syslogd_stops
        pause 0.1
        syslogd_starts
        status_of "$producer" 60
        status_of "$pid" 60
        echo "$mode: status $status"
        syslogd_stops
        # a line may be cut where the connection broke, nowhere else
        cut=$(grep -cvxE 'line [0-9]{10}' received || true)
        [ "$cut" -le 2 ]
        sed -i -E '/^line [0-9]{10}$/!d' received
        examine
        [ $mode = resend ] || [ "$doubled" = 0 ]
        # the rest came after the break
        [ "$(tail -n 1 received)" = "$(lines 30000 30000)" ]
        # what got lost is in one place
        holes=$(awk '{ $2 += 0; if ($2 != last + 1) holes++; last = $2 } END { print holes + 0 }' once)
        [ "$holes" -le 1 ]
    done
}

# ---- logrotate ----

@test "logrotate with a HUP, 50 times under load: nothing lost or doubled, no line cut" {
    needs logrotate
    mkfifo in
    # numbers of all lengths, in writes that end anywhere
    (for ((i = 0; i < 1000; i++)); do
        [ ! -e enough ] || break
        seq $((i * 5000 + 1)) $((i * 5000 + 5000))
        pause 0.01
    done; echo "$i" >rounds) >in &
    track; producer=$!
    "$SLABCAT" -o log <in 2>err &
    track; pid=$!
    cat >conf <<CONF
"$PWD/log" {
    rotate 60
    nocreate
    nocompress
    nodateext
    postrotate
        kill -HUP $pid
    endscript
}
CONF
    chmod 644 conf
    for ((turn = 1; turn <= 50; turn++)); do
        eventually 20 test -s log # it has been made again, and something is in it
        logrotate -f -s "$PWD/state" conf
        [ -e "log.$turn" ]
    done
    eventually 20 test -s log
    echo >enough
    status_of "$producer"
    status_of "$pid" 20
    echo "status $status, $(cat rounds) rounds; $(cat err)"
    [ "$status" = 0 ]
    [ ! -s err ]
    for ((turn = 50; turn >= 1; turn--)); do
        # a newline alone leaves nothing
        [ -z "$(tail -c 1 "log.$turn")" ] || { echo "piece $turn: $(tail -n 1 "log.$turn")"; return 1; }
        cat "log.$turn"
    done >whole
    cat log >>whole
    seq $(($(cat rounds) * 5000)) | cmp - whole
}

# ---- several at a time ----

@test "several outputs of all kinds, and those of other programs" {
    needs socat nc.openbsd
    by_socat_tcp got1
    outputs=(-o "$dest") first=$receiver
    by_nc_unix got2
    outputs+=(-o "$dest") second=$receiver
    rig bytes "$size" | "$SLABCAT" "${outputs[@]}" -o file -o - | rig check "$size"
    status_of "$first"
    status_of "$second"
    for file in got1 got2 file; do rig check "$size" <$file; done
}

@test "several outputs, of which a peer is killed: the others get everything" {
    needs socat
    by_socat_tcp got
    (rig bytes 3000000; eventually 10 ended "$receiver"; rig bytes 3000000) | "$SLABCAT" -o a -o "$dest" -o b 2>err &
    track; pid=$!
    has_some() { [ "$(stat -c %s got)" -gt 1000000 ]; }
    eventually 10 has_some
    kill -KILL "$receiver"
    status_of "$pid" 60
    echo "status $status, $(cat err)"
    [ "$status" = 1 ]
    [ "$(grep -c . err)" = 1 ]
    grep -qE "^slabcat: $dest: write at byte [0-9]+: (Connection reset by peer|Broken pipe)$" err
    cmp a b
    cmp a <(rig bytes 3000000; rig bytes 3000000)
}
