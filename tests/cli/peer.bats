# The server that tests of connections talk to does what it is told; the client here is the shell.

load helper

# serve ARGUMENT...: a peer in the background; $port is where
serve() {
    peer "${options[@]}" port "$@" >log 2>err &
    track
    eventually 10 [ -e port ] || return 1
    port=$(cat port)
}

# logged LINE...: this is what the peer has to say in the end
logged() { eventually 10 same_lines "$@" || { cat log err; return 1; }; }
same_lines() { [ "$(cat log)" = "$(printf '%s\n' "$@")" ]; }

# send TEXT [COMMAND...]: one connection that says TEXT, runs COMMAND with it as stdin, and closes
send() {
    local text=$1 connection
    shift
    exec {connection}<>"/dev/tcp/127.0.0.1/$port" || return 1
    printf '%s' "$text" >&"$connection"
    [ $# = 0 ] || "$@" <&"$connection"
    exec {connection}>&-
}

@test "it takes one connection for each plan, and keeps what each has sent" {
    options=(-o got)
    serve r r3 r
    send one
    send "two and more" cat >/dev/null || true
    send three
    logged "1 3 ended" "2 3 closed" "3 5 ended"
    [ "$(cat got.1)" = one ]
    [ "$(cat got.2)" = two ]
    [ "$(cat got.3)" = three ]
}

@test "it writes back, ends its side and reads on" {
    options=()
    serve w5,f,r4,r
    run send text head -c 6
    [ "$status" = 0 ]
    logged "1 4 ended"
}

@test "it resets, with and without a reset of its own" {
    options=()
    serve r1,x r1
    run send text cat
    [[ $output == *reset* ]]
    run send text cat
    [[ $output == *reset* ]]
    logged "1 1 reset" "2 1 closed"
}

@test "it refuses who comes while it is not listening, and is back at the same port" {
    options=()
    serve r1,l,r r
    exec 7<>"/dev/tcp/127.0.0.1/$port"
    printf x >&7
    eventually 10 not connects
    exec 7>&-
    eventually 10 connects
    logged "1 1 ended" "2 0 ended"
}
connects() { (exec 8<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; }

@test "with -k the last plan goes on" {
    options=(-k)
    serve r
    send 1
    send 22
    send 333
    logged "1 1 ended" "2 2 ended" "3 3 ended"
}

@test "a misspelt plan is refused" {
    for plan in q r1,,r r1x w s r1y; do
        run -2 peer port "$plan"
        [ ! -e port ]
    done
    run -2 peer port
}
